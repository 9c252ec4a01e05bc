"""All that this command does with Copier, in named functions, and what makes it quick for a class.

`copier.run_copy` clones the template, compiles its Jinja and asks git about the mode of every file,
for each copy anew. Here each of these happens once for a session, wherever the result stays the
same to the byte. That takes names that Copier does not promise to keep (`copier._*`), and this is
the one module that imports them. `TESTED` lists the versions in which they mean what we need. With
any other version, Copier's public functions make the repositories, as `copier copy` and `copier
update` do.
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
"""The minor versions of Copier with which this module was tested."""

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
        f"Install it again beside a version that it knows: copier=={TESTED[-1]}.*"
    ) from moved

ANSWERS_FILE = ".copier-answers.yml"
"""What a repository's answers file is called, unless its template names another."""

# The question that holds an API key; a task never finds one in its environment.
_KEY = "DD_API_KEY"

# What Jinja works out while it compiles, if it has all it needs, may be another value next time.
_VARIES = re.compile(
    r"\b(ans_random|expanduser|expandvars|fileglob|random_mac|realpath|relpath|shuffle|strftime)\b"
)
# Extensions of the libraries, which keep nothing from one template to the next.
_KNOWN = ("copier", "copier_template_extensions._internal", "jinja2", "jinja2_ansible_filters")

# A process fills these before it forks, so that its workers find everything cloned and compiled:
# templates by their source and version, and the code of each of their texts, by their clone.
_templates: dict[tuple[str, str | None], Template] = {}
_compiled: dict[Path, dict[tuple[Any, ...], CodeType]] = {}


def is_tested() -> bool:
    """Whether the installed Copier is one that this module was tested with."""
    return ".".join(VERSION.split(".")[:2]) in TESTED


def notice() -> str:
    """What to tell an instructor whose Copier is another one; empty if there is nothing to tell."""
    if is_tested():
        return ""
    return (
        f"This command was tested with Copier {' and '.join(TESTED)}, and {VERSION} is installed. "
        "So Copier makes each repository by itself, which takes longer."
    )


# Templates


def template_at(source: str, version: str | None) -> Template:
    """The clone of a template; made at the first call, and shared from then on.

    `version` is a tag or another name that git knows; None is for the newest tag. The clone lies in
    the folder for temporary files. Raises what Copier raises when there is no such template.
    """
    known = _templates.get((source, version))
    if known is None or not known.local_abspath.is_dir():
        known = Template(url=source, ref=version)
        with for_asking():
            # Reading each of them runs git or reads files; workers get them ready-made.
            for name in ("local_abspath", "commit", "commit_hash", "version", "questions_data"):
                getattr(known, name)
            _ = known.git_index_modes
            clones.prepare(known.local_abspath)
        _templates[source, version] = known
        same = copy(known)  # by the name that repositories record, where an update looks for it
        same.ref = known.commit
        _templates[source, known.commit] = same
        for gone in [root for root in _compiled if not root.is_dir()]:
            del _compiled[gone]
    return known


def share(templates: Mapping[tuple[str, str | None], Template]) -> None:
    """Take over the clones of the process that started this one, where it was not forked."""
    _templates.update(templates)


def shared() -> dict[tuple[str, str | None], Template]:
    """The clones of this process, for those that it starts."""
    return dict(_templates)


def repository_url(source: str) -> str:
    """Where git finds a template, of which `source` may be a short form, such as `gh:team/name`."""
    return get_repo(source) or source


def cache_folder() -> Path:
    """Where Copier keeps what it has fetched."""
    return Path(_get_cache_dir())


# Questions and answers


@dataclass(frozen=True)
class QuestionForm:
    """How a question looks to an editor of rosters."""

    type_name: str
    message: str
    choices: list[Any]


def question_forms(folder: Path) -> dict[str, QuestionForm]:
    """The questions of a template as it is in a folder, committed or not, by their names."""
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
    """The questions of a template in their order, as copier.yml has them."""
    return dict(template.questions_data)


