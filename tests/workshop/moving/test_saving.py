"""What is saved are the bytes that were there, and nothing outside of the folder is touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from workshop.moving import moves, saved_work
from workshop.problem import Problem

from tests import nasty
from tests.conftest import git
from tests.workshop.moving.conftest import CopyAt, branches, step_of

KEY = "0123456789abcdef0123456789abcdef"
OLD_KEY = "fedcba9876543210fedcba9876543210"
CRLF = b'"""web"""\r\n# mine\r\n'


def tool(workshop: Path, *arguments: str) -> tuple[int, str]:
    """Run the trainee's command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=workshop,
        capture_output=True,
        text=True,
    )
    said = " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in said
    return done.returncode, said


def saved(workshop: Path, name: str) -> bytes:
    """A file, to the byte, of the one branch that work was saved on."""
    (branch,) = branches(workshop)
    command = ["git", "cat-file", "blob", f"{branch}:{name}"]
    return subprocess.run(command, cwd=workshop, capture_output=True, check=True).stdout


HIDING = {
    "assume-unchanged": "git update-index --assume-unchanged app.py",
    "skip-worktree": "git update-index --skip-worktree app.py",
    "a clean filter": "git config filter.x.clean 'git show HEAD:app.py' "
    "&& echo 'app.py filter=x' > .gitattributes",
    "a filter that fails": "git config filter.x.clean false && git config filter.x.required true "
    "&& echo 'app.py filter=x' > .git/info/attributes",
    "autocrlf=input": "git config core.autocrlf input",
    "autocrlf=true": "git config core.autocrlf true",
    "an attribute": "echo '* text=auto eol=lf' > .gitattributes",
    "working-tree-encoding": "echo 'app.py working-tree-encoding=UTF-16' > .gitattributes",
    "ignored": "git rm -q --cached app.py && git commit -qm x && echo app.py >> .gitignore",
    "intent to add": "git rm -q --cached app.py && git commit -qm x && git add -N app.py",
    "sparse": "git sparse-checkout set --no-cone '/*' '!/taster.py'",
    "split index": "git update-index --split-index",
    "a detached HEAD": "git checkout -q --detach",
    "no modes": "git config core.fileMode false",
    "a worktree": "git worktree add -q ../other && cp ../workshop/.env . || true",
    "fsmonitor": "git config core.fsmonitor true && git config core.untrackedCache true",
}


@pytest.mark.parametrize("name", HIDING)
@pytest.mark.sample(2)
def test_every_byte_is_saved(at: CopyAt, name: str) -> None:
    workshop = at(3)
    subprocess.run(["sh", "-ec", HIDING[name]], cwd=workshop, check=True, capture_output=True)
    (workshop / "app.py").write_bytes(CRLF)
    code, said = tool(workshop, "goto", "4")
    assert code == 0, said
    assert saved(workshop, "app.py") == CRLF
    assert step_of(workshop) == 4
    assert (workshop / "app.py").read_bytes() != CRLF


def test_names_that_are_no_text_and_a_nested_repository(at: CopyAt) -> None:
    workshop = at(3)
    odd = os.fsencode(workshop) + b"/th\xe9\r.txt"
    with open(odd, "wb") as file:  # noqa: PTH123
        file.write(b"mine\r\n")
    (workshop / "tool.sh").write_text("#!/bin/sh\n")
    (workshop / "tool.sh").chmod(0o755)
    (workshop / "link").symlink_to("/etc/hostname")
    (workshop / "nested").mkdir()
    git(workshop / "nested", "init", "--quiet")
    (workshop / "nested" / "theirs.txt").write_text("another repository's\n")
    code, said = tool(workshop, "next", "--force")
    assert code == 0, said
    (branch,) = branches(workshop)
    listed = git(workshop, "ls-tree", "-z", branch).split("\0")
    modes = {entry.partition("\t")[2]: entry[:6] for entry in listed if entry}
    assert modes["tool.sh"] == "100755"
    assert modes["link"] == "120000"
    assert saved(workshop, "link") == b"/etc/hostname"
    assert any(name.startswith("th") for name in modes)
    assert Path(os.fsdecode(odd)).read_bytes() == b"mine\r\n"
    assert (workshop / "nested" / "theirs.txt").read_text() == "another repository's\n"
    assert (workshop / "link").is_symlink()


