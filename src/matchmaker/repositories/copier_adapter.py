"""Makes and updates repositories with Copier, fast enough for a class.

For each copy, `copier.run_copy` clones the template again, compiles its Jinja, and asks git about
the mode of every file. The modules around this one do each of these once for a session, if the
result stays the same, byte for byte. They need names that Copier doesn't promise to keep (see
inside_copier.py). With a version of Copier that they weren't tested with, Copier's public functions
make the repositories, as `copier copy` and `copier update` do.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import copier
import plumbum
from jinja2 import Environment

from matchmaker.repositories import closed_python, tasks
from matchmaker.repositories.answers import Answers as Answers
from matchmaker.repositories.answers import QuestionForm as QuestionForm
from matchmaker.repositories.answers import Required as Required
from matchmaker.repositories.answers import answers_of as answers_of
from matchmaker.repositories.answers import facts as facts
from matchmaker.repositories.answers import problem_with as problem_with
from matchmaker.repositories.answers import question_forms as question_forms
from matchmaker.repositories.answers import questions as questions
from matchmaker.repositories.copies_of_template import cache_folder as cache_folder
from matchmaker.repositories.copies_of_template import ready_to_copy as ready_to_copy
from matchmaker.repositories.copies_of_template import repository_url as repository_url
from matchmaker.repositories.copies_of_template import share as share
from matchmaker.repositories.copies_of_template import shared as shared
from matchmaker.repositories.copies_of_template import template_at as template_at
from matchmaker.repositories.git import for_asking
from matchmaker.repositories.inside_copier import Template as Template
from matchmaker.repositories.inside_copier import inner, is_tested
from matchmaker.repositories.inside_copier import notice as notice
from matchmaker.repositories.renderer import Renderer, only_inside
from matchmaker.repositories.updater import Updater

ANSWERS_FILE = ".copier-answers.yml"
"""The name of a repository's answers file, unless its template sets another name."""

# The variable that holds an API key. Tasks never find it in their environment.
_KEY = "DD_API_KEY"


def render(source: str, version: str | None, folder: Path, data: Mapping[str, Any]) -> Path:
    """Make a repository as `copier copy --trust --defaults` does; return the answers file's name.

    Raises what Copier raises.
    """
    settings: dict[str, Any] = {
        "data": dict(data),
        "vcs_ref": version,
        "defaults": True,
        "overwrite": True,
        "quiet": True,
        "unsafe": True,
        "cleanup_on_error": False,  # the caller reports why it failed, then removes the folder
    }
    with _without_key():
        if is_tested():
            with _tasks_by(tasks), Renderer(src_path=source, dst_path=folder, **settings) as worker:
                worker.run_copy()
                return worker.answers_relpath
        else:
            with _asking_where_to(source):
                return copier.run_copy(source, folder, **settings).answers_relpath


def update(
    folder: Path, source: str, version: str | None, data: Mapping[str, Any], answers_file: str
) -> str:
    """Update a repository as `copier update --trust --defaults` does; return its new version.

    Writes nothing outside `folder`, whatever links it has. Raises what Copier raises.
    """
    settings: dict[str, Any] = {
        "data": dict(data),
        # Only if it isn't the usual name, because a new version can set another one.
        "answers_file": Path(answers_file) if answers_file != ANSWERS_FILE else None,
        "vcs_ref": version,
        "defaults": True,
        "overwrite": True,
        "quiet": True,
        "unsafe": True,
    }
    with _without_key():
        if is_tested():
            with (
                _tasks_by(tasks),
                only_inside(folder),
                Updater(dst_path=folder, **settings) as worker,
            ):
                worker.run_update()
        else:
            with _tasks_by(closed_python), _asking_where_to(source):
                copier.run_update(folder, **settings)
    return str(template_at(source, version).commit)


def warm(source: str, version: str | None, data: Mapping[str, Any]) -> None:
    """Compile everything in a template, so that workers forked later don't have to.

    `data` has one trainee's answers. This ignores mistakes in them or in the template. Checking
    and rendering each trainee's answers reports them.
    """
    if not is_tested():
        return
    nowhere = Path(tempfile.gettempdir()) / "nowhere"
    worker = Renderer(
        src_path=source,
        vcs_ref=version,
        dst_path=nowhere,
        data=dict(data),
        defaults=True,
        quiet=True,
        unsafe=True,
        pretend=True,
        skip_tasks=True,
    )
    with suppress(Exception), worker:
        if worker.keeps_nothing:  # otherwise no other trainee could use the code
            worker.run_copy()


def rendered_from(
    source: str, version: str | None, folder: Path, data: Mapping[str, Any]
) -> tuple[Path, Environment, dict[str, Any]]:
    """The folder that a template renders, its Jinja, and its context, for a benchmark."""
    worker = Renderer(
        src_path=source, vcs_ref=version, dst_path=folder, data=dict(data), defaults=True
    )
    worker._ask()
    context = dict(worker._render_context())
    for name in ("src_path", "answers_file"):
        _ = context["_copier_conf"][name]
    return worker.template_copy_root, worker.jinja_env, context


@contextmanager
def _without_key() -> Iterator[None]:
    """Start tasks without the instructor's own API key."""
    with plumbum.local.env():
        plumbum.local.env.pop(_KEY, "")
        yield


@contextmanager
def _tasks_by(runner: ModuleType) -> Iterator[None]:
    """Let Copier start tasks with a module's `run`, which is like that of `subprocess`."""
    before = inner.subprocess
    inner.subprocess = runner
    try:
        yield
    finally:
        inner.subprocess = before


def _asking_where_to(source: str) -> Any:
    """Let Copier's git reach a remote template as the user's git would."""
    return nullcontext() if Path(source).is_dir() else for_asking()
