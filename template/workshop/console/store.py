"""Keeps the latest traces in little memory, and tells who watches about each new one."""

from __future__ import annotations

import json
import logging
import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from workshop.console.document import Document, summary
from workshop.lookup import is_of_interest
from workshop.spantree import RawSpan, Trace, traces

log = logging.getLogger(__name__)

KEPT = 1000
"""Traces."""
KEPT_ASIDE = 100
"""Of those that nobody wants to see, as health checks are, besides."""
MOST_SPANS = 5000
"""Of one trace; what comes in beyond that is left out."""
MOST_BYTES = 64 * 1024 * 1024
"""Of all traces, compressed."""


@dataclass
class Entry:
    """One trace: its spans packed, and what the list shows of it."""

    packed: bytes = b""
    trace: Trace | None = None
    """Instead of `packed`, where the trace was not made of spans."""
    summary: Document | None = None
    changed: int = 0

    def spans(self) -> list[RawSpan]:
        """The spans as the agent gave them."""
        found: list[RawSpan] = json.loads(zlib.decompress(self.packed)) if self.packed else []
        return found


@dataclass
class News:
    """What has changed since `number` was smaller."""

    number: int
    summaries: list[Document] = field(default_factory=list)
    state: Document | None = None


class Store:
    """The latest KEPT traces. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        """In the order in which they came in; by the lower half of the id, or the whole key."""
        self._aside: OrderedDict[str, Entry] = OrderedDict()
        """Those that are not listed: they may not push out the others, nor may they be forgotten
        at once, as more of their spans may come in."""
        self._bytes = 0
        self._number = 0
        self._state: Document = {}
        self._state_changed = 0
        self._news = threading.Condition()

    def add(self, groups: list[list[RawSpan]]) -> list[Document]:
        """Take in spans, each group of one trace; gives the summaries of what changed by it."""
        changed = []
        for group in groups:
            if not group:
                continue
            low = f"{group[0]['trace_id']:016x}"
            try:
                shown = self._add(low, group)
            except Exception:  # one odd trace is no reason to show none of the others
                log.exception("trace %s cannot be shown", low)
                continue
            if shown:
                changed.append(shown)
        return changed

    def add_trace(self, key: str, trace: Trace) -> Document:
        """Take in a trace that is not made of spans."""
        shown = summary(key, trace)
        self._put(key, Entry(trace=trace, summary=shown))
        return shown

    def get(self, key: str) -> Trace | None:
        """The trace of that key; a trace id may be given whole or as its lower 16 digits."""
        with self._news:
            entry = self._entries.get(key) or self._find(key[-16:])
        if entry is None or entry.trace:
            return entry.trace if entry else None
        return traces([entry.spans()])[0]

    def is_crowded(self, key: str) -> bool:
        """Whether another trace ran while this one did, so that log lines may be of either."""
        with self._news:
            every = [entry.summary for entry in self._entries.values() if entry.summary]
        this = next((one for one in every if one["id"] == key), None)
        return this is not None and any(
            one["start"] < this["start"] + this["duration"]
            and this["start"] < one["start"] + one["duration"]
            for one in every
            if one is not this
        )

    def set_state(self, state: Document) -> None:
        """Note everything else that the page shows; who watches hears of it when it changed."""
        with self._news:
            if state != self._state:
                self._number += 1
                self._state = state
                self._state_changed = self._number
                self._news.notify_all()

    def news(self, since: int, timeout: float) -> News:
        """Wait until something has changed since `since` (a News's number), or for `timeout` s."""
        with self._news:
            self._news.wait_for(lambda: self._number > since, timeout)
            changed = [
                entry.summary
                for entry in self._entries.values()
                if entry.changed > since and entry.summary
            ]
            state = self._state if self._state_changed > since else None
            return News(self._number, changed, state)

    def size(self) -> dict[str, Any]:
        """How much there is: `traces`, and the `bytes` that their spans take."""
        with self._news:
            return {"traces": len(self._entries), "bytes": self._bytes}

    def _add(self, low: str, group: list[RawSpan]) -> Document | None:
        """Take in spans of one trace; gives its summary when it is to be listed, and changed."""
        with self._news:
            before = (self._find(low) or Entry()).spans()
        known = {span["span_id"] for span in before}
        new = [span for span in group if span["span_id"] not in known]
        if not new:
            return None
        spans = (before + new)[:MOST_SPANS]
        trace = traces([spans])[0]
        packed = zlib.compress(json.dumps(spans).encode(), level=1)
        if not is_of_interest(trace):
            self._put_aside(low, Entry(packed=packed))
            return None
        shown = summary(trace.hex_id, trace)
        self._put(low, Entry(packed=packed, summary=shown))
        return shown

    def _find(self, low: str) -> Entry | None:
        return self._entries.get(low) or self._aside.get(low)

    def _put_aside(self, key: str, entry: Entry) -> None:
        with self._news:
            self._aside[key] = entry
            if len(self._aside) > KEPT_ASIDE:
                self._aside.popitem(last=False)

    def _put(self, key: str, entry: Entry) -> None:
        with self._news:
            self._aside.pop(key, None)
            old = self._entries.get(key)
            self._bytes += len(entry.packed) - (len(old.packed) if old else 0)
            self._number += 1
            entry.changed = self._number
            self._entries[key] = entry
            while len(self._entries) > KEPT or self._bytes > MOST_BYTES:
                _, gone = self._entries.popitem(last=False)
                self._bytes -= len(gone.packed)
            self._news.notify_all()
