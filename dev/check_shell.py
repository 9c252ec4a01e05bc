"""Checks all shell code with shellcheck: the scripts, and the commands of the workflows."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dev.checkout import REPOSITORY, files

WORKFLOWS = REPOSITORY / ".github" / "workflows"
SHELLS = ("sh", "bash")


def scripts() -> Iterator[Path]:
    """Each file that a shell runs, according to its first line or its name."""
    for path in files():
        with path.open("rb") as file:
            first = file.readline().decode(errors="replace").split()
        words = [word.rpartition("/")[2] for word in first[:2]]
        is_run = bool(first) and first[0].startswith("#!") and bool({*words} & {*SHELLS})
        if is_run or path.suffix == ".sh":
            yield path


def commands(workflow: Path) -> Iterator[tuple[str, str]]:
    """Each `run` of a workflow, with its place."""
    jobs: dict[str, Any] = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    for name, job in jobs.items():
        for number, step in enumerate(job.get("steps", ()), start=1):
            if "run" in step:
                yield f"{workflow.name}: job {name}, step {number}", step["run"]


def program() -> str | None:
    """The shellcheck that `make` installs, or else the system's; None if there is none."""
    return shutil.which("shellcheck", path=str(Path(sys.executable).parent)) or shutil.which(
        "shellcheck"
    )


def check(shellcheck: str) -> bool:
    """Print what shellcheck finds; return whether it finds nothing."""
    found = sorted(map(str, scripts()))
    assert found, "there are no shell scripts at all?"
    is_fine = subprocess.run([shellcheck, *found], check=False).returncode == 0
    for workflow in sorted(WORKFLOWS.glob("*.yml")):
        for place, command in commands(workflow):
            done = subprocess.run(
                [shellcheck, "--shell=bash", "--format=gcc", "-"],
                input=command,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                check=False,
            )
            if done.returncode:
                is_fine = False
                print(f"{place}\n{done.stdout}", file=sys.stderr)
    return is_fine


def main() -> None:
    """Raise SystemExit(1) if shellcheck finds something, or is missing in CI."""
    shellcheck = program()
    if shellcheck is None:
        # It has no wheel for Linux on ARM.
        print("shellcheck is missing: NO SHELL SCRIPT WAS CHECKED.", file=sys.stderr)
        raise SystemExit(bool(os.environ.get("CI")))
    raise SystemExit(not check(shellcheck))


if __name__ == "__main__":
    main()
