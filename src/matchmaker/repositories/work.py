"""Carries out a plan in several processes, because Copier and git use the current folder."""

import errno
import hashlib
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from pathlib import Path

from workshop import api_key, inside
from workshop.moving.reference import NEVER

from matchmaker.repositories import copier_adapter
from matchmaker.repositories.copier_adapter import ANSWERS_FILE, Template, share, shared
from matchmaker.repositories.git import (
    GitError,
    git,
    isolate,
    isolated,
    said_by,
    users_environment,
)
from matchmaker.repositories.output import Output
from matchmaker.repositories.owner import WORK_SECONDS, as_owner, hand_over, owner_of
from matchmaker.repositories.recorded import recorded_in, recorded_in_draft
from matchmaker.repositories.repository import (
    author_in,
    changed_in,
    commit_all,
    commit_staged,
    compare_anew,
    end_lines_as_committed,
    ignored_in,
    key_of,
    saved_branches,
    unresolved_in,
)
from matchmaker.repositories.view import without_its_settings
from matchmaker.roster.questions import KEY
from matchmaker.session import Did, Trainee, Versions

_KILLED = "the process that made it was killed; run the command again"

# In bytes. Git doesn't always report a full disk, and it removes what it wrote. If less than this
# is free, no repository fits, so we report a full disk.
_NO_ROOM = 1 << 20


@contextmanager
def workers(output: Output, count: int) -> Iterator[Executor]:
    """Processes that share the clones of this one during the block.

    They end when this process ends, even if it is killed.
    """
    # Forked workers find everything compiled. On macOS, system libraries don't survive a fork.
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
    # Ctrl-C reaches every process of the terminal, and the parent handles it. This process finishes
    # what it has begun. So do the template's tasks, because they inherit this setting.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    share(templates)
    isolate(output.drafts, users)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os._exit(1)


def carry_out(
    pool: Executor, trainees: Sequence[Trainee], output: Output, versions: Versions
) -> Iterator[Trainee]:
    """Do what is planned for each trainee, in any order. A failure doesn't stop the others."""
    futures = {}
    for trainee in trainees:
        if trainee.action == "keep":
            yield trainee.done("unchanged")
        elif trainee.action == "refuse":
            yield trainee.done("failed", trainee.why)
        else:
            try:
                futures[pool.submit(_do, trainee, output, versions)] = trainee
            except BrokenProcessPool:  # a worker was killed while we submitted the others
                yield trainee.done("failed", _KILLED)
    for future in as_completed(futures):
        try:
            yield future.result()
        except BrokenProcessPool:
            yield futures[future].done("failed", _KILLED)


def _do(trainee: Trainee, output: Output, versions: Versions) -> Trainee:
    start = time.perf_counter()
    draft = output.draft(trainee.slug)
    did: Did
    try:
        did, detail = _act(trainee, output, versions)
    except (Exception, SystemExit) as error:
        did, detail = "failed", explain(error, output.drafts)
        if trainee.key:
            detail = detail.replace(trainee.key, "(the API key)")
    shutil.rmtree(draft, ignore_errors=True)
    return trainee.done(did, detail, time.perf_counter() - start)


def _act(trainee: Trainee, output: Output, versions: Versions) -> tuple[Did, str]:
    if trainee.action == "update":
        return _update(trainee, output, versions)
    if trainee.action == "set key":
        as_owner(output.repository(trainee.slug), _write_key, trainee.key)
        return "key set", ""
    draft = output.draft(trainee.slug)
    data = {**trainee.data, **({KEY: trainee.key} if trainee.key else {})}
    answers_file = copier_adapter.render(versions.source, versions.version, draft, data)
    if recorded_in_draft(draft) is None:
        return "failed", _why_none(draft, answers_file)
    detail = ""
    if trainee.action == "replace":
        _give_to_owner_of(output.repository(trainee.slug), draft)
        detail = f"the old one is in {output.move_aside(trainee.slug)}"
    output.place(trainee.slug)
    return ("replaced" if trainee.action == "replace" else "created"), detail


def _update(trainee: Trainee, output: Output, versions: Versions) -> tuple[Did, str]:
    """Update a copy of the repository, and put it in place when it is complete."""
    place = output.repository(trainee.slug)
    owner = owner_of(place)
    is_others = owner.st_uid != os.geteuid()
    draft = output.others(trainee.slug) if is_others else output.draft(trainee.slug)
    draft.mkdir(mode=0o700)
    if is_others:
        hand_over(draft, owner)
    try:
        done = as_owner(place, _updated_copy, draft, trainee, versions, seconds=WORK_SECONDS)
        unresolved, details, before = bool(done[0]), list(map(str, done[1])), str(done[2])
        replaced = list(map(str, done[3]))
        old = output.swap(trainee.slug)
        is_edited = as_owner(old, _snapshot) != before
        if not is_edited and not replaced:
            output.dispose(old)
        else:
            kept = output.keep(old)
            if is_edited:
                details.append(f"edits made during the update are in {kept}")
            if replaced:
                details.append(
                    f"replaced though git ignores it: {_listed(replaced)}; as it was: {kept}"
                )
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return ("conflict" if unresolved else "updated"), "; ".join(details)


