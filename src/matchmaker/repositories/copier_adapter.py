"""Everything that this command does with Copier, in named functions, and fast enough for a class.

For each copy, `copier.run_copy` clones the template again, compiles its Jinja, and asks git about
the mode of every file. This module does each of these once for a session, if the result stays the
same, byte for byte. It needs names that Copier doesn't promise to keep (`copier._*`), and it is the
only module that imports them. `TESTED` lists the versions in which they work as we need. With any
other version, Copier's public functions make the repositories, as `copier copy` and
`copier update` do.
"""

import importlib.metadata
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import CodeType
from typing import Any

import copier
import plumbum
from jinja2 import Environment
from workshop import inside

from matchmaker.repositories import clones, closed_python
from matchmaker.repositories.git import for_asking

TESTED = ("9.19",)
"""The minor versions of Copier that this module was tested with."""

VERSION = importlib.metadata.version("copier")

try:
    from copier._jinja_ext import SandboxedEnvironment, get_yield_context
    from copier._main import Worker
    from copier._subproject import Subproject
    from copier._template import Template as Template
    from copier._types import MISSING
    from copier._user_data import AnswersMap, Question
    from copier._vcs import _get_cache_dir, get_repo
except ImportError as moved:
    raise SystemExit(
        f"matchmaker cannot work with Copier {VERSION} ({moved}).\n"
        f"Install it again with a version that it supports: copier=={TESTED[-1]}.*"
    ) from moved

ANSWERS_FILE = ".copier-answers.yml"
"""The name of a repository's answers file, unless its template sets another name."""

# The variable that holds an API key. Tasks never find it in their environment.
_KEY = "DD_API_KEY"

# Jinja evaluates constant expressions while it compiles. With these names, the result can differ
# the next time, so we don't share the compiled code.
_VARIES = re.compile(
    r"\b(ans_random|expanduser|expandvars|fileglob|random_mac|realpath|relpath|shuffle|strftime)\b"
)
# Extensions that come with the libraries. They keep no state between templates.
_KNOWN = ("copier", "copier_template_extensions._internal", "jinja2", "jinja2_ansible_filters")

# A process fills these before it forks, so that its workers find everything cloned and compiled.
# The keys are a template's source and version, and the clone that a template's texts are from.
_templates: dict[tuple[str, str | None], Template] = {}
_compiled: dict[Path, dict[tuple[Any, ...], CodeType]] = {}


def is_tested() -> bool:
    """Whether the installed Copier is one that this module was tested with."""
    return ".".join(VERSION.split(".")[:2]) in TESTED


def notice() -> str:
    """What to tell an instructor with an untested version of Copier; empty if it is tested."""
    if is_tested():
        return ""
    return (
        f"This command was tested with Copier {' and '.join(TESTED)}, and {VERSION} is installed. "
        "So Copier makes each repository separately, which takes longer."
    )


# Templates


def template_at(source: str, version: str | None) -> Template:
    """The clone of a template. The first call makes it, and later calls share it.

    `version` is a tag or another name that git knows; None means the newest tag. The clone is in
    the folder for temporary files. Raises what Copier raises if there is no such template.
    """
    known = _templates.get((source, version))
    # Without a commit, git didn't read it as a repository. The user may since have told git to.
    if known is None or known.commit is None or not known.local_abspath.is_dir():
        known = Template(url=source, ref=version)
        with for_asking():
            # Reading any of these runs git or reads files. Do it here, before workers need them.
            for name in ("local_abspath", "commit", "commit_hash", "version", "questions_data"):
                getattr(known, name)
            _ = known.git_index_modes
            clones.prepare(known.local_abspath, known.commit)
        _templates[source, version] = known
        same = copy(known)  # under the name that repositories record, so that an update finds it
        same.ref = known.commit
        _templates[source, known.commit] = same
        for gone in [root for root in _compiled if not root.is_dir()]:
            del _compiled[gone]
    return known


def share(templates: Mapping[tuple[str, str | None], Template]) -> None:
    """Take over the clones of the parent process, if it did not fork this one."""
    _templates.update(templates)


