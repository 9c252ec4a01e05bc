"""Checks a whole roster against the template, before we write anything."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from matchmaker.problem import MOST, Problem, Problems
from matchmaker.repositories.copier_adapter import questions, template_at
from matchmaker.repositories.ports import PortBook, blocked, nearest_offset, shifted
from matchmaker.roster.keys import HOW_IN_CSV, KeyRing
from matchmaker.roster.masking import masked
from matchmaker.roster.questions import (
    SHARE_PROGRESS,
    SHARED_HOST,
    Checked,
    Fault,
    WrongAnswers,
    check,
    key_fault,
    unknown,
)
from matchmaker.roster.read import SET_BY_SESSION, Entry, Roster
from matchmaker.session import Trainee

_SHOWN = 5
"""How many slugs a message names."""


@dataclass(frozen=True)
class Valid:
    """The trainees of a roster, once each."""

    trainees: list[Trainee]
    mistakes: list[Problem] = field(default_factory=list)
    """Those of trainees who weren't asked for. They have defaults in place of wrong answers."""


def validate(
    roster: Roster, source: str, ring: KeyRing, pool: Executor, only: Collection[str] = ()
) -> Valid:
    """Check every trainee. Raises Problems with every mistake and its line.

    With slugs in `only`, mistakes that only concern others are no reason to raise.
    """
    roster = _with_answers_from_notes(roster, source)
    foreign = _foreign_columns(roster, source)
    problems = [*roster.problems, *foreign.values()]
    about = {one: roster.lines_of(one) for one in roster.of_rows}
    found: list[tuple[Entry, Checked]] = []
    for entry, (checked, faults) in zip(
        roster.entries, _check_all(roster, foreign, source, pool), strict=True
    ):
        own = list(_in_roster(roster, entry, faults))
        problems += own
        about |= {one: {entry.line} for one in own}
        misspelled = [*foreign, *(fault.answer for fault in faults if fault.is_guessed)]
        entry, problems = roster.without_consequences(misspelled, entry, problems)
        # Without a name, the template makes one up. The missing name is already reported.
        if checked and entry.answers.keys() & {"trainee_name", "trainee_slug"}:
            found.append((entry, checked))
    of_several = _doubles(roster, found) | _refused_by_browsers(roster, found)
    if roster.distinct_ports:
        of_several |= _overlaps(roster, found)
    chosen = [pair for pair in found if not only or pair[1].slug in only]
    others = [pair for pair in found if only and pair[1].slug not in only]
    ready, lacking = _with_keys(roster, source, ring, chosen)
    of_others, unasked = _with_keys(roster, source, ring, others)
    problems += [*of_several, *lacking, *unasked]
    about |= of_several | {one: set() for one in unasked}
    # A mistake in [answers] comes up once for each trainee.
    mistakes = in_order({(p.where, p.what): p for p in problems}.values())
    lines = {entry.line for entry, _ in chosen}
    if mistakes and not (only and all(one in about and not about[one] & lines for one in problems)):
        raise Problems(mistakes)
    by_slug = {one.slug: one for one in [*of_others, *ready]}
    trainees: dict[str, Trainee] = {}
    for entry, checked in found:
        one = by_slug.get(checked.slug) or _trainee(entry, checked, None)
        trainees.setdefault(checked.slug, one)
    return Valid([*trainees.values()], mistakes)


def _with_answers_from_notes(roster: Roster, source: str) -> Roster:
    """The roster of a table, with the answers to questions that only this template has.

    Reading the table, we knew only the questions of this version, and took other columns for notes.
    """
    if not roster.is_text:
        return roster
    asked = questions(template_at(source, roster.version or None)).keys() - SET_BY_SESSION.keys()
    entries = []
    for entry in roster.entries:
        own = {name: value for name, value in entry.notes.items() if name in asked}
        notes = {name: value for name, value in entry.notes.items() if name not in own}
        lines = {**entry.lines, **dict.fromkeys(own, entry.line)}
        entries.append(replace(entry, answers={**entry.answers, **own}, lines=lines, notes=notes))
    return replace(roster, entries=tuple(entries))


def _foreign_columns(roster: Roster, source: str) -> dict[str, Problem]:
    """The columns that match no question, each with what to do about it, once for all trainees."""
    if not roster.columns:
        return {}
    asked = questions(template_at(source, roster.version or None))
    found = {}
    listed = f": {', '.join(name for name in asked if name not in SET_BY_SESSION)}, api_key"
    for name, line in roster.columns.items():
        fault = unknown(name, asked, roster.columns)
        if fault:
            remedy = fault.remedy
            if not fault.is_guessed:
                remedy = f"Remove this column, or rename it to one that the template knows{listed}."
                listed = ""  # once is enough
            found[name] = Problem(fault.what, remedy, roster.where(line))
    return found


