"""The state of the trainee's repository: its files, its conflicts, and whether it can save work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workshop import inside
from workshop.moving.conflicts import conflicts, conflicts_in
from workshop.moving.git import git, names, run, succeeds
from workshop.moving.index import Index
from workshop.problem import Problem

TOOL = "workshop/"

# On lines of their own, because PowerShell has no && before version 7.
MAKE_A_REPOSITORY = """
  git init
  git add --all
  git commit --message "My work\""""

UNFINISHED = {
    "MERGE_HEAD": ("merge", "git commit --no-edit", "git merge --abort"),
    "rebase-merge": ("rebase", "git rebase --continue", "git rebase --abort"),
    "rebase-apply": ("rebase", "git rebase --continue", "git rebase --abort"),
    "CHERRY_PICK_HEAD": ("cherry-pick", "git cherry-pick --continue", "git cherry-pick --abort"),
    "REVERT_HEAD": ("revert", "git revert --continue", "git revert --abort"),
}


def require_usable(root: Path) -> None:
    """Raise Problem if git can't save work in `root`."""
    found = run(root, "rev-parse", "--show-toplevel")
    if found.returncode:
        if "not a git repository" not in found.stderr:
            raise Problem(f"git does not work here: {found.stderr.strip()}", "Nothing was changed.")
        raise Problem(
            "This folder isn't a git repository, so there is nowhere to save your work. Nothing "
            "was changed.",
            f"Make it one, then try again:{MAKE_A_REPOSITORY}",
        )
    top = Path(found.stdout.rstrip("\n"))
    if top.resolve() != root.resolve() and succeeds(top, "check-ignore", "--quiet", str(root)):
        raise Problem(
            f"The git repository around this folder, {top}, ignores it, so there is nowhere to "
            "save your work. Nothing was changed.",
            f"Make this folder a separate repository, then try again:{MAKE_A_REPOSITORY}",
        )
    own = root / git(root, "rev-parse", "--git-dir")
    for marker, (what, go_on, give_up) in UNFINISHED.items():
        if (own / marker).exists():
            raise Problem(
                f"A {what} is in progress. Nothing was changed.",
                f"Finish it ({go_on}) or abort it ({give_up}), then try again.",
            )


def files(root: Path) -> list[str]:
    """The regular files that git doesn't ignore, tracked or not, relative to `root`."""
    found = names(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted({name for name in found if inside.is_file(root, name)})


def unmerged(root: Path) -> list[str]:
    """The files that have conflicts according to git."""
    found = names(root, "ls-files", "-z", "--unmerged")
    return sorted({entry.partition("\t")[2] for entry in found})


def take_from_head(root: Path, paths: Sequence[str]) -> None:
    """Reset the index entries of these files to the last commit, without touching the files."""
    index = Index(root)
    entries = index.of_commit("HEAD")
    index.change({name: entries.get(name) for name in paths})


def require_no_conflicts(root: Path) -> None:
    """Raise Problem with the places of all conflicts, except those in the tool's files.

    An update replaces the tool's files as a whole, so nobody has to resolve those.
    """
    found: list[object] = [one for one in conflicts(root) if not one.path.startswith(TOOL)]
    found += [
        name
        for name in unmerged(root)
        if not name.startswith(TOOL) and not conflicts_in(root, name)
    ]
    if found:
        places = "\n".join(f"  {place}" for place in found)
        raise Problem(
            f"There are conflicts to resolve first:\n{places}",
            "In each of them, keep the lines that you want, and delete the lines with <<<<<<<, "
            "=======, and >>>>>>>. Then run: git add --all",
        )
