"""`workshop key`: the API key goes into .env, and nowhere else."""

import os
import pty
import subprocess
import termios

import pytest

from tests.stack import DEADLINE_SECONDS, until

from .conftest import Workshop

KEY, OTHER = "0123456789abcdef" * 2, "fedcba9876543210" * 2


def test_the_key_is_written_and_all_else_kept(workshop: Workshop) -> None:
    path = workshop.root / ".env"
    path.write_text("# mine\nERROR_RATE=0.5\nDD_API_KEY=\n\n# the end\nTASTING_SECONDS=0.1")
    path.chmod(0o644)
    done = workshop.run("key", typed=f"{KEY}\n")
    assert done.returncode == 0, done.stderr
    expected = f"# mine\nERROR_RATE=0.5\nDD_API_KEY={KEY}\n\n# the end\nTASTING_SECONDS=0.1"
    assert path.read_text() == expected
    assert path.stat().st_mode & 0o777 == 0o600
    assert KEY not in done.stdout + done.stderr

    again = workshop.run("key", "--stdin", typed=OTHER)
    assert "replaced" in again.stdout
    assert path.read_text() == expected.replace(KEY, OTHER)
    assert [p.name for p in workshop.root.glob(".tmp*")] == []


def test_a_missing_file_is_made_for_its_owner_only(workshop: Workshop) -> None:
    path = workshop.root / ".env"
    path.unlink()
    assert workshop.run("key", typed=KEY).returncode == 0
    assert path.read_text() == f"DD_API_KEY={KEY}\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_in_the_shell_is_left_alone(workshop: Workshop) -> None:
    workshop.edit("workshop/settings.toml", 'backend = "local"', 'backend = "datadog"')
    workshop.variables["DD_API_KEY"] = OTHER
    done = workshop.run("key", typed=KEY)
    assert done.returncode == 0
    assert f"DD_API_KEY={KEY}\n" in (workshop.root / ".env").read_text()
    assert KEY not in done.stdout + done.stderr
    assert OTHER not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (f"{KEY}01234567", "application key"),
        (f"{KEY}0", "33 characters"),
        ("Z" * 32, "32 hexadecimal digits"),
        ("", "empty"),
    ],
)
def test_what_is_no_api_key_is_refused(workshop: Workshop, typed: str, says: str) -> None:
    before = (workshop.root / ".env").read_text()
    done = workshop.run("key", typed=typed)
    assert done.returncode == 1
    assert says in done.stderr
    assert not typed or typed not in done.stdout + done.stderr
    assert (workshop.root / ".env").read_text() == before


def test_a_key_on_the_command_line_is_refused_and_not_repeated(workshop: Workshop) -> None:
    done = workshop.run("key", KEY)
    assert done.returncode == 1
    assert "command line" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert KEY not in (workshop.root / ".env").read_text()


def test_at_a_terminal_the_key_is_not_shown(workshop: Workshop) -> None:
    terminal, its_end = pty.openpty()
    process = subprocess.Popen(
        workshop.command("key"),
        cwd=workshop.root,
        env=workshop.environment,
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
        start_new_session=True,
    )
    until(lambda: not termios.tcgetattr(terminal)[3] & termios.ECHO, "the question")
    os.write(terminal, f"{KEY}\n".encode())
    assert process.wait(DEADLINE_SECONDS) == 0
    shown = os.read(terminal, 65536)
    os.close(its_end)
    os.close(terminal)
    assert b"not shown" in shown
    assert KEY.encode() not in shown
    assert f"DD_API_KEY={KEY}" in (workshop.root / ".env").read_text()
