"""Sharing the record: what reaches the remote `origin`, and what it never disturbs."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import copier
import psutil
import pytest
from workshop import state_file
from workshop.check.report import Report
from workshop.console import steps as console_steps
from workshop.record import form, make, pace, push, share
from workshop.record.form import Record, parse
from workshop.settings import SHARE_PROGRESS, Settings, steps
from workshop.stack import shell

from tests.conftest import git
from tests.stack import until
from tests.workshop.conftest import Workshop, move_to_free_ports

pytestmark = pytest.mark.xdist_group("sharing")  # all start from one copy

SECRET = "hunter2hunter2"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A remote on this machine."""
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture(scope="session")
def sharing(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workshop whose answers share the progress, as `copier copy` makes it."""
    root = tmp_path_factory.mktemp("sharing") / "workshop"
    answers = {"share_progress": True, "trainee_name": "Zoë"}
    copier.run_copy(str(template), root, data=answers, defaults=True, unsafe=True, quiet=True)
    move_to_free_ports(root)
    (root / "app.py").write_text("1 /\n")
    git(root, "commit", "--all", "--quiet", "--message", "An app that doesn't start")
    return root


@pytest.fixture
def trainee(sharing: Path, bare: Path, tmp_path: Path) -> Iterator[Workshop]:
    """A trainee's repository with a remote, and an app that doesn't start: a check is quick."""
    root = Path(shutil.copytree(sharing, tmp_path / "workshop", symlinks=True))
    git(root, "remote", "add", "origin", str(bare))
    yield Workshop(root)
    until(lambda: is_idle(root))


def is_idle(root: Path) -> bool:
    """Whether nothing is being pushed."""
    lock = state_file.lock(root / ".workshop" / share.LOCK)
    if lock:
        lock.close()
    return lock is not None


def shared(root: Path) -> share.Shared:
    return share.read(root / ".workshop")


def arrived(bare: Path) -> Record:
    """The record at a remote."""
    return parse(git(bare, "cat-file", "blob", f"{share.REF}:{form.FILE}").encode())


def has_arrived(bare: Path) -> bool:
    return share.REF in git(bare, "for-each-ref")


def hooked(bare: Path, script: str) -> None:
    """Give a remote a hook that decides about pushes."""
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


def state_of(root: Path) -> list[object]:
    """Everything that git knows about a trainee's repository."""
    asked = (
        ["status", "--porcelain", "--ignored=no"],
        ["for-each-ref"],
        ["reflog", "show", "--all"],
        ["count-objects", "-v"],
        ["symbolic-ref", "HEAD"],
    )
    return [(root / ".git" / "config").read_text(), *(git(root, *words) for words in asked)]


def test_a_check_says_what_it_shares_and_then_shares_it(trainee: Workshop, bare: Path) -> None:
    before = state_of(trainee.root)
    assert trainee.run("hint").returncode == 0  # nothing leaves before a check has said so
    assert is_idle(trainee.root)
    assert "The next `workshop check` begins with it." in trainee.run("status").stdout
    done = trainee.run("check")
    assert done.returncode == 1
    assert done.stdout.count(f"It goes to {share.REF} of {bare}") == 1
    assert f"{SHARE_PROGRESS}=false" in done.stdout
    until(lambda: has_arrived(bare))
    found = arrived(bare)
    assert found == form.read(trainee.root / ".workshop")
    assert found.check
    assert found.check.problem
    assert found.of("explore").hints == 1
    commit = git(bare, "log", "--format=%an %ae %cn %P|", share.REF).strip()
    assert commit == "Matchmaker matchmaker@localhost Matchmaker |"
    assert git(bare, "ls-tree", "-r", "--name-only", share.REF).split() == [form.FILE]
    until(lambda: bool(shared(trainee.root).at))
    assert "Your progress was shared less than a minute ago." in trainee.run("status").stdout
    assert "From now on" not in trainee.run("check").stdout
    assert state_of(trainee.root) == before
    assert not [*(trainee.root / ".workshop").glob("*.new")]


def test_a_slow_remote_keeps_nobody_waiting_and_gets_the_last_record(
    trainee: Workshop, bare: Path, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    hooked(bare, f"while ! [ -e {go} ]; do sleep 0.1; done; echo x >>{tmp_path}/pushes")
    trainee.run("check")
    until(lambda: not is_idle(trainee.root))
    for _ in range(3):
        trainee.run("hint")
    assert not has_arrived(bare)
    go.touch()
    until(lambda: has_arrived(bare) and arrived(bare).of("explore").hints == 3)
    until(lambda: is_idle(trainee.root))
    assert arrived(bare) == form.read(trainee.root / ".workshop")
    assert (tmp_path / "pushes").read_text() == "x\nx\n"


def test_a_remote_that_refuses_or_is_away_is_tried_again(trainee: Workshop, bare: Path) -> None:
    hooked(bare, "echo Not here. >&2; exit 1")
    done = trainee.run("check")
    until(lambda: bool(shared(trainee.root).problem))
    assert "Not here." not in done.stdout + done.stderr
    said = trainee.run("status").stdout
    assert "Your progress couldn't be shared: remote: Not here." in said
    until(lambda: is_idle(trainee.root))
    moved = bare.rename(bare.with_name("away.git"))
    once_more(trainee)
    until(lambda: "does not appear to be a git repository" in shared(trainee.root).problem)
    assert "warning Your progress couldn't be shared" in trainee.run("doctor").stdout
    (moved / "hooks" / "pre-receive").unlink()
    moved.rename(bare)
    once_more(trainee)
    until(lambda: has_arrived(bare))
    until(lambda: not shared(trainee.root).problem)


def once_more(trainee: Workshop) -> None:
    """Give a sign, as if the last attempt was a while ago."""
    until(lambda: is_idle(trainee.root))
    share.note(trainee.root / ".workshop", tried=0.0)
    assert trainee.run("hint").returncode == 0


# What is not sent, and what is not run


@pytest.fixture
def here(trainee: Workshop, bare: Path) -> Settings:
    """The settings of a trainee whose first check was a while ago."""
    found = trainee.settings
    form.write(found.run_dir, record_of(found, "2026-11-24T10:00:00+01:00"))
    share.note(found.run_dir, announced=[str(bare)])
    return found


def record_of(found: Settings, at: str) -> Record:
    return Record(form.VERSION, found.slug, found.session, at, "explore")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Whenever the process that pushes would start, for the tests that don't need it."""
    found: list[Settings] = []
    monkeypatch.setattr(share, "_start", found.append)
    return found


@pytest.mark.parametrize("value", ["false", "no", "0", "off", "maybe", "FALSE "])
def test_one_line_in_dotenv_stops_it(
    trainee: Workshop, started: list[Settings], value: str
) -> None:
    assert share.announcement(trainee.settings)
    assert len(started) == 1
    (trainee.root / ".env").write_text(f"{SHARE_PROGRESS}={value}\n")
    share.send(trainee.settings)
    assert share.announcement(trainee.settings) == ""
    assert share.addresses_of(trainee.settings) == []
    assert len(started) == 1
    assert share.state(trainee.settings) == (
        True,
        f"Your progress isn't shared: {SHARE_PROGRESS} is off.",
    )
    (trainee.root / ".env").write_text(f"{SHARE_PROGRESS}=true\n")
    share.send(trainee.settings)
    assert len(started) == 2


def test_the_console_says_so_too(
    trainee: Workshop, started: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = steps(trainee.root)[0]
    monkeypatch.setattr(console_steps, "check_step", lambda *_: Report(step))
    said = [str(console_steps.check(trainee.settings, 1, {})["sharing"]) for _ in range(2)]
    assert share.REF in said[0]
    assert said[1] == ""
    assert len(started) == 1


def test_the_shell_stops_it_too(
    trainee: Workshop, started: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SHARE_PROGRESS, "false")
    assert share.announcement(trainee.settings) == ""
    assert started == []
    assert shell.for_console()[SHARE_PROGRESS] == "false"  # the buttons of the page obey it, too


def without_remote(root: Path) -> None:
    git(root, "remote", "remove", "origin")


def without_git(root: Path) -> None:
    (root / ".git").rename(root.parent / ".git")  # a part of a larger repository


def without_answer(root: Path) -> None:
    path = root / "workshop" / "settings.toml"
    path.write_text(path.read_text().replace("share_progress = true\n", ""))


@pytest.mark.parametrize("change", [without_remote, without_git, without_answer])
def test_who_shares_nothing_hears_nothing(
    trainee: Workshop, started: list[Settings], change: Callable[[Path], None]
) -> None:
    change(trainee.root)
    assert share.announcement(trainee.settings) == ""
    assert share.state(trainee.settings) == (True, "")
    assert started == []


def test_it_is_said_even_if_the_first_push_cannot_start(
    trainee: Workshop, started: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise, the next command would send what nobody announced."""

    def too_many_processes(_: Settings) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(share, "_start", too_many_processes)
        said = share.announcement(trainee.settings)
    assert share.REF in said
    share.send(trainee.settings)
    assert len(started) == 1


def test_somebody_elses_command_shares_nothing(
    trainee: Workshop, started: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert share.announcement(trainee.settings)
    monkeypatch.setattr(os, "geteuid", lambda: -1)  # an instructor, as root
    share.send(trainee.settings)
    make.note(trainee.settings)
    pace.note(trainee.settings)
    pace.checked(trainee.settings, "explore", False, False, "C")
    assert len(started) == 1
    assert form.read(trainee.settings.run_dir) is None
    assert pace.read(trainee.settings.run_dir) == {}


def test_another_remote_is_told_of_again(trainee: Workshop, started: list[Settings]) -> None:
    assert share.announcement(trainee.settings)
    git(trainee.root, "remote", "set-url", "origin", f"https://zoe:{SECRET}@example.com/x.git")
    share.send(trainee.settings)
    assert len(started) == 1
    said = share.announcement(trainee.settings)
    assert "https://example.com/x.git" in said
    assert SECRET not in said + (trainee.root / ".workshop" / share.FILE).read_text()
    assert len(started) == 2


RUN = "touch {}; false"
PROGRAMS = {
    "core.sshCommand": (RUN, "ssh://localhost:1/x.git"),
    "core.askPass": (RUN, "http://localhost:1/x.git"),
    "credential.helper": (f"!{RUN}", "http://localhost:1/x.git"),
    "core.gitProxy": (RUN, "git://localhost:1/x.git"),
    "remote.origin.receivepack": (RUN, ""),
    "core.hooksPath": ("{}-hooks", ""),
    "core.fsmonitor": (RUN, ""),
    "url.ext::sh -c %.insteadOf": ("x", "x"),
    "gpg.program": (RUN, ""),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_program_in_the_settings_of_a_repository_runs(
    here: Settings, bare: Path, tmp_path: Path, name: str
) -> None:
    value, address = PROGRAMS[name]
    mark = tmp_path / "ran"
    git(here.root, "config", name.replace("%", f"touch% {mark}"), value.format(mark))
    git(here.root, "config", "push.gpgSign", "true")
    git(here.root, "remote", "set-url", "origin", address or str(bare))
    (tmp_path / "ran-hooks").mkdir()
    hook = tmp_path / "ran-hooks" / "pre-push"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    share.note(here.run_dir, announced=[address or str(bare)])
    problem = push.push(b"{}", share.addresses_of(here))
    assert bool(problem) == bool(address)
    assert not mark.exists()


def test_a_remote_that_never_answers_is_given_up(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked(bare, f"echo $$ >{tmp_path}/pid; exec sleep 600")
    monkeypatch.setattr(push, "LONGEST_SECONDS", 1)
    assert push.push(b"{}", [str(bare)]) == "origin took more than 1 seconds."
    until(lambda: not is_alive(int((tmp_path / "pid").read_text())))


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_only_a_record_is_sent(here: Settings, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "load", lambda: here)
    file = here.run_dir / form.FILE
    kept = file.rename(file.with_name("kept"))
    file.symlink_to(here.root / ".env")
    push.main()
    assert not has_arrived(bare)
    kept.rename(file)
    push.main()
    assert arrived(bare) == form.read(here.run_dir)


def test_what_is_switched_off_while_it_waits_is_not_sent(
    here: Settings, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def switch_off(_: float) -> None:
        (here.root / ".env").write_text(f"{SHARE_PROGRESS}=false\n")

    monkeypatch.setattr(push, "load", lambda: here)
    monkeypatch.setattr(time, "sleep", switch_off)
    push.main()
    assert not has_arrived(bare)


def test_it_pushes_at_most_once_in_a_while(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(push, "load", lambda: here)
    monkeypatch.setattr(push, "push", lambda *_: "")
    monkeypatch.setattr(time, "sleep", waits.append)
    for ago in (0.0, 10**6, -(10**6)):  # the clock may have been wrong
        share.note(here.run_dir, tried=time.time() - ago)
        push.main()
    assert push.INTERVAL_SECONDS / 2 < waits[0] <= push.INTERVAL_SECONDS
    assert waits[1:] == [0, push.INTERVAL_SECONDS]


def test_a_workshop_that_is_gone_stays_gone(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def delete(*_: object) -> str:
        shutil.rmtree(here.root)
        return ""

    monkeypatch.setattr(push, "load", lambda: here)
    monkeypatch.setattr(push, "push", delete)
    push.main()
    assert not here.root.exists()


def test_a_relative_address_is_that_of_the_repository(
    here: Settings, bare: Path, started: list[Settings]
) -> None:
    git(here.root, "remote", "set-url", "origin", "../remote.git")
    assert share.addresses_of(here) == [str(bare)]
    git(here.root, "remote", "set-url", "--push", "origin", "git@example.com:x.git")
    assert share.announcement(here)
    assert share.addresses_of(here) == ["git@example.com:x.git"]
    assert len(started) == 1


def test_the_last_time_is_said_in_words(trainee: Workshop, started: list[Settings]) -> None:
    run_dir = trainee.settings.run_dir
    share.announcement(trainee.settings)
    assert "for the first time" in share.state(trainee.settings)[1]
    for seconds, words in (
        (-500, "less than a minute"),
        (130, "2 minutes"),
        (3700, "1 hour"),
        (90_000, "1 day"),
    ):
        at = datetime.fromtimestamp(time.time() - seconds).astimezone().isoformat()
        share.note(run_dir, at=at, problem="")
        said = share.state(trainee.settings)
        assert said == (True, f"Your progress was shared {words} ago.")
    share.note(run_dir, problem="fatal: no.")
    is_well, sentence = share.state(trainee.settings)
    assert (is_well, sentence) == (
        False,
        "Your progress couldn't be shared: fatal: no. It arrived last 1 day ago.",
    )
    assert len(started) == 1
