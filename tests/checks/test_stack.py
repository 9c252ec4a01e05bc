"""What a check finds out beside the answers: what the services say of an error."""

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
    assert "That line of yours" in unmet.value.hint
