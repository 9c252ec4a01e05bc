"""Copier, made quick for many copies of one template.

`copier.run_copy` clones the template, compiles its Jinja and asks git about the mode of every file,
for each copy anew. Here that happens once for a session. What comes out is the same to the byte.

This is the one module that reaches behind Copier's public interface; pyproject.toml holds Copier to
the version that it was written for.
"""

import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, suppress
from contextvars import ContextVar
from copy import copy
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import plumbum
import psutil
from copier._jinja_ext import SandboxedEnvironment, get_yield_context
from copier._main import Worker, _operation
from copier._subproject import Subproject
from copier._template import Task, Template
from copier._tools import cast_to_bool

from matchmaker.repositories import inside
from matchmaker.repositories.git import GitError, for_asking, git

# Templates by their source and version, and the Jinja environment of each clone. A process fills
# them before it forks, so that its workers find everything cloned and compiled.
_templates: dict[tuple[str, str | None], Template] = {}
_environments: dict[Path, SandboxedEnvironment] = {}


def template_at(source: str, version: str | None) -> Template:
    """The clone of a template; made at the first call, and shared from then on.

    `version` is a tag or another name that git knows; None is for the newest tag. The clone lies in
    the folder for temporary files. Raises what Copier raises when there is no such template.
    """
    known = _templates.get((source, version))
    if known is None:
        known = Template(url=source, ref=version)
        with for_asking():
            # Reading each of them runs git or reads files; workers get them ready-made.
            for name in ("local_abspath", "commit", "commit_hash", "version", "questions_data"):
                getattr(known, name)
            _ = known.git_index_modes
            _pack(known.local_abspath)
        _let_others_read(known.local_abspath)
        _templates[source, version] = known
        same = copy(known)  # by the name that repositories record, where an update looks for it
        same.ref = known.commit
        _templates.setdefault((source, known.commit), same)
    return known


def is_published(template: Template, commit: str) -> bool:
    """Whether a version is on the way to the template's own, on a branch of it, or below a tag.

    A repository says itself which version it was made from, and the code of that version is run.
    Some hosts keep in a repository what anybody has proposed for it, under other names.
    """
    return _is_published(template.local_abspath, str(template.commit_hash), commit)


@lru_cache
def _is_published(clone: Path, newest: str, commit: str) -> bool:
    before = ("merge-base", "--is-ancestor", "--end-of-options", commit, newest)
    refs = ("refs/heads", "refs/remotes", "refs/tags")
    try:
        git(clone, *before, asks=True)
        return True
    except GitError:
        with suppress(GitError):
            return bool(git(clone, "for-each-ref", f"--contains={commit}", *refs, asks=True))
    return False


def _pack(clone: Path) -> None:
    """Put the objects of a clone into one file: each workshop keeps a copy of it."""
    # A local repository is cloned object by object, those that nothing names any more among them.
    # Of any other, Copier has made a worktree of its own cache, which is packed.
    directory = clone / ".git"
    if directory.is_dir() and clone.resolve().is_relative_to(Path(tempfile.gettempdir()).resolve()):
        for command in (["repack", "-d", "-l", "--quiet"], ["prune", "--expire=now"]):
            subprocess.run(["git", f"--git-dir={directory}", *command], capture_output=True)


def _let_others_read(clone: Path) -> None:
    """Let the owners of the repositories read root's clones: see owner.py.

    Nobody finds them who was not told their names.
    """
    if os.geteuid() == 0:
        for path, _, files in os.walk(clone):
            Path(path).chmod(0o755)
            for name in files:
                if not Path(path, name).is_symlink():
                    Path(path, name).chmod(Path(path, name).stat().st_mode | 0o444)


def share(templates: Mapping[tuple[str, str | None], Template]) -> None:
    """Take over the clones of the process that started this one, where it was not forked."""
    _templates.update(templates)


