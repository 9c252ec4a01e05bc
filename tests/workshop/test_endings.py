"""What is said of a service that ends or falls silent, and of a stack of another version."""

import contextlib
import json
import os
import signal
from functools import partial
from pathlib import Path

import pytest
import requests
from workshop import settings, state_file
from workshop.check import replies
from workshop.check.progress import done, record
from workshop.cost.result import VARIANTS
from workshop.cost.result import read as read_cost
from workshop.moving import hints
from workshop.record import pace
from workshop.record.form import read as read_record
from workshop.stack import exits
from workshop.stack.supervisor_file import STOPPED

from tests.stack import until

from .conftest import Workshop, processes_in

ENDINGS = """
import os, signal, sys


@app.get("/end")
def end():
    exec(request.args["how"])
    return "still here"


@app.get("/slow")
def slow():
    import time
    time.sleep(3)
    return "done"
"""
CLOSE = (
    "import psutil; "
    "[os.close(c.fd) for c in psutil.Process().net_connections() if c.status == 'LISTEN']"
)


def told_of_web(workshop: Workshop, command: str = "status") -> str:
    """What is said of `web`, on one line."""
    workshop.variables["COLUMNS"] = "300"
    said = workshop.run(command)
    assert "Traceback" not in said.stdout + said.stderr
    return next((line for line in said.stdout.splitlines() if "web" in line.split()[:2]), "")


def _line_with(workshop: Workshop, said: str) -> str:
    line = told_of_web(workshop)
    return line if said in line else ""


ENDED = {
    "os.kill(os.getpid(), signal.SIGKILL)": "killed by signal 9 (out of memory?)",
    "os.abort()": "killed by signal 6 (it aborted)",
    "os._exit(0)": "ended by itself (exit code 0)",
    "print('no room for beer', flush=True); os._exit(4)": "exit code 4; it last said: no room",
    CLOSE: "no longer listens on port",
}


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_how_web_ended_is_told(workshop: Workshop, every: bool) -> None:
    """In `every` way, or in each other one: after each end, the next start takes longer."""
    workshop.edit(
        "app.py", '\n\nif __name__ == "__main__":', f'{ENDINGS}\n\nif __name__ == "__main__":'
    )
    workshop.up()
    url = f"http://127.0.0.1:{workshop.settings.ports.web}"
    requests.get(f"{url}/slow", timeout=30)  # slow is not silent
    assert "ready" in told_of_web(workshop)
    for how, said in [*ENDED.items()][:: 1 if every else 2]:
        until(lambda: workshop.is_ready("web"), "web")
        with contextlib.suppress(requests.RequestException):
            requests.get(f"{url}/end", params={"how": how}, timeout=30)
        # It comes back by itself, and what ended it can still be read.
        line = until(partial(_line_with, workshop, said), how)
        assert "HTTP/1.1" not in line
        if how == CLOSE:
            break
        assert f"web has died: {said}" in workshop.output
    doctor = workshop.run("doctor")
    assert doctor.returncode == 1
    assert "no longer listens on port" in doctor.stdout


def test_a_stopped_service_does_not_answer_until_it_goes_on(workshop: Workshop) -> None:
    assert workshop.run("up", "--detach").returncode == 0
    pid = workshop.pids()["web"]
    assert pid
    ready_at = workshop.state.services["web"].ready_at if workshop.state else []
    os.kill(pid, signal.SIGSTOP)
    assert STOPPED in told_of_web(workshop)  # at once
    assert "does not answer" in workshop.run("doctor").stdout
    until(lambda: not workshop.is_ready("web"), "what the others are told")
    os.kill(pid, signal.SIGCONT)
    until(lambda: workshop.is_ready("web"), "web")
    assert "ready" in told_of_web(workshop)
    assert workshop.state
    assert workshop.state.services["web"].ready_at == ready_at  # it was not restarted

    supervisor = workshop.state.pid
    os.kill(supervisor, signal.SIGSTOP)
    assert f"({supervisor}) is stopped" in workshop.run("status").stdout
    assert workshop.run("down").returncode == 0
    assert not processes_in(workshop.root)


