"""`workshop check`, `watch` and `cost`, as a trainee sees them."""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from workshop.check import early, progress, replies
from workshop.check.prompts import milliseconds
from workshop.moving.conflicts import conflicts, conflicts_in, files
from workshop.settings import steps

from extensions.steps import STEPS
from matchmaker.progress.copies import last_check
from tests.conftest import git
from tests.stack import until
from tests.workshop.conftest import Workshop, processes_in

LAST = str(len(STEPS))


def test_a_check_disturbs_nothing_that_runs_and_reads_no_dotenv(workshop: Workshop) -> None:
    (workshop.root / ".env").write_text("MATCHMAKER_ERROR_RATE=1\nMATCHMAKER_TASTING_SECONDS=9\n")
    workshop.variables = {"DD_TRACE_ENABLED": "false", "OTEL_TRACES_EXPORTER": "none"}
    (workshop.root / "timing.log").write_text("mine\n")
    assert workshop.run("up", "--detach").returncode == 0
    try:
        before = workshop.pids()
        database = (workshop.root / "instance" / "matchmaker.db").read_bytes()
        done = workshop.run("check", "--step", "7")
        assert (done.returncode, done.stderr) == (0, "")
        assert "Step 7 is done." in done.stdout
        assert "git config" not in done.stdout  # git knows who they are
        assert workshop.pids() == before
        assert (workshop.root / "instance" / "matchmaker.db").read_bytes() == database
        assert (workshop.root / "timing.log").read_text() == "mine\n"
        assert git(workshop.root, "status", "--porcelain") == ""
        assert "Done, according to `workshop check`: 7" in workshop.run("status").stdout
        assert last_check(workshop.root).startswith("7. Read a span: passed, 20")
    finally:
        workshop.run("down")
    assert not processes_in(workshop.root)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_check_that_is_ended_leaves_nothing(
    workshop: Workshop, tmp_path: Path, number: signal.Signals
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    workshop.variables = {"TMPDIR": str(temporary)}
    process = workshop.begin(workshop.command("check"))
    until(lambda: [*temporary.glob("workshop-check-*/**/web.log")])
    process.send_signal(number)
    assert process.wait(20) == 128 + number
    assert not [*temporary.iterdir()]
    until(lambda: not processes_in(temporary))


def test_a_check_gets_what_nobody_foresaw(workshop: Workshop) -> None:
    """Its stack has to begin again, with an agent, because the arguments name none."""
    check = workshop.root / "checks" / "test_07_read_a_span.py"
    check.write_text(
        "import pytest\n"
        "@pytest.mark.usefixtures('look')\n"
        "def test_it(stack, request):\n"
        "    'It is traced'\n"
        "    assert request.getfixturevalue('look').trace\n"
        "    assert {path.name for path in stack.root.parent.iterdir()} == {'stack', 'traced'}\n"
    )
    assert early.fixtures([check]) == {"stack", "request"}
    assert not early.TRACED & early.fixtures([check])
    done = workshop.run("check", "--step", "7")
    assert "pass  It is traced" in done.stdout


@pytest.mark.parametrize("code", ["def broken(:\n", "raise ValueError\n"])
def test_a_broken_check_is_told_once_and_ends_what_began(
    workshop: Workshop, tmp_path: Path, code: str
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    workshop.variables = {"TMPDIR": str(temporary)}
    check = workshop.root / "checks" / "test_07_read_a_span.py"
    check.write_text(f"def test_it(stack): pass\n{code}")
    done = workshop.run("check", "--step", "7")
    assert done.returncode == 1
    assert done.stderr.count("The check could not be run") == 1
    assert "git restore checks" in done.stderr
    assert [*temporary.iterdir()] == processes_in(temporary) == []


def test_a_step_that_is_not_done(workshop: Workshop) -> None:
    for folder in (workshop.root, workshop.root.parent):  # no check runs what is above its own
        (folder / "conftest.py").write_text("raise RuntimeError('not of the checks')\n")
    done = workshop.run("check")
    assert done.returncode == 1
    assert "fail  The span of the function `pair` has the tag `beer`" in done.stdout
    assert "Did you forget to tag it" in done.stdout
    assert "Step 8 is not done yet: 6 of 7 missing." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert progress.done(workshop.root / ".workshop") == {}
    assert last_check(workshop.root).startswith("8. Add tags and see an error: not done, 20")


def test_an_app_that_does_not_start_is_one_line(workshop: Workshop) -> None:
    workshop.edit("app.py", "def pair():", "def pair()")
    done = workshop.run("check", "--all")
    assert done.returncode == 1
    (said,) = [line for line in done.stdout.splitlines() if "SyntaxError" in line]
    assert "in app.py line" in said
    assert "pass" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "test_08_span_metadata.py" not in done.stdout
    assert "test_08_span_metadata.py" in workshop.run("check", "--verbose").stdout


def test_conflict_markers_are_refused(workshop: Workshop) -> None:
    lines = (workshop.root / "app.py").read_text().splitlines(keepends=True)
    lines[3:3] = ["<<<<<<< before updating\n", "a = 1\n", "=======\n", "a = 2\n", ">>>>>>> after\n"]
    (workshop.root / "app.py").write_text("".join(lines))
    done = workshop.run("check")
    assert done.returncode == 1
    assert "app.py, lines 4 to 8" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--step", "99"], "There is no step 99."),
        (["--step", "2"], "has removed what step 2 added"),
        (["--step", LAST, "--answers", "abc"], "There are 8 questions and 3 answers."),
        (["--step", LAST, "--answers", "zzzzzzzz"], "'z' is not one of the choices"),
    ],
)
def test_wrong_arguments_are_explained(workshop: Workshop, arguments: list[str], said: str) -> None:
    done = workshop.run("check", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "--guess", "long"], "Type milliseconds, such as 20."),
        (["check", "--guess", "-3"], "Type milliseconds, such as 20."),
        (["check", "--guess", "inf"], "Type milliseconds, such as 20."),
        (["check", "--step", "two"], "Type a whole number, such as 3."),
        (["goto", "six"], "Type a whole number, such as 3."),
        (["traffic", "--rate", "fast"], "Type a number, such as 20."),
        (["traffic", "--rate", "5000"], "Type 1000 or less."),
        (["traces", "--limit", "0"], "Type 1 or more."),
    ],
)
def test_a_number_that_is_none_is_answered_in_plain_words(
    workshop: Workshop, words: list[str], sentence: str
) -> None:
    done = workshop.run(*words)
    said = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert done.returncode == 2
    assert sentence in said
    assert "Input should" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("written", ["20", "20.0", "20,0", " 20 ms", "20MS"])
