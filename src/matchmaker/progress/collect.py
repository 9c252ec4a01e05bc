"""Gets the newest record of each trainee, from the folders and from the remotes."""

import os
import time
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime
from functools import partial
from threading import Lock

from workshop.record import form
from workshop.record.form import Record

from matchmaker.progress.folders import Folders, own_record
from matchmaker.progress.known import Known
from matchmaker.progress.reasons import BEFORE, SEEN
from matchmaker.progress.remembered import Remembered, Seen
from matchmaker.progress.remote import Found, Remotes, Unreached
from matchmaker.progress.schedule import Clock, Schedule
from matchmaker.progress.trainees import Trainee, trainees_of
from matchmaker.report.times import local, now
from matchmaker.repositories.contained import contained
from matchmaker.repositories.git import asking, said_by, unattended
from matchmaker.repositories.output import Output
from matchmaker.roster.read import Roster
from matchmaker.urls import host_of

AT_ONCE = 8
"""How many remotes to ask at the same time."""
PATIENCE = 5.0
"""How many seconds `collect` waits for remotes. Later answers count the next time."""
_NAP = 0.25
NOT_GENERATED = "not generated"

Say = Callable[[int], None]


class Collector:
    """Gets the records of a session's trainees, again and again.

    Only one thread at a time may call it. `close` ends what still runs.
    """

    def __init__(
        self,
        roster: Roster,
        output: Output,
        fetch: bool,
        only: Collection[str] = (),
        clock: Clock = time.monotonic,
        before: "Collector | None" = None,
    ) -> None:
        """Find out who takes part. `only` are slugs; without any, it's everyone.

        `before` is the collector that this one replaces, for another roster of the same session.

        With `fetch`, it asks remotes for newer records. Without it, it uses those of earlier runs.
        Raises Problems as `trainees_of` does.
        """
        self.trainees = trainees_of(roster, output, only)
        self._session = roster.name
        self._output = output
        self._folders = Folders()
        self._remembered = Remembered(output, roster.name)
        self._asked = {one.slug: one for one in self.trainees if fetch and one.url}
        hosts = {slug: host_of(one.url) for slug, one in self._asked.items()}
        self._schedule: Schedule = Schedule(hosts, clock, before._schedule if before else None)
        self._clock = clock
        self._problems: dict[str, str] = dict(before._problems) if before else {}
        """Why a remote didn't answer the last question."""
        self._away: dict[str, str] = dict(before._away) if before else {}
        """What a host's last failure was."""
        self._open: dict[Future[tuple[Found | None, int]], str] = {}
        self._tried: set[str] = set()
        """Remotes that we couldn't get anything from, so that we look before we try again."""
        self._moving: set[str] = set()
        """Remotes whose last answer was new, so that we expect the next to be new, too."""
        self._remotes: Remotes | None = None
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="remotes")
        self._lock = Lock()

    @property
    def requests(self) -> int:
        """How many requests it has sent to remotes."""
        return self._remotes.requests if self._remotes else 0

    @property
    def has_remotes(self) -> bool:
        """Whether there is any remote to ask."""
        return bool(self._asked)

    def collect(self) -> list[Known]:
        """What is known now about each trainee, in the roster's order.

        Asks the remotes that are due. Whatever is wrong with one trainee is in that trainee's
        `problem`.
        """
        with self._lock:
            until = self._clock() + PATIENCE
            while self._go_on() and self._clock() < until:
                wait(self._open, until - self._clock(), FIRST_COMPLETED)
            return self._all_known()

    def collect_all(self, say: Say) -> list[Known]:
        """The same after every remote was asked once, however long that takes.

        Calls `say` with the number of those that are still to be asked.
        """
        with self._lock:
            while (self._go_on() or self._schedule.unasked()) and (
                left := self._schedule.unasked()
            ):
                say(left)
                if self._open:
                    wait(self._open, _NAP, FIRST_COMPLETED)
                else:
                    time.sleep(_NAP)  # the hosts' budgets are spent
            say(0)
            return self._all_known()

    def close(self) -> None:
        """End all questions. Nothing can be asked after that."""
        if self._remotes:
            self._remotes.close()
        self._pool.shutdown(cancel_futures=True)

    def _go_on(self) -> bool:
        """Take the answers that are here, and ask more remotes. Whether any question is open."""
        for future in [one for one in self._open if one.done()]:
            self._take(self._open.pop(future), future)
        while len(self._open) < AT_ONCE and (slug := self._schedule.next()):
            if self._remotes is None:
                self._remotes = Remotes({**asking(), **unattended(self._output.root)})
            trainee = self._asked[slug]
            seen = self._remembered.of(slug, trainee.url)
            commit = seen.commit if seen else ""
            looks_first = slug in self._tried or (bool(seen) and slug not in self._moving)
            self._schedule.begin(slug)
            question = partial(_ask, self._remotes, trainee.url, commit, looks_first=looks_first)
            self._open[self._pool.submit(question)] = slug
        return bool(self._open)

    def _take(self, slug: str, future: "Future[tuple[Found | None, int]]") -> None:
        """Note an answer."""
        trainee = self._asked[slug]
        before = self._remembered.of(slug, trainee.url)
        try:
            found, requests = future.result()
        except _Failed as failed:
            self._tried.add(slug)
            self._problems[slug] = failed.why
            if failed.unreached:
                self._away[host_of(trainee.url)] = failed.why
            self._schedule.failed(slug, failed.requests, unreached=failed.unreached)
            if failed.commit and not failed.unreached:
                # It would fail again, so don't try again before something else is there.
                self._problems.pop(slug)
                self._note(slug, Found(failed.commit, None, failed.why), before)
            return
        self._problems.pop(slug, None)
        moved = found is not None and found.commit != (before.commit if before else "")
        (self._moving.add if moved else self._moving.discard)(slug)
        self._schedule.answered(slug, requests, moved=moved)
        self._note(slug, found, before)

    def _note(self, slug: str, found: Found | None, before: Seen | None) -> None:
        """Remember an answer: what the remote has, or None for what it had before."""
        url = self._asked[slug].url
        if found is None:
            self._remembered.note(slug, replace(before, at=now()) if before else Seen(url, now()))
            return
        content, why = found.content, found.why
        if content is not None:
            try:
                own_record(content, slug, self._session)
            except form.Unusable as error:
                content, why = None, str(error)
        self._remembered.note(
            slug, Seen(url, now(), found.commit, (content or b"").decode(errors="replace"), why)
        )

    def _all_known(self) -> list[Known]:
        return [
            replace(self._known(trainee), namesake=trainee.is_namesake) for trainee in self.trainees
        ]

    def _known(self, trainee: Trainee) -> Known:
        in_folder = contained(
            partial(self._in_folder, trainee),
            lambda said: Known(trainee.slug, trainee.name, problem=said),
        )
        at_remote = self._at_remote(trainee)
        if at_remote is None:
            return in_folder
        return _newest(in_folder, at_remote)

    def _in_folder(self, trainee: Trainee) -> Known:
        folder = self._output.repository(trainee.slug)
        if not trainee.slug or not os.path.lexists(folder):
            return Known(trainee.slug, trainee.name, problem=NOT_GENERATED)
        found = self._folders.record_in(folder, trainee.slug, self._session)
        return Known(trainee.slug, trainee.name, found, "folder" if found else "")

    def _at_remote(self, trainee: Trainee) -> Known | None:
        """What we know from the trainee's remote; None if that is nothing."""
        if not trainee.url:
            return None
        seen = self._remembered.of(trainee.slug, trainee.url)
        record = self._remembered.record(trainee.slug, trainee.url)
        why = self._why_unanswered(trainee) if trainee.slug in self._asked else ""
        if why and seen:
            why += f"{SEEN}{local(seen.at)}"
        if seen and seen.why and not why:
            why = f"the record at its remote cannot be used: {seen.why}"
        if record and trainee.since and _at(record) < _moment(trainee.since):
            record = None
            why = why or f"{BEFORE}{local(trainee.since)}"
        if not (record or why):
            return None
        return Known(trainee.slug, trainee.name, record, "remote" if record else "", why)

    def _why_unanswered(self, trainee: Trainee) -> str:
        """Why the remote didn't answer the last question. Empty if it did."""
        host = host_of(trainee.url)
        if self._schedule.is_away(trainee.slug):  # the same sentence for everybody on it
            return f"{host} does not answer: {self._away[host]}"
        why = self._problems.get(trainee.slug, "")
        return f"its remote cannot be read: {why}" if why else ""


