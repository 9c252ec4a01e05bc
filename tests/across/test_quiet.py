"""The tool in a trainee's repository stays out of the way, and nothing of theirs is lost for it."""

import shutil
import subprocess
import sys
from pathlib import Path

import copier
import pytest
from workshop.moving import moves

from tests.conftest import Render, git

QUIET = (".gitattributes", ".ignore")
MINE = {".gitattributes": "*.png binary\n", ".ignore": "build/\n"}


def attributes(workshop: Path, name: str) -> dict[str, str]:
    """What git knows of a file from `.gitattributes`."""
    listed = git(workshop, "check-attr", "-z", "--all", "--", name).split("\0")
    return dict(zip(listed[1::3], listed[2::3], strict=False))


def test_hosts_leave_out_the_tool(copy: Render) -> None:
    """In statistics, and in the diffs that they show.

    With `-diff`, git would leave it out, too, and so would the diff in which `copier update` finds
    what a trainee changed: it would drop an edit in workshop/ without a word.
    """
    workshop = copy()
    lines = {"text": "auto", "eol": "lf"}
    assert attributes(workshop, "workshop/stack/ports.py") == {
        **lines,
        "linguist-vendored": "set",
        "linguist-generated": "set",
        "gitlab-generated": "set",
    }
    for name in ("app.py", "checks/conftest.py", "mine/workshop/app.py"):
        assert attributes(workshop, name) == lines


def test_searches_leave_out_the_tool(copy: Render) -> None:
    # ruff walks folders by the library that ripgrep, fd and VS Code do it with.
    workshop = copy()
    for name in ("app.py", "workshop/cli.py"):
        with (workshop / name).open("a") as file:
            file.write("import unused\n")
    look = [sys.executable, "-m", "ruff", "check", "--no-cache", "--isolated"]
    found = subprocess.run(
        [*look, "--select", "F401", "--output-format", "concise"],
        cwd=workshop,
        capture_output=True,
        encoding="utf-8",
        check=False,
    ).stdout
    assert "app.py" in found
    assert "workshop/cli.py" not in found


@pytest.mark.thorough
@pytest.mark.parametrize("by", ["copier update", "workshop update"])
def test_an_update_keeps_settings_that_a_trainee_had_first(
    template: Path, tmp_path: Path, by: str
) -> None:
    source = Path(shutil.copytree(template, tmp_path / "source"))
    git(source, "rm", "--quiet", *(f"template/{name}.jinja" for name in QUIET))
    git(source, "commit", "--quiet", "--message", "Before")
    git(source, "tag", "v1.0.1")
    workshop = tmp_path / "mine"
    copier.run_copy(str(source), workshop, defaults=True, unsafe=True, quiet=True)
    for name, text in MINE.items():
        (workshop / name).write_text(text)
    git(workshop, "add", "--all")
    git(workshop, "commit", "--quiet", "--message", "Mine")
    git(source, "revert", "--no-edit", "HEAD")
    git(source, "tag", "v1.1.0")

    if by == "copier update":
        copier.run_update(workshop, defaults=True, overwrite=True, unsafe=True, quiet=True)
    else:
        assert moves.update(workshop)
    for name, text in MINE.items():
        now = (workshop / name).read_text()
        assert text in now
        assert "/workshop/" in now
    assert attributes(workshop, "my.png")["binary"] == "set"
    assert attributes(workshop, "workshop/cli.py")["linguist-vendored"] == "set"


def test_an_update_keeps_code_though_both_changed_the_tool(template: Path, tmp_path: Path) -> None:
    """Copier makes one patch of all edits; those of the tool, which has no diffs, do not fit."""
    source = Path(shutil.copytree(template, tmp_path / "source"))
    workshop = tmp_path / "mine"
    copier.run_copy(str(source), workshop, defaults=True, unsafe=True, quiet=True)
    edited = ("app.py", "workshop/cli.py", "workshop/stack/ports.py")
    for name in edited:
        with (workshop / name).open("a") as file:
            file.write("# mine\n")
    git(workshop, "commit", "--quiet", "--all", "--message", "Mine")
    with (source / "template" / "workshop" / "cli.py").open("a") as file:
        file.write("# news\n")
    git(source, "commit", "--quiet", "--all", "--message", "News")
    git(source, "tag", "v1.1.0")
    copier.run_update(workshop, {"step": 2}, defaults=True, overwrite=True, unsafe=True, quiet=True)
    assert (workshop / "app.py").read_text().endswith("# mine\n")
    assert (workshop / "workshop" / "cli.py").read_text().endswith("# news\n")
    assert git(workshop, "ls-files", "--unmerged") == ""
    assert not [*workshop.rglob("*.rej")]
