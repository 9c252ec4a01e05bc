"""The reference: what the template writes for a step. Copier renders it into a temporary folder."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from workshop import api_key, inside
from workshop.moving import (
    answers,
    git_environment,
    template_bundle,
    template_copy,
)
from workshop.moving.answers import Answers
from workshop.moving.git import own
from workshop.moving.line_ends import with_lf
from workshop.problem import Problem

TESTED = ("9.19",)
"""The minor versions of Copier that the quick ways were tested with, here and in `matchmaker`."""
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
        with warnings.catch_warnings(), git_environment.instead(own()):
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
    (files,) = rendered_at(root, given, [step])
    return files


def rendered_at(root: Path, given: Answers, steps: Sequence[int]) -> list[dict[str, bytes]]:
    """Every file that the template writes, for each of these steps. Raises Problem."""
    template = template_copy.template(root, given.source, given.commit)
    original = with_lf(inside.read(root, answers.FILE)).decode()
    with copier_in_words():
        found = _files(template, given.commit, [{**given.given, "step": step} for step in steps])
    for files in found:
        for name in [*files]:
            if name in NEVER or is_out_of_reach(root, name):
                del files[name]
        text = files[answers.FILE].decode()
        files[answers.FILE] = answers.with_source_of(text, original).encode()
        files[template_bundle.NAME] = template_copy.bundle_of(root, given.commit)
    return found


def is_tested() -> bool:
    """Whether the quick ways were tested with the installed Copier. With others, Copier does it."""
    return ".".join(_version().split(".")[:2]) in TESTED


@cache
def _version() -> str:
    """Copier's. A session asks thousands of times, and each time, Python would read a file."""
    return metadata.version("copier")


def _files(
    template: Path, version: str, answered: Sequence[Mapping[str, Any]]
) -> list[dict[str, bytes]]:
    if is_tested():
        from workshop.moving import quick_worker

        with quick_worker.renderings(template) as renderings:
            return [renderings.at(version, data).files for data in answered]
    return [_files_by_copier(template, version, data) for data in answered]


def _files_by_copier(template: Path, version: str, data: Mapping[str, Any]) -> dict[str, bytes]:
    import copier

    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        copier.run_copy(
            str(template),
            folder,
            data=dict(data),
            vcs_ref=version,
            defaults=True,
            quiet=True,
            skip_tasks=True,
            unsafe=True,  # the trainee decided to trust the template when copying it
        )
        paths = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()]
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _failed(reason: str) -> Problem:
    return Problem(
        f"The template could not be rendered: {reason}. Nothing was changed.",
        "`workshop doctor` checks for the usual causes.",
    )
