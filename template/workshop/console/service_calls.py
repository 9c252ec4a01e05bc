"""The calls in one trace: which service calls which, for the map of services.

A client integration, such as the one for `requests`, has a service name of its own, but it isn't a
service. Its span is the call. A datastore sends no spans of its own, so the client's span
describes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from workshop.console.trace_json import HANDMADE_SERVICE
from workshop.traces.tree import Span, Trace, is_first, is_framework_span

SERVICE, DATASTORE, ADDRESS, BY_HAND, AGENT = "service", "datastore", "address", "by hand", "agent"
"""The kinds of places. An address is what a client calls if nothing there is traced."""

MOST_CALLS = 300
"""The different calls to keep of one trace."""
MOST_DURATIONS = 50
"""How many durations to keep of one kind of call in one trace."""

TASTER_FUNCTION = "taste"
"""The function that the taster times. Its line is in the same file as those of web."""

# The names that tracing clients give to spans of datastores and of HTTP clients. Newer ones also
# have the tags db.system and span.kind.
_DATASTORE = re.compile(r"\.query$|^(redis|memcached|mongo\w*|cassandra|elasticsearch)\.")
_CLIENT = re.compile(
    r"^(requests|urllib3?|httpx|http\.client|aiohttp|grpc)(\.(client\.)?request)?$"
)
_HOSTS = (
    "peer.service",
    "peer.hostname",
    "network.destination.name",
    "server.address",
    "net.target.host",
    "net.target.name",
    "net.peer.name",
    "out.host",
    "messaging.destination.name",
)
_PORTS = ("network.destination.port", "server.port", "net.target.port", "net.peer.port", "out.port")


@dataclass(frozen=True, slots=True)
class Place:
    """A box of the map."""

    name: str
    kind: str
    service: str = field(default="", compare=False)
    """The service whose traces the list shows for this box. Empty if there are none."""


def service(name: str) -> Place:
    """The box of a service that is in traces."""
    return Place(name, SERVICE, name)


WEB = Place("web", SERVICE)
"""What answers the requests, as long as nothing traces them. In traces, DD_SERVICE is its name."""


@dataclass(slots=True)
class Call:
    """All calls from one place to another. `caller` is None if the request begins there."""

    caller: Place | None
    callee: Place
    count: int = 0
    errors: int | None = 0
    """None if it's unknown."""
    durations: list[float] = field(default_factory=list)
    """Those of calls that didn't fail, in milliseconds. At most MOST_DURATIONS, evenly chosen."""


@dataclass
class Calls:
    """What one trace adds to the map."""

    begin: float
    """In seconds since the epoch. 0 if it's unknown."""
    by_hand: bool
    calls: list[Call]
    places: list[Place]
    """Every place, even if nothing in the trace calls it."""
    sent: Counter[Place] = field(default_factory=Counter)
    """How many spans each service sent to the agent."""


def calls_of(trace: Trace) -> Calls:
    """The calls in a trace, whether it's made from spans or from lines of timing.log."""
    begin = trace.roots[0].start / 1e9
    if trace.roots[0].service == HANDMADE_SERVICE:
        return _gathered(begin, True, _timed(trace))
    reading = _Reading()
    found = _gathered(begin, False, reading.calls(trace))
    kept = {place for call in found.calls for place in (call.caller, call.callee)}
    found.places += [place for place in reading.services if place not in kept][:MOST_CALLS]
    found.sent = reading.sent
    return found


_One = tuple[Place | None, Place, int, bool | None]
"""A call: its caller, its callee, its duration in nanoseconds, and whether it failed."""


def _gathered(begin: float, by_hand: bool, each: Iterator[_One]) -> Calls:
    calls: dict[tuple[Place | None, Place], Call] = {}
    for caller, callee, duration, failed in each:
        if (caller, callee) not in calls and len(calls) == MOST_CALLS:
            continue
        call = calls.setdefault((caller, callee), Call(caller, callee))
        call.count += 1
        if failed is None:
            call.errors = None
        elif call.errors is not None:
            call.errors += failed
        if not failed:
            call.durations.append(duration / 1e6)
    for call in calls.values():
        call.durations = _evenly(sorted(call.durations))
    places = dict.fromkeys(p for call in calls.values() for p in (call.caller, call.callee) if p)
    return Calls(begin, by_hand, list(calls.values()), list(places))


