"""The workshop's copy of its template in .workshop/, so that moving doesn't need the network.

A task of the template makes it after a copy. If it is missing, for example in a fresh clone of the
workshop, this module clones it from the template's address.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from workshop.moving.git import asking, run, succeeds
from workshop.problem import Problem

PATH = Path(".workshop", "template.git")
SECONDS = 120.0
SHORT_FORMS = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/", "git+": ""}


def has(kept: Path, commit: str) -> bool:
    """Whether there is a copy that contains that version."""
    wanted = f"{commit}^{{commit}}"
    return kept.is_dir() and succeeds(
        kept, f"--git-dir={kept}", "rev-parse", "--verify", "--quiet", "--end-of-options", wanted
    )


def template(root: Path, source: str, commit: str) -> Path:
    """The local copy of the template with that version. Fetches it if necessary.

    Raises Problem if it can't reach the template, or the template no longer has that version.
    """
    kept = root / PATH
    if not has(kept, commit):
        keep(root, source)
    if not has(kept, commit):
        raise Problem(
            f"The template at {source} no longer has the version {commit}, which this workshop "
            "was made from. Nothing was changed.",
            "Make a new workshop from the template, and copy your files into it.",
        )
    return kept


def keep(root: Path, source: str) -> None:
    """Copy the template's repository into the workshop. Raises Problem if that fails."""
    kept = root / PATH
    draft = kept.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    kept.parent.mkdir(exist_ok=True)
    # No hard links: changing the owner of the workshop would change that of the template's files.
    options = ("--quiet", "--bare", "--no-hardlinks", "--template=")
    ask(root, source, "clone", *options, "--", address(source), str(draft))
    shutil.rmtree(kept, ignore_errors=True)
    draft.rename(kept)


def ask(folder: Path, source: str, *arguments: str) -> str:
    """Run a git command that asks the template's repository. Raises Problem if that fails."""
    try:
        done = run(folder, *arguments, environment=asking(), seconds=SECONDS)
        reason = done.stderr.strip().removeprefix("fatal: ").splitlines()
    except subprocess.TimeoutExpired:
        done, reason = None, [f"no answer within {SECONDS:.0f} seconds"]
    if done is None or done.returncode:
        raise Problem(
            f"The template at {source} cannot be reached ({reason[0] if reason else 'git failed'})."
            " Nothing was changed.",
            "Check your network. If the template has moved, write its new address to _src_path "
            "in .copier-answers.yml.",
        )
    return done.stdout


def address(source: str) -> str:
    """The address in a form that git accepts. Copier has its own short forms."""
    for short, long in SHORT_FORMS.items():
        if source.startswith(short):
            return long + source.removeprefix(short).lstrip("/")
    return str(Path(source).expanduser()) if re.match("~", source) else source