class Required(ValueError):
    """A question that has no default was not answered."""


@dataclass(frozen=True)
class Answers:
    """What a trainee answers, and what Copier makes of it."""

    given: dict[str, Any]
    """Those that were given, in the questions' types."""
    recorded: dict[str, Any]
    """All that Copier would record, in its order, but for the template's source and version."""
    asked: frozenset[str]
    """The questions that concern this trainee."""
    wrong: list[tuple[str, Any, ValueError]]
    """Each wrong answer with its question and the reason; a default stands in for it."""
    _worker: Worker = field(repr=False)


def answers_of(
    template: Template,
    given: Mapping[str, Any],
    last: Mapping[str, Any],
    typed: Callable[[str, Any], Any],
) -> Answers:
    """Answer a template's questions as Copier does that asks nobody, and go on where it would stop.

    `last` are the answers of before, which hold where `given` has none. `typed` gets the name of a
    question's type and an answer, and gives the answer in that type, or raises ValueError.
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
    """What a Jinja expression comes to with a trainee's answers, such as `{"env": trainee.env}`.

    Raises what Copier and Jinja raise, and TypeError for what is no JSON.
    """
    worker = answers._worker
    environment = worker.jinja_env
    begin, end = environment.variable_start_string, environment.variable_end_string
    with copier.Phase.use(copier.Phase.RENDER):
        return json.loads(worker._render_string(f"{begin} ({expression}) | to_json {end}"))


def problem_with(template: Template, name: str, answer: Any) -> ValueError | None:
    """What a template has against an answer to one of its questions; None if nothing."""
    worker = _reader(template)
    worker.answers = AnswersMap(metadata=template.metadata)
    question = _question(worker, name)
    try:
        question.validate_answer(question.parse_answer(answer))
    except ValueError as error:
        return error
    return None


def _reader(template: Template) -> Worker:
    """A worker that renders texts of a template, and writes nothing."""
    kind = _Renderer if is_tested() else Worker
    reader = kind(src_path=template.url, dst_path=Path("/nowhere"), unsafe=True, quiet=True)
    reader.__dict__["template"] = template
    return reader


def _question(worker: Worker, name: str) -> Question:
    """One question of the template, as Copier holds it, amid the answers given so far."""
    return Question(
        answers=worker.answers,
        context=worker._render_context(),
        jinja_env=worker.jinja_env,
        settings=worker.settings,
        var_name=name,
        **worker.template.questions_data[name],
    )


def _still_fits(question: Question, answer: Any) -> bool:
    """Whether an answer of before suits the question of now; Copier asks anew if not."""
    try:
        question.validate_answer(question.parse_answer(answer))
    except Exception:  # as broad as Copier's own
        return False
    return True


def _stand_in(question: Question) -> Any:
    """What stands in for a wrong answer, so that the questions after it can be checked."""
    try:
        default = question.get_default()
    except ValueError:  # it depends on an answer that was wrong, or is one of before
        default = question.default
    return None if default is MISSING else default


# Repositories


def render(source: str, version: str | None, folder: Path, data: Mapping[str, Any]) -> Path:
    """Make a repository, as `copier copy --trust --defaults` does; gives its answers file's name.

    Raises what Copier raises.
    """
    settings: dict[str, Any] = {
        "data": dict(data),
        "vcs_ref": version,
        "defaults": True,
        "overwrite": True,
        "quiet": True,
        "unsafe": True,
        "cleanup_on_error": False,  # whoever made the folder says why it failed, then removes it
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
    """Update a repository, as `copier update --trust --defaults` does; gives its new version.

    Nothing is written outside of `folder`, whatever links are in it. Raises what Copier raises.
    """
    settings: dict[str, Any] = {
        "data": dict(data),
        # Only where it has another name: a new version may name another one.
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
    """Compile everything in a template, so that workers forked afterwards need not.

    `data` are somebody's answers. What is wrong with them, or with the template, is said where it
    counts: when each trainee's are checked, or rendered.
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
        if worker._keeps_nothing:  # else nothing of it serves the next
            worker.run_copy()