def shared() -> dict[tuple[str, str | None], Template]:
    """The clones of this process, for the processes that it starts."""
    return dict(_templates)


def repository_url(source: str) -> str:
    """The URL of a template, whose `source` can be a short form such as `gh:team/name`."""
    return get_repo(source) or source


def cache_folder() -> Path:
    """The folder in which Copier caches what it fetches."""
    return Path(_get_cache_dir())


# Questions and answers


@dataclass(frozen=True)
class QuestionForm:
    """A question, as somebody who edits a roster sees it."""

    type_name: str
    message: str
    choices: list[Any]


def question_forms(folder: Path) -> dict[str, QuestionForm]:
    """The questions of the template in a folder, committed or not, by name."""
    template = Template(url=str(folder))
    template.__dict__["local_abspath"] = folder
    worker = _reader(template)
    worker.answers = AnswersMap(metadata={})
    found = {}
    for name in questions(template):
        question = _question(worker, name)
        choices = [question.cast_answer(choice.value) for choice in question._formatted_choices]
        found[name] = QuestionForm(question.get_type_name(), question.get_message(), choices)
    return found


def questions(template: Template) -> dict[str, dict[str, Any]]:
    """The questions of a template, in the order of copier.yml."""
    return dict(template.questions_data)


class Required(ValueError):
    """A question without a default has no answer."""


@dataclass(frozen=True)
class Answers:
    """A trainee's answers, and what Copier makes of them."""

    given: dict[str, Any]
    """The answers that were given, in the types of their questions."""
    recorded: dict[str, Any]
    """What Copier would record, in its order, without the template's source and version."""
    asked: frozenset[str]
    """The questions that apply to this trainee."""
    wrong: list[tuple[str, Any, ValueError]]
    """Each wrong answer with its question and the reason. A default takes its place."""
    _worker: Worker = field(repr=False)


def answers_of(
    template: Template,
    given: Mapping[str, Any],
    last: Mapping[str, Any],
    typed: Callable[[str, Any], Any],
) -> Answers:
    """Answer a template's questions as Copier does without prompting, but go on after a mistake.

    `last` has the earlier answers, which apply if `given` has none. `typed` takes the name of a
    question's type and an answer, and returns the answer in that type, or raises ValueError.
    """
    worker = _reader(template)
    answers = worker.answers = AnswersMap(
        last=dict(last), metadata=template.metadata, external=worker._external_data()
    )
    result: dict[str, Any] = {}
    wrong: list[tuple[str, Any, ValueError]] = []
    for name in template.questions_data:
        question = _question(worker, name)
        if name in answers.last and not _still_fits(question, answers.last[name]):
            del answers.last[name]
        is_asked = question.get_when()
        if not is_asked:
            answers.hide(name)
            answers.last.pop(name, None)
        try:
            if name in given:
                result[name] = typed(question.get_type_name(), given[name])
                answers.user[name] = question.parse_answer(result[name])
                question.validate_answer(answers.user[name])
            else:
                default = question.get_default()
                if default is not MISSING:
                    answers.user[name] = default
                elif is_asked:
                    raise Required(name)
        except ValueError as error:
            wrong.append((name, answers.user.get(name, given.get(name)), error))
            answers.user[name] = _stand_in(question)
    remembered = worker._answers_to_remember().items()
    recorded = {name: value for name, value in remembered if not name.startswith("_")}
    asked = frozenset(template.questions_data.keys() - answers.hidden)
    return Answers(result, recorded, asked, wrong, worker)


def facts(answers: Answers, expression: str) -> Any:
    """Evaluate a Jinja expression, such as `{"env": trainee.env}`, with a trainee's answers.

    Raises what Copier and Jinja raise, and TypeError if the result doesn't fit into JSON.
    """
    worker = answers._worker
    environment = worker.jinja_env
    begin, end = environment.variable_start_string, environment.variable_end_string
    with copier.Phase.use(copier.Phase.RENDER):
        return json.loads(worker._render_string(f"{begin} ({expression}) | to_json {end}"))