class _Failed(Exception):
    """A question without an answer."""

    def __init__(self, why: str, requests: int, commit: str, *, unreached: bool) -> None:
        super().__init__(why)
        self.why = why
        self.requests = requests
        self.commit = commit
        """What is there although we couldn't get it. Empty if unknown."""
        self.unreached = unreached


def _ask(remotes: Remotes, url: str, known: str, *, looks_first: bool) -> tuple[Found | None, int]:
    """What a remote has, or None if it's what we know, and how many requests that took.

    Without a look first, it's one request, and we get what it has even if we know that already.
    Raises _Failed.
    """
    tip, requests = "", 0
    try:
        if looks_first:
            requests += 1
            tip = remotes.tip(url)
            if tip == known:
                return None, requests
            if not tip:
                return Found(), requests
        requests += 1
        return remotes.get(url), requests
    except Exception as error:
        unreached = isinstance(error, Unreached)
        raise _Failed(said_by(error), requests, tip, unreached=unreached) from error


def _newest(one: Known, other: Known) -> Known:
    """The one with the newer record, and with whatever is wrong."""
    problem = "" if one.problem == NOT_GENERATED else one.problem
    problems = "; ".join(filter(None, [problem, other.problem]))
    newest = other if _at(other.record) > _at(one.record) else one
    return Known(newest.slug, newest.name, newest.record, newest.source, problems)


def _at(record: Record | None) -> float:
    return _moment(record.at) if record else float("-inf")


def _moment(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