def test_a_service_that_works_is_not_asked_anything_to_see_whether_it_does(
    workshop: Workshop,
) -> None:
    workshop.up()
    saved = workshop.root / ".workshop" / "run.json"

    def sizes() -> dict[str, int]:
        logs = {name: workshop.root / ".workshop" / f"{name}.log" for name in workshop.pids()}
        return {name: log.stat().st_size for name, log in logs.items()}

    def says_nothing() -> bool:
        begin = sizes()
        for _ in range(2):  # as long as it takes to look at each of them
            saved.unlink()
            until(saved.exists, "the state, which comes back")
        return sizes() == begin

    # The spans of the start are printed a moment after it; whoever is asked is never quiet.
    until(says_nothing, "services that are left alone")


def test_a_log_that_is_deleted_comes_back(workshop: Workshop) -> None:
    workshop.up()
    log = workshop.root / ".workshop" / "web.log"
    log.unlink()
    requests.get(f"http://127.0.0.1:{workshop.settings.ports.web}/beers", timeout=10)
    until(lambda: log.exists() and "GET /beers" in log.read_text(), "the log")


@pytest.mark.parametrize("form", ["newer", "older", "other services", "no object"])
@pytest.mark.sample(4)
def test_a_stack_that_another_version_started(workshop: Workshop, form: str) -> None:
    answers = workshop.root / settings.ANSWERS
    answers.write_text(f"_commit: v1.0.0\n{answers.read_text()}")
    assert workshop.run("up", "--detach").returncode == 0
    assert "Another version" not in workshop.run("status").stdout
    path = workshop.root / ".workshop" / "run.json"
    state = json.loads(path.read_text())
    match form:
        case "newer":
            answers.write_text(answers.read_text().replace("v1.0.0", "v1.1.0"))
            state |= {"mood": "good", "settled": "yes"}
            for service in state["services"].values():
                service |= {"since": "noon", "more": [1]}
        case "older":
            del state["version"], state["settled"]
            for service in state["services"].values():
                del service["ready_at"], service["container"]
        case "other services":
            state |= {"services": ["web", "taster"], "version": 2}
        case "no object":
            state = [state]
    path.write_text(json.dumps(state))

    status = workshop.run("status")
    assert status.returncode == 0
    assert "Nothing is running" not in status.stdout
    assert "Another version of the workshop started this" in status.stdout
    assert "workshop down" in status.stdout
    again = workshop.run("up")
    assert "up already" in again.stdout
    assert "Another version" in again.stdout
    assert "Another version" in workshop.run("doctor").stdout
    down = workshop.run("down")
    assert (down.returncode, down.stderr) == (0, "")
    assert not processes_in(workshop.root)
    assert "Nothing is running" in workshop.run("status").stdout


@pytest.mark.parametrize("has_answers", [True, False])  # without, as in the console's container
@pytest.mark.sample(2)
def test_what_runs_while_an_update_comes_says_so_and_its_console_is_the_new_one(
    workshop: Workshop, has_answers: bool
) -> None:
    answers = workshop.root / settings.ANSWERS
    text = answers.read_text()
    answers.write_text(f"_commit: v1.0.0\n{text}")
    if not has_answers:
        answers.unlink()
    workshop.up()
    url = f"http://127.0.0.1:{workshop.settings.ports.console}/"
    assert "What is new" not in requests.get(url, timeout=10).text
    page = workshop.root / "workshop" / "console" / "templates" / "console.html"
    page.write_text(page.read_text().replace("</body>", "<p>What is new</p></body>"))
    if has_answers:
        answers.write_text(f"_commit: v1.1.0\n{text}")

    def is_new() -> bool:
        with contextlib.suppress(requests.RequestException):
            return "What is new" in requests.get(url, timeout=10).text
        return False

    until(is_new, "the new console")
    if has_answers:
        until(lambda: "The workshop was updated while this was running" in workshop.output)
    assert pair_is_answered(workshop)
    assert workshop.run("down").returncode == 0
    assert not processes_in(workshop.root)