def problem_with(template: Template, name: str, answer: Any) -> ValueError | None:
    """Why a template rejects an answer to one of its questions; None if it accepts it."""
    worker = _reader(template)
    worker.answers = AnswersMap(metadata=template.metadata)
    question = _question(worker, name)
    try:
        question.validate_answer(question.parse_answer(answer))
    except ValueError as error:
        return error
    return None


def _reader(template: Template) -> Worker:
    """A worker that renders texts of a template and writes nothing."""
    kind = _Renderer if is_tested() else Worker
    reader = kind(src_path=template.url, dst_path=Path("/nowhere"), unsafe=True, quiet=True)
    reader.__dict__["template"] = template
    return reader


def _question(worker: Worker, name: str) -> Question:
    """A question of the template as Copier sees it, with the answers given so far."""
    return Question(
        answers=worker.answers,
        context=worker._render_context(),
        jinja_env=worker.jinja_env,
        settings=worker.settings,
        var_name=name,
        **worker.template.questions_data[name],
    )


def _still_fits(question: Question, answer: Any) -> bool:
    """Whether an earlier answer still fits the question. If it doesn't, Copier asks again."""
    try:
        question.validate_answer(question.parse_answer(answer))
    except Exception:  # as broad as Copier's own
        return False
    return True


def _stand_in(question: Question) -> Any:
    """The value that replaces a wrong answer, so that we can check the questions after it."""
    try:
        default = question.get_default()
    except ValueError:  # it depends on a wrong answer, or is an earlier answer
        default = question.default
    return None if default is MISSING else default


