"""Copier's worker, which makes everything that all trainees share only once."""

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import CodeType
from typing import Any

from workshop import inside
from workshop.moving import first_commit, git_environment
from workshop.moving.plain_texts import forget_yield, is_plain, keeps_nothing
from workshop.moving.remembered_git import RememberedGit

from matchmaker.repositories.copies_of_template import template_at
from matchmaker.repositories.git import git
from matchmaker.repositories.inside_copier import (
    SandboxedEnvironment,
    Subproject,
    Template,
    Worker,
    inner,
)
from matchmaker.repositories.plain_files import Layout
from matchmaker.repositories.plain_files import layout as layout_of
from matchmaker.repositories.quick_questions import quick_questions

# Jinja evaluates constant expressions while it compiles. With these names, the result can differ
# the next time, so we don't share the compiled code.
_VARIES = re.compile(
    r"\b(ans_random|expanduser|expandvars|fileglob|random_mac|realpath|relpath|shuffle|strftime)\b"
)


@dataclass
class _Known:
    """What all repositories from one clone of a template share."""

    environment: SandboxedEnvironment | None = None
    compiled: dict[tuple[Any, ...], CodeType] = field(default_factory=dict)
    layouts: dict[tuple[Any, ...], Layout] = field(default_factory=dict)


# By the clone. A process fills it before it forks, so that its workers find everything compiled.
_known: dict[Path, _Known] = {}


def _known_of(clone: Path) -> _Known:
    if clone not in _known:
        for gone in [root for root in _known if not root.is_dir()]:
            del _known[gone]
    return _known.setdefault(clone, _Known())


# Until this process ends: git says the same for all the folders that an update compares.
_remembered_git = RememberedGit(git_environment.run)

_root: ContextVar[Path | None] = ContextVar("_root", default=None)


@contextmanager
def only_inside(folder: Path) -> Iterator[None]:
    token = _root.set(folder)
    try:
        yield
    finally:
        _root.reset(token)


class Renderer(Worker):
    """Copier's worker, which makes everything that all trainees share only once.

    In Copier, every worker has a Jinja environment of its own, because an extension can keep state
    there. Workers share one only if no extension could notice.
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
        """The environment of this worker, or of all, if no extension in it could notice."""
        known = _known_of(self.template.local_abspath)
        if known.environment is None:
            environment = super().jinja_env
            if not keeps_nothing(environment):
                return environment
            environment.auto_reload = False  # a clone doesn't change
            _share_compiled(environment, known.compiled)
            known.environment = environment
        return known.environment

    @cached_property
    def keeps_nothing(self) -> bool:
        return keeps_nothing(self.jinja_env)

    def _is_plain(self, text: str) -> bool:
        return is_plain(self.jinja_env, text)

    def _render_string(self, string: str, extra_context: Mapping[str, Any] | None = None) -> str:
        # A value that isn't a text (such as a boolean condition) makes Jinja raise, and Copier
        # expects that.
        if isinstance(string, str) and self._is_plain(string):
            return string
        return super()._render_string(string, dict(extra_context or {}))

    @property
    def answers_relpath(self) -> Path:
        """The path of the answers file. Copier asks for it with every file."""
        path = self.answers_file or self.template.answers_relpath
        if self._is_plain(str(path)):
            return Path(path)
        return super().answers_relpath

    def _ask(self) -> None:
        with quick_questions():
            super()._ask()

    def _render_template(self) -> None:
        root = Path(self.dst_path).resolve()
        layout = self._layout
        if layout is None or self.pretend:
            super()._render_template()
            return
        self._refuse_links(layout.files)
        self.__dict__["_settled"] = super()._answers_to_remember()
        try:
            with scanning(lambda *_: layout.write(root, is_new=_is_new(root))):
                super()._render_template()
        finally:
            del self.__dict__["_settled"]

    def _answers_to_remember(self) -> Mapping[str, Any]:
        # Copier puts them together with every file, though nothing changes them between two files.
        settled: Mapping[str, Any] | None = self.__dict__.get("_settled")
        return super()._answers_to_remember() if settled is None else deepcopy(settled)

    @cached_property
    def _layout(self) -> Layout | None:
        """What the template has, and what of it is the same for everybody, if we can tell."""
        suffix = self.template.templates_suffix
        answers = str(self.answers_file or self.template.answers_relpath)
        if not suffix or not all(map(self._is_plain, (answers, *self.all_exclusions))):
            return None
        root, top = self.template_copy_root, self.template.local_abspath
        follows = not self.template.preserve_symlinks
        key = (root, follows, answers, *self.all_exclusions)

        def is_plain(path: str) -> bool:
            return not (
                path.endswith(suffix)
                or not self._is_plain(path)
                or answers in (path, *path.split("/"))
                or any(Path(f"{folder / path}{suffix}").exists() for folder in (root, top))
                or self.match_exclude(Path(path))
            )

        def mode_of(file: Path) -> int:
            mode = file.stat().st_mode
            in_git = self.template.git_index_modes.get(PurePosixPath(file.relative_to(top)))
            return mode if in_git is None else mode & ~0o111 | in_git & 0o111

        known = _known_of(top).layouts
        if key not in known:
            known[key] = layout_of(inner.scantree(str(root), follows), root, mode_of, is_plain)
        return known[key]

    def _refuse_links(self, names: Iterable[str]) -> None:
        """Raise ValueError if one of these files would be written through a link of a trainee's."""
        root = _root.get()
        if root is None:
            return
        names = [*names]
        one_in_each = {name.rpartition("/")[0]: name for name in names}
        refusals = inside.refusals(root, one_in_each.values()) or [
            f"{name} is a symbolic link, and it has to be a file"
            for name in names
            if os.path.islink(f"{root}/{name}")  # noqa: PTH114 - hundreds of Paths take long
        ]
        if refusals:
            raise ValueError(f"{refusals[0]}; move it away, and run the command again")

    def _render_file(self, src_relpath: Path, dst_relpath: Path, *more: Any, **others: Any) -> None:
        self._refuse_links([dst_relpath.as_posix()])
        super()._render_file(src_relpath, dst_relpath, *more, **others)

    def _git_initialize_repo(self) -> None:
        # Copier compares the old and the new files in two temporary repositories.
        folder = Path.cwd()
        own = git_environment.alone(os.environ)
        own |= git_environment.author(folder, os.environ)
        first_commit.make(folder, "The template's files", _remembered_git, own)

    def _git_commit(self, message: str = "dumb commit") -> None:
        # Copier commits twice, because a hook can change the files. We never run one.
        options = ("--allow-empty", "--no-gpg-sign", "--no-verify")
        git(Path.cwd(), "commit", "--quiet", *options, "--all", "-m", message)

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


def _is_new(folder: Path) -> bool:
    return not folder.exists() or not any(folder.iterdir())


@contextmanager
def scanning(scantree: Callable[..., Iterator[os.DirEntry[str]]]) -> Iterator[None]:
    """During the block, let Copier find the template's files with `scantree`."""
    before = inner.scantree
    inner.scantree = scantree
    try:
        yield
    finally:
        inner.scantree = before


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
            forget_yield(environment)
        return code

    environment.compile = compile  # type: ignore[method-assign, assignment]
