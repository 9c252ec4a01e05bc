"""Trainees' repositories at each step, the work that is in them, and where it is found again."""

import functools
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from workshop import settings
from workshop.moving import answers

from extensions.steps import STEPS
from tests.conftest import copied_once, git

NUMBERS = [step.number for step in STEPS]
CODE = sorted({name for step in STEPS for name in step.files})

CopyAt = Callable[[int], Path]


@pytest.fixture(scope="session")
def pristine(template: Path, tmp_path_factory: pytest.TempPathFactory) -> CopyAt:
    """The workshop that `copier copy` makes at a step; nobody changes it."""

    return functools.cache(lambda step: copied_once(template, step, tmp_path_factory))


@pytest.fixture
def at(pristine: CopyAt, tmp_path: Path) -> Iterator[CopyAt]:
    """A trainee's own workshop at a step."""

    def at(step: int) -> Path:
        return Path(shutil.copytree(pristine(step), tmp_path / "workshop", symlinks=True))

    yield at
    shutil.rmtree(tmp_path / "workshop", ignore_errors=True)


def files(workshop: Path) -> dict[str, bytes]:
    """What is there, without what git ignores."""
    listed = git(workshop, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return {
        name: (workshop / name).read_bytes()
        for name in set(listed.split("\0"))
        if name and (workshop / name).is_file()
    }


def step_of(workshop: Path) -> int:
    """Where the workshop is; both files that say so have to agree."""
    step = answers.read(workshop).step
    assert settings.load(workshop).step == step
    return step


def blocks(page: str) -> list[tuple[str, str]]:
    """What a step's page has to type (`console`) and to change (`diff`), in its order."""
    return re.findall(r"^```(console|diff)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def branches(workshop: Path) -> list[str]:
    """Where work was saved."""
    listed = git(workshop, "for-each-ref", "--format=%(refname:short)", "refs/heads/my")
    return listed.split()


def half_done(workshop: Path) -> list[str]:
    """Work in every state that git knows; gives the lines that must never be lost."""

    def append(name: str, line: str) -> None:
        with (workshop / name).open("a") as file:
            file.write(f"\n{line}\n")

    append("donutdb.py", "# mine, committed")
    git(workshop, "commit", "--all", "--quiet", "--message", "Mine")
    append("taster.py", "# mine, staged")
    append("models.py", "# mine, staged and then changed")
    (workshop / "staged.md").write_text("mine, new and staged\n")
    git(workshop, "add", "--all")
    models = workshop / "models.py"
    models.write_text(models.read_text().replace("and then changed", "and changed again"))
    app = workshop / "app.py"
    app.write_text(app.read_text().replace('    name = request.args.get("name", "")', MINE))
    append("README.md", "My notes, not staged")
    (workshop / "notes").mkdir()
    (workshop / "notes" / "ideas ü.md").write_text("mine, new and not staged\n")
    (workshop / "spans.py").unlink()
    return [
        "# mine, committed",
        "# mine, staged",
        "# mine, staged and then changed",
        "# mine, staged and changed again",
        "mine, new and staged",
        MINE,
        "My notes, not staged",
        "mine, new and not staged",
    ]


MINE = '    name = request.args.get("name", "ipa")  # mine, in the middle of it all'


def lost(workshop: Path, lines: list[str]) -> list[str]:
    """Those lines that are in no file, not staged, and on no branch."""
    places = list(files(workshop).values())
    staged = git(workshop, "ls-files", "--stage", "-z").split("\0")
    places += [_blob(workshop, entry.split()[1]) for entry in staged if entry]
    for branch in git(workshop, "for-each-ref", "--format=%(refname)", "refs/heads").split():
        for commit in git(workshop, "rev-list", "-2", branch).split():
            listed = git(workshop, "ls-tree", "-r", "-z", commit).split("\0")
            places += [_blob(workshop, entry.split()[2]) for entry in listed if entry]
    return [line for line in lines if not any(line.encode() in place for place in places)]


_blobs: dict[str, bytes] = {}


def _blob(workshop: Path, name: str) -> bytes:
    """A blob of git's; the same one, for whichever workshop, is read once."""
    if name not in _blobs:
        _blobs[name] = git(workshop, "cat-file", "blob", name).encode()
    return _blobs[name]
