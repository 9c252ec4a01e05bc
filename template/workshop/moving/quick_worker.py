"""Renders the template with Copier, and does once what all renderings of a version share.

For each rendering, `copier.run_copy` clones the template, compiles its Jinja, builds a context for
each part of each path, and writes every file. Most paths have no Jinja, and most files come out as
they are. So this checks out each version once, and lets Copier render only the rest.

It needs names that Copier doesn't promise to keep: see `TESTED` in reference.py. Import this module
only where something is rendered, because importing Copier takes longer than most commands.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from copier import _main
from copier._jinja_ext import SandboxedEnvironment
from copier._template import Template

from workshop.moving import answers
from workshop.moving.git import git
from workshop.moving.plain_texts import forget_yield, is_plain, keeps_nothing
from workshop.moving.scripts import declares


@dataclass(frozen=True)
class Rendering:
    """What Copier writes for a version and its answers."""

    files: dict[str, bytes]
    worker: QuickWorker
    """Copier's worker, which knows the settings in `copier.yml`."""


@contextmanager
def renderings(kept: Path) -> Iterator[Renderings]:
    """Renders versions of the template in the repository `kept`, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        yield Renderings(kept, Path(folder).resolve())


class Renderings:
    """The versions of a template that are checked out, and their Jinja."""

    def __init__(self, kept: Path, folder: Path) -> None:
        self._kept = kept
        self._folder = folder
        self._templates: dict[str, Template] = {}
        self._environments: dict[str, SandboxedEnvironment] = {}

    def at(
        self,
        version: str,
        data: Mapping[str, Any],
        *,
        recorded: str = "",
        exclude: Sequence[str] = (),
        skip_if_exists: Sequence[str] = (),
    ) -> Rendering:
        """Render a version. Answers in `data` count more than those in `recorded`, an answers file.

        `exclude` and `skip_if_exists` have more patterns for the settings with these names. Raises
        what Copier raises.
        """
        place = Path(tempfile.mkdtemp(dir=self._folder))
        if recorded:
            (place / answers.FILE).write_text(recorded, encoding="utf-8")
        with QuickWorker(
            src_path=str(self._kept),
            vcs_ref=version,
            dst_path=place,
            data=dict(data),
            exclude=exclude,
            skip_if_exists=skip_if_exists,
            defaults=True,
            overwrite=True,
            quiet=True,
            skip_tasks=True,
            # The template's code runs here. The trainee decided to trust it when copying it, and
            # this is a version of the same one, so Copier need not ask again.
            unsafe=True,
        ) as worker:
            worker.__dict__["template"] = self.template(version)
            if version in self._environments:
                worker.__dict__["jinja_env"] = self._environments[version]
            elif keeps_nothing(worker.jinja_env):
                _compile_once(worker.jinja_env)
                self._environments[version] = worker.jinja_env
            worker.run_copy()
        files = {name: path.read_bytes() for name, path in worker.plain_files.items()}
        for path in place.rglob("*"):
            if path.is_file():
                files[path.relative_to(place).as_posix()] = path.read_bytes()
        return Rendering(dict(sorted(files.items())), worker)

    def template(self, version: str) -> Template:
        """A version of the template, as Copier sees it. Raises Problem if git fails."""
        if version not in self._templates:
            template = Template(url=str(self._kept), ref=version)
            # The copy names its versions as Copier recorded them. Nobody asks for modes.
            known = {"commit": version, "vcs": "git", "git_index_modes": {}}
            template.__dict__.update(known, local_abspath=self._checked_out(version))
            self._templates[version] = template
        return self._templates[version]

    def _checked_out(self, version: str) -> Path:
        """A repository with only that version. It borrows its objects from the template's."""
        commit = git(
            self._kept, f"--git-dir={self._kept}", "rev-parse", "--verify", f"{version}^{{commit}}"
        )
        folder = Path(tempfile.mkdtemp(prefix="template-", dir=self._folder))
        settings = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
        if len(commit) > 40:
            settings = settings.replace("= 0", "= 1") + "[extensions]\n\tobjectformat = sha256\n"
        own = {
            "HEAD": f"{commit}\n",
            f"refs/tags/{version}": f"{commit}\n",
            "objects/info/alternates": f"{self._kept / 'objects'}\n",
            "config": settings,
        }
        for name, text in own.items():
            (folder / ".git" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / ".git" / name).write_text(text, encoding="utf-8")
        git(folder, "read-tree", "--reset", "-u", "HEAD")
        return folder


def does_only_ours(template: Template) -> bool:
    """Whether the template's migrations do nothing that the tool doesn't do by itself.

    They are scripts that say so, with `TOOL_DOES_THIS = True`.
    """
    return all(
        declares(template.local_abspath, command, "TOOL_DOES_THIS")
        for one in template.config_data.get("migrations", ())
        for command in [one.get("command") if isinstance(one, dict) else one]
    )


def _compile_once(environment: SandboxedEnvironment) -> None:
    """Keep what a text compiles to. Copier compiles those of each question again and again."""
    compiled = lru_cache(maxsize=None)(environment.from_string)

    def from_string(source: Any) -> Any:
        if not isinstance(source, str):  # a value of another type isn't a template, and raises
            return type(environment).from_string(environment, source)
        forget_yield(environment)
        return compiled(source)

    environment.from_string = from_string  # type: ignore[assignment,method-assign]


_copier: Any = _main
"""The module in which Copier's worker finds what it calls."""


class QuickWorker(_main.Worker):
    """Copier's worker, which leaves alone what comes out as it is."""

    @cached_property
    def plain_files(self) -> dict[str, Path]:
        """The template's files that Copier would copy as they are, by their names."""
        suffix, answers_file = self.template.templates_suffix, str(self.answers_relpath)
        root, top = self.template_copy_root, self.template.local_abspath
        if not suffix or not keeps_nothing(self.jinja_env):
            return {}
        follows = not self.template.preserve_symlinks
        paths = {
            entry.path[len(str(root)) + 1 :].replace(os.sep, "/"): Path(entry.path)
            for entry in _copier.scantree(str(root), follows)
            if entry.is_file(follow_symlinks=False)
        }
        return {
            name: path
            for name, path in paths.items()
            if not name.endswith(suffix)
            and f"{name}{suffix}" not in paths
            and answers_file not in name.split("/")
            and is_plain(self.jinja_env, name)
            and not (top / f"{name}{suffix}").exists()
            and not self.match_exclude(Path(name))
        }

    @property
    def answers_relpath(self) -> Path:
        """The path of the answers file. Copier asks for it with every file."""
        path = self.answers_file or self.template.answers_relpath
        return Path(path) if is_plain(self.jinja_env, str(path)) else super().answers_relpath

    def _render_string(self, string: str, extra_context: Mapping[str, Any] | None = None) -> str:
        # A value that isn't a text makes Jinja raise, and Copier expects that.
        if isinstance(string, str) and is_plain(self.jinja_env, string):
            return string
        return super()._render_string(string, dict(extra_context or {}))

    def _render_template(self) -> None:
        plain = {str(path) for path in self.plain_files.values()}
        scantree = _copier.scantree

        def others(*given: Any) -> Iterable[os.DirEntry[str]]:
            return (entry for entry in scantree(*given) if entry.path not in plain)

        _copier.scantree = others
        try:
            super()._render_template()
        finally:
            _copier.scantree = scantree

    def _sync_git_index_executable_bit(self, *_: object) -> None:
        """Ask nobody about the modes of files, of which we take only the content."""