def _check_all(
    roster: Roster, left_out: Collection[str], source: str, pool: Executor
) -> Iterator[tuple[Checked | None, list[Fault]]]:
    # Workers get only what they need from the roster, because Python pickles it.
    answers = [
        {"session": roster.name, **{n: v for n, v in entry.answers.items() if n not in left_out}}
        for entry in roster.entries
    ]
    look = partial(
        _check_answers,
        source=source,
        version=roster.version or None,
        is_text=roster.is_text,
        distinct_ports=roster.distinct_ports,
    )
    # The first one here, before we fork: so the others find what this has compiled.
    yield from map(look, answers[:1])
    try:
        yield from pool.map(look, answers[1:], chunksize=max(1, len(answers) // 32))
    except BrokenProcessPool as error:
        what = "A process that checked answers was killed; did this machine run out of memory?"
        raise Problems(
            [Problem(what, "Close other programs, and run the command again.")]
        ) from error


def _check_answers(
    answers: Mapping[str, Any],
    source: str,
    version: str | None,
    is_text: bool,
    distinct_ports: bool,
) -> tuple[Checked | None, list[Fault]]:
    try:
        template = template_at(source, version)
        asked = questions(template)
        # Trainees with distinct ports share a machine.
        if distinct_ports and SHARED_HOST in asked:
            answers = {SHARED_HOST: True, **answers}
        # Everyone on a roster has an instructor, who looks at how far they are.
        if SHARE_PROGRESS in asked:
            answers = {SHARE_PROGRESS: True, **answers}
        return check(template, answers, {}, is_text), []
    except WrongAnswers as error:
        return error.known, error.faults
    except Exception as error:  # other processes may not be able to unpickle the template's errors
        what = f"The template cannot check these answers: {type(error).__name__}: {error}"
        return None, [Fault("", masked(what), "Ask the authors of the template.")]


def _in_roster(roster: Roster, entry: Entry, faults: Iterable[Fault]) -> Iterator[Problem]:
    for fault in faults:
        if fault.answer != "session":
            where = roster.where(entry.line_of(fault.answer))
            yield Problem(fault.what, fault.remedy, where, f"{fault.answer}: {fault.remedy}")
        else:
            yield Problem(fault.what, fault.remedy, roster.where_set("name"))


def _doubles(roster: Roster, found: list[tuple[Entry, Checked]]) -> dict[Problem, set[int]]:
    """Slugs of two trainees, each with the lines of both."""
    first: dict[str, Entry] = {}
    problems = {}
    remedy = 'Give one of them another: trainee_slug = "…".'
    if roster.is_text:
        remedy = "Remove one of the two, or give it another slug in a column trainee_slug."
    for entry, checked in found:
        known = first.setdefault(checked.slug, entry)
        if known is not entry:
            what = f"`{checked.slug}` is also the slug of the trainee on line {known.line}."
            where = roster.where(entry.line_of("trainee_slug"))
            problems[Problem(what, remedy, where, remedy)] = {known.line, entry.line}
    return problems


def _refused_by_browsers(
    roster: Roster, found: list[tuple[Entry, Checked]]
) -> dict[Problem, set[int]]:
    """Ports that no browser opens, each with the trainee's line. Older templates accept them."""
    problems = {}
    for entry, checked in found:
        port = blocked(checked.facts.ports.values())
        if port and "port_offset" in checked.given:
            offset = checked.given["port_offset"]
            nearest = nearest_offset(shifted(checked.facts.ports, -offset), offset)
            problem = Problem(
                f"Browsers refuse port {port}, which {checked.slug} would get.",
                f"Choose another port_offset; the nearest is {nearest}.",
                roster.where(entry.line_of("port_offset")),
            )
            problems[problem] = {entry.line}
    return problems


def _overlaps(roster: Roster, found: list[tuple[Entry, Checked]]) -> dict[Problem, set[int]]:
    """Ports that the roster itself gives to two trainees, each with the lines of both.

    The others get free ports.
    """
    book = PortBook()
    lines = {checked.slug: entry.line for entry, checked in found}
    problems = {}
    for entry, checked in found:
        if "port_offset" not in checked.given:
            continue
        ports = checked.facts.ports
        clash = book.clash(ports.values())
        if clash:
            problem = Problem(
                f"Port {clash[0]} would belong to {checked.slug} and to {clash[1]}.",
                "Choose another port_offset, or leave it out to get free ports.",
                roster.where(entry.line_of("port_offset")),
            )
            problems[problem] = {entry.line, lines[clash[1]]}
        book.take(ports.values(), checked.slug)
    return problems


def _with_keys(
    roster: Roster, source: str, ring: KeyRing, found: list[tuple[Entry, Checked]]
) -> tuple[list[Trainee], list[Problem]]:
    ready = []
    problems: dict[str, list[tuple[str, Problem]]] = {}
    template = template_at(source, roster.version or None)
    for entry, checked in found:
        try:
            key = _key(entry, checked, ring, partial(key_fault, template))
            ready.append(_trainee(entry, checked, key))
        except Problem as problem:
            where = roster.where(entry.line_of("api_key"))
            if "api_key" not in entry.lines and entry.api_key:
                where = roster.where_set("api_key")
            elif entry.api_key is None:
                where = roster.where(min(entry.line, entry.line_of("backend")))
            remedy = problem.remedy
            if entry.api_key is None and roster.is_text:
                remedy = HOW_IN_CSV
            same = problems.setdefault(where, [])
            kind = HOW_IN_CSV if entry.api_key is None else problem.kind
            same.append((checked.slug, Problem(problem.what, remedy, where, kind)))
    return ready, [one for same in problems.values() for one in _few(same)]


def _trainee(entry: Entry, checked: Checked, key: str | None) -> Trainee:
    return Trainee(
        slug=checked.slug,
        name=str(checked.answers["trainee_name"]),
        step=checked.answers.get("step"),
        facts=checked.facts,
        asked=checked.given,
        answers=checked.answers,
        key=key,
        data=checked.given,
        notes=entry.notes,
    )


def _few(same: Sequence[tuple[str, Problem]]) -> Iterator[Problem]:
    """The problems on one line, for all trainees with them. If there are many, only the first."""
    _, first = same[0]
    if len({problem.what for _, problem in same}) <= MOST:
        yield from (problem for _, problem in same)
        return
    names = [slug for slug, _ in same[1:]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    remedy = f"{first.remedy} Do the same for {', '.join(names[:_SHOWN])}{more}."
    yield Problem(first.what, remedy, first.where, first.kind)


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
        raise Problem(f"The value for {checked.slug} is not an API key.", fault)
    return key


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of one roster, sorted by line."""
    return sorted(problems, key=lambda problem: problem.line)