def rendered_from(
    source: str, version: str | None, folder: Path, data: Mapping[str, Any]
) -> tuple[Path, Environment, dict[str, Any]]:
    """The folder that a template renders, its Jinja, and what that gets: for the benchmark."""
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
    """Have Python tasks run where whose folder this is cannot start Python: closed_python.py."""
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
    """Let Copier's own git get to a template elsewhere, as the user's would."""
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
    """Copier's worker, with what is the same for all trainees made once.

    Every worker has a Jinja environment of its own, as in Copier: an extension may keep what it
    likes there. Only compiled code is shared, and only where no extension could tell.
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
        """The folder to write to, its template from the shared clone too."""
        result = super().subproject
        source = result.last_answers.get("_src_path")
        if source:
            result.template = template_at(source, result.last_answers.get("_commit"))
        return result

    @cached_property
    def jinja_env(self) -> SandboxedEnvironment:
        """An environment of this worker's own, whose texts are compiled once for all."""
        environment = super().jinja_env
        if _keeps_nothing(environment):
            environment.auto_reload = False  # a clone does not change
            known = _compiled.setdefault(self.template.local_abspath, {})
            _share_compiled(environment, known)
        return environment

    @cached_property
    def _keeps_nothing(self) -> bool:
        return _keeps_nothing(self.jinja_env)

    @cached_property
    def _jinja_begins(self) -> re.Pattern[str]:
        """What Jinja does something about in a text; one without it renders to itself."""
        env = self.jinja_env
        tags = (env.block_start_string, env.variable_start_string, env.comment_start_string)
        lines = (env.line_statement_prefix, env.line_comment_prefix)
        return re.compile("|".join(re.escape(one) for one in (*tags, *lines, "\n", "\r") if one))

    def _is_plain(self, text: str) -> bool:
        return self._keeps_nothing and not self._jinja_begins.search(text)

    def _render_string(self, string: str, extra_context: Mapping[str, Any] | None = None) -> str:
        # Nearly all file names have no Jinja in them, and a context is long in the making. What is
        # no text at all (a condition that is a boolean) makes Jinja raise, which Copier waits for.
        if isinstance(string, str) and self._is_plain(string):
            _forget_yield(self.jinja_env)
            return string
        return super()._render_string(string, dict(extra_context or {}))

    @property
    def answers_relpath(self) -> Path:
        """The path of the answers file, for which Copier asks at every file."""
        path = self.answers_file or self.template.answers_relpath
        if self._is_plain(str(path)):
            _forget_yield(self.jinja_env)
            return Path(path)
        return super().answers_relpath

    def _render_file(self, src_relpath: Path, dst_relpath: Path, *more: Any, **others: Any) -> None:
        root = _root.get()
        refusals = inside.refusals(root, [dst_relpath.as_posix()]) if root else []
        if root and (root / dst_relpath).is_symlink():
            refusals = [f"{dst_relpath} is a symbolic link, where a file has to be"]
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
        # Copier asks git for this setting at every file.
        if self._git_ignores_modes:
            super()._sync_git_index_executable_bit(dst_relpath, src_mode)


def _keeps_nothing(environment: SandboxedEnvironment) -> bool:
    """Whether every extension renders a text the same for each trainee, however often it is used.

    Those of a template say so themselves: `keeps_nothing = True` in their class.
    """
    return all(
        _is_of(type(one).__module__, _KNOWN) or vars(type(one)).get("keeps_nothing") is True
        for one in environment.extensions.values()
    )


def _is_of(module: str, packages: Iterable[str]) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def _forget_yield(environment: SandboxedEnvironment) -> None:
    """Do what compiling a text has Copier do: a `yield` counts for the name that it stands in."""
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
