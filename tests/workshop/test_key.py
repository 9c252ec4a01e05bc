"""`workshop key`: the API key goes into .key/datadog, and nowhere else."""

import os
import pty
import subprocess
import termios
from pathlib import Path

import pytest
from workshop import api_key
from workshop.problem import Problem

from tests.conftest import git
from tests.stack import DEADLINE_SECONDS, until

from .conftest import Workshop

KEY, OTHER = "0123456789abcdef" * 2, "fedcba9876543210" * 2


def key_file(workshop: Workshop) -> Path:
    return workshop.root / ".key" / "datadog"


def test_the_key_is_written_for_its_owner_only(workshop: Workshop) -> None:
    workshop.edit("workshop/settings.toml", 'backend = "local"', 'backend = "datadog"')
    before = (workshop.root / ".env").read_bytes()
    done = workshop.run("key", typed=f"{KEY}\n")
    assert done.returncode == 0, done.stderr
    assert key_file(workshop).read_bytes() == f"{KEY}\n".encode()
    assert key_file(workshop).stat().st_mode & 0o777 == 0o600
    assert key_file(workshop).parent.stat().st_mode & 0o777 == 0o700
    assert "is in .key/datadog now" in done.stdout
    assert "docker compose up --detach" in done.stdout
    assert KEY not in done.stdout + done.stderr

    key_file(workshop).chmod(0o644)
    again = workshop.run("key", "--stdin", typed=OTHER)
    assert "replaced" in again.stdout
    assert key_file(workshop).read_text() == f"{OTHER}\n"
    assert key_file(workshop).stat().st_mode & 0o777 == 0o600
    assert (workshop.root / ".env").read_bytes() == before
    assert git(workshop.root, "status", "--porcelain", "--", ".key") == ""


def test_setting_a_key_removes_the_one_in_dotenv(workshop: Workshop) -> None:
    path = workshop.root / ".env"
    path.write_bytes(b"# mine\r\nDD_API_KEY=" + OTHER.encode() + b"\r\nMATCHMAKER_ERROR_RATE=1")
    ran = workshop.run("key", typed=KEY)
    assert ran.returncode == 0
    assert (
        "copier update --trust --defaults --vcs-ref=:current: --data backend=datadog" in ran.stdout
    )
    assert path.read_bytes() == b"# mine\r\nMATCHMAKER_ERROR_RATE=1"
    assert key_file(workshop).read_text() == f"{KEY}\n"


@pytest.mark.parametrize(
    "pasted",
    [f"  {KEY} \t", f'"{KEY}"', f"DD_API_KEY={KEY}", f"export DD_API_KEY='{KEY}'", f"\ufeff{KEY}"],
)
def test_what_people_paste_around_a_key_is_left_out(workshop: Workshop, pasted: str) -> None:
    assert workshop.run("key", typed=f"{pasted}\n").returncode == 0
    assert key_file(workshop).read_text() == f"{KEY}\n"


def test_a_folder_without_its_gitignore_gets_it_first(workshop: Workshop) -> None:
    git(workshop.root, "rm", "-r", "--quiet", ".key")
    assert workshop.run("key", typed=KEY).returncode == 0
    assert git(workshop.root, "status", "--porcelain", "--untracked-files=all", "--", ".key") == (
        "D  .key/.gitignore\n?? .key/.gitignore\n"
    )


def test_a_key_in_the_shell_is_left_alone(workshop: Workshop) -> None:
    workshop.edit("workshop/settings.toml", 'backend = "local"', 'backend = "datadog"')
    workshop.variables["DD_API_KEY"] = OTHER
    done = workshop.run("key", typed=KEY)
    assert done.returncode == 0
    assert key_file(workshop).read_text() == f"{KEY}\n"
    assert KEY not in done.stdout + done.stderr
    assert OTHER not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "empty"),
        ("\n", "empty"),
        (f"{KEY} {KEY}", "one word"),
        (f"{KEY}\u200b", "plain"),
        ("<DATADOG_API_KEY>", "an example"),
        ("your-api-key", "an example"),
    ],
)
def test_what_cannot_be_a_key_is_refused(workshop: Workshop, typed: str, says: str) -> None:
    done = workshop.run("key", typed=typed)
    assert done.returncode == 1
    assert says in done.stderr
    assert not typed.strip() or typed not in done.stdout + done.stderr
    assert not key_file(workshop).exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (f"{KEY}01234567", "application key"),
        (f"{KEY}0", "33 characters"),
        ("Z" * 32, "hexadecimal digits"),
    ],
)
def test_an_unusual_key_is_taken_with_a_remark(workshop: Workshop, typed: str, says: str) -> None:
    done = workshop.run("key", typed=typed)
    assert done.returncode == 0
    assert says in " ".join(done.stdout.split())
    assert typed not in done.stdout + done.stderr
    assert key_file(workshop).read_text() == f"{typed}\n"