def test_a_guess_as_people_write_it(written: str) -> None:
    assert milliseconds(written) == 20


def test_a_guess_is_kept_beside_what_was_measured(workshop: Workshop) -> None:
    assert "--guess 20" in workshop.run("check", "--step", "1").stdout
    done = workshop.run("check", "--step", "1", "--guess", "20")
    assert done.returncode == 0
    assert "You said 20 ms; it took" in done.stdout
    kept = json.loads((workshop.root / ".workshop" / "told.json").read_text())
    assert kept["guess"] == 20
    assert kept["measured"] >= 200  # four tastings of 50 ms


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"answers": 5}', '{"guess": "long"}', '{"guess": []}', '{"other": 1}']
)
def test_what_was_told_begins_anew_where_the_file_is_broken(tmp_path: Path, text: str) -> None:
    (tmp_path / replies.FILE).write_text(text)
    assert replies.read(tmp_path) == replies.Told()


def test_only_files_that_can_be_read_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("<<<<<<< one\n=======\n>>>>>>> other\n")
    (tmp_path / "linked.py").symlink_to("app.py")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "venv" / "lib").mkdir(parents=True)
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    (tmp_path / "venv" / "lib" / "package.py").touch()
    assert {path.name for path in files(tmp_path)} == {"app.py", "linked.py"}
    # No link is followed: it may lead out of the folder, and what is in it is named already.
    assert [conflict.path for conflict in conflicts(tmp_path)] == ["app.py"]
    assert conflicts_in(tmp_path, "deleted.py") == []


def test_watch_checks_again_when_a_file_is_saved(workshop: Workshop) -> None:
    workshop.edit("app.py", "def pair():", "def pair()")  # an app that fails at once
    process = workshop.begin(workshop.command("watch"))
    try:
        until(lambda: "Waiting for you to save a file." in workshop.output)
        assert "SyntaxError: expected ':'" in workshop.output
        workshop.edit("app.py", "def pair()", "nonsense()\ndef pair():")
        until(lambda: workshop.output.count("Waiting for you to save a file.") == 2)
        assert "app.py changed." in workshop.output
        assert "invalid syntax" in workshop.output
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert "Traceback" not in workshop.output
    assert not processes_in(workshop.root)


def test_checks_are_not_run_with_somebody_elses_pytest_options(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workshop.root.parent / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--nonsense")
    workshop.edit("app.py", "def pair():", "def pair()")
    done = subprocess.run(
        workshop.command("check"),
        cwd=workshop.root,
        env=workshop.environment,
        capture_output=True,
        text=True,
    )
    assert "nonsense" not in done.stdout + done.stderr
    assert "SyntaxError" in done.stdout


def test_who_looks_back_keeps_what_is_done(workshop: Workshop) -> None:
    slugs = [step.slug for step in steps(workshop.root)]
    run_dir = workshop.root / ".workshop"
    for slug in slugs:
        progress.record(run_dir, slug, True)
    workshop.edit("app.py", "def pair():", "def pair()")
    for arguments in ([], ["--step", "8"], ["--step", "1", "--guess", "9"]):
        assert workshop.run("check", *arguments).returncode == 1
        assert list(progress.done(run_dir)) == slugs
    progress.record(run_dir, slugs[-1], False)  # now step 8 is as far as it got
    assert workshop.run("check").returncode == 1
    assert list(progress.done(run_dir)) == slugs[:-2]
