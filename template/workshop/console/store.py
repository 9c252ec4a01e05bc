"""Keeps the latest traces in little memory, and notifies the open pages about each new one."""

from __future__ import annotations

import json
import logging
import threading
import zlib
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import Any

from workshop.console.service_calls import Calls, calls_of
from workshop.console.trace_json import Document, summary
from workshop.traces.searchable import Searchable, Tag, Vocabulary
from workshop.traces.span import lower_half
from workshop.traces.tree import UNTRACED_ID, RawSpan, Reading, Trace, is_of_interest, read

log = logging.getLogger(__name__)

KEPT = 1000
"""The number of traces to keep."""
KEPT_ASIDE = 100
"""The number of unlisted traces to keep, such as health checks."""
MOST_SPANS = 200_000
"""The spans to keep of one trace. The console only counts any more spans."""
MOST_BYTES = 64 * 1024 * 1024
"""The size of all traces, compressed."""
MOST_SEARCHED = 128 * 1024 * 1024
"""The size of what the search needs of all traces."""
MOST_UNREADABLE = 10_000
"""How many spans without a trace to count."""
BEYOND = f"beyond the {MOST_SPANS:,} that the console keeps of one trace"


@dataclass
class Entry:
    """The spans that share the lower half of their trace IDs: usually one trace, compressed."""

    packed: bytes = b""
    trace: Trace | None = None
    """Used instead of `packed` if the trace wasn't made from spans."""
    summaries: list[Document] = field(default_factory=list)
    """What the list shows: one summary for each trace."""
    searched: list[Searchable] = field(default_factory=list)
    """One for each summary."""
    calls: list[Calls] = field(default_factory=list)
    """What each of these traces adds to the map of services."""
    changed: int = 0
    known: Counter[int] = field(default_factory=Counter)
    """How often each span arrived, by the hash of its text. The agent repeats spans."""
    beyond: int = 0
    """How many spans exceeded the limit."""

    def texts(self) -> list[str]:
        """The spans as the agent returned them, each as JSON."""
        return zlib.decompress(self.packed).decode().splitlines() if self.packed else []

    def read(self) -> Reading:
        """The traces. There are several if the upper halves of their IDs differ."""
        if self.trace:
            return Reading([self.trace])
        found = read([[json.loads(text) for text in self.texts()]])
        if self.beyond:
            left_out = found.traces[0].left_out if found.traces else found.left_out
            left_out[BEYOND] += self.beyond
        return found


@dataclass
class News:
    """What changed, up to the change with this `number`."""

    number: int
    summaries: list[Document] = field(default_factory=list)
    state: Document | None = None