def test_a_key_on_the_command_line_is_refused_and_not_repeated(workshop: Workshop) -> None:
    done = workshop.run("key", KEY)
    assert done.returncode == 1
    assert "command line" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert not key_file(workshop).exists()


def test_a_container_says_how_to_do_it_outside(workshop: Workshop) -> None:
    workshop.variables["WORKSHOP_CONTAINER"] = "console"
    done = workshop.run("key", typed=KEY)
    assert done.returncode == 1
    assert "paste the key into the file .key/datadog" in done.stderr
    assert "docker compose restart agent" in done.stderr
    assert not key_file(workshop).exists()


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_link_is_not_followed(workshop: Workshop, tmp_path: Path, what: str) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "datadog").write_text("theirs\n")
    if what == "folder":
        git(workshop.root, "rm", "-r", "--quiet", ".key")
        (workshop.root / ".key").symlink_to(target)
    else:
        key_file(workshop).symlink_to(target / "datadog")
    (workshop.root / ".env").write_text(f"DD_API_KEY={OTHER}\n")
    for typed in (("key",), ("key", "--move")):
        done = workshop.run(*typed, typed=KEY)
        assert done.returncode == 1
        assert "is a symbolic link" in done.stderr
    assert {path.name: path.read_text() for path in target.iterdir()} == {"datadog": "theirs\n"}
    assert (workshop.root / ".env").read_text() == f"DD_API_KEY={OTHER}\n"


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
    assert key_file(workshop).read_text() == f"{KEY}\n"


# Moving the key from .env, where older versions had it


MOVES = {
    "last line": (f"A=1\nDD_API_KEY={KEY}", "A=1\n"),
    "CRLF": (f"# é\r\nDD_API_KEY={KEY}\r\nA=1\r\n", "# é\r\nA=1\r\n"),
    "export, quotes, and a remark": (f"export DD_API_KEY = '{KEY}' # mine\nB=2\n", "B=2\n"),
    "twice, and the last one counts": (f"DD_API_KEY={OTHER}\nA=1\nDD_API_KEY={KEY}\n", "A=1\n"),
    "after an empty one": (f"DD_API_KEY=\nDD_API_KEY={KEY}\n", ""),
    "after a byte order mark": (f"\ufeffDD_API_KEY={KEY}\nA=1\n", "A=1\n"),
    "others that look alike": (
        f"#DD_API_KEY=a\nMY_DD_API_KEY=b\nDD_API_KEY={KEY}\nDD_API_KEY_2=c\n",
        "#DD_API_KEY=a\nMY_DD_API_KEY=b\nDD_API_KEY_2=c\n",
    ),
}


def old_kind(folder: Path, dotenv: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / ".env").write_text(dotenv, newline="")
    (folder / ".env").chmod(0o640)
    return folder


@pytest.mark.parametrize("case", MOVES)
def test_the_key_moves_and_each_other_line_stays(tmp_path: Path, case: str) -> None:
    dotenv, left = MOVES[case]
    root = old_kind(tmp_path / "workshop", dotenv)
    assert api_key.move(root) == "moved"
    assert (root / ".env").read_bytes() == left.encode()
    assert (root / ".env").stat().st_mode & 0o777 == 0o640
    assert (root / ".key" / "datadog").read_text() == f"{KEY}\n"
    assert (root / ".key" / "datadog").stat().st_mode & 0o777 == 0o600
    template = Path(__file__).parents[2] / "template" / ".key" / ".gitignore.jinja"
    assert (root / ".key" / ".gitignore").read_bytes() == template.read_bytes()
    assert api_key.move(root) == ""


@pytest.mark.parametrize(
    ("dotenv", "there", "outcome"),
    [
        (f"DD_API_KEY={KEY}\n", f"{OTHER}\n", "another"),
        (f"DD_API_KEY={KEY}\n", "\x01", "another"),
        ("DD_API_KEY=${MINE}\n", None, "reference"),
        ("DD_API_KEY=\nA=1\n", None, ""),
        ("A=1\n", None, ""),
    ],
)
def test_an_existing_key_and_what_is_no_key_stay(
    tmp_path: Path, dotenv: str, there: str | None, outcome: str
) -> None:
    root = old_kind(tmp_path / "workshop", dotenv)
    if there is not None:
        (root / ".key").mkdir()
        (root / ".key" / "datadog").write_text(there)
    assert api_key.move(root) == outcome
    assert (root / ".env").read_text() == dotenv
    found = root / ".key" / "datadog"
    assert (found.read_text() if found.exists() else None) == there


