"""The installed `matchmaker board`, while it runs."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.matchmaker.conftest import MATCHMAKER


@contextmanager
def running(
    *words: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the link that it prints."""
    process = subprocess.Popen(
        [MATCHMAKER, "board", *words],
        cwd=folder,
        env={**(environment or os.environ), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        yield process, next((line.strip() for line in lines if "http" in line), "")
    finally:
        process.kill()
        process.wait()