def test_what_changes_while_it_is_saved_is_not_replaced(at: CopyAt) -> None:
    workshop = at(3)
    app = workshop / "app.py"
    app.write_text("first\n")
    done = saved_work.save(workshop, 3, ["app.py"])
    app.write_text("second\n")
    with pytest.raises(Problem, match=r"app\.py was changed while"):
        moves.place(workshop, {"app.py": b"the reference\n"}, done)
    assert app.read_text() == "second\n"


def with_key(workshop: Path) -> Path:
    (workshop / ".key" / "datadog").write_text(f"{KEY}\n")
    return workshop


def in_git(workshop: Path) -> bool:
    """Whether a key is in any of git's objects."""
    objects = git(workshop, "cat-file", "--batch", "--batch-all-objects")
    return KEY in objects or OLD_KEY in objects


@pytest.mark.parametrize(
    "name",
    [".env.bak", "env.txt", "notes/.env.old", "env.utf16", ".env", ".key/datadog", ".key/old"],
)
@pytest.mark.parametrize("ignores", [True, False])
@pytest.mark.sample(3)
def test_a_copy_of_the_key_is_not_saved(at: CopyAt, name: str, ignores: bool) -> None:
    workshop = with_key(at(3))
    if not ignores:
        (workshop / ".gitignore").write_text("# nothing\n.workshop/\n")
        (workshop / ".key" / ".gitignore").write_text("# nothing\n")
    path = workshop / name
    path.parent.mkdir(exist_ok=True)
    coding = "utf-16" if name == "env.utf16" else "utf-8"
    # Nobody can tell the old one by what is in .key/datadog.
    secret = OLD_KEY if ".env." in name or name == ".key/old" else KEY
    path.write_text(f"DD_API_KEY={secret}\n", encoding=coding)
    (workshop / "app.py").write_text("mine\n")
    before = path.read_bytes()
    code, said = tool(workshop, "goto", "4")
    assert code == 0, said
    assert not in_git(workshop)
    assert path.read_bytes() == before
    assert KEY not in said
    is_ignored = ".env." in name or ".key/" in name
    is_seen = name not in (".env", ".key/datadog") and not (ignores and is_ignored)
    assert (f"your API key may be in it: {name}" in said) == is_seen
    assert saved(workshop, "app.py") == b"mine\n"
    listed = git(workshop, "ls-tree", "-r", "--name-only", *branches(workshop)).split()
    assert name not in listed


def test_a_copy_of_a_key_that_is_still_in_env_is_not_saved(at: CopyAt) -> None:
    workshop = at(3)
    (workshop / ".env").write_text(f"DD_API_KEY={OLD_KEY}\n")
    with_key(workshop)
    (workshop / "both.txt").write_text(OLD_KEY)
    (workshop / "app.py").write_text("mine\n")
    assert tool(workshop, "goto", "4")[0] == 0
    assert not in_git(workshop)


def test_a_staged_copy_of_the_key_is_not_saved(at: CopyAt) -> None:
    workshop = with_key(at(3))
    (workshop / "env.txt").write_text(f"DD_API_KEY={KEY}\n")
    git(workshop, "add", "env.txt")
    (workshop / "app.py").write_text("mine\n")
    assert tool(workshop, "goto", "4")[0] == 0
    (branch,) = branches(workshop)
    for commit in git(workshop, "rev-list", branch).split():
        assert "env.txt" not in git(workshop, "ls-tree", "-r", "--name-only", commit).split()


