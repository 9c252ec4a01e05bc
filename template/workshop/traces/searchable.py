"""What a search needs of many traces, in little memory: what their spans say, each thing once."""

from __future__ import annotations

import sys
import threading
from array import array

from workshop.traces.secret import may_be_offered
from workshop.traces.span import Span
from workshop.traces.terms import fold
from workshop.traces.tree import Trace, kept_spans

LONGEST_VALUE = 5_000
"""How much of each tag is searched, in characters."""
MOST_BYTES = 16 * 1024 * 1024
"""What one trace can add. Spans beyond that are searched without their tags."""

NAMING = ("service", "resource", "operation", "type")
"""The keys of what names a span."""


class Tag:
    """A key and its value. What names a span is a tag, too."""

    __slots__ = ("is_offered", "key", "name", "text", "uses", "value")

    def __init__(self, key: str, value: str) -> None:
        self.key = key
        self.value = value
        """As the span has it."""
        name, text = fold(key), fold(value)
        self.name = key if name == key else name  # the same object takes no memory
        """The folded key."""
        self.text = value if text == value else text
        """The folded value."""
        self.is_offered = may_be_offered(key, value)
        """Whether it may be offered to a person who types a search."""
        self.uses = 0
        """How many kinds have it."""

    @property
    def size(self) -> int:
        """In bytes, with its place in a dictionary."""
        return 300 + sum(
            sys.getsizeof(text) for text in {self.key, self.value, self.name, self.text}
        )


class Kind:
    """What a span says, except for its ID and its times. Spans that say the same share it."""

    __slots__ = ("error", "tags", "uses")

    def __init__(self, tags: tuple[Tag, ...], error: bool) -> None:
        self.tags = tags
        """Those in NAMING come first."""
        self.error = error
        self.uses = 0
        """How many traces have it."""

    @property
    def title(self) -> str:
        """A short name, such as `redis.command ZREVRANGE`."""
        resource, name = self.tags[1].value, self.tags[2].value
        return name if name == resource else f"{name} {resource}"

    @property
    def size(self) -> int:
        """In bytes, without the tags."""
        return 300 + 8 * len(self.tags)


class Searchable:
    """A trace, ready to be searched."""

    __slots__ = (
        *("at", "duration", "durations", "error", "framework", "id", "ids", "kinds", "twins"),
    )

    def __init__(self, trace: Trace, spans: list[Span], kinds: list[Kind], at: array[int]) -> None:
        self.id = trace.id
        self.duration = trace.duration
        self.error = trace.has_error()
        """Whether the request failed."""
        self.kinds = kinds
        self.at = at
        """The number of each span's kind. The spans are in the order of Trace.spans()."""
        shown = kept_spans(trace)
        self.framework = frozenset(
            n for n, one in enumerate(spans) if shown and id(one) not in shown
        )
        """The numbers of the framework's own spans, if a view without them has other spans."""
        self.ids = array("Q", (span.id for span in spans))
        self.durations = array("q", (span.duration for span in spans))
        self.twins = {number: span.twin for number, span in enumerate(spans) if span.twin > 1}

    def key(self, number: int) -> str:
        """The key of a span, as Span.key."""
        twin = self.twins.get(number)
        return f"{self.ids[number]}.{twin}" if twin else str(self.ids[number])

    def title(self, number: int) -> str:
        """The title of a span's kind."""
        return self.kinds[self.at[number]].title

    @property
    def size(self) -> int:
        """In bytes, without the kinds."""
        few = 70 * len(self.framework) + 100 * len(self.twins) + 8 * len(self.kinds)
        return 500 + 20 * len(self.at) + few


class Vocabulary:
    """The tags and the kinds of all traces that were added and not removed. Thread-safe."""

    def __init__(self) -> None:
        self.size = 0
        """What it takes with its traces, in bytes."""
        self._tags: dict[tuple[str, str], Tag] = {}
        self._kinds: dict[tuple[tuple[Tag, ...], bool], Kind] = {}
        self._lock = threading.Lock()
        self._changes = 0
        """How often a kind was added or removed."""
        self._ordered: list[Tag] | None = None
        """What `tags` returned last, if nothing has changed since then."""

    def add(self, trace: Trace) -> Searchable:
        """Make a trace ready to be searched."""
        spans = trace.spans()
        numbers: dict[Kind, int] = {}
        at = array("I")
        with self._lock:
            full = self.size + MOST_BYTES
            for span in spans:
                kind = self._kind(span, with_tags=self.size < full)
                if kind not in numbers:
                    numbers[kind] = len(numbers)
                    kind.uses += 1
                at.append(numbers[kind])
            found = Searchable(trace, spans, list(numbers), at)
            self.size += found.size
        return found

    def remove(self, searchable: Searchable) -> None:
        """Forget what only this trace says."""
        with self._lock:
            self.size -= searchable.size
            for kind in searchable.kinds:
                kind.uses -= 1
                if kind.uses:
                    continue
                del self._kinds[kind.tags, kind.error]
                self._changed()
                self.size -= kind.size
                for tag in kind.tags:
                    tag.uses -= 1
                    if not tag.uses:
                        del self._tags[tag.key, tag.value]
                        self.size -= tag.size

    def tags(self) -> list[Tag]:
        """All tags, those that most kinds have first."""
        with self._lock:
            if self._ordered is not None:
                return self._ordered
            tags, changes = list(self._tags.values()), self._changes
        tags.sort(key=lambda tag: -tag.uses)  # not while others wait for the lock
        with self._lock:
            if changes == self._changes:
                self._ordered = tags
        return tags

    def _changed(self) -> None:
        self._changes += 1
        self._ordered = None

    def _kind(self, span: Span, *, with_tags: bool) -> Kind:
        resource = " ".join(span.resource.split())
        said = [*zip(NAMING, (span.service, resource, span.name), strict=False)]
        if span.type:
            said.append((NAMING[-1], span.type))
        if with_tags:
            said += [(key, value[:LONGEST_VALUE]) for key, value in span.meta.items()]
        tags = tuple(map(self._tag, said))
        kind = self._kinds.get((tags, span.error))
        if kind is None:
            kind = self._kinds[tags, span.error] = Kind(tags, span.error)
            self.size += kind.size
            self._changed()
            for tag in tags:
                tag.uses += 1
        return kind

    def _tag(self, said: tuple[str, str]) -> Tag:
        tag = self._tags.get(said)
        if tag is None:
            tag = self._tags[said] = Tag(*said)
            self.size += tag.size
        return tag
