"""Copier's worker for an update, which merges with git only the files that both sides changed.

Copier renders the old and the new version into two new repositories, and the new one into the
trainee's repository as well. This renders both once, into memory, and only what isn't the same for
all trainees. See three_way.py, which also says what is still left to Copier.
"""

import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from workshop import inside
from workshop.moving import git_environment, three_way
from workshop.moving.scripts import declares
from workshop.moving.three_way import File, Merged, Unusual

from matchmaker.repositories.git import git
from matchmaker.repositories.inside_copier import AnswersMap, Phase, Template, Worker
from matchmaker.repositories.renderer import Renderer, scanning

_MODES = {"100644": False, "100755": True}


@dataclass(frozen=True)
class _Rendering:
    files: dict[str, File]
    modes: dict[str, int]
    folders: set[str]
    answers: AnswersMap


class Updater(Renderer):
    """Copier's worker for an update. Its result is Copier's, byte for byte."""

    is_apart: bool = False
    """Whether to leave out the files that are the same for all trainees."""

    def _apply_update(self) -> None:
        old = self.subproject.template
        try:
            if old is None:
                raise Unusual
            self._require_usual(old)
            with tempfile.TemporaryDirectory(prefix="matchmaker-update-") as folder:
                before = self._before(old, Path(folder, "old"))
                after = self._after(Path(folder, "new"))
            merged = self._merged(before, after)
        except Unusual:
            super()._apply_update()
            return
        with Phase.use(Phase.MIGRATE):
            self._execute_tasks(self.template.migration_tasks("before", old))
        self.answers = after.answers
        self.answers.external = self._external_data()
        self._write(merged, after)
        with Phase.use(Phase.TASKS):
            self._execute_tasks(self.template.tasks)
        _mark(self.subproject.local_abspath, merged)
        self._remove_empty(before.folders)
        with Phase.use(Phase.MIGRATE):
            self._execute_tasks(self.template.migration_tasks("after", old))

    def _require_usual(self, old: Template) -> None:
        """Raise Unusual if the template has something that matters while Copier merges."""
        runs = [(one, task.cmd) for one in (old, self.template) for task in one.tasks]
        before = self.template.migration_tasks("before", old)
        runs += [(self.template, task.cmd) for task in before if not _is_for_later(task)]
        if not (
            self.keeps_nothing
            and not self.template.external_data
            and (self.conflict, self.context_lines, self.skip_answered) == ("inline", 3, False)
            and (self.subproject.local_abspath / ".git").is_dir()
            and all(declares(one.local_abspath, command, "ONLY_THE_KEY") for one, command in runs)
        ):
            raise Unusual

    def _before(self, old: Template, place: Path) -> _Rendering:
        return replace(
            self,
            dst_path=place,
            data=self.subproject.last_answers,
            src_path=str(old.url),
            vcs_ref=old.commit,
            # Like Copier, leave out of the old version what the new one leaves out.
            exclude=[*self.template.exclude, *self.exclude],
            quiet=True,
            skip_tasks=True,
            ask=(),
        )._rendered()

    def _after(self, place: Path) -> _Rendering:
        # The earlier answers count as such, and not as those that somebody gives now.
        recorded = self.subproject.answers_relpath
        content = (self.subproject.local_abspath / recorded).read_bytes()
        (place / recorded).parent.mkdir(parents=True)
        (place / recorded).write_bytes(content)
        return replace(self, dst_path=place, quiet=True, skip_tasks=True)._rendered()

    def _rendered(self) -> _Rendering:
        layout = self._layout
        if layout is None:
            raise Unusual
        self.is_apart = True
        self.run_copy()
        files, modes, folders = {}, {}, set()
        for _, plain in layout.entries:
            if plain and plain.content is not None:
                files[plain.path] = File(plain.content, bool(plain.mode & stat.S_IXUSR))
                modes[plain.path] = plain.mode
            elif plain:
                folders.add(plain.path)
        for path in Path(self.dst_path).rglob("*"):
            name, status = path.relative_to(self.dst_path).as_posix(), path.lstat()
            if stat.S_ISDIR(status.st_mode):
                folders.add(name)
            elif stat.S_ISREG(status.st_mode):
                files[name] = File(path.read_bytes(), bool(status.st_mode & stat.S_IXUSR))
                modes[name] = status.st_mode
            else:
                raise Unusual
        return _Rendering(files, modes, folders, self.answers)

    def _render_template(self) -> None:
        if not self.is_apart or self._layout is None:
            super()._render_template()
            return
        others = [entry for entry, plain in self._layout.entries if plain is None]
        with scanning(lambda *_: iter(others)):
            Worker._render_template(self)

    def _merged(self, before: _Rendering, after: _Rendering) -> Merged:
        root = self.subproject.local_abspath
        listed = git(root, "ls-files", "--stage", "-z")
        tracked = {}
        for line in filter(None, listed.split("\0")):
            about, _, name = line.partition("\t")
            tracked[name] = about.split()[0]
        yours = {}
        for name in tracked.keys() & {*before.files, *after.files}:
            path = root / name
            if tracked[name] not in _MODES or path.is_symlink() or not path.is_file():
                raise Unusual
            yours[name] = File(path.read_bytes(), _MODES[tracked[name]])
        if not all(name.isprintable() for name in tracked):
            raise Unusual  # Copier says which one it can't read
        return three_way.merge(
            before.files,
            yours,
            after.files,
            git=_run,
            answers_file=self.answers_relpath.as_posix(),
            stays=lambda name: bool(self.match_skip(Path(name))),
            is_there=lambda name: name in yours or inside.look(root, name) is not None,
            others=tracked,
        )

    def _write(self, merged: Merged, after: _Rendering) -> None:
        root = self.subproject.local_abspath
        self._refuse_links(name for name, file in merged.files.items() if file)
        for name, file in merged.files.items():
            path = root / name
            if file is None:
                if inside.is_file(root, name):  # and not behind a link
                    inside.remove(root, name)
                continue
            mode = after.modes[name]
            if bool(mode & stat.S_IXUSR) != file.is_executable:
                mode = mode | 0o111 if file.is_executable else mode & ~0o111
            with suppress(FileNotFoundError):
                status = path.stat()
                is_same = not (status.st_mode ^ mode) & 0o111 and path.read_bytes() == file.content
                if is_same:
                    continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
            path.chmod(stat.S_IMODE(mode))
            self._sync_git_index_executable_bit(Path(name), mode)

    def _remove_empty(self, folders: set[str]) -> None:
        root = self.subproject.local_abspath
        for name in sorted(folders, key=len, reverse=True):
            status = inside.look(root, name)
            if status and stat.S_ISDIR(status.st_mode):
                with suppress(OSError):  # it isn't empty
                    (root / name).rmdir()