def pair_is_answered(workshop: Workshop) -> bool:
    url = f"http://127.0.0.1:{workshop.settings.ports.web}/pair/beer?name=ipa"
    return requests.get(url, timeout=10).ok


STRANGE = [
    "",
    "null",
    "[]",
    "3",
    '"x"',
    "{",
    "[" * 100_000,
    '{"a": ' * 100_000,
    "\x00",
    "1" * 10_000,
]
FILES = [
    *("run.json", "progress.json", "last-check.json", "told.json", "cost.json", "hints.json"),
    *("pace.json", "record.json", "shared.json"),
]


def test_no_state_file_stops_a_command(workshop: Workshop) -> None:
    folder = workshop.root / ".workshop"
    every = [*FILES, "measured.jsonl", "lock", "moving.lock"]
    for name in every:
        (folder / name).write_bytes(b'{"pid": "x", "guess": "much", "answers": [], "\xff": 1}\n')
    for command in (["status"], ["check", "--step", "5", "--answers", ""], ["reset"]):
        said = workshop.run(*command)
        assert "Traceback" not in said.stdout + said.stderr
    for name in every:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()
    assert workshop.run("status").returncode == 0
    for command, sentence in (
        (["check", "--step", "5"], "told.json cannot be written: Is a directory"),
        (["reset"], "moving.lock is a folder, where a file has to be. Nothing was changed."),
        (["up", "--detach"], "lock cannot be written: Is a directory"),
    ):
        said = workshop.run(*command)
        assert said.returncode == 1
        assert sentence in said.stderr
        assert "Traceback" not in said.stdout + said.stderr


@pytest.mark.parametrize("text", STRANGE, ids=lambda text: text[:8])
def test_strange_state_files(tmp_path: Path, text: str) -> None:
    for name in FILES:
        (tmp_path / name).write_text(text)
    (tmp_path / ".workshop").symlink_to(tmp_path)
    assert done(tmp_path) == {}
    assert replies.read(tmp_path) == replies.Told()
    assert read_cost(tmp_path) is None
    assert hints.taken(tmp_path) == {}
    assert pace.read(tmp_path) == {}
    assert read_record(tmp_path) is None


def test_what_another_version_keeps_there_is_kept(tmp_path: Path) -> None:
    state_file.write(
        tmp_path / "progress.json", {"explore": "2026-11-25T16:00:00", "trace": {"at": 1}}
    )
    assert done(tmp_path) == {"explore": "2026-11-25T16:00:00"}
    record(tmp_path, "drill-down", passed=True)
    assert set(json.loads((tmp_path / "progress.json").read_text())) == {
        *("explore", "trace", "drill-down")
    }
    state_file.write(
        tmp_path / "told.json",
        {
            "guess": 20,
            "measured": "long",
            "answers": {"questions": "acbabb"},  # letters of an older version
            "chosen": {"trace": {"Why?": "So.", "When?": 7}, "explore": "a"},
            "mood": 1,
        },
    )
    told = replies.read(tmp_path)
    assert told == replies.Told(20, chosen={"trace": {"Why?": "So."}, "explore": {}})
    replies.write(tmp_path, told)
    kept = json.loads((tmp_path / "told.json").read_text())
    assert (kept["answers"], kept["mood"]) == ({"questions": "acbabb"}, 1)
    times = {"p50": 2.0, "p95": 3, "per_second": 9.0, "lowest_ratio": 1.0, "highest_ratio": 1.0}
    cost = {
        "path": "/beers",
        "requests": 9,
        "rounds": 3,
        "variants": dict.fromkeys(VARIANTS, times),
    }
    state_file.write(tmp_path / "cost.json", {**cost, "machine": "quick"})
    assert read_cost(tmp_path)
    state_file.write(
        tmp_path / "cost.json", {**cost, "variants": {v: {**times, "p50": 0} for v in VARIANTS}}
    )
    assert read_cost(tmp_path) is None


@pytest.mark.parametrize("code", [0, 1, 3, -9, -15, -64, -200])
def test_every_ending_has_words(code: int) -> None:
    assert exits.explain(code)
    if code < 0 and code > -65:
        assert exits.explain_shell(128 - code) == exits.explain(code)