@pytest.mark.parametrize(
    "line",
    [
        f'DD_API_KEY = "{KEY}"',
        f"client = Client(api_key='{KEY}')",
        f'TOKEN = "{KEY}"  # the API-key',
        f'"apiKey":\n    "{KEY.upper()}"',
    ],
)
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
@pytest.mark.sample(4)
def test_where_the_key_is_hidden_what_looks_like_one_is_not_saved(
    at: CopyAt, line: str, coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = at(3)
    monkeypatch.setenv("WORKSHOP_CONTAINER", "console")
    filler = "x" * (saved_work.CHUNK // len("x".encode(coding)) - 20)  # it is in two chunks
    (workshop / "notes.txt").write_text(f"{filler}\n{line}\n", encoding=coding)
    (workshop / "staged.txt").write_text(line)
    git(workshop, "add", "staged.txt")
    (workshop / "app.py").write_text(f"COMMIT = '{KEY}'  # mine\n")  # of git, for example
    done = saved_work.save(workshop, 3, ["app.py"])
    assert done.left_out == ["notes.txt"]
    listed = git(workshop, "log", "--format=", "--name-only", *branches(workshop)).split()
    assert not {"notes.txt", "staged.txt"} & {*listed}
    assert KEY in saved(workshop, "app.py").decode()

    (workshop / "app.py").write_text(line, encoding=coding)
    with pytest.raises(Problem, match=r"app\.py: your API key is in there"):
        saved_work.save(workshop, 3, ["app.py"])


def test_code_with_the_key_in_it_is_not_replaced(at: CopyAt) -> None:
    workshop = with_key(at(3))
    (workshop / "app.py").write_text(f'KEY = "{KEY}"\n')
    code, said = tool(workshop, "goto", "4")
    assert code == 1
    assert "app.py: your API key is in there" in said
    assert KEY not in said
    assert not in_git(workshop)
    assert step_of(workshop) == 3


LINKS = {
    "steps": "mv steps {aside} && ln -s {aside} steps",
    "workshop/moving": "cp -r workshop/moving {aside} && mv workshop/moving gone && "
    "ln -s {aside} workshop/moving",
    "checks": "mv checks {aside} && ln -s {aside} checks",
    ".workshop": "mv .workshop {aside} && ln -s {aside} .workshop",
}


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("move", [("goto", "4"), ("next", "--force"), ("reset",)])
@pytest.mark.sample(3)
def test_a_link_in_place_of_a_folder(
    at: CopyAt, tmp_path: Path, name: str, move: tuple[str, ...]
) -> None:
    workshop, aside = at(3), tmp_path / "aside"
    command = LINKS[name].format(aside=aside)
    subprocess.run(["sh", "-ec", command], cwd=workshop, check=True)
    (workshop / "app.py").write_text("mine\n")
    for path in aside.rglob("*.md"):
        path.write_text("not the workshop's\n")
    before = {path: path.read_bytes() for path in aside.rglob("*") if path.is_file()}
    code, said = tool(workshop, *move)
    assert (workshop / name).is_symlink()
    after = {path: path.read_bytes() for path in aside.rglob("*") if path.is_file()}
    assert {path: after.get(path) for path in before if "__pycache__" not in path.parts} == {
        path: one for path, one in before.items() if "__pycache__" not in path.parts
    }
    if move[0] == "goto" and name in ("steps", ".workshop"):
        assert code == 1
        assert f"{name} is a symbolic link" in said
        assert (workshop / "app.py").read_text() == "mine\n"


@pytest.mark.parametrize("move", [("goto", "4"), ("next", "--force")])
def test_a_link_in_place_of_a_file(at: CopyAt, tmp_path: Path, move: tuple[str, ...]) -> None:
    workshop = at(3)
    elsewhere = tmp_path / "elsewhere.py"
    (workshop / "app.py").rename(elsewhere)
    elsewhere.write_text("mine, elsewhere\n")
    (workshop / "app.py").symlink_to(elsewhere)
    readme = tmp_path / "README.md"
    (workshop / "README.md").rename(readme)
    (workshop / "README.md").symlink_to(readme)
    before = readme.read_text()
    code, said = tool(workshop, *move)
    assert code == 0, said
    assert elsewhere.read_text() == "mine, elsewhere\n"
    assert readme.read_text() == before
    assert saved(workshop, "app.py") == os.fsencode(elsewhere)


def test_hooks_and_filters_of_the_trainee_do_not_run(at: CopyAt, tmp_path: Path) -> None:
    workshop = at(3)
    git(workshop, "status")  # which has git know the files for those of the index
    config = nasty.configuration(tmp_path / "traps")
    (workshop / ".git" / "config").open("a").write(config.read_text())
    (workshop / ".gitattributes").write_text("* filter=canary diff=canary merge=canary\n")
    for name in nasty.HOOKS:
        nasty.canary(workshop / ".git" / "hooks" / name, tmp_path / "traps" / "ran")
    (workshop / "app.py").write_text("mine\n")
    for move in (("goto", "4"), ("next", "--force"), ("reset",), ("update",), ("status",)):
        # As old as the files, so that git looks at each of them again, through its filter.
        os.utime(workshop / ".git" / "index", (1_000_000_000, 1_000_000_000))
        code, said = tool(workshop, *move)
        assert code == 0, said
        assert not (tmp_path / "traps" / "ran").exists(), move