# Repositories


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
            with _Renderer(src_path=source, dst_path=folder, **settings) as worker:
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
    with _without_key(), _tasks_can_start():
        if is_tested():
            with _Renderer(dst_path=folder, **settings) as worker, _only_inside(folder):
                worker.run_update()
        else:
            with _asking_where_to(source):
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
    worker = _Renderer(
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
        if worker._keeps_nothing:  # otherwise no other trainee could use the code
            worker.run_copy()


def rendered_from(
    source: str, version: str | None, folder: Path, data: Mapping[str, Any]
) -> tuple[Path, Environment, dict[str, Any]]:
    """The folder that a template renders, its Jinja, and its context, for a benchmark."""
    worker = _Renderer(
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
def _tasks_can_start() -> Iterator[None]:
    """Run Python tasks even if the folder's owner can't start Python (see closed_python.py)."""
    inner = sys.modules.get("copier._main")
    if inner is None or not closed_python.is_closed():
        yield
        return
    before = inner.subprocess
    inner.subprocess = closed_python  # type: ignore[attr-defined]
    try:
        yield
    finally:
        inner.subprocess = before  # type: ignore[attr-defined]


def _asking_where_to(source: str) -> Any:
    """Let Copier's git reach a remote template as the user's git would."""
    return nullcontext() if Path(source).is_dir() else for_asking()


_root: ContextVar[Path | None] = ContextVar("_root", default=None)


@contextmanager
def _only_inside(folder: Path) -> Iterator[None]:
    token = _root.set(folder)
    try:
        yield
    finally:
        _root.reset(token)


class _Renderer(Worker):
    """Copier's worker, which makes everything that all trainees share only once.

    Every worker has its own Jinja environment, as in Copier, because an extension can keep state
    there. Workers share only compiled code, and only if no extension could notice.
    """

    @cached_property
    def template(self) -> Template:
        """The template, from the shared clone."""
        source = self.src_path
        if not source:
            if self.subproject.template is None:
                raise TypeError("Template not found")
            source = str(self.subproject.template.url)
        return template_at(source, self.resolved_vcs_ref)

    @cached_property
    def subproject(self) -> Subproject:
        """The folder to write to, with its template from the shared clone."""
        result = super().subproject
        source = result.last_answers.get("_src_path")
        if source:
            result.template = template_at(source, result.last_answers.get("_commit"))
        return result

    @cached_property
    def jinja_env(self) -> SandboxedEnvironment:
        """This worker's own environment. Its compiled texts are shared."""
        environment = super().jinja_env
        if _keeps_nothing(environment):
            environment.auto_reload = False  # a clone doesn't change
            known = _compiled.setdefault(self.template.local_abspath, {})
            _share_compiled(environment, known)
        return environment

    @cached_property
    def _keeps_nothing(self) -> bool:
        return _keeps_nothing(self.jinja_env)

    @cached_property
    def _jinja_begins(self) -> re.Pattern[str]:
        """What makes Jinja change a text. A text without any of it renders to itself."""
        env = self.jinja_env
        tags = (env.block_start_string, env.variable_start_string, env.comment_start_string)
        lines = (env.line_statement_prefix, env.line_comment_prefix)
        return re.compile("|".join(re.escape(one) for one in (*tags, *lines, "\n", "\r") if one))

    def _is_plain(self, text: str) -> bool:
        return self._keeps_nothing and not self._jinja_begins.search(text)

    def _render_string(self, string: str, extra_context: Mapping[str, Any] | None = None) -> str:
        # Nearly all file names contain no Jinja, and building a context takes long. A value that
        # isn't a text (such as a boolean condition) makes Jinja raise, and Copier expects that.
        if isinstance(string, str) and self._is_plain(string):
            _forget_yield(self.jinja_env)
            return string
        return super()._render_string(string, dict(extra_context or {}))

    @property
    def answers_relpath(self) -> Path:
        """The path of the answers file. Copier asks for it with every file."""
        path = self.answers_file or self.template.answers_relpath
        if self._is_plain(str(path)):
            _forget_yield(self.jinja_env)
            return Path(path)
        return super().answers_relpath

    def _render_file(self, src_relpath: Path, dst_relpath: Path, *more: Any, **others: Any) -> None:
        root = _root.get()
        refusals = inside.refusals(root, [dst_relpath.as_posix()]) if root else []
        if root and (root / dst_relpath).is_symlink():
            refusals = [f"{dst_relpath} is a symbolic link, and it has to be a file"]
        if refusals:
            raise ValueError(f"{refusals[0]}; move it away, and run the command again")
        super()._render_file(src_relpath, dst_relpath, *more, **others)

    @cached_property
    def _git_ignores_modes(self) -> bool:
        if not (self.subproject.local_abspath / ".git").exists():
            return False
        command = ["git", "config", "--type=bool", "--get", "core.fileMode"]
        done = subprocess.run(
            command, cwd=self.subproject.local_abspath, capture_output=True, text=True
        )
        return done.stdout.strip() == "false"

    def _sync_git_index_executable_bit(self, dst_relpath: Path, src_mode: int) -> None:
        # Copier asks git for this setting with every file.
        if self._git_ignores_modes:
            super()._sync_git_index_executable_bit(dst_relpath, src_mode)


def _keeps_nothing(environment: SandboxedEnvironment) -> bool:
    """Whether no extension keeps state, so that a text renders the same for each trainee.

    A template's own extensions declare it with `keeps_nothing = True` in their class.
    """
    return all(
        _is_of(type(one).__module__, _KNOWN) or vars(type(one)).get("keeps_nothing") is True
        for one in environment.extensions.values()
    )


def _is_of(module: str, packages: Iterable[str]) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def _forget_yield(environment: SandboxedEnvironment) -> None:
    """Reset what Copier resets when it compiles a text: a `yield` applies only to its own name."""
    context = get_yield_context(environment)
    context.yield_name = context.yield_iterable = None


def _share_compiled(
    environment: SandboxedEnvironment, known: dict[tuple[Any, ...], CodeType]
) -> None:
    compile_anew = environment.compile

    def compile(source: Any, name: Any = None, filename: Any = None, **more: Any) -> Any:
        if not isinstance(source, str) or more or _VARIES.search(source):
            return compile_anew(source, name, filename, **more)
        code = known.get((source, name, filename))
        if code is None:
            code = known[source, name, filename] = compile_anew(source, name, filename)
        else:
            _forget_yield(environment)
        return code

    environment.compile = compile  # type: ignore[method-assign, assignment]
