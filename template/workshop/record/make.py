"""Makes the record of this trainee from what the other commands noted in `.workshop/`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from workshop.check import progress, replies
from workshop.check.report import Report
from workshop.moving import hints
from workshop.problem import Problem
from workshop.record import form, pace, share
from workshop.record.form import Check, Count, Line, Picture, Record, StepRecord
from workshop.settings import Settings, steps

NOT_STARTED = "Nothing could be tested, because a service didn't start."
NOT_RUN = "The check couldn't run."
"""Why a check tested nothing. The trainee sees more, which can have lines of their code."""

SMALLER = (
    (form.MOST_LINES, form.LONGEST_SENTENCE, form.LONGEST_TEXT),
    (form.MOST_LINES, form.LONGEST_SENTENCE, 40),
    (10, 200, 40),
    (5, 100, 40),
    (0, 0, 0),
)
"""How much to keep until a record is small enough: the entries of a list, and the characters of a
sentence and of the name of a bar.

What a check of this version says needs a tenth of the room. A trainee's checks can have any text.
"""


def note(settings: Settings, check: Check | None = None) -> None:
    """Write the record again after a sign of the trainee, and share it if the trainee does that.

    Does nothing if the file can't be written, because no command may fail for it.
    """
    with contextlib.suppress(Problem, OSError):
        if pace.is_own(settings.run_dir):
            update(settings, **({"check": check} if check else {}))
            share.send(settings)


def update(settings: Settings, **news: Any) -> Record:
    """Write the record again, with `news` for what only `finish` or a check knows, and save it.

    Without news, it keeps what the last record has of that. Raises Problem.
    """
    with pace.alone(settings.run_dir):
        earlier = form.read(settings.run_dir)
        if earlier and earlier.slug != settings.slug:
            earlier = None
        kept = (
            {name: getattr(earlier, name) for name in ("before", "after", "finished", "check")}
            if earlier
            else {}
        )
        made = _fitting(_made(settings, kept | news))
        form.write(settings.run_dir, made)
    return made


def now() -> str:
    """The time, as in a record."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def check_of(report: Report) -> Check:
    """What a record says about a check."""
    problem = NOT_STARTED if report.problem else ""
    lines = (
        []
        if problem
        else [
            Line(
                _plain(one.name),
                one.outcome,
                _plain(one.expected),
                _plain(one.hint),
                one.is_bonus,
            )
            for one in report.requirements
        ]
    )
    return Check(report.step.slug, now(), report.passed, lines[: form.MOST_LINES], problem)


def _made(settings: Settings, kept: Mapping[str, Any]) -> Record:
    catalogue = steps(settings.root)
    return Record(
        version=form.VERSION,
        slug=settings.slug,
        session=settings.session,
        at=now(),
        step=next((one.slug for one in catalogue if one.number == settings.step), ""),
        steps=_steps(settings, [step.slug for step in catalogue]),
        seen=pace.last_sign(settings.run_dir),
        **kept,
    )


def _steps(settings: Settings, slugs: list[str]) -> list[StepRecord]:
    done, paces = progress.done(settings.run_dir), pace.read(settings.run_dir)
    taken, told = hints.taken(settings.root), replies.read(settings.run_dir)
    found = []
    for slug in slugs:
        known = paces.get(slug, pace.Pace())
        if slug in {*done, *paces, *taken}:
            found.append(
                StepRecord(
                    slug=slug,
                    passed=_time(known.passed or done[slug]) if slug in done else "",
                    seconds=min(max(known.seconds, 0.0), form.LONGEST_SECONDS),
                    hints=min(taken.get(slug, 0), form.MOST),
                    bonus=known.bonus,
                    began=_time(known.began),
                    checks=min(max(known.checks, 0), form.MOST),
                    stopped=_counts(known.stopped),
                    wrong=_counts(told.wrong.get(slug, {})),
                )
            )
    return found


def _time(text: str) -> str:
    """A time from a file that somebody may have edited. Empty if it isn't one."""
    return text if form.is_time(text) else ""


def _counts(times: Mapping[str, int]) -> list[Count]:
    """The most frequent first."""
    found = [(_plain(what), min(number, form.MOST)) for what, number in times.items() if number > 0]
    found.sort(key=lambda one: -one[1])
    return [Count(*one) for one in found[: form.MOST_LINES]]


def _plain(text: str, longest: int = form.LONGEST_SENTENCE) -> str:
    """The text in one line that a record may have."""
    words = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "?" for sign in words)[:longest]


def _fitting(record: Record) -> Record:
    """The record with as much text as fits into a file that everybody accepts."""
    for most, longest, name in SMALLER:
        made = _shortened(record, most, longest, name)
        if len(json.dumps(asdict(made), indent=2)) < form.LARGEST:
            break
    return made


def _shortened(record: Record, most: int, longest: int, name: int) -> Record:
    def cut(picture: Picture | None) -> Picture | None:
        bars = picture.bars if picture else []
        return picture and replace(
            picture,
            bars=[replace(one, name=one.name[:name], service=one.service[:name]) for one in bars],
        )

    def fewer(counts: list[Count]) -> list[Count]:
        return [replace(one, what=one.what[:longest]) for one in counts[:most]]

    check = record.check
    if check:
        lines = [
            replace(
                one,
                name=one.name[:longest],
                expected=one.expected[:longest],
                hint=one.hint[:longest],
            )
            for one in check.lines[:most]
        ]
        check = replace(check, lines=lines)
    shorter = [
        replace(one, stopped=fewer(one.stopped), wrong=fewer(one.wrong)) for one in record.steps
    ]
    before, after = cut(record.before), cut(record.after)
    return replace(record, steps=shorter, check=check, before=before, after=after)