def _evenly(durations: list[float]) -> list[float]:
    count = len(durations)
    if count <= MOST_DURATIONS:
        return durations
    return [durations[at * (count - 1) // (MOST_DURATIONS - 1)] for at in range(MOST_DURATIONS)]


def _timed(trace: Trace) -> Iterator[_One]:
    """A line says what took how long. It doesn't say whether it failed."""
    places: dict[int, Place] = {}
    for span, parent in trace.with_parents():
        name = span.name.partition(" ")[2] or span.name
        places[id(span)] = place = Place(name, BY_HAND, HANDMADE_SERVICE)
        if parent:
            yield places[id(parent)], place, span.duration, None
        else:
            web = None if name == TASTER_FUNCTION else WEB
            yield web, place, span.duration, None


class _Reading:
    """Goes through the spans of one trace, parents first."""

    def __init__(self) -> None:
        self.services: dict[Place, None] = {}
        self.sent: Counter[Place] = Counter()
        self._places: dict[int, Place] = {}
        """Where the code of each span runs, by Python's `id`."""
        self._senders: dict[int, Place | None] = {}

    def calls(self, trace: Trace) -> Iterator[_One]:
        for span, parent in trace.with_parents():
            self._count(span, parent)
            caller = self._places[id(parent)] if parent else None
            if _is_datastore(span):
                yield from self._datastore(span, caller or self._process(span))
            elif _is_client(span):
                yield from self._client(span, caller or self._process(span))
            else:
                yield from self._work(span, parent, caller)

    def _count(self, span: Span, parent: Span | None) -> None:
        """Only the first span that a process sends of a trace has the ID of the process."""
        sender = self._senders.get(id(parent)) if parent else None
        if "runtime-id" in span.meta:
            sender = service(span.meta.get("_dd.base_service") or span.service)
        self._senders[id(span)] = sender
        if sender:
            self.sent[sender] += 1

    def _process(self, span: Span) -> Place | None:
        """The service whose process sent a span that has no parent."""
        base = span.meta.get("_dd.base_service")
        return service(base) if base else None

    def _datastore(self, span: Span, caller: Place | None) -> Iterator[_One]:
        name = span.service
        if caller and name == caller.name:
            system = span.meta.get("db.system") or span.meta.get("component")
            name = system or span.name.partition(".")[0]
        place = Place(name, DATASTORE, span.service)
        self._places[id(span)] = place
        if caller != place and not is_framework_span(span.name):
            yield caller, place, span.duration, span.error

    def _client(self, span: Span, caller: Place | None) -> Iterator[_One]:
        """The span of a call. If the callee is traced, its own span below this one is the call."""
        here = caller or service(span.service)
        self._places[id(span)] = here
        self.services.setdefault(here)
        if not span.children and (address := _address(span)):
            yield here, Place(address, ADDRESS, span.service), span.duration, span.error

    def _work(self, span: Span, parent: Span | None, caller: Place | None) -> Iterator[_One]:
        place = service(span.service)
        self._places[id(span)] = place
        self.services.setdefault(place)
        if parent and _is_client(parent) and not _is_datastore(parent):
            # As the caller sees it: with the way there and back.
            if caller != place or span.meta.get("span.kind") in ("server", "consumer"):
                yield caller, place, parent.duration, parent.error or span.error
        elif parent is None:
            if is_first(span):
                yield None, place, span.duration, span.error
        elif caller != place:
            yield caller, place, span.duration, span.error


def _is_datastore(span: Span) -> bool:
    return "db.system" in span.meta or bool(_DATASTORE.search(span.name))


def _is_client(span: Span) -> bool:
    kind = span.meta.get("span.kind")
    return kind in ("client", "producer") or (kind is None and bool(_CLIENT.match(span.name)))


def _address(span: Span) -> str:
    """The host and port that a client called. Empty if the span doesn't say."""
    try:
        parts = urlsplit(span.meta.get("http.url", ""))
        if parts.hostname:  # without a user and a password
            return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:  # a span can contain any text
        pass
    host = next((span.meta[name] for name in _HOSTS if span.meta.get(name)), "")
    port = next((span.meta[name] for name in _PORTS if span.meta.get(name)), "")
    return f"{host}:{port}" if host and port else host
