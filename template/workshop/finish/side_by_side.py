"""Compares a pairing of the app from the start of the workshop with one of the trainee's app.

Both run at the same time, on one stack in a copy of the repository. So they have the same machine,
the same load on it, and the same database.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from workshop.check.requirement import Unmet
from workshop.check.stack import Stack, copied_stack, pairing
from workshop.problem import Problem
from workshop.record.form import DEEPEST, LONGEST_TEXT, MOST_BARS, Picture
from workshop.settings import Settings
from workshop.traces.bars import bars
from workshop.traces.tree import Trace, fold, weightiest

PAIRINGS = 5
"""How many to make with each. One of an odd number is the median."""
REFERENCE = Path("checks", "reference")
TRACED = ("app.py", "taster.py")
"""The files of the reference that need the tracer's import."""


def measure(settings: Settings) -> tuple[Picture, Picture]:
    """The median pairing before and after. Raises Problem if one of the apps doesn't answer."""
    with tempfile.TemporaryDirectory(prefix="workshop-finish-") as folder:
        first = Path(folder, "reference")
        first.mkdir()
        for name in TRACED:
            code = _reference(settings.root / REFERENCE / name)
            (first / name).write_text(f"import ddtrace.auto\n{code}", encoding="utf-8")
        try:
            with (
                copied_stack(settings, Path(folder, "stack"), with_agent=True) as yours,
                yours.beside(first) as reference,
            ):
                for stack in (reference, yours):
                    stack.match()  # the first one also fills DonutDB
                # In turn, so that other load on the machine affects both alike.
                pairs = [(_trace(reference), _trace(yours)) for _ in range(PAIRINGS)]
        except Unmet as unmet:
            raise Problem(f"A pairing failed: {unmet.seen}.", unmet.hint) from unmet
    return _median([one for one, _ in pairs]), _median([one for _, one in pairs])


def _reference(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(
            f"{REFERENCE / path.name} can't be read.", "Restore it: git restore checks"
        ) from error


def _trace(stack: Stack) -> Trace:
    look = stack.look(pairing())
    if look.trace is None:
        raise Unmet(
            expected="a trace of a pairing", seen=look.describe(), hint="Is the code traced?"
        )
    return look.trace


def _median(traces: list[Trace]) -> Picture:
    trace = sorted(traces, key=lambda one: one.duration)[len(traces) // 2]
    shown = fold(trace)
    drawn = weightiest(shown, MOST_BARS)
    found = [
        replace(
            bar,
            name=_plain(bar.name),
            service=_plain(bar.service),
            depth=min(bar.depth, DEEPEST),
        )
        for span, bar in bars(shown)
        if id(span) in drawn
    ]
    return Picture(round(trace.duration / 1e6, 3), len(traces), len(trace.spans()), found)


def _plain(text: str) -> str:
    words = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "?" for sign in words)[:LONGEST_TEXT]
