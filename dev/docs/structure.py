"""Draws this repository's folders as a tree, each with its meaning in one line."""

import ast
import subprocess
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from workshop.problem import Problem

from dev.checkout import REPOSITORY

OPENED = (
    ".",
    "dev",
    "docs",
    "docs/write-a-step",
    "extensions",
    "src",
    "src/matchmaker",
    "template",
    "template/workshop",
    "tests",
)
"""The folders whose subfolders the tree also shows."""

MEANINGS = {
    ".ci": "Runs what CI runs, on any machine",
    ".github": "Workflows and settings for GitHub",
    "dev": "Programs that only contributors run",
    "docs": "The pages of this site that people write",
    "docs/assets": "The site's styles and drawings",
    "docs/images": "Pictures of the console, which `make screenshots` takes",
    "docs/session": "The guide for instructors, with an example roster",
    "docs/write-a-step": "The guide for contributors",
    "docs/write-a-step/claims": "What we say about products, with the source of each statement",
    "extensions": "The Jinja side: who the trainee is, which steps are done, what a step changes",
    "extensions/macros": "The parts that pages share, and commands for both ways of running them",
    "extensions/tasks": "The programs that Copier runs after it writes a workshop",
    "src": "The packages that are installed",
    "template": "What a trainee gets: each file here becomes one file there",
    "template/.devcontainer": "The dev container",
    "template/.key": "The API key, which only the agent can read, and which git ignores",
    "template/.workshop": "The state of a running workshop, which git ignores",
    "template/checks": "One pytest file for each step",
    "template/workshop/instead-of-key": "What containers see in place of the API key: nothing",
    "template/steps": "One page for each step, one for work, the hints, and the glossary",
    "tests": "One folder for each folder that the tests are for, and one for what crosses them",
    "tests/across": "Tests that cross folders: updates, secrets, names, Docker",
    "tests/dev": "Tests of the docs, the demo, the pins, and `make`",
    "tests/matchmaker": "Tests of the instructor's command",
    "tests/template": "Tests that render the template and run its pages and checks",
    "tests/workshop": "Tests of the trainee's command",
}
"""What a folder is for. A Python package has its docstring instead, and isn't listed here."""

WIDTH = 82


def folders(root: Path = REPOSITORY) -> list[str]:
    """The folders in git that the tree shows: those directly in one of OPENED."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=root,
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout
    there = {
        folder.as_posix()
        for name in listed.split("\0")
        if name and (root / name).is_file()  # git also lists what was removed since the last commit
        for folder in PurePosixPath(name).parents
    }
    return sorted(name for name in there - {"."} if PurePosixPath(name).parent.as_posix() in OPENED)


def meanings(
    names: Iterable[str], root: Path = REPOSITORY, listed: Mapping[str, str] = MEANINGS
) -> dict[str, str]:
    """What each folder is for, by its path.

    Raises Problem for a folder that nothing explains, a folder that two places explain, and a
    listed folder that doesn't exist.
    """
    names = list(names)
    wrong = [f"`{name}` is listed, and there is no such folder." for name in listed.keys() - names]
    found = {}
    for name in names:
        told = _docstring(root / name)
        if not told and name not in listed:
            wrong.append(f"Nothing says what `{name}` is for.")
        elif told and name in listed:
            wrong.append(f"`{name}` is listed, and its docstring says what it is for, too.")
        found[name] = told or listed.get(name, "")
    if wrong:
        raise Problem(" ".join(["The tree of folders (dev/docs/structure.py):", *sorted(wrong)]))
    return found


def _docstring(folder: Path) -> str:
    package = folder / "__init__.py"
    if not package.is_file():
        return ""
    told = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))) or ""
    return told.partition("\n")[0].rstrip(".")


def tree() -> str:
    """Draw the folders as lines of text."""
    found = meanings(folders())
    heads = dict(_branches(".", found))
    column = max(map(len, heads.values())) + 2
    lines = []
    for name, head in heads.items():
        first, *more = textwrap.wrap(found[name], WIDTH - column)
        lines.append(f"{head:<{column}}{first}")
        # The next line continues the branches that are still open.
        margin = head[: len(head) - len(PurePosixPath(name).name) - 1]
        margin = margin.replace("├── ", "│   ").replace("└── ", "    ")
        deeper = (
            "│" if any(PurePosixPath(other).parent.as_posix() == name for other in found) else ""
        )
        lines += [f"{margin + deeper:<{column}}{line}" for line in more]
    return "\n".join(lines)


def _branches(parent: str, names: Iterable[str], indent: str = "") -> Iterator[tuple[str, str]]:
    """Each folder below `parent` in order, with the beginning of its line."""
    names = list(names)
    children = [name for name in names if PurePosixPath(name).parent.as_posix() == parent]
    for child in children:
        last = child == children[-1]
        yield child, f"{indent}{'└── ' if last else '├── '}{PurePosixPath(child).name}/"
        yield from _branches(child, names, indent + ("    " if last else "│   "))
