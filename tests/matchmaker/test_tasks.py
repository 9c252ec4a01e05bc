"""Tasks that declare it run in the worker, and get what a process of their own would get."""

import json
import os
import sys
from pathlib import Path

import pytest

from matchmaker.repositories import tasks

SCRIPT = """
import json, os, sys
from pathlib import Path
{declared}
def main(*words):
    what = [os.getpid(), os.getcwd(), os.environ.get("STAGE"), *words]
    Path("said.json").write_text(json.dumps(what))
    if words == ("fail",):
        raise SystemExit("This is why.")
if __name__ == "__main__":
    main(*sys.argv[1:])
"""


def said_by(folder: Path, declared: str, *words: str) -> list[object]:
    script = folder / f"{len(declared)}.py"
    script.write_text(SCRIPT.format(declared=declared))
    command = [sys.executable, "-ES", str(script), *words]
    done = tasks.run(command, shell=False, env={**os.environ, "STAGE": "task"}, check=False)
    assert done.returncode == 0
    return list(json.loads((folder / "said.json").read_text()))


@pytest.mark.parametrize("declared", ["KEEPS_NOTHING = True", "KEEPS_NOTHING = False", ""])
def test_a_task_gets_the_same_in_this_process(
    declared: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAGE", "mine")
    process, *rest = said_by(tmp_path, declared, "copy", "a b")
    assert (process == os.getpid()) == declared.endswith("True")
    assert rest == [str(tmp_path), "task", "copy", "a b"]
    assert os.environ["STAGE"] == "mine"


def test_why_a_task_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tasks.TaskError, match=r"This is why\."):
        said_by(tmp_path, "KEEPS_NOTHING = True", "fail")
