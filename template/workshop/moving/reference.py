"""The reference: what the template writes for a step. Copier renders it into a temporary folder."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workshop import api_key, inside
from workshop.moving import (
    answers,
    git_environment,
    quick_copier,
    template_bundle,
    template_copy,
)
from workshop.moving.answers import Answers
from workshop.moving.git import own
from workshop.moving.line_ends import with_lf
from workshop.problem import Problem

NEVER = (".env", api_key.FILE)
"""Rendered files that then belong to the trainee: the trainee's settings, and the API key."""


def is_out_of_reach(root: Path, name: str) -> bool:
    """Whether no command can write a file here: in a container, `.key/` is another folder."""
    return name.startswith(f"{api_key.FOLDER}/") and api_key.is_hidden(root)


@contextmanager
def copier_in_words() -> Iterator[None]:
    """Turn Copier's exceptions in the block into Problem, and hide its warnings.

    Copier's git ignores the user's configuration there.
    """
    # Importing Copier takes most of a second. No other command should have to wait for that.
    import copier.errors
    from plumbum import ProcessExecutionError

    try:
        with warnings.catch_warnings(), git_environment.instead(own()), quick_copier.once():
            warnings.simplefilter("ignore")
            yield
    except ProcessExecutionError as error:
        said = (error.stderr or str(error)).strip().splitlines()
        raise _failed(said[-1] if said else "git failed") from error
    except (copier.errors.CopierError, OSError, ValueError) as error:
        raise _failed(str(error)) from error


def rendered(root: Path, given: Answers, step: int) -> dict[str, bytes]:
    """Every file that the template writes at `step`, with the workshop's other answers.

    Raises Problem if the template isn't available, or Copier can't render it.
    """
    template = template_copy.template(root, given.source, given.commit)
    with copier_in_words(), tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        import copier

        copier.run_copy(
            str(template),
            folder,
            data={**given.given, "step": step},
            vcs_ref=given.commit,
            defaults=True,
            quiet=True,
            skip_tasks=True,
            # The template's code runs here. The trainee decided to trust it when copying it, and
            # this is the same version, so Copier need not ask again.
            unsafe=True,
        )
        files = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }
    for name in [*files]:
        if name in NEVER or is_out_of_reach(root, name):
            del files[name]
    original = with_lf(inside.read(root, answers.FILE)).decode()
    text = files[answers.FILE].decode()
    files[answers.FILE] = answers.with_source_of(text, original).encode()
    files[template_bundle.NAME] = template_copy.bundle_of(root, given.commit)
    return files


def _failed(reason: str) -> Problem:
    return Problem(
        f"The template could not be rendered: {reason}. Nothing was changed.",
        "`workshop doctor` checks for the usual causes.",
    )