def _why_none(draft: Path, answers_file: Path) -> str:
    """Why a folder that Copier made can't be updated later."""
    if not (draft / ".git").exists():
        return "this version of the template does not make a git repository"
    return (
        f"this version of the template writes no answers file ({answers_file}) that an update "
        "could read"
    )


def _give_to_owner_of(place: Path, draft: Path) -> None:
    """On a shared host, give a new repository to the owner of the old one."""
    if os.geteuid() == 0 and place.is_dir() and not place.is_symlink():
        hand_over(draft, place.lstat())


def _updated_copy(
    place: Path, draft: Path, trainee: Trainee, versions: Versions
) -> tuple[bool, list[str], str, list[str]]:
    """Copy a repository and update the copy.

    Returns whether there are conflicts, details to report, the snapshot from before, and the files
    without a commit that the update has changed or removed.
    """
    before = _snapshot(place)
    author = author_in(place)
    shutil.copytree(place, draft, symlinks=True, ignore=_special_files, dirs_exist_ok=True)
    details = []
    with without_its_settings(draft):
        compare_anew(draft)
        if not unresolved_in(draft):
            end_lines_as_committed(draft)
        unsaved = changed_in(draft)
        if unsaved:
            commit_staged(draft, "Save what I had staged before the update", author)
            commit_all(draft, "Save my edits before the update", author)
            details.append(f"committed first: {_listed(unsaved)}")
        uncommitted = _statuses(draft, ignored_in(draft))
        was = recorded_in(draft)
        saved_before = saved_branches(draft)
        file = was.file if was else ANSWERS_FILE
        try:
            target = (versions.source, versions.version)
            commit = copier_adapter.update(draft, *target, trainee.data, file)
        except UnicodeDecodeError as error:
            raise GitError(_undecodable(draft) or said_by(error)) from error
        replaced = _other(uncommitted, _statuses(draft, uncommitted))
        # The template's own task replaces the tool, and saves a trainee's changes on a branch.
        kept = saved_branches(draft) - saved_before
        details += [f"edits in workshop/ are on the branch {branch}" for branch in sorted(kept)]
        unresolved = unresolved_in(draft)
        if unresolved:
            details.append(f"resolve and commit: {_listed(unresolved)}")
        elif changed_in(draft):
            step_before = was.answers.get("step") if was else None
            what = f"step {trainee.step}" if trainee.step != step_before else commit
            commit_all(draft, f"Update the workshop to {what}", author)
    if trainee.key and key_of(draft) != trainee.key:
        _write_key(draft, trainee.key)
    return bool(unresolved), details, before, replaced


def _statuses(folder: Path, names: Iterable[str]) -> dict[str, tuple[int, int, int] | None]:
    """The kind, the time, and the size of each file. None if there is no such file."""
    found: dict[str, tuple[int, int, int] | None] = {}
    for name in names:
        status = inside.look(folder, name)
        found[name] = status and (status.st_mode, status.st_mtime_ns, status.st_size)
    return found


def _other(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """The files that changed, except those with settings and keys, which an update keeps."""
    return [name for name in before if before[name] != after[name] and name not in NEVER]


def _listed(names: Iterable[str]) -> str:
    """The names of files, without what could break a line or control a terminal."""
    return ", ".join(
        name if name.isprintable() else name.encode("unicode_escape").decode() for name in names
    )


def _undecodable(repository: Path) -> str:
    """Say which file has a name that Copier can't read; empty if each can be read."""
    for name in git(repository, "ls-files", "-z").split("\0"):
        if any("\udc80" <= one <= "\udcff" for one in name):
            shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            return f"the name of its file {shown} is not in UTF-8, which Copier needs; rename it"
    return ""


def _write_key(repository: Path, key: str) -> None:
    """Write the key into `.key/datadog` in one step. Only its owner can ever read it."""
    api_key.write(repository, key)


def _snapshot(folder: Path) -> str:
    """The time and the size of each file, to notice whether somebody worked during an update."""
    found = []
    for root, _, files in os.walk(folder):
        for name in files:
            path = Path(root, name)
            stat = path.lstat()
            found.append((str(path.relative_to(folder)), stat.st_mtime_ns, stat.st_size))
    return hashlib.sha256(repr(sorted(found)).encode(errors="surrogateescape")).hexdigest()


def _special_files(folder: str, names: list[str]) -> list[str]:
    """Sockets and other special files, which can't be copied."""
    paths = {name: Path(folder, name) for name in names}
    return [n for n, p in paths.items() if not (p.is_file() or p.is_dir() or p.is_symlink())]


def explain(error: BaseException, folder: Path) -> str:
    """Say in one line why writing to a folder failed. Call it before you remove the files."""
    said = said_by(error)
    if os.strerror(errno.ENOSPC) in said or not _has_room(folder):
        return f"the disk is full: {said}; make room and run the command again"
    return said


def _has_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free >= _NO_ROOM
    except OSError:  # the folder is gone or unreadable, and the error already says so
        return True
