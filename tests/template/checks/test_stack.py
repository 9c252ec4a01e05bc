"""What a check finds out beside the answers: what the services say of an error."""

import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from workshop import settings
from workshop.check.requirement import Unmet
from workshop.check.stack import Stack, pairing

from tests.conftest import Render

TRACEBACK = """\
Traceback (most recent call last):
  File "{root}/taster.py", line 7, in taste
    oops
NameError: name 'oops' is not defined
"""


def test_an_error_that_gets_to_the_log_after_the_answer(
    render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack(replace(settings.load(render(step=4)), root=tmp_path, run_dir=tmp_path))
    log = (tmp_path / "taster.log").open("w", buffering=1)

    def say(lines: list[str]) -> None:
        log.write(lines[0])
        if lines[1:]:
            threading.Timer(0.1, say, [lines[1:]]).start()

    class Answer:
        status_code = 503
        text = "The taster does not answer."

    def get(_stack: Stack, _path: str) -> Answer:
        threading.Timer(0.2, say, [TRACEBACK.format(root=tmp_path).splitlines(True)]).start()
        return Answer()

    monkeypatch.setattr(Stack, "get", get)
    with pytest.raises(Unmet) as unmet:
        stack.lines_of(pairing(), 200)
    assert "taster says: NameError: name 'oops' is not defined, in taster.py line 7" in (
        unmet.value.seen
    )
    assert "Look at that line of yours" in unmet.value.hint


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        # One failed pairing prints hundreds of lines after its traceback, from this step on.
        (
            "    match = best_match(beer)\n",
            "    match = best_match(berr)\n",
            "web says: NameError: name 'berr' is not defined, in app.py line",
        ),
        (
            '    return response.json()["score"]\n',
            "    try:\n"
            '        return response.json()["scores"]\n'
            "    except KeyError as error:\n"
            '        raise RuntimeError("no score") from error\n',
            r"web says: RuntimeError: no score, in app.py line \d+; it began with KeyError: "
            r"'scores', in app.py line \d+",
        ),
        pytest.param(
            "[SpanPrinter()]",
            "SpanPrinter()",
            "web says: TypeError: 'SpanPrinter' object is not iterable",
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_the_check_tells_the_error(
    render: Render, tmp_path: Path, old: str, new: str, seen: str
) -> None:
    workshop = shutil.copytree(render(step=9), tmp_path / "workshop")
    app = workshop / "app.py"
    assert old in app.read_text()
    app.write_text(app.read_text().replace(old, new))
    done = subprocess.run(
        [sys.executable, "-m", "workshop", "check", "--step", "7"],
        cwd=workshop,
        env={**os.environ, "COLUMNS": "400"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert re.search(seen, done.stdout)
    assert "Traceback" not in done.stdout + done.stderr