class Store:
    """The latest KEPT traces. Thread-safe."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        """In the order of arrival, by the lower half of the ID or by the whole key."""
        self._aside: OrderedDict[str, Entry] = OrderedDict()
        """Traces that aren't listed. They must not push out others, but the store has to keep them
        for a while, because more of their spans might arrive."""
        self._bytes = 0
        self._vocabulary = Vocabulary()
        self._number = 0
        self._state: Document = {}
        self._state_changed = 0
        self._nobodys: Counter[int] = Counter()
        """How often each span without a usable trace ID arrived at once, by its text's hash."""
        self._unreadable: dict[str, Counter[str]] = {}
        """What is left out of traces that the console can't show at all."""
        self._news = threading.Condition()

    def add(self, groups: list[list[RawSpan]]) -> list[Document]:
        """Add spans, grouped in any way. Returns the summaries of the traces that changed."""
        by_lower: dict[int, list[RawSpan]] = {}
        nobodys: list[RawSpan] = []
        for raw in (raw for group in groups for raw in group):
            lower = lower_half(raw)
            (nobodys if lower is None else by_lower.setdefault(lower, [])).append(raw)
        for content, count in Counter(hash(_as_text(raw)) for raw in nobodys).items():
            if content in self._nobodys or len(self._nobodys) < MOST_UNREADABLE:
                self._nobodys[content] = max(count, self._nobodys[content])
        changed = []
        for lower, group in by_lower.items():
            key = f"{lower:016x}"
            try:
                changed += self._add(key, group)
            except Exception:  # one odd trace must not hide the others
                log.exception("the console can't show trace %s", key)
        return changed

    def add_trace(self, key: str, trace: Trace) -> Document:
        """Add a trace that isn't made from spans."""
        shown = summary(key, trace)
        found = Entry(
            trace=trace,
            summaries=[shown],
            searched=[self._vocabulary.add(trace)],
            calls=[calls_of(trace)],
        )
        self._put(key, found)
        return shown

    def get(self, key: str) -> Trace | None:
        """The trace with this key: a whole trace ID, or its lower 16 digits."""
        with self._news:
            entry = self._entries.get(key) or self._find(key[-16:])
        found = entry.read().traces if entry else []
        return next((one for one in found if one.hex_id == key), found[0] if found else None)

    def searched(self, since: int = 0) -> tuple[int, list[tuple[str, Searchable]]]:
        """The listed traces that changed after `since` (the number of a News), each with its key.

        Also returns the number of the latest change. A `since` from before a restart of the console
        is too high, and means 0.
        """
        with self._news:
            since = since if since <= self._number else 0
            return self._number, [
                (shown["id"], searched)
                for entry in self._entries.values()
                if entry.changed > since
                for shown, searched in zip(entry.summaries, entry.searched, strict=True)
            ]

    def searchable(self, key: str) -> Searchable | None:
        """The trace with this key, as `get`, ready to be searched."""
        with self._news:
            entry = self._entries.get(key) or self._entries.get(key[-16:])
        found = entry.searched if entry else []
        known = next((one for one in found if f"{one.id:032x}" == key), found[0] if found else None)
        if known is None and (trace := self.get(key)):  # it isn't listed
            return Vocabulary().add(trace)
        return known

    def tags(self) -> list[Tag]:
        """All tags of the listed traces, the most frequent ones first."""
        return self._vocabulary.tags()

    def listed(self, key: str) -> Document | None:
        """What the list shows of the trace that `get` returns. None if it isn't listed."""
        with self._news:
            entry = self._entries.get(key) or self._entries.get(key[-16:])
            found = entry.summaries if entry else []
        return next((one for one in found if one["id"] == key), found[0] if found else None)

    def is_crowded(self, key: str) -> bool:
        """Whether another trace ran at the same time, so that log lines might belong to either."""
        with self._news:
            every = [one for entry in self._entries.values() for one in entry.summaries]
        this = next((one for one in every if one["id"] == key), None)
        return this is not None and any(
            one["root_start"] < this["root_start"] + this["root_duration"]
            and this["root_start"] < one["root_start"] + one["root_duration"]
            for one in every
            if one is not this
        )

    def texts(self, key: str) -> list[str]:
        """The spans with the same lower 16 digits as this key, as the agent returned them in JSON.

        Usually, these are the spans of one trace. See `Entry`.
        """
        with self._news:
            entry = self._find(key[-16:])
        return entry.texts() if entry else []

    def calls(self) -> list[Calls]:
        """The calls in each trace, for the map of services."""
        with self._news:
            return [one for entry in self._entries.values() for one in entry.calls]

    def left_out(self) -> Counter[str]:
        """How many spans arrived that are in no trace, by what they lack."""
        counted = Counter({UNTRACED_ID: self._nobodys.total()})
        for one in list(self._unreadable.values()):
            counted += one
        return +counted

    def set_state(self, state: Document) -> None:
        """Set everything else that the page shows. A change notifies the open pages."""
        with self._news:
            if state != self._state:
                self._number += 1
                self._state = state
                self._state_changed = self._number
                self._news.notify_all()

    def news(self, since: int, timeout: float) -> News:
        """Wait for a change after `since` (the number of a News), at most `timeout` seconds."""
        with self._news:
            self._news.wait_for(lambda: self._number > since, timeout)
            changed = [
                one
                for entry in self._entries.values()
                if entry.changed > since
                for one in entry.summaries
            ]
            state = self._state if self._state_changed > since else None
            return News(self._number, changed, state)

    def size(self) -> dict[str, Any]:
        """How many `traces` the store has, and the `bytes` of their spans and of the search."""
        with self._news:
            return {
                "traces": len(self._entries),
                "bytes": self._bytes,
                "searched": self._vocabulary.size,
            }

    def _add(self, low: str, group: list[RawSpan]) -> list[Document]:
        """Add spans with one lower half. Returns the summaries to list."""
        with self._news:
            before = self._find(low) or Entry()
        texts = [_as_text(raw) for raw in group]
        # The agent repeats old spans. Only if one answer has a span twice, it arrived twice.
        now = Counter(hash(text) for text in texts)
        surplus = now - before.known
        if not surplus:
            return []
        kept = before.texts()
        beyond = before.beyond
        for text in texts:
            if surplus[hash(text)] > 0:
                surplus[hash(text)] -= 1
                if len(kept) < MOST_SPANS:
                    kept.append(text)
                else:
                    beyond += 1
        packed = zlib.compress("\n".join(kept).encode(), level=1)
        entry = Entry(packed, known=before.known | now, beyond=beyond)
        found = entry.read()
        self._unreadable.pop(low, None)
        if not found.traces and len(self._unreadable) < MOST_UNREADABLE:
            self._unreadable[low] = found.left_out
        listed = [trace for trace in found.traces if is_of_interest(trace)]
        entry.summaries = [summary(trace.hex_id, trace) for trace in listed]
        entry.searched = [self._vocabulary.add(trace) for trace in listed]
        entry.calls = [calls_of(trace) for trace in listed]
        # The upper half of an ID can arrive late. Then the page has to forget the short ID.
        ids = {one["id"] for one in entry.summaries}
        former = {one["id"] for one in before.summaries} - ids
        if entry.summaries and former:
            entry.summaries[0]["formerly"] = sorted(former)
        if entry.summaries:
            self._put(low, entry)
        else:
            self._put_aside(low, entry)
        return entry.summaries

    def _find(self, low: str) -> Entry | None:
        return self._entries.get(low) or self._aside.get(low)

    def _put_aside(self, key: str, entry: Entry) -> None:
        with self._news:
            self._aside[key] = entry
            while len(self._aside) > KEPT_ASIDE or (
                len(self._aside) > 1
                and sum(len(one.packed) for one in self._aside.values()) > MOST_BYTES
            ):
                self._aside.popitem(last=False)

    def _put(self, key: str, entry: Entry) -> None:
        with self._news:
            self._aside.pop(key, None)
            old = self._entries.get(key)
            self._bytes += len(entry.packed) - (len(old.packed) if old else 0)
            for one in old.searched if old else []:
                self._vocabulary.remove(one)
            self._number += 1
            entry.changed = self._number
            self._entries[key] = entry
            while (
                len(self._entries) > KEPT
                or self._bytes > MOST_BYTES
                or self._vocabulary.size > MOST_SEARCHED
            ):
                if len(self._entries) == 1:
                    break  # too large, but the only trace
                _, gone = self._entries.popitem(last=False)
                self._bytes -= len(gone.packed)
                for one in gone.searched:
                    self._vocabulary.remove(one)
            self._news.notify_all()


def _as_text(raw: RawSpan) -> str:
    return json.dumps(raw, sort_keys=True)  # without line breaks
