"""API keys: where they come from, and that they are nowhere but in `.key/datadog`."""

import contextlib
import os
import pty
import re
import secrets
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from plumbum import local

from matchmaker.repositories import template
from matchmaker.roster.keys import KeyRing, KeySource
from tests.conftest import REPOSITORY, git, runs_in, update
from tests.matchmaker.conftest import KEY, OTHER_KEY, Session, containing, tree


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DD_API_KEY", raising=False)


def write(session: Session, api_key: str, *trainees: object, **answers: object) -> None:
    """A roster whose traces go to Datadog."""
    session.write(
        *(trainees or ("Ada", "Bob")),  # type: ignore[arg-type]
        session=f"api_key = {api_key}",
        backend="datadog",
        **answers,
    )


def keys_of(session: Session) -> dict[str, str]:
    return {
        folder.parent.name: (folder / "datadog").read_text().strip()
        if (folder / "datadog").exists()
        else ""
        for folder in session.out.glob("*/.key")
    }


def key_file(session: Session, text: str, mode: int = 0o600) -> Path:
    path = session.folder / "keys.env"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_from_the_environment(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_KEY", KEY)
    write(session, '{env = "WORKSHOP_KEY"}')
    assert session.run().code == 0
    assert keys_of(session) == {"ada": KEY, "bob": KEY}
    KeyRing(session.folder, [KeySource("env", "WORKSHOP_KEY")])
    assert "WORKSHOP_KEY" not in os.environ  # what we start does not inherit it
    assert "WORKSHOP_KEY" not in local.env


def test_from_a_file_for_all_and_for_one(session: Session) -> None:
    key_file(session, f"# keys\nDD_API_KEY={KEY}\nbob-by={OTHER_KEY}\n")
    write(session, '{file = "keys.env"}', "Ada", "Bob By")
    assert session.run().code == 0
    assert keys_of(session) == {"ada": KEY, "bob-by": OTHER_KEY}


def test_from_a_command_and_one_of_ones_own(session: Session) -> None:
    keys = {"ada": KEY, "bob": OTHER_KEY, "own": KEY}
    for slug, key in keys.items():
        (session.folder / f"{slug}.key").write_text(key + "\n")
    own = {"trainee_name": "Cy", "api_key": '{command = ["cat", "own.key"]}'}
    write(session, '{command = ["cat", "{slug}.key"]}', "Ada", "Bob", own)
    assert session.run().code == 0
    assert keys_of(session) == {"ada": KEY, "bob": OTHER_KEY, "cy": KEY}


def test_in_a_csv_file(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "_installed_from", lambda: str(session.template))
    monkeypatch.setenv("WORKSHOP_KEY", KEY)
    key_file(session, f"bob={OTHER_KEY}\n")
    session.file = "spring.csv"
    header = "trainee_name,backend,api_key\n"
    session.roster.write_text(
        f"{header}Ada,datadog,env:WORKSHOP_KEY\nBob,datadog,file:keys.env\nCy,datadog,later\n"
    )
    assert session.run().code == 0
    assert keys_of(session) == {"ada": KEY, "bob": OTHER_KEY, "cy": ""}

    for wrong in (KEY, f"env:{KEY}", "op read"):
        session.roster.write_text(f"{header}Ada,local,\nBob,datadog,{wrong}\n")
        ran = session.run()
        assert ran.code == 1
        assert (
            f"{session.roster}:3: This does not say where the API key comes from; a key" in ran.err
        )
        assert ran.err.count(str(session.roster)) == 1
        assert KEY not in ran.err
    session.roster.write_text("trainee_name,backend\nAda,datadog\n")
    assert "in the column api_key. A roster in TOML" in session.run().err


def test_later(session: Session) -> None:
    write(session, '"later"')
    assert session.run().code == 0
    assert keys_of(session) == {"ada": "", "bob": ""}


@pytest.mark.parametrize(
    ("source", "sentences"),
    [
        ('{env = "NOT_SET"}', ["NOT_SET", "is not set"]),
        ('{file = "none.env"}', ["none.env", "No such file"]),
        ('{file = "open.env"}', ["open.env can be read by others", "chmod 600"]),
        ('{file = "tracked.env"}', ["tracked.env is tracked by git", "git rm --cached"]),
        ('{file = "two.env"}', ["is not an API key", "A key is one word"]),
        ('{file = "bob.env"}', ["has no key for ada.", "ada=…"]),
        ('{file = "both.env"}', ["Line 2 of both.env is not like NAME=value.", "Write <slug>=…"]),
        ('{file = "yaml.env"}', ["ada, and line 3 of it is not like NAME=value", "ada=…"]),
        ('{command = ["false"]}', ["`false`", "exit code 1"]),
        ('{command = ["no-such-program"]}', ["`no-such-program`", "cannot be run"]),
        ('{command = ["true"]}', ["`true`", "printed nothing"]),
        ('{command = ["sh", "-c", "echo not signed in >&2; exit 3"]}', ["It said: not signed in"]),
        ('{command = ["sh", "-c", "kill -9 $$"]}', ["was ended by signal 9"]),
        ('{command = ["yes"]}', ["printed more than a key"]),
        ('{command = ["printf", "\\\\377"]}', ["printed something that is not text"]),
        ('{command = ["sh", "-c", "echo oh >&2"]}', ["printed nothing", "It said: oh"]),
        ('{file = "~nobody-17/keys"}', ["names an unknown user", "instead of the ~"]),
        ('{file = "."}', ["is a folder", "Name a file in it"]),
    ],
)
def test_a_key_that_is_not_there(session: Session, source: str, sentences: list[str]) -> None:
    for name, text, mode in (
        ("open.env", f"DD_API_KEY={KEY}", 0o640),
        ("tracked.env", f"DD_API_KEY={KEY}", 0o600),
        ("two.env", f"DD_API_KEY='{KEY} {KEY}'", 0o600),
        ("bob.env", f"bob={KEY}", 0o600),
        ("both.env", f"DD_API_KEY={KEY}\nada: {KEY}\n", 0o600),
        ("yaml.env", f"# keys\n\nDD_API_KEY: {KEY}\n", 0o600),
    ):
        (session.folder / name).write_text(text)
        (session.folder / name).chmod(mode)
    git(session.folder, "init", "--quiet")
    git(session.folder, "add", "tracked.env")
    write(session, source)
    ran = session.run()
    assert ran.code == 1
    assert f"{session.roster}:4: " in ran.err
    assert all(sentence in ran.err for sentence in sentences), ran.err
    assert KEY[:-1] not in ran.err
    assert not session.out.exists()


def test_a_command_says_why_and_no_secret(session: Session) -> None:
    said = f"printf '{KEY[:16]}%s' {KEY[16:]}"
    for script in (
        f"{said}; {said} >&2; exit 1",  # what it prints, in what it says
        f"{said} >&2; exit 1",
        "echo a1b2c3d4e5f6g7h8i9j0k1 token=abc >&2; exit 1",
        f"printf 'bad\\033[2J: \\007' >&2; {said} >&2; exit 1",
    ):
        (session.folder / "key.sh").write_text(script)
        write(session, '{command = ["sh", "key.sh"]}')
        ran = session.run()
        assert ran.code == 1
        assert "It said: " in ran.err
        assert "(a key)" in ran.err
        assert not re.search(r"0123|a1b2|abc|[\033\007]", ran.err.partition("It said")[2])


HANG = "echo x >> runs; echo waiting for a finger >&2; sleep 300 & sleep 300"


def test_a_command_that_does_not_end(session: Session) -> None:
    """In its own process, with the time that it is given made short."""
    session.write(
        *("Ada", "Bob", "Cy", "Dan"),
        session=f'api_key = {{command = ["sh", "-c", "{HANG} # {{slug}}"]}}',
        backend="datadog",
    )
    short = (
        "from matchmaker import cli; from matchmaker.roster import key_command; "
        "key_command.SECONDS = 1; cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", short, "generate", str(session.roster)],
        cwd=session.folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.count("took longer than 1 seconds, and was stopped.") == 1
    assert "It said: waiting for a finger" in done.stderr
    assert (session.folder / "runs").read_text() == "x\n"  # it is not waited for once for each
    assert [one for one in psutil.process_iter() if runs_in(session.folder, one)] == []
    assert {path.name for path in session.folder.iterdir()} == {"roster.toml", "runs"}


def test_a_command_that_leaves_something_behind_is_not_waited_for(session: Session) -> None:
    half = f"printf '{KEY[:16]}%s' {KEY[16:]}"
    (session.folder / "key.sh").write_text(f"{half}; sleep 300 & echo $! > pid")
    write(session, '{command = ["sh", "key.sh"]}')
    try:
        assert session.run("--dry-run").code == 0
    finally:
        os.kill(int((session.folder / "pid").read_text()), signal.SIGKILL)


def test_a_command_may_ask_on_the_terminal(session: Session) -> None:
    script = f"printf 'PIN: ' >&2; read pin </dev/tty; echo {KEY} >&2; printf '%s%s' $pin {KEY[8:]}"
    (session.folder / "key.sh").write_text(script)
    write(session, '{command = ["sh", "key.sh"]}', "Ada")
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(REPOSITORY)
        words = [
            sys.executable,
            "-m",
            "matchmaker.cli",
            "generate",
            str(session.roster),
            "--dry-run",
        ]
        os.execv(sys.executable, words)
    said = b""
    with contextlib.suppress(OSError):  # which is how its end shows
        while part := os.read(terminal, 1024):
            said += part
            if b"PIN: " in said and b"\r" not in said:
                os.write(terminal, f"{KEY[:8]}\r".encode())
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, said
    assert b"create" in said
    assert KEY.encode() not in said


def test_no_source_at_all(session: Session) -> None:
    session.write({"trainee_name": "Ada", "backend": "datadog"}, "Bob")
    ran = session.run()
    assert ran.code == 1
    assert "ada's traces go to Datadog, but no API key is named." in ran.err
    assert "bob" not in ran.err


def test_a_key_is_replaced_and_nothing_else(session: Session) -> None:
    key_file(session, f"DD_API_KEY={KEY}\n")
    write(session, '{file = "keys.env"}')
    session.run()
    env, kept = session.out / "ada" / ".env", session.out / "ada" / ".key" / "datadog"
    env.write_text(f"ERROR_RATE=1\n{env.read_text()}# mine")
    before = tree(session.out / "ada")
    key_file(session, f"DD_API_KEY={KEY}\nada={OTHER_KEY}\n")
    assert session.run().code == 0
    assert session.did() == {"ada": "key set", "bob": "unchanged"}
    assert kept.read_text() == f"{OTHER_KEY}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    changed = {name for name, entry in tree(session.out / "ada").items() if before[name] != entry}
    assert changed == {".key/datadog"}
    assert session.run().code == 0
    assert set(session.did().values()) == {"unchanged"}


def test_a_session_that_goes_to_datadog_later(session: Session) -> None:
    session.write("Ada")
    session.run()
    key_file(session, f"DD_API_KEY={KEY}\n")
    write(session, '{file = "keys.env"}', "Ada", dd_site="datadoghq.eu")
    assert session.run().code == 0
    assert session.did() == {"ada": "updated"}
    assert keys_of(session) == {"ada": KEY}
    update(session.out / "ada", step=2)
    assert keys_of(session) == {"ada": KEY}


def test_the_key_is_in_its_file_and_nowhere_else(session: Session) -> None:
    key_file(session, f"DD_API_KEY={KEY}\n")
    write(session, '{file = "keys.env"}')
    said = []
    for step in (1, 3):
        write(session, '{file = "keys.env"}', step=step)
        ran = session.run("--bundle", "--dry-run"), session.run("--bundle")
        said += [text for run in ran for text in (run.out, run.err)]
    said.append(session.run(command="status").out)
    key_file(session, f"DD_API_KEY={OTHER_KEY}\n")
    session.run("--fresh", "--bundle")
    assert KEY not in "".join(said)
    kept = [name for name in containing(session.folder, KEY) if not name.startswith("out/_repl")]
    assert kept == []
    assert sorted(containing(session.folder, OTHER_KEY)) == [
        "keys.env",
        "out/ada/.key/datadog",
        "out/bob/.key/datadog",
    ]
    assert all(
        stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
        for path in (*session.out.glob("*/.key"), *session.out.glob("*/.key/datadog"))
    )


def test_the_key_is_in_no_process_list(session: Session) -> None:
    key = secrets.token_hex(16)
    key_file(session, f"DD_API_KEY={key}\n")
    write(session, '{file = "keys.env"}', *(f"Trainee {number}" for number in range(8)))
    run = session.start("--bundle")
    looks = 0
    while run.poll() is None:
        listed = processes()
        assert key not in listed
        looks += "matchmaker.cli" in listed
        time.sleep(0.02)
    out, err = run.communicate()
    assert run.returncode == 0, err
    assert looks > 3
    assert key not in out + err


def test_a_key_in_the_environment_is_not_handed_on(session: Session) -> None:
    key = secrets.token_hex(16)
    write(session, '{env = "DD_API_KEY"}', *(f"Trainee {number}" for number in range(8)))
    run = session.start(DD_API_KEY=key)
    looks = 0
    while run.poll() is None:
        # The command's own environment is what the instructor gave it; git's is ours to give.
        gits = [line for line in processes().splitlines() if re.match(r"\S*git\b", line)]
        assert [line for line in gits if key in line] == []
        looks += len(gits)
        time.sleep(0.02)
    run.communicate()
    assert run.returncode == 0
    assert looks > 3
    assert set(keys_of(session).values()) == {key}


def processes() -> str:
    """Every process with its arguments and its environment, in a line each."""
    lines = []
    for process in psutil.process_iter():
        words: list[str] = []
        with contextlib.suppress(psutil.Error):  # it is over by now, or another user's
            words += process.cmdline()
            words += [f"{name}={value}" for name, value in process.environ().items()]
        lines.append(" ".join(words).replace("\n", " "))
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("key", "says"), [(KEY[:-1], "31 characters"), (f"{KEY}{KEY[:8]}", "application key")]
)
def test_an_unusual_key_is_taken_with_a_warning(session: Session, key: str, says: str) -> None:
    key_file(session, f"DD_API_KEY={key}\n")
    write(session, '{file = "keys.env"}')
    ran = session.run()
    assert ran.code == 0
    assert "The API key of ada, bob: " in ran.err
    assert says in ran.err
    assert key not in ran.out + ran.err
    assert keys_of(session) == {"ada": key, "bob": key}


def test_a_key_that_is_still_in_env_is_moved(session: Session) -> None:
    key_file(session, f"DD_API_KEY={KEY}\n")
    write(session, '{file = "keys.env"}')
    session.run()
    for name, mine in (("ada", KEY), ("bob", OTHER_KEY)):
        (session.out / name / ".key" / "datadog").unlink()
        (session.out / name / ".env").write_text(f"# mine\r\nDD_API_KEY={mine}\r\nA=1", newline="")
    assert session.run().code == 0
    assert set(session.did().values()) == {"key set"}
    assert keys_of(session) == {"ada": KEY, "bob": KEY}
    for name in ("ada", "bob"):
        assert (session.out / name / ".env").read_bytes() == b"# mine\r\nA=1"
    assert session.run().code == 0
    assert set(session.did().values()) == {"unchanged"}
