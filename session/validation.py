"""Holds a whole roster against the template, before anything is written."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from session.keys import HOW_IN_CSV, KeyRing
from session.ports import PortBook
from session.problem import Problem, Problems
from session.questions import SHARED_HOST, Checked, Fault, WrongAnswers, check, key_fault
from session.rendering import renderer
from session.roster import Entry, Roster


@dataclass(frozen=True)
class Ready:
    """A trainee about whom everything is known, and right."""

    entry: Entry
    checked: Checked
    key: str | None
    """The API key for `.env`; None for whoever needs none, or sets it later."""


def validate(roster: Roster, source: str, ring: KeyRing, pool: Executor) -> list[Ready]:
    """Check every trainee. Raises Problems with all that is wrong, each with its line."""
    problems = list(roster.problems)
    found: list[tuple[Entry, Checked]] = []
    look = partial(_check_entry, roster=roster, source=source)
    chunk = max(1, len(roster.entries) // 32)
    for entry, result in zip(
        roster.entries, pool.map(look, roster.entries, chunksize=chunk), strict=True
    ):
        checked, faults = result
        problems += _in_roster(roster, entry, faults)
        # Without a name, the template makes one up; whose it is has been said.
        if checked and entry.answers.keys() & {"trainee_name", "trainee_slug"}:
            found.append((entry, checked))
    problems += _doubles(roster, found)
    if roster.distinct_ports:
        problems += _overlaps(roster, found)
    ready, lacking = _with_keys(roster, source, ring, found)
    if problems or lacking:
        unique = {(p.where, p.what): p for p in [*problems, *lacking]}  # [answers] are everyone's
        raise Problems(in_order(unique.values()))
    return ready


def _check_entry(entry: Entry, roster: Roster, source: str) -> tuple[Checked | None, list[Fault]]:
    answers = {"session": roster.name, **entry.answers}
    with renderer(source, roster.version or None, Path("/nowhere")) as worker:
        # Who gets ports of their own shares a machine with the others.
        if roster.distinct_ports and SHARED_HOST in worker.template.questions_data:
            answers.setdefault(SHARED_HOST, True)
        try:
            return check(worker, answers, {}, roster.is_text), []
        except WrongAnswers as error:
            return error.known, error.faults


def _in_roster(roster: Roster, entry: Entry, faults: Iterable[Fault]) -> list[Problem]:
    return [
        Problem(
            fault.what,
            fault.remedy,
            roster.where_set("name")
            if fault.answer == "session"
            else roster.where(entry.line_of(fault.answer)),
        )
        for fault in faults
    ]


def _doubles(roster: Roster, found: list[tuple[Entry, Checked]]) -> list[Problem]:
    first: dict[str, Entry] = {}
    problems = []
    for entry, checked in found:
        known = first.setdefault(checked.slug, entry)
        if known is not entry:
            problems.append(
                Problem(
                    f"`{checked.slug}` is the slug of the trainee on line {known.line} too.",
                    'Give one of them another: trainee_slug = "…".',
                    roster.where(entry.line_of("trainee_slug")),
                )
            )
    return problems


def _overlaps(roster: Roster, found: list[tuple[Entry, Checked]]) -> list[Problem]:
    """Ports that the roster itself gives to two trainees; who has none given gets free ones."""
    book = PortBook()
    problems = []
    for entry, checked in found:
        if "port_offset" not in checked.given:
            continue
        ports = checked.facts.ports
        clash = book.clash(ports.values())
        if clash:
            problems.append(
                Problem(
                    f"Port {clash[0]} would be {checked.slug}'s and {clash[1]}'s.",
                    "Choose another port_offset, or none: they are given out then.",
                    roster.where(entry.line_of("port_offset")),
                )
            )
        book.take(ports.values(), checked.slug)
    return problems


def _with_keys(
    roster: Roster, source: str, ring: KeyRing, found: list[tuple[Entry, Checked]]
) -> tuple[list[Ready], list[Problem]]:
    ready = []
    problems = []
    with renderer(source, roster.version or None, Path("/nowhere")) as worker:
        for entry, checked in found:
            try:
                key = _key(entry, checked, ring, lambda key: key_fault(worker, key))
                ready.append(Ready(entry, checked, key))
            except Problem as problem:
                if entry.api_key is None and roster.is_text:
                    problem.remedy = HOW_IN_CSV
                where = roster.where(entry.line_of("api_key"))
                if "api_key" not in entry.lines and entry.api_key:
                    where = roster.where_set("api_key")
                problems.append(Problem(problem.what, problem.remedy, where))
    return ready, problems


def _key(
    entry: Entry, checked: Checked, ring: KeyRing, fault_of: Callable[[str], str]
) -> str | None:
    if not checked.wants_key or (entry.api_key and entry.api_key.kind == "later"):
        return None
    if entry.api_key is None:
        raise Problem(
            f"{checked.slug}'s traces go to Datadog, but no API key is named.",
            'Add api_key = {env = "DD_API_KEY"} to [session]; or api_key = "later" for trainees '
            "who set their own.",
        )
    key = ring.key_of(entry.api_key, checked.slug)
    fault = fault_of(key)
    if fault:
        raise Problem(f"What is there for {checked.slug} is no API key.", fault)
    return key


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems of one roster, by their lines."""
    return sorted(problems, key=lambda problem: int(problem.where.rpartition(":")[2]))
