"""A trace as the page gets it: a summary for the list, and all of it for the picture.

Times are in milliseconds, those of spans since the trace's begin. Ids are text: they exceed what
JavaScript's numbers hold.
"""

from __future__ import annotations

from typing import Any

from workshop.spantree import Span, Trace, fold, repeated

Document = dict[str, Any]

HANDMADE_SERVICE = "timing.log"
"""What stands for a service in a trace that is made of the lines of timing.log."""
HANDMADE_LINE = "line"
"""The tag that has such a line."""


def summary(key: str, trace: Trace) -> Document:
    """What the list shows of a trace; `key` is how the page calls it."""
    spans = trace.spans()
    shown = fold(trace).spans()
    root = trace.roots[0]
    # What goes wrong below, and is dealt with, is no failure of the request: a 404 is an answer.
    is_error = trace.has_error()
    errors = [span for span in spans if span.error] if is_error else []
    notes = [note for span in shown for note in _notes(span, trace)]
    return {
        "id": key,
        "start": trace.start / 1e6,
        "duration": trace.duration / 1e6,
        "resource": root.resource or root.name,
        "service": root.service,
        "services": list(dict.fromkeys(span.service for span in shown)),
        "spans": len(spans),
        "shown": len(shown),
        "parts": len(trace.roots),
        "error": is_error,
        "message": next((s.error_message for s in errors if s.error_message), ""),
        "status": root.meta.get("http.status_code", ""),
        "version": root.meta.get("version", ""),
        "url": root.meta.get("http.url", ""),
        "note": notes[0]["text"] if notes else "",
        "tags": {k: v for k, v in root.meta.items() if _is_own_tag(k)},
        "handmade": root.service == HANDMADE_SERVICE,
    }


def whole(key: str, trace: Trace) -> Document:
    """All that the page draws of a trace. Each parent stands before its children."""
    folded = fold(trace)
    kept = {span.id: parent for span, parent in folded.with_parents()}
    folded_self = {span.id: self_time(span) / 1e6 for span in folded.spans()}
    spans = []
    for span, parent in trace.with_parents():
        spans.append(
            {
                "id": str(span.id),
                "parent": str(parent.id) if parent else None,
                # In the view that leaves out the framework's spans:
                "folded_parent": str(up.id) if (up := kept.get(span.id)) else None,
                "framework": span.id not in kept,
                "name": span.name,
                "service": span.service,
                "resource": " ".join(span.resource.split()),
                "start": (span.start - trace.start) / 1e6,
                "duration": span.duration / 1e6,
                "self": self_time(span) / 1e6,
                "folded_self": folded_self.get(span.id),
                "error": span.error,
                "message": span.error_message,
                "stack": span.meta.get("error.stack", ""),
                "sql": span.resource if span.name.endswith(".query") else "",
                "tags": {k: v for k, v in sorted(span.meta.items()) if k != "error.stack"},
            }
        )
    return {
        **summary(key, trace),
        "all": spans,
        "notes": [note for span in folded.spans() for note in _notes(span, trace)],
    }


def self_time(span: Span) -> int:
    """How long a span did something itself, while none of its children ran; in nanoseconds."""
    covered, reached = 0, span.start
    for child in sorted(span.children, key=lambda child: child.start):
        begin, end = max(child.start, reached), min(child.end, span.end)
        if end > begin:
            covered += end - begin
            reached = end
    return max(0, span.duration - covered)


def _notes(span: Span, trace: Trace) -> list[Document]:
    """What stands out in the children of a span: the same again and again, in a row."""
    notes = []
    for run in repeated(span):
        if run[0].service == HANDMADE_SERVICE:
            continue  # nobody knows that they came one after the other
        took = sum(child.duration for child in run)
        asked = {below.service for child in run for below in child.children}
        asked -= {span.service, run[0].service}
        what = run[0].resource or run[0].name
        who = f"{asked.pop()} asked" if len(asked) == 1 else f"{' '.join(what.split())} ran"
        share = took / max(trace.duration, 1)
        notes.append(
            {
                "parent": str(span.id),
                "spans": [str(child.id) for child in run],
                "duration": took / 1e6,
                "share": share,
                "text": f"{who} {len(run)} times, one after the other: {share:.0%} of the trace",
            }
        )
    return notes


def _is_own_tag(name: str) -> bool:
    """Whether a tag may be one that the trainee set: the integrations' have a dot, mostly."""
    standard = {"component", "env", "version", "session", "trainee", "language", "runtime-id"}
    return "." not in name and name not in standard and name != HANDMADE_LINE