def test_a_move_that_was_interrupted_is_finished(tmp_path: Path) -> None:
    root = old_kind(tmp_path / "workshop", f"DD_API_KEY={KEY}\nA=1\n")
    (root / ".key").mkdir()
    (root / ".key" / "datadog").write_text(f"{KEY}\n")
    assert api_key.move(root) == "same"
    assert (root / ".env").read_text() == "A=1\n"


@pytest.mark.parametrize("kind", ["link", "folder", "UTF-16"])
def test_a_dotenv_that_cannot_be_read_is_named(tmp_path: Path, kind: str) -> None:
    root = old_kind(tmp_path / "workshop", f"DD_API_KEY={KEY}\n")
    path = root / ".env"
    if kind == "UTF-16":
        path.write_text(f"DD_API_KEY={KEY}\n", encoding="utf-16")
    else:
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere") if kind == "link" else path.mkdir()
    with pytest.raises(Problem, match=r"\.env cannot be read"):
        api_key.move(root)
    assert not (root / ".key").exists()


def test_nothing_moves_where_the_folder_is_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = old_kind(tmp_path / "workshop", f"DD_API_KEY={KEY}\n")
    (root / ".key").mkdir()
    monkeypatch.setenv("WORKSHOP_CONTAINER", "console")
    assert api_key.move(root) == ""
    with pytest.raises(Problem, match="hidden from this container"):
        api_key.write(root, KEY)
    assert KEY in (root / ".env").read_text()


@pytest.mark.parametrize(
    ("content", "obstacle"),
    [
        (f"{KEY}".encode(), ""),
        (f"\r\n {KEY}\t\r\n\r\n".encode(), ""),
        (f"\ufeff{KEY}\n".encode(), "byte order mark"),
        (f"{KEY}\n".encode("utf-16"), "UTF-16"),
        (f"'{KEY}'\n".encode(), "quotation marks"),
        (f"DD_API_KEY={KEY}\n".encode(), "DD_API_KEY= before"),
        (f'export DD_API_KEY="{KEY}"\n'.encode(), "DD_API_KEY= before"),
    ],
)
def test_what_an_editor_adds_is_read_and_what_the_agent_cannot_read_is_told(
    content: bytes, obstacle: str
) -> None:
    found = api_key.key_in(content)
    assert found.text == KEY
    assert obstacle in found.obstacle
    assert bool(obstacle) == bool(found.obstacle)


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\xef\xbb\xbf\r\n", b"DD_API_KEY=\n", b"''"])
def test_an_empty_file_has_no_key(content: bytes) -> None:
    assert api_key.key_in(content) == api_key.Key("")


@pytest.mark.parametrize(
    "content", [f"{KEY}\n{OTHER}\n".encode(), b"\xff\xff\xff", f"# mine\n{KEY}\n".encode()]
)
def test_a_file_that_is_no_key_is_told(content: bytes) -> None:
    assert api_key.key_in(content).obstacle


def test_update_and_up_move_the_key_and_doctor_only_tells(workshop: Workshop) -> None:
    path = workshop.root / ".env"
    path.write_text(f"DD_API_KEY={KEY}\nMATCHMAKER_ERROR_RATE=0\n")
    told = workshop.run("doctor").stdout
    assert "An API key is in .env" in told
    assert "workshop key --move" in told
    assert KEY in path.read_text()
    done = workshop.run("update")
    assert "has moved from .env to .key/datadog" in " ".join(done.stdout.split())
    assert KEY not in told + done.stdout + done.stderr
    assert path.read_text() == "MATCHMAKER_ERROR_RATE=0\n"
    assert key_file(workshop).read_text() == f"{KEY}\n"
    assert "moved" not in workshop.run("update").stdout

    path.write_text(f"DD_API_KEY={OTHER}\n")
    both = workshop.run("key", "--move")
    assert both.returncode == 1
    assert ".env has another API key than .key/datadog" in " ".join(both.stderr.split())
    assert path.read_text() == f"DD_API_KEY={OTHER}\n"
