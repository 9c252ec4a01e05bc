"""Nothing that other people wrote controls the instructor's terminal."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from rich.text import Text

from matchmaker import tool
from matchmaker.progress.status import table
from matchmaker.terminal import console

HOSTILE = "a\x1b]0;title\x07b\x1b[2Jc\x9bd\x8fe\u202ef\rg\x08h"
HARMLESS = "a]0;titleb[2Jcdefgh"
ALWAYS_FULL = [
    (command, "> /dev/full", 1)
    for command in ("matchmaker --version", "workshop --help")
    if Path("/dev/full").exists()  # only Linux has it
]


@pytest.mark.parametrize("colors", ["", "1"])
def test_texts_of_others(
    colors: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", colors)
    out = console()
    out.print(HOSTILE, style="red", soft_wrap=True)
    out.print(Text(HOSTILE), soft_wrap=True)
    out.print(table(("heading",), [(HOSTILE,), (Text(HOSTILE, "bold"),)]))
    said = capsys.readouterr().out
    assert bool(colors) == ("\x1b[31m" in said)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert [line.strip() for line in plain.splitlines()] == [HARMLESS] * 2 + ["heading"] + [
        HARMLESS
    ] * 2


@pytest.mark.parametrize(
    ("command", "redirected", "code"),
    [
        *ALWAYS_FULL,
        ("matchmaker --version", ">&-", 0),
    ],
)
def test_no_room_for_what_it_prints(command: str, redirected: str, code: int) -> None:
    shell = f"{shlex.quote(sys.executable)} -m {command} {redirected}"
    ended = subprocess.run(
        shell, shell=True, cwd=tool.folder().parent, stderr=subprocess.PIPE, text=True
    )
    assert ended.returncode == code
    message = "The command cannot write any more: No space left on device."
    assert ended.stderr.splitlines()[:1] == ([message] if code else [])
    assert "Traceback" not in ended.stderr
