"""Carries out a plan, in several processes: Copier and git work in a process's current folder."""

import errno
import hashlib
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

from copier._template import Template

from matchmaker.repositories import inside
from matchmaker.repositories.git import isolate, isolated, said_by, users_environment
from matchmaker.repositories.output import Output
from matchmaker.repositories.owner import WORK_SECONDS, as_owner, hand_over, owner_of
from matchmaker.repositories.rendering import Renderer, only_inside, renderer, share, shared
from matchmaker.repositories.repository import (
    ENV_FILE,
    author_in,
    changed_in,
    commit_all,
    key_of,
    recorded_in,
    saved_branches,
    unresolved_in,
    without_its_settings,
)
from matchmaker.repositories.task import Task
from matchmaker.roster.keys import with_key
from matchmaker.roster.questions import KEY

Did = Literal["created", "replaced", "updated", "key set", "unchanged", "conflict", "failed"]
FAILURES = ("conflict", "failed")
_KILLED = "the process that made it was killed; run the command again"

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
    # Forked workers find everything compiled. On a Mac, system libraries do not survive a fork.
    method = "fork" if sys.platform == "linux" else "spawn"
    pool = ProcessPoolExecutor(
        max_workers=max(1, min(_cpus(), count)),
        mp_context=get_context(method),
        initializer=_start_worker,
        initargs=(output, shared(), users_environment()),
    )
    with isolated(output.drafts):
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _start_worker(
    output: Output,
    templates: Mapping[tuple[str, str | None], Template],
    users: Mapping[str, str],
) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    share(templates)
    isolate(output.drafts, users)


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
        as_owner(output.repository(task.slug), _write_key, task.key)
        return "key set", ""
    draft = output.draft(task.slug)
    data = {**task.data, **({KEY: task.key} if task.key else {})}
    with renderer(source, version, draft, data=data) as worker:
        worker.run_copy()
    if recorded_in(draft) is None:
        return "failed", "this version of the template does not make a git repository"
    detail = ""
    if task.action == "replace":
        _give_to_owner_of(output.repository(task.slug), draft)
        detail = f"the old one is in {output.move_aside(task.slug)}"
    output.place(task.slug)
    return ("replaced" if task.action == "replace" else "created"), detail


def _update(task: Task, output: Output, version: str | None) -> tuple[Did, str]:
    """Update a copy of the repository, and put it in its place when it is whole."""
    place = output.repository(task.slug)
    owner = owner_of(place)
    is_others = owner.st_uid != os.geteuid()
    draft = output.others(task.slug) if is_others else output.draft(task.slug)
    draft.mkdir(mode=0o700)
    if is_others:
        hand_over(draft, owner)
    try:
        done = as_owner(place, _updated_copy, draft, task, version, seconds=WORK_SECONDS)
        unresolved, details, before = bool(done[0]), list(map(str, done[1])), str(done[2])
        old = output.swap(task.slug)
        if as_owner(old, _snapshot) == before:
            output.dispose(old)
        else:
            details.append(f"edits made meanwhile are in {output.keep(old)}")
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return ("conflict" if unresolved else "updated"), "; ".join(details)


def _give_to_owner_of(place: Path, draft: Path) -> None:
    """Leave a new repository to whom the old one belongs, on a shared host."""
    if os.geteuid() == 0 and place.is_dir() and not place.is_symlink():
        hand_over(draft, place.lstat())


def _updated_copy(
    place: Path, draft: Path, task: Task, version: str | None
) -> tuple[bool, list[str], str]:
    """Copy a repository and update the copy.

    Tells whether there are conflicts, what there is to say, and what the snapshot was.
    """
    before = _snapshot(place)
    author = author_in(place)
    shutil.copytree(place, draft, symlinks=True, ignore=_special_files, dirs_exist_ok=True)
    details = []
    with without_its_settings(draft):
        unsaved = changed_in(draft)
        if unsaved:
            commit_all(draft, "Save my edits before the update", author)
            details.append(f"committed first: {', '.join(unsaved)}")
        was = recorded_in(draft)
        saved_before = saved_branches(draft)
        worker = Renderer(
            vcs_ref=version,
            dst_path=draft,
            data=dict(task.data),
            defaults=True,
            overwrite=True,
            quiet=True,
            unsafe=True,
        )
        with worker, only_inside(draft):
            worker.run_update()
        # The template's own task replaces the tool, and keeps a trainee's changes on a branch.
        kept = saved_branches(draft) - saved_before
        details += [f"edits in workshop/ are on the branch {branch}" for branch in sorted(kept)]
        unresolved = unresolved_in(draft)
        if unresolved:
            details.append(f"resolve and commit: {', '.join(unresolved)}")
        elif changed_in(draft):
            step_before = was.answers.get("step") if was else None
            what = f"step {task.step}" if task.step != step_before else f"{worker.template.commit}"
            commit_all(draft, f"Update the workshop to {what}", author)
    if task.key and key_of(draft) != task.key:
        _write_key(draft, task.key)
    return bool(unresolved), details, before


def _write_key(repository: Path, key: str) -> None:
    """Write the key into `.env` in one move; only its owner can ever read it."""
    try:
        text = inside.read(repository, ENV_FILE).decode()
    except FileNotFoundError:
        text = ""
    inside.write(repository, ENV_FILE, with_key(text, key).encode(), private=True)


def _snapshot(folder: Path) -> str:
    """When each file was written, and how long it is: what tells that somebody worked meanwhile."""
    found = []
    for root, _, files in os.walk(folder):
        for name in files:
            path = Path(root, name)
            stat = path.lstat()
            found.append((str(path.relative_to(folder)), stat.st_mtime_ns, stat.st_size))
    return hashlib.sha256(repr(sorted(found)).encode(errors="surrogateescape")).hexdigest()


def _special_files(folder: str, names: list[str]) -> list[str]:
    """Sockets and the like, which cannot be copied."""
    paths = {name: Path(folder, name) for name in names}
    return [n for n, p in paths.items() if not (p.is_file() or p.is_dir() or p.is_symlink())]


def explain(error: BaseException, folder: Path) -> str:
    """Say in a line why writing to a folder failed, while what was written is still there."""
    said = said_by(error)
    if os.strerror(errno.ENOSPC) in said or not _has_room(folder):
        return f"the disk is full: {said}; make room and run the command again"
    return said


def _has_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free >= _NO_ROOM
    except OSError:  # the folder is gone, or cannot be looked at: that is what went wrong
        return True
