"""Traces on the terminal: one tree each, with durations, shares and errors; or as JSON."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from workshop.spantree import Span, Trace, fold, repeated

INDENT = 4
"""Columns for each level of a rich Tree."""
FIGURES = len("   1234.5 ms 100%")
BAR = 24
SERVICES = ("cyan", "magenta", "green", "yellow", "blue")


def show(out: Console, found: list[Trace], everything: bool, as_json: bool) -> None:
    """Print traces, in the order given; the framework's own spans only with `everything`."""
    if as_json:
        documents = [document(trace if everything else fold(trace)) for trace in found]
        out.print(json.dumps(documents, indent=2), soft_wrap=True)
        return
    for number, trace in enumerate(found):
        if number:
            out.print()
        out.print(tree(trace, everything, out.width))


def document(trace: Trace) -> dict[str, Any]:
    """A trace as JSON has it. Ids are strings: they exceed what many readers' numbers hold."""
    return {
        "trace_id": trace.hex_id,
        "start_ns": trace.start,
        "duration_ms": trace.duration / 1e6,
        "error": trace.has_error(),
        "spans": [
            {
                "span_id": str(span.id),
                "parent_id": str(parent.id) if parent else None,
                "name": span.name,
                "service": span.service,
                "resource": span.resource,
                "start_ms": (span.start - trace.start) / 1e6,
                "duration_ms": span.duration / 1e6,
                "error": span.error,
                "error_message": span.error_message,
                "meta": span.meta,
            }
            for span, parent in trace.with_parents()
        ],
    }


def tree(trace: Trace, everything: bool, width: int) -> Tree:
    """A trace as a tree: name, service and resource; duration, its share, and when it ran."""
    shown = trace if everything else fold(trace)
    spans = shown.spans()
    services = sorted({span.service for span in spans}, key=[s.service for s in spans].index)
    colours = {name: SERVICES[n % len(SERVICES)] for n, name in enumerate(services)}
    bar = BAR if width >= 100 else 0
    room = max(30, width - FIGURES - bar - 3)
    longest = max(INDENT * depth + len(_title(span)) for span, depth in _with_depths(shown.roots))
    layout = _Layout(trace, colours, min(room, longest + 1), bar)

    root = Tree(_headline(trace, len(spans), services), guide_style="dim")
    for span in shown.roots:
        _grow(root, span, layout, 1)
    return root


class _Layout:
    """What all lines of one tree have in common."""

    def __init__(self, trace: Trace, colours: dict[str, str], names: int, bar: int) -> None:
        self.start = trace.start
        self.duration = max(trace.duration, 1)
        self.colours = colours
        self.names = names
        self.bar = bar

    def line(self, span: Span, depth: int) -> Text:
        """One span, its figures below those of all others."""
        title = Text(no_wrap=True)
        title.append(span.name, "bold")
        title.append(f" {span.service}", self.colours[span.service])
        if span.resource != span.name:
            title.append(f" {' '.join(span.resource.split())}")
        if span.error:
            title.stylize("red")
        title.truncate(max(10, self.names - INDENT * depth), overflow="ellipsis", pad=True)
        share = span.duration / self.duration
        title.append(f" {span.duration / 1e6:9.1f} ms", "bold")
        title.append(f" {share:4.0%}", "dim")
        if self.bar:
            title.append("  ")
            title.append(self._when(span), self.colours[span.service])
        return title

    def _when(self, span: Span) -> str:
        first = int((span.start - self.start) / self.duration * self.bar)
        last = int((span.end - self.start) / self.duration * self.bar)
        first = min(max(first, 0), self.bar - 1)
        length = max(1, min(last, self.bar) - first)
        return (" " * first + "█" * length).ljust(self.bar)


def _headline(trace: Trace, shown: int, services: list[str]) -> Text:
    total = len(trace.spans())
    head = Text.assemble(
        (trace.roots[0].resource or trace.roots[0].name, "bold"),
        f"  {trace.duration / 1e6:.1f} ms",
        f"  {shown} spans" if shown == total else f"  {shown} of {total} spans",
    )
    if trace.has_error():
        head.append("  error", "bold red")
    head.append(f"\ntrace {trace.hex_id}  {', '.join(services)}", "dim")
    if len(trace.roots) > 1:
        head.append(
            f"\nin {len(trace.roots)} parts: the span above some of them is missing", "yellow"
        )
    return head


def _grow(branch: Tree, span: Span, layout: _Layout, depth: int) -> None:
    line = layout.line(span, depth)
    if span.error and span.error_message:
        line.append(f"\n{span.error_message.splitlines()[0]}", "red")
    twig = branch.add(line)
    for child in span.children:
        _grow(twig, child, layout, depth + 1)
    for run in repeated(span):
        took = sum(child.duration for child in run) / 1e6
        what = run[0].resource or run[0].name
        note = f"{len(run)} times {what}, one after the other: {took:.1f} ms"
        twig.add(Text(note, "italic yellow"))


def _title(span: Span) -> str:
    resource = "" if span.resource == span.name else f" {' '.join(span.resource.split())}"
    return f"{span.name} {span.service}{resource}"


def _with_depths(spans: list[Span], depth: int = 1) -> list[tuple[Span, int]]:
    return [
        found
        for span in spans
        for found in [(span, depth), *_with_depths(span.children, depth + 1)]
    ]
