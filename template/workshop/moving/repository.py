"""The state of the trainee's own repository: whether work can be saved in it, and conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workshop import inside
from workshop.moving.conflicts import conflicts, conflicts_in
from workshop.moving.git import git, names, run, succeeds
from workshop.moving.index import Index
from workshop.problem import Problem

TOOL = "workshop/"

UNFINISHED = {
    "MERGE_HEAD": ("merge", "git commit", "git merge --abort"),
    "rebase-merge": ("rebase", "git rebase --continue", "git rebase --abort"),
    "rebase-apply": ("rebase", "git rebase --continue", "git rebase --abort"),
    "CHERRY_PICK_HEAD": ("cherry-pick", "git cherry-pick --continue", "git cherry-pick --abort"),
    "REVERT_HEAD": ("revert", "git revert --continue", "git revert --abort"),
}


def require_usable(root: Path) -> None:
    """Make sure that work in `root` can be saved. Raises Problem where it cannot."""
    found = run(root, "rev-parse", "--show-toplevel")
    if found.returncode:
        if "not a git repository" not in found.stderr:
            raise Problem(f"git does not work here: {found.stderr.strip()}", "Nothing was changed.")
        raise Problem(
            "This folder is no git repository, so your work has nowhere to be saved. Nothing was "
            "changed.",
            "Make it one, then try again: git init && git add --all && git commit -m 'My work'",
        )
    top = Path(found.stdout.rstrip("\n"))
    if top.resolve() != root.resolve() and succeeds(top, "check-ignore", "--quiet", str(root)):
        raise Problem(
            f"The git repository around this folder, {top}, ignores it, so your work has nowhere "
            "to be saved. Nothing was changed.",
            "Make this folder a repository of its own, then try again: "
            "git init && git add --all && git commit -m 'My work'",
        )
    for marker, (what, go_on, give_up) in UNFINISHED.items():
        if (root / git(root, "rev-parse", "--git-path", marker)).exists():
            raise Problem(
                f"A {what} is half done. Nothing was changed.",
                f"Finish it ({go_on}) or give it up ({give_up}), then try again.",
            )


def files(root: Path) -> list[str]:
    """The plain files that are there and not ignored, tracked or not, relative to `root`."""
    found = names(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted({name for name in found if inside.is_file(root, name)})


def unmerged(root: Path) -> list[str]:
    """The files that git itself knows to have conflicts."""
    found = names(root, "ls-files", "-z", "--unmerged")
    return sorted({entry.partition("\t")[2] for entry in found})


def take_from_head(root: Path, paths: Sequence[str]) -> None:
    """Have the index say of these files what the last commit says; the files stay as they are."""
    index = Index(root)
    entries = index.of_commit("HEAD")
    index.change({name: entries.get(name) for name in paths})


def require_no_conflicts(root: Path) -> None:
    """Raises Problem with the places of all conflicts, when there are any but in the tool's files.

    Those are replaced as a whole, and nobody has to look at them.
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
            "In each, keep the lines that you want, delete the lines with <<<<<<<, ======= and "
            ">>>>>>>, then: git add --all",
        )
