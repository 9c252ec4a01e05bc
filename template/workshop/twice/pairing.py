"""Records one pairing of the trainee's app twice: by its own lines, and by the tracing client."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from workshop.check.requirement import Unmet
from workshop.check.stack import Stack, pairing
from workshop.console.hand_timed import trace_of
from workshop.problem import Problem
from workshop.settings import Settings
from workshop.stack.copied import copy_files, settings_of_copy
from workshop.stack.script import SCRIPTS
from workshop.stack.services import Service, own_modules, services
from workshop.stack.supervisor import temporary_stack
from workshop.traces.bars import Bar, bars
from workshop.traces.tree import fold

TRACED = """
import ddtrace.auto
import runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script with the tracing client, and without a change of the script."""


@dataclass(frozen=True)
class Twice:
    """One pairing, twice."""

    by_hand: list[Bar]
    """From the lines in timing.log, which don't say when they started: those times are guesses."""
    traced: list[Bar]
    """From the spans, without the framework's own."""
    spans: int
    """How many spans there are, with the framework's own."""

    @property
    def milliseconds(self) -> float:
        """How long the request took."""
        return max(bar.start + bar.length for bar in (*self.by_hand, *self.traced))


def has_timing(root: Path) -> bool:
    """Whether the trainee's app times itself by hand now."""
    return root / "timing.py" in own_modules(root / SCRIPTS["web"])


def record(settings: Settings) -> Twice:
    """Run a copy of the trainee's code under the tracing client, and ask it for a pairing.

    Raises Problem if the code doesn't run, or one of the two recordings is missing.
    """
    with tempfile.TemporaryDirectory(prefix="workshop-twice-") as name:
        folder = Path(name)
        copy_files(settings.root, folder)
        (folder / "timing.log").unlink(missing_ok=True)
        apart = settings_of_copy(settings, folder, {})
        with temporary_stack(apart, stack=[_traced(one) for one in services(apart)]):
            stack = Stack(apart)
            try:
                stack.pair()  # the first one also fills DonutDB
                before = len(stack.timing_log())
                look = stack.look(pairing())
                lines = stack.timing_log()[before:]
            except Unmet as error:
                raise Problem(f"A pairing fails: {error.seen}.") from error
    by_hand = trace_of(lines)
    if by_hand is None:
        raise Problem("A pairing adds no whole request to timing.log.")
    if look.trace is None:
        raise Problem("The tracing client recorded no pairing.")
    return Twice(
        by_hand=[bar for _, bar in bars(by_hand)],
        traced=[bar for _, bar in bars(fold(look.trace))],
        spans=len(look.trace.spans()),
    )


def _traced(service: Service) -> Service:
    if not service.is_trainees_code:
        return service
    return replace(service, command=lambda: [sys.executable, "-c", TRACED, service.script])