def shared() -> dict[tuple[str, str | None], Template]:
    """The clones of this process, for those that it starts."""
    return dict(_templates)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of our own for temporary files, for as long as the block takes.

    Clones and what Copier's updates write go there. Its name tells whose it is: what a killed run
    has left is removed by the next.
    """
    for left in Path(tempfile.gettempdir()).glob("matchmaker-*-*"):
        # Others may have folders with such a name, too: ours has the number of a process in it.
        pid = re.fullmatch(r"matchmaker-(\d{1,9})-\w{8}", left.name)
        if pid and not psutil.pid_exists(int(pid[1])):
            shutil.rmtree(left, ignore_errors=True)
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    folder = tempfile.mkdtemp(prefix=f"matchmaker-{os.getpid()}-")
    if os.geteuid() == 0:
        Path(folder).chmod(0o711)
    tempfile.tempdir = folder
    with plumbum.local.env(TMPDIR=folder):
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before[0]
            _templates.clear()
            _environments.clear()
            shutil.rmtree(folder, ignore_errors=True)


_root: ContextVar[Path | None] = ContextVar("_root", default=None)


@contextmanager
def only_inside(folder: Path) -> Iterator[None]:
    """Have Copier write nothing outside of a folder that it updates, whatever links are in it."""
    token = _root.set(folder)
    try:
        yield
    finally:
        _root.reset(token)


class Renderer(Worker):
    """Copier's worker, with what is the same for all trainees made once."""

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
        """The environment in which every template is compiled once."""
        root = self.template.local_abspath
        known = _environments.get(root)
        if known is None:
            known = super().jinja_env
            known.auto_reload = False  # a clone does not change
            # Copier compiles file names, questions and validators again for each use.
            setattr(known, "from_string", lru_cache(maxsize=4096)(known.from_string))  # noqa: B010
            _environments[root] = known
        return known

    @cached_property
    def _jinja_begins(self) -> re.Pattern[str]:
        """What Jinja does something about in a text; one without it renders to itself."""
        env = self.jinja_env
        tags = (env.block_start_string, env.variable_start_string, env.comment_start_string)
        lines = (env.line_statement_prefix, env.line_comment_prefix)
        return re.compile("|".join(re.escape(one) for one in (*tags, *lines, "\n", "\r") if one))

    def _render_string(self, string: str, extra_context: Mapping[str, Any] | None = None) -> str:
        # Nearly all file names have no Jinja in them, and a context is long in the making.
        found = get_yield_context(self.jinja_env)
        found.yield_name = found.yield_iterable = None  # as compiling it anew would do
        if not self._jinja_begins.search(string):
            return string
        return super()._render_string(string, dict(extra_context or {}))

    @cached_property
    def answers_relpath(self) -> Path:
        """The path of the answers file; Copier renders it again for every file."""
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

    def _execute_tasks(self, tasks: Sequence[Task]) -> None:
        """Run tasks; a Python script, which is what our template has, without another Python."""
        for task in tasks:
            if not cast_to_bool(self._render_value(task.condition, _told(task))):
                continue  # and its command may ask for what is not known yet
            if script := self._script_of(task):
                with chdir(self.subproject.local_abspath), _arguments(script):
                    runpy.run_path(script[0], run_name="__main__")
            else:
                super()._execute_tasks([task])

    def _script_of(self, task: Task) -> list[str]:
        """The script that a task runs with Python, and its arguments; empty if it is another."""
        if isinstance(task.cmd, str):
            return []
        program, *script = (self._render_string(str(part)) for part in task.cmd)
        is_script = program == sys.executable and script and script[0].endswith(".py")
        return script if is_script else []


def _told(task: Task) -> dict[str, Any]:
    """What a task's condition may ask about, besides the answers."""
    named = {f"_{name}": value for name, value in task.extra_vars.items()}
    return {"_copier_operation": _operation.get(), **named}


@contextmanager
def _arguments(arguments: list[str]) -> Iterator[None]:
    """What a script finds in `sys.argv`, for as long as the block takes."""
    before, sys.argv = sys.argv, arguments
    try:
        yield
    finally:
        sys.argv = before


def renderer(source: str, version: str | None, folder: Path, **settings: Any) -> Renderer:
    """A worker that asks and prints nothing, and trusts the template: an instructor chose it."""
    return Renderer(
        src_path=source,
        vcs_ref=version,
        dst_path=folder,
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=True,
        cleanup_on_error=False,  # whoever made the folder says why it failed, then removes it
        **settings,
    )


def warm(source: str, version: str | None) -> None:
    """Compile everything in a template, so that workers forked afterwards need not."""
    nowhere = Path(tempfile.gettempdir()) / "nowhere"
    with renderer(source, version, nowhere, pretend=True, skip_tasks=True) as worker:
        worker.run_copy()
