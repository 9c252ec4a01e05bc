"""Prints traces: as trees with durations, shares, and errors, or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from workshop.traces import critical_path
from workshop.traces.remarks import left_out, not_drawn, remarks, took
from workshop.traces.tree import MOST_DRAWN, Span, Trace, fold, repeated, weightiest

INDENT = 4
"""How many columns each level of the tree takes."""
FIGURES = len("   1234.5 ms 100%")
BAR = 24
TITLE = 20
"""How many columns the text of a line gets at least. With fewer, the tree stops indenting."""
MOST_RUNS = 3
"""How many notes on repetitions to print below one span."""
MOST_SERVICES = 12
"""How many services to list above the tree."""
LONGEST_TITLE, LONGEST_SERVICE = 120, 40
"""In characters, above the tree."""

# Red is for errors. If there are more services than colors, the colors repeat, underlined.
HUES = ("cyan", "magenta", "green", "yellow", "blue")
SERVICES = (*HUES, *(f"bright_{hue}" for hue in HUES))

LINES = ("│   ", "├── ", "└── ")
PLAIN_LINES = ("|   ", "+-- ", "`-- ")


def show(
    out: Console,
    found: list[Trace],
    everything: bool,
    as_json: bool,
    outside: Counter[str] | None = None,
) -> None:
    """Print traces in the given order. With `everything`, include the framework's own spans.

    Below a single trace, says what takes most of its critical path.
    `outside` counts the spans that are in no trace, as in a Reading.
    """
    if as_json:
        documents = [document(trace, everything) for trace in found]
        out.file.write(f"{json.dumps(documents, indent=2)}\n")  # rich would inspect each character
        return
    for number, trace in enumerate(found):
        if number:
            out.print()
        for line in tree(trace, everything, out.width, plain=out.options.ascii_only):
            # Printing makes a new text, which loses that setting.
            out.print(line, no_wrap=bool(line.no_wrap), overflow=line.overflow)
    if len(found) == 1 and not found[0].has_error():  # of a failure, the error is what matters
        (trace,) = found
        if said := critical_path.sentence(trace if everything else fold(trace)):
            out.print(Text(said))
    if said := left_out(outside or Counter()):
        out.print()
        out.print(said, style="yellow")


def document(trace: Trace, everything: bool = True) -> dict[str, Any]:
    """A trace as JSON. IDs are strings, because they are too large for many readers' numbers.

    Without `everything`, `spans` leaves out the framework's own. `span_count` counts them all.
    """
    start = trace.start
    shown = trace if everything else fold(trace)
    return {
        "trace_id": trace.hex_id,
        "start_ns": start,
        "duration_ms": trace.duration / 1e6,
        "error": trace.has_error(),
        "left_out": dict(trace.left_out),
        "span_count": len(trace.spans()),
        "spans": [
            {
                "span_id": str(span.id),
                "parent_id": str(parent.id) if parent else None,
                "name": span.name,
                "service": span.service,
                "resource": span.resource,
                "start_ms": (span.start - start) / 1e6,
                "duration_ms": span.duration / 1e6,
                "error": span.error,
                "error_message": span.error_message,
                "meta": dict(sorted(span.meta.items())),  # the client sends them in any order
            }
            for span, parent in shown.with_parents()
        ],
    }


def tree(trace: Trace, everything: bool, width: int, *, plain: bool = False) -> Iterator[Text]:
    """The lines of a trace as a tree: name, service, resource, duration, share, and when it ran.

    With `plain`, draws with ASCII characters.
    """
    shown = trace if everything else fold(trace)
    spans = shown.spans()
    drawn = weightiest(shown, MOST_DRAWN)
    services = list(dict.fromkeys(span.service for span in spans))
    bar = BAR if width >= 100 else 0
    room = max(30, width - FIGURES - bar - 3)
    deepest = max(2, (room - TITLE) // INDENT)
    rows = list(_rows(shown.roots, drawn, deepest, PLAIN_LINES if plain else LINES))
    longest = max(
        len(row.guide + row.hint) + cell_len(_title(row.span)) for row in rows if not row.note
    )
    layout = _Layout(trace, services, min(room, longest + 1), bar)

    yield from _headline(trace, spans, len(drawn), services)
    for row in rows:
        if row.note:
            yield _cut((row.guide, "dim"), (row.note, "italic yellow"))
            continue
        yield layout.line(row)
        if row.span.error and row.span.error_message:
            yield _cut((row.below, "dim"), (row.span.error_message.splitlines()[0], "red"))


@dataclass
class _Row:
    """The line of a span or, if it has a `note`, a line about what is below that span."""

    span: Span
    guide: str
    below: str
    """The beginning of the lines below it."""
    hint: str = ""
    """The level of a span that is too deep for the width of the tree."""
    note: str = ""


def _rows(
    roots: list[Span], drawn: set[int], deepest: int, signs: tuple[str, str, str]
) -> Iterator[_Row]:
    through, branch, end = signs
    waiting: list[tuple[Span, int, str, bool, str]] = []
    """Each span with its depth, its prefix, whether it is the last one there, and a note."""

    def wait(inner: list[Span], depth: int, above: str, about: Span | None) -> None:
        """Push the lines of the next level, the last one first."""
        texts = _notes(about, drawn) if about else []
        lines = [(one, "") for one in inner if id(one) in drawn]
        lines += [(about, text) for text in texts if about]
        for number, (one, text) in enumerate(reversed(lines)):
            waiting.append((one, depth, above, number == 0, text))

    wait(roots, 1, "", None)
    while waiting:
        span, depth, above, is_last, text = waiting.pop()
        guide = above + (end if is_last else branch)
        if text:
            yield _Row(span, guide, above, note=text)
            continue
        # Below the deepest level that fits, all lines have the same indentation.
        below = above if depth >= deepest else above + (" " * INDENT if is_last else through)
        yield _Row(span, guide, below, f"[{depth}] " if depth > deepest else "")
        wait(span.children, depth + 1, below, span)


def _notes(span: Span, drawn: set[int]) -> list[str]:
    """Notes on the children of a span: what repeats, and what isn't drawn."""
    runs = sorted(repeated(span), key=lambda run: -sum(child.duration for child in run))
    notes = []
    for run in runs[:MOST_RUNS]:
        what = " ".join(run[0].resource.split())
        all_of_it = sum(child.duration for child in run)
        notes.append(f"{len(run)} times {what}, one after another: {took(all_of_it)}")
    if len(runs) > MOST_RUNS:
        notes.append(f"{len(runs) - MOST_RUNS} more such repetitions")
    if hidden := sum(id(child) not in drawn for child in span.children):
        notes.append(f"not drawn: {hidden:,} more spans, and everything below them")
    return notes