def _is_for_later(task: Any) -> bool:
    """Whether a migration says in copier.yml that it runs only after the merge."""
    return str(task.condition).replace('"', "'") == "{{ _stage == 'after' }}"


def _mark(root: Path, merged: Merged) -> None:
    """Let the index know the three sides of each conflict, as Copier does."""
    if not merged.conflicts:
        return
    lines = []
    by_name = ("--literal-pathspecs", "ls-files", "--stage", "-z", "--")
    listed = git(root, *by_name, *merged.conflicts)
    for line in filter(None, listed.split("\0")):
        about, _, name = line.partition("\t")
        mode, blob, _ = about.split()
        lines += [f"0 {'0' * len(blob)}\t{name}\0", f"{mode} {blob} 2\t{name}\0"]
        for stage, file in zip((1, 3), merged.conflicts[name], strict=True):
            if file is not None:
                done = _run(root, "hash-object", "-w", "--stdin", given=file.content)
                lines.append(f"{mode} {done.stdout.strip()} {stage}\t{name}\0")
    _run(root, "update-index", "-z", "--index-info", given="".join(lines))


def _run(
    folder: Path,
    *arguments: str,
    given: str | bytes = "",
    variables: Mapping[str, str] | None = None,
) -> CompletedProcess[str]:
    environment = {**git_environment.alone(os.environ), **(variables or {})}
    text = given.encode("utf-8", "surrogateescape") if isinstance(given, str) else given
    return git_environment.run(folder, *arguments, environment=environment, given=text)
