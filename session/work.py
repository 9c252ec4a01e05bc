"""Carries out a plan, in several processes: Copier and git work in a process's current folder."""

import errno
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Literal

import plumbum
from copier._template import Template
from plumbum import ProcessExecutionError

from session.keys import key_in, with_key
from session.output import Output
from session.plan import Task
from session.questions import KEY
from session.rendering import Renderer, renderer, share, shared
from session.repository import commit_all, conflicts, edits, reason_in, recorded_in

Did = Literal["created", "replaced", "updated", "key set", "unchanged", "conflict", "failed"]
FAILURES = ("conflict", "failed")
_KILLED = "the process that made it was killed; run the command again"

# Git would go by these instead of by the folder that it runs in, as it does inside a hook.
_MISLEADING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)

# Bytes. Git does not always say that it had no room to write, and takes away what it had written;
# no repository fits into what is free then.
_NO_ROOM = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """What became of one task; `seconds` is how long it took."""

    slug: str
    did: Did
    seconds: float = 0.0
    detail: str = ""


@contextmanager
def workers(output: Output, count: int) -> Iterator[Executor]:
    """Processes that share this one's clones, for as long as the block takes.

    They end with this process, however it ends.
    """
    _isolate_git(output)
    # Forked workers find everything compiled. On a Mac, system libraries do not survive a fork.
    method = "fork" if sys.platform == "linux" else "spawn"
    pool = ProcessPoolExecutor(
        max_workers=max(1, min(_cpus(), count)),
        mp_context=get_context(method),
        initializer=_start_worker,
        initargs=(output, shared()),
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _start_worker(output: Output, templates: Mapping[tuple[str, str | None], Template]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    share(templates)
    _isolate_git(output)


def _isolate_git(output: Output) -> None:
    """Have git see each workshop as a repository of its own, wherever the output is."""
    for name in _MISLEADING:
        os.environ.pop(name, None)
        plumbum.local.env.pop(name, "")
    os.environ["GIT_CEILING_DIRECTORIES"] = str(output.drafts)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os._exit(1)


def carry_out(
    pool: Executor, tasks: Sequence[Task], output: Output, source: str, version: str | None
) -> Iterator[Outcome]:
    """Do every task; gives each outcome as it comes. One that fails does not stop the others."""
    futures = {}
    for task in tasks:
        if task.action == "keep":
            yield Outcome(task.slug, "unchanged")
        elif task.action == "refuse":
            yield Outcome(task.slug, "failed", detail=task.why)
        else:
            try:
                futures[pool.submit(_do, task, output, source, version)] = task
            except BrokenProcessPool:  # one was killed while the others were handed out
                yield Outcome(task.slug, "failed", detail=_KILLED)
    for future in as_completed(futures):
        try:
            yield future.result()
        except BrokenProcessPool:
            yield Outcome(futures[future].slug, "failed", detail=_KILLED)


def _do(task: Task, output: Output, source: str, version: str | None) -> Outcome:
    start = time.perf_counter()
    draft = output.draft(task.slug)
    try:
        did, detail = _act(task, output, source, version)
    except (Exception, SystemExit) as error:
        did, detail = "failed", explain(error, output.drafts)
        if task.key:
            detail = detail.replace(task.key, "(the API key)")
    shutil.rmtree(draft, ignore_errors=True)
    return Outcome(task.slug, did, time.perf_counter() - start, detail)


def _act(task: Task, output: Output, source: str, version: str | None) -> tuple[Did, str]:
    if task.action == "update":
        return _update(task, output, version)
    if task.action == "set key":
        _set_key(task, output, output.repository(task.slug))
        return "key set", ""
    draft = output.draft(task.slug)
    data = {**task.data, **({KEY: task.key} if task.key else {})}
    with renderer(source, version, draft, data=data) as worker:
        worker.run_copy()
    if recorded_in(draft) is None:
        return "failed", "this version of the template does not make a git repository"
    detail = ""
    if task.action == "replace":
        detail = f"the old one is in {output.move_aside(task.slug)}"
    output.place(task.slug)
    return ("replaced" if task.action == "replace" else "created"), detail


def _update(task: Task, output: Output, version: str | None) -> tuple[Did, str]:
    """Update a copy of the repository, and put it in its place when it is whole."""
    place, draft = output.repository(task.slug), output.draft(task.slug)
    before = _snapshot(place)
    shutil.copytree(place, draft, symlinks=True, ignore=_special_files)
    details = []
    unsaved = edits(draft)
    if unsaved:
        commit_all(draft, "Save my edits before the update")
        details.append(f"committed first: {', '.join(unsaved)}")
    was = recorded_in(draft)
    worker = Renderer(
        vcs_ref=version,
        dst_path=draft,
        data=dict(task.data),
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=True,
    )
    with worker:
        worker.run_update()
    unresolved = conflicts(draft)
    if unresolved:
        details.append(f"resolve and commit: {', '.join(unresolved)}")
    elif edits(draft):
        step_before = was.answers.get("step") if was else None
        what = f"step {task.step}" if task.step != step_before else f"{worker.template.commit}"
        commit_all(draft, f"Update the workshop to {what}")
    if task.key and key_in(draft / ".env") != task.key:
        _set_key(task, output, draft)
    _give_to_owner_of(place, *_everything_in(draft))
    old = output.swap(task.slug)
    if _snapshot(old) == before:
        output.dispose(old)
    else:
        details.append(f"edits made meanwhile are in {output.keep(old)}")
    return ("conflict" if unresolved else "updated"), "; ".join(details)


def _set_key(task: Task, output: Output, repository: Path) -> None:
    """Write the key into `.env` in one move; only its owner can ever read it."""
    assert task.key is not None
    env_file = repository / ".env"
    text = env_file.read_text(encoding="utf-8") if env_file.is_file() else ""
    draft = output.draft(f"{task.slug}.env")
    draft.touch(mode=0o600)
    draft.write_text(with_key(text, task.key), encoding="utf-8")
    _give_to_owner_of(repository, draft)
    draft.replace(env_file)


def _give_to_owner_of(repository: Path, *paths: Path) -> None:
    """Leave to a trainee on a shared host what is theirs; only root can, and needs to."""
    owner = repository.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        for path in paths:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _everything_in(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")


def _snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file was written, and how long it is: what tells that somebody worked meanwhile."""
    found = {}
    for root, _, files in os.walk(folder):
        for name in files:
            path = Path(root, name)
            stat = path.lstat()
            found[str(path.relative_to(folder))] = stat.st_mtime_ns, stat.st_size
    return found


def _special_files(folder: str, names: list[str]) -> list[str]:
    """Sockets and the like, which cannot be copied."""
    paths = {name: Path(folder, name) for name in names}
    return [n for n, p in paths.items() if not (p.is_file() or p.is_dir() or p.is_symlink())]


def explain(error: BaseException, folder: Path) -> str:
    """Say in a line why writing to a folder failed, while what was written is still there."""
    said = _said_by(error)
    if os.strerror(errno.ENOSPC) in said or not _has_room(folder):
        return f"the disk is full: {said}; make room and run the command again"
    if "downgrading" in said:
        return f"{said} Name a newer version, or use --fresh."
    return said


def _has_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free >= _NO_ROOM
    except OSError:  # the folder is gone, or cannot be looked at: that is what went wrong
        return True


def _said_by(error: BaseException) -> str:
    if isinstance(error, ProcessExecutionError):
        return reason_in(str(error.stderr))
    if isinstance(error, OSError) and error.strerror:
        name = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{name}"
    return " ".join(str(error).split()) or type(error).__name__
