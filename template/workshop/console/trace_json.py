"""A trace in the form that the page needs: a summary for the list, and all of it for the picture.

Times are in milliseconds. The times of spans count from the start of the trace. IDs are strings,
because they are too large for JavaScript numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from workshop.traces.critical_path import critical_path, parallel_sentence, sentence
from workshop.traces.remarks import remarks
from workshop.traces.tree import Span, Trace, fold, repeated, self_time

Document = dict[str, Any]

HANDMADE_SERVICE = "timing.log"
"""The service name in a trace that is made from lines of timing.log."""
HANDMADE_LINE = "line"
"""The tag that contains such a line."""

MOST_SPANS = 20_000
"""The spans of the largest trace to draw. `make bench` measures one of half as many."""
LARGEST_DOCUMENT = 40_000_000
"""The JSON of the largest trace to draw, in bytes."""
MOST_NOTES = 50
MOST_SERVICES = 50
MOST_TAGS = 20
LONGEST_TITLE = 300
"""In characters, for the list. The span itself has the whole text."""


def summary(key: str, trace: Trace, folded: Trace | None = None) -> Document:
    """What the list shows about a trace. `key` is the ID that the page uses for it.

    `folded` is the trace without the framework's spans, if the caller already has it.
    """
    spans = trace.spans()
    shown = (folded or fold(trace)).spans()
    root = trace.roots[0]
    # An error that the code handles isn't a failure of the request: a 404 is a valid answer.
    is_error = trace.has_error()
    errors = [span for span in spans if span.error] if is_error else []
    notes = _notes(shown, trace.duration)
    services = list(dict.fromkeys(span.service for span in shown))
    message = next((s.error_message for s in errors if s.error_message), "")
    return {
        "id": key,
        "start": trace.start / 1e6,
        "duration": trace.duration / 1e6,
        "root_start": root.start / 1e6,
        "root_duration": root.duration / 1e6,
        "resource": _short(root.resource),
        "service": root.service,
        "services": services[:MOST_SERVICES],
        "more_services": max(0, len(services) - MOST_SERVICES),
        "spans": len(spans),
        "shown": len(shown),
        "left_out": trace.left_out.total(),
        "parts": len(trace.roots),
        "missing": len(trace.orphans),
        "error": is_error,
        "message": _short(message, 3 * LONGEST_TITLE),
        "status": _short(root.meta.get("http.status_code", ""), 20),
        "version": _short(root.meta.get("version", ""), 60),
        "url": _short(root.meta.get("http.url", ""), 3 * LONGEST_TITLE),
        "note": notes[0]["text"] if notes else "",
        "tags": dict([(k, _short(v)) for k, v in root.meta.items() if _is_own_tag(k)][:MOST_TAGS]),
        "process": _short(root.meta.get("runtime-id", ""), 60),
        "handmade": root.service == HANDMADE_SERVICE,
    }


def whole(key: str, trace: Trace) -> Document:
    """Everything that the page draws of a trace. Each parent comes before its children."""
    start = trace.start
    folded = fold(trace)
    kept = {span.key: parent for span, parent in folded.with_parents()}
    folded_self = {span.key: self_time(span) for span in folded.spans()}
    own_self = {}
    spans = []
    for span, parent in trace.with_parents():
        own_self[span.key] = self_time(span)
        spans.append(
            {
                "id": span.key,
                "span_id": str(span.id),
                "parent": parent.key if parent else None,
                # For the view without the framework's spans:
                "folded_parent": up.key if (up := kept.get(span.key)) else None,
                "framework": span.key not in kept,
                "name": span.name,
                "service": span.service,
                "resource": " ".join(span.resource.split()),
                "start": (span.start - start) / 1e6,
                "duration": span.duration / 1e6,
                "self": own_self[span.key] / 1e6,
                "folded_self": folded_self[span.key] / 1e6 if span.key in kept else None,
                "error": span.error,
                "message": span.error_message,
                "stack": span.meta.get("error.stack", ""),
                "sql": span.resource if span.name.endswith(".query") else "",
                "tags": {k: v for k, v in sorted(span.meta.items()) if k != "error.stack"},
            }
        )
    seen = {span["id"] for span in spans}
    notes = _notes(folded.spans(), trace.duration)
    return {
        **summary(key, trace, folded),
        **_critical(trace, folded),
        "all": spans,
        "framework": len(own_self) - len(kept),
        "shares": _shares(trace.spans(), own_self),
        "folded_shares": _shares(folded.spans(), folded_self),
        "notes": [{**n, "spans": [s for s in n["spans"] if s in seen]} for n in notes[:MOST_NOTES]],
        "more_notes": max(0, len(notes) - MOST_NOTES),
        "remarks": remarks(trace),
    }


def least_size(trace: Trace) -> int:
    """The size in bytes that `whole` has at least: that of the texts in it."""
    return sum(
        len(span.resource) + sum(len(name) + len(value) for name, value in span.meta.items())
        for span in trace.spans()
    )


def too_large(shown: Document) -> Document:
    """What the page gets of a trace that it can't draw: its summary, and a sentence that says why.

    The reason is either the number of its spans or their texts.
    """
    why = (
        f"This trace has {shown['spans']:,} spans, and this page draws up to {MOST_SPANS:,}."
        if shown["spans"] > MOST_SPANS
        else "The texts of this trace are too long: this page draws up to "
        f"{LARGEST_DOCUMENT / 1e6:,.0f} MB."
    )
    return {
        **shown,
        "all": [],
        "framework": 0,
        "shares": [],
        "folded_shares": [],
        "notes": [],
        "more_notes": 0,
        "remarks": [],
        "too_large": f"{why} Download it, and open it in another program.",
    }


def _critical(trace: Trace, folded: Trace) -> Document:
    """The critical path with and without the framework's spans, and what the latter says.

    Each section is the ID of a span, its start since the trace's start, and its duration.
    """
    if trace.roots[0].service == HANDMADE_SERVICE:  # its order and its nesting are guesses
        return {"critical": [], "folded_critical": [], "critical_text": "", "parallel_text": ""}
    start = trace.start

    def sections(shown: Trace) -> list[list[Any]]:
        return [
            [one.span.key, (one.start - start) / 1e6, one.duration / 1e6]
            for one in critical_path(shown)
        ]

    return {
        "critical": sections(trace),
        "folded_critical": sections(folded),
        "critical_text": sentence(folded),
        "parallel_text": parallel_sentence(folded),
    }


def _notes(spans: Iterable[Span], duration: int) -> list[Document]:
    """What stands out in the children of the spans: runs of the same operation.

    The note with the longest duration comes first. `duration` is the trace's, in nanoseconds.
    """
    notes = []
    for span in spans:
        for run in repeated(span):
            if run[0].service == HANDMADE_SERVICE:
                continue  # their order is a guess
            took = sum(child.duration for child in run)
            asked = {below.service for child in run for below in child.children}
            asked -= {span.service, run[0].service}
            what = _short(" ".join(run[0].resource.split()), 100)
            who = f"{asked.pop()} was asked" if len(asked) == 1 else f"{what} ran"
            share = took / max(duration, 1)
            of_it = f"{share:.0%}" if share >= 0.01 else "less than 1%"
            notes.append(
                {
                    "parent": span.key,
                    "spans": [child.key for child in run],
                    "duration": took / 1e6,
                    "share": share,
                    "text": f"{who} {len(run)} times, one after another: {of_it} of the trace",
                }
            )
    return sorted(notes, key=lambda note: -note["duration"])


def _shares(spans: Iterable[Span], own: dict[str, int]) -> list[list[Any]]:
    """Each service's share of the trace, by its self time. The largest share comes first."""
    by_service: Counter[str] = Counter()
    for span in spans:
        by_service[span.service] += own[span.key]
    total = by_service.total() or 1
    return [[name, time / total] for name, time in by_service.most_common(MOST_SERVICES)]


def _short(text: str, longest: int = LONGEST_TITLE) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _is_own_tag(name: str) -> bool:
    """Whether the trainee might have set a tag. Most tags of integrations have a dot."""
    standard = {"component", "env", "version", "session", "trainee", "language", "runtime-id"}
    return not (name.startswith("_") or "." in name or name in standard or name == HANDMADE_LINE)