class _Layout:
    """What all lines of one tree share."""

    def __init__(self, trace: Trace, services: list[str], names: int, bar: int) -> None:
        self.start = trace.start
        self.duration = max(trace.duration, 1)
        self.names = names
        self.bar = bar
        self._colors = {
            name: SERVICES[number % len(SERVICES)]
            + (" underline" if number // len(SERVICES) % 2 else "")
            for number, name in enumerate(services)
        }

    def line(self, row: _Row) -> Text:
        """The line of one span, with its numbers aligned with those of all others."""
        span, color = row.span, self._colors[row.span.service]
        title = Text()
        title.append(row.hint, "dim")
        title.append(span.name, "bold")
        title.append(f" {span.service}", color)
        if span.resource != span.name:
            title.append(f" {' '.join(span.resource.split())}")
        if span.error:
            title.stylize("red")
        title.truncate(max(10, self.names - len(row.guide)), overflow="ellipsis", pad=True)
        share = span.duration / self.duration
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(row.guide, "dim")
        line.append_text(title)
        line.append(f" {took(span.duration):>12}", "bold")
        line.append(f" {share:4.0%}", "dim")
        if self.bar:
            line.append("  ")
            line.append(self._when(span), color)
        return line

    def _when(self, span: Span) -> str:
        first = int((span.start - self.start) / self.duration * self.bar)
        last = int((span.end - self.start) / self.duration * self.bar)
        first = min(max(first, 0), self.bar - 1)
        length = max(1, min(last, self.bar) - first)
        return (" " * first + "█" * length).ljust(self.bar)


def _headline(trace: Trace, spans: list[Span], drawn: int, services: list[str]) -> Iterator[Text]:
    total = len(trace.spans())
    head = Text.assemble(
        (_short(" ".join(trace.roots[0].resource.split()), LONGEST_TITLE), "bold"),
        f"  {took(trace.duration)}",
        f"  {total} span{'' if total == 1 else 's'}",
        "" if len(spans) == total else f", {len(spans)} without the framework's own",
    )
    if trace.has_error():
        head.append("  error", "bold red")
    yield head
    more = f" and {len(services) - MOST_SERVICES} more" if len(services) > MOST_SERVICES else ""
    names = ", ".join(_short(name, LONGEST_SERVICE) for name in services[:MOST_SERVICES])
    yield Text(f"trace {trace.hex_id}  {names}{more}", "dim")
    for sentence in (not_drawn(drawn, len(spans), len(spans) < total), *remarks(trace)):
        if sentence:
            yield Text(sentence, "yellow")


def _cut(*parts: tuple[str, str]) -> Text:
    """A line that the terminal's edge cuts off, rather than wraps."""
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")


def _title(span: Span) -> str:
    resource = "" if span.resource == span.name else f" {' '.join(span.resource.split())}"
    return f"{span.name} {span.service}{resource}"


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
