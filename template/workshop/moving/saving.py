"""Saves the work in progress on a branch of its own, and disturbs nothing else by it."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from workshop.moving.git import NOBODY, configured, git, run, succeeds
from workshop.moving.reference import NEVER

MUST_BE_NEW = ""

# All but `.env`, which has the API key. A pattern: an ignored file's plain name is an error to git.
ALL = (".", ":(exclude).en[v]")


def save(root: Path, step: int, overwritten: Iterable[str]) -> str | None:
    """Commit what is staged, changed and new in `root` on a branch; gives the branch's name.

    None when all of it is on a branch already. Of the files that git ignores only those named in
    `overwritten` are saved, and `.env` never is. HEAD, the index and the files are not touched: it
    works on a copy of the index. Raises Problem when git cannot do it.
    """
    head = run(root, "rev-parse", "--verify", "--quiet", "HEAD").stdout.strip()
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        index = Path(folder) / "index"
        own = root / git(root, "rev-parse", "--git-path", "index")
        if own.exists():
            shutil.copy2(own, index)
        variables = {"GIT_INDEX_FILE": str(index)}
        git(root, "reset", "--quiet", "--", NEVER, variables=variables)
        # With conflicts in it an index is no tree; its sides are in commits, and the file is below.
        staged = run(root, "write-tree", variables=variables).stdout.strip()
        git(root, "add", "--all", "--", *ALL, variables=variables)
        there = [name for name in overwritten if os.path.lexists(root / name)]
        if there:
            arguments = ("--literal-pathspecs", "add", "--force", "--", *there)
            git(root, *arguments, variables=variables)
        all_of_it = git(root, "write-tree", variables=variables)

    commit = _commit(root, staged, head, f"Staged in step {step}") if staged else head
    commit = _commit(root, all_of_it, commit, f"Work in progress in step {step}")
    if not commit or (commit == head and _is_on_a_branch(root)):
        return None
    branch = _free_name(root, f"my/step-{step}-{time.strftime('%Y%m%d-%H%M%S')}")
    git(root, "update-ref", "-m", "workshop: saved", f"refs/heads/{branch}", commit, MUST_BE_NEW)
    return branch


def _commit(root: Path, tree: str, parent: str, message: str) -> str:
    """A commit of `tree` on top of `parent`; that itself if it has the same tree."""
    if tree == (git(root, "rev-parse", f"{parent}^{{tree}}") if parent else _empty_tree(root)):
        return parent
    missing = {name: value for name, value in NOBODY.items() if not succeeds(root, "config", name)}
    onto = ["-p", parent] if parent else []
    return git(root, *configured(missing), "commit-tree", *onto, "-m", message, tree)


def _empty_tree(root: Path) -> str:
    return git(root, "hash-object", "-t", "tree", "/dev/null")


def _is_on_a_branch(root: Path) -> bool:
    if succeeds(root, "symbolic-ref", "--quiet", "HEAD"):
        return True
    return bool(git(root, "for-each-ref", "--contains", "HEAD", "refs/heads", "refs/remotes"))


def _free_name(root: Path, wanted: str) -> str:
    name, number = wanted, 1
    while succeeds(root, "rev-parse", "--verify", "--quiet", f"refs/heads/{name}"):
        number += 1
        name = f"{wanted}-{number}"
    return name
