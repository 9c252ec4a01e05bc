"""The stack that a check uses: its requests, their traces, and what the services say."""

from __future__ import annotations

import contextlib
import sqlite3
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from workshop.check.apart import chosen_services, copied, of_copy
from workshop.check.requirement import Unmet
from workshop.settings import Settings
from workshop.stack.copied import DATABASE, copy_files
from workshop.stack.services import free_port
from workshop.stack.supervisor import temporary_stack
from workshop.stack.tracebacks import Mark, mark, since, telling
from workshop.traces import agent
from workshop.traces.tree import Span, Trace, traces

TASTINGS = 4
"""How many tastings a pairing has. Each takes TASTING_SECONDS, at least."""

DEADLINE_SECONDS = 8.0
"""How long to wait for the first span of a request, which usually takes a fifth of a second."""
QUIET_SECONDS = 2.0
"""If a trace hasn't grown for this long, it won't become complete anymore."""
SAID_SECONDS = 2.0
"""If a service hasn't named a line of its code this long after an answer, it won't do so."""


Marks = dict[Path, Mark]
"""Where each log ended at one moment."""


@dataclass(frozen=True)
class Look:
    """What the agent received from one request."""

    trace: Trace | None
    """The request's trace. If parts of it are missing, it has several roots."""
    others: list[Trace]
    """Traces that began after the request, and aren't connected to it."""
    said: str = ""
    """If the trace is missing, the errors that the services printed, to append to a sentence."""

    @property
    def root(self) -> Span | None:
        """The span of the whole request: the one from `web`, without a parent."""
        return self.trace.roots[0] if self.trace else None

    @property
    def view(self) -> Span | None:
        """The span of the function `pair`, whatever the name of its module."""
        spans = self.trace.spans() if self.trace else []
        return next((span for span in spans if span.name.endswith(".pair")), None)

    def describe(self) -> str:
        """Describe the trace in one line."""
        if not self.trace:
            return f"no span after {DEADLINE_SECONDS:.0f} seconds{self.said}"
        names = sorted({f"{span.name} ({span.service})" for span in self.trace.spans()})
        shown = [n for n in names if not n.startswith(("flask.", "sqlite.connection"))] or names
        return f"{len(self.trace.spans())} spans, such as {', '.join(shown[:4])}"


@dataclass(frozen=True)
class Stack:
    """Running services, and the files that they write to."""

    settings: Settings

    @property
    def root(self) -> Path:
        """The folder with the copied code, where the services run."""
        return self.settings.root

    @property
    def output(self) -> Path:
        """The file with the standard output of `web`, without its standard error."""
        return self.settings.run_dir / "web.stdout"

    def get(self, path: str, service: str = "web") -> requests.Response:
        """Send a request to a service. Raises Unmet if it doesn't answer at all."""
        before = self._marks()
        try:
            return requests.get(self.settings.url(service) + path, timeout=30)
        except requests.RequestException as error:
            raise Unmet(
                expected=f"an answer to GET {path}",
                seen=f"none ({type(error).__name__}){self._said(service, path, before)}",
                hint=f"Does {service} end, or wait for something, when it gets this request?",
            ) from error

    def ask(self, path: str, status: int = 200, hint: str = "") -> requests.Response:
        """Send a request to `web`. At another status, raises Unmet with the services' error."""
        before = self._marks()
        answer = self.get(path)
        if answer.status_code != status:
            said = self._errors(path, before)
            # After an error, Flask's own answer contains no details.
            place = "The answer says what went wrong."
            if " line " in said:
                place = "Look at that line of yours."
            words = "" if said and answer.status_code == 500 else f": {answer.text.strip()[:200]}"
            raise Unmet(
                expected=f"status {status} for GET {path}",
                seen=f"status {answer.status_code}{words}{said}",
                hint=hint or f"Did your last edit break something? {place}",
            )
        return answer

    def failing(self, path: str) -> tuple[requests.Response, str]:
        """Send `web` a request that fails. Also returns its error, to append to a sentence."""
        before = self._marks()
        answer = self.get(path)
        return answer, "" if answer.ok else self._errors(path, before)

    def json(self, path: str) -> Any:
        """The JSON in the answer of `web`. Raises Unmet if it fails, or the answer isn't JSON."""
        return json_in(self.ask(path), path)

    def match(self, beer: str = "ipa") -> str:
        """The donut that `web` pairs with a beer. Raises Unmet if it doesn't name one."""
        return match_in(self.ask(pairing(beer)), beer)

    def pair(self, beer: str = "ipa") -> list[str]:
        """Ask for a pairing, and return the lines that it adds to timing.log.

        Raises Unmet if the answer contains no match.
        """
        return self.lines_of(pairing(beer), 200)

    def lines_of(self, path: str, status: int) -> list[str]:
        """The lines that a request adds to timing.log. Raises Unmet at another status."""
        before = len(self.timing_log())
        self.ask(path, status)
        return self.timing_log()[before:]

    def timing_log(self) -> list[str]:
        """All lines of timing.log."""
        log = self.root / "timing.log"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    def look(self, path: str) -> Look:
        """Send a request, and wait until its trace is complete, or stops growing."""
        token = uuid.uuid4().hex
        begin = time.time_ns()
        before = self._marks()
        self.get(f"{path}{'&' if '?' in path else '?'}look={token}")
        found = Look(None, [])
        size = 0
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            found = self._look(token, begin)
            spans = found.trace.spans() if found.trace else []
            if found.trace and len(found.trace.roots) == 1 and _is_answered(spans):
                return found
            if len(spans) > size:
                size, deadline = len(spans), time.monotonic() + QUIET_SECONDS
            time.sleep(0.05)
        if found.trace:
            return found
        # The tracing client doesn't repeat an error often, so it may have printed it earlier.
        said = self._said("web", path, before) or self._said("web", path, {})
        return replace(found, said=said)

    def said(self) -> str:
        """The last error that `web` has printed so far, to append to a sentence, or nothing."""
        return self._said("web", "", {})

    @contextlib.contextmanager
    def too_many_hops(self, beer: str) -> Iterator[None]:
        """Make every pairing of a beer fail unexpectedly during a `with` block."""
        # DonutDB knows how sweet a donut should be for up to five hops.
        self._sql(f"UPDATE beer SET hops = hops + 100 WHERE name = '{beer}'")
        try:
            yield
        finally:
            self._sql(f"UPDATE beer SET hops = hops - 100 WHERE name = '{beer}'")

    @contextlib.contextmanager
    def slow_table(self, table: str) -> Iterator[None]:
        """Make every query of a table take some tenths of a second during a `with` block."""
        # Replace the table with a view that first counts to two million.
        count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000000)"
        slow = f"({count} SELECT count(*) FROM n) > 0"
        self._sql(f"ALTER TABLE {table} RENAME TO {table}_quick")
        self._sql(f"CREATE VIEW {table} AS SELECT * FROM {table}_quick WHERE {slow}")
        try:
            yield
        finally:
            self._sql(f"DROP VIEW {table}")
            self._sql(f"ALTER TABLE {table}_quick RENAME TO {table}")

    @contextlib.contextmanager
    def another_web(self, **environment: str) -> Iterator[Stack]:
        """The same stack, with a second `web` that gets another environment."""
        second = replace(
            self.settings,
            run_dir=self.settings.run_dir / f"web-{uuid.uuid4().hex[:6]}",
            ports=replace(self.settings.ports, web=free_port()),
            overrides={**self.settings.overrides, **environment},
        )
        with temporary_stack(second, stack=chosen_services(second, {"web"})):
            yield Stack(second)

    @contextlib.contextmanager
    def beside(self, code: Path | None = None, **environment: str) -> Iterator[Stack]:
        """Another `web` and `taster`, with the same code except for the files in `code`.

        Raises Problem if one of them doesn't start.
        """
        folder = self.root.with_name(f"beside-{uuid.uuid4().hex[:6]}")
        for origin in (self.root, *([code] if code else [])):
            copy_files(origin, folder)
        second = replace(
            self.settings,
            root=folder,
            run_dir=folder / ".workshop",
            ports=replace(self.settings.ports, web=free_port(), taster=free_port()),
            overrides={**self.settings.overrides, **environment},
        )
        with temporary_stack(second, stack=chosen_services(second, {"web", "taster"})):
            yield Stack(second)

    def _look(self, token: str, begin: int) -> Look:
        mine, others = None, []
        for trace in traces(agent.spans(self.settings.url("agent"))):
            if any(token in span.meta.get("http.url", "") for span in trace.spans()):
                mine = trace
            elif trace.start >= begin and not trace.is_health_check:
                others.append(trace)
        return Look(mine, others)

    def _sql(self, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(self.root / DATABASE, timeout=10)) as connection:
            connection.execute(statement)
            connection.commit()

    def _errors(self, path: str, before: Marks) -> str:
        """What `web` and `taster` printed about a request's error, to append to a sentence."""
        # Their output reaches the logs line by line, a moment after they answer.
        deadline = time.monotonic() + SAID_SECONDS
        earlier = None
        while True:
            said = self._said("web", path, before) + self._said("taster", "", before)
            if (" line " in said and said == earlier) or time.monotonic() > deadline:
                return said
            earlier = said
            time.sleep(0.1)

    def _said(self, service: str, path: str, before: Marks) -> str:
        """The error that a service printed after `before`, to append to a sentence, or nothing."""
        found = [
            raised
            for log in self._logs(service)
            for raised in since(log, before.get(log, Mark()), self.root)
        ]
        one = telling(found, path.partition("?")[0])
        return f"; {service} says: {one.sentence}" if one else ""

    def _marks(self) -> Marks:
        """The current end of each log."""
        return {log: mark(log) for service in ("web", "taster") for log in self._logs(service)}

    def _logs(self, service: str) -> list[Path]:
        """The files with a service's output. A second `web` shares the first stack's taster."""
        log = self.settings.run_dir / f"{service}.log"
        if service == "web":
            return [log, self.output]
        return [log if log.exists() else self.settings.run_dir.parent / log.name]


def json_in(answer: requests.Response, path: str) -> Any:
    """The JSON in the answer to a request for `path`. Raises Unmet if it isn't JSON."""
    try:
        return answer.json()
    except ValueError as error:
        raise Unmet(
            expected=f"JSON in the answer to GET {path}, as before",
            seen=answer.text.strip()[:80] or "nothing",
            hint="Did your edit change what the function returns?",
        ) from error


def match_in(answer: requests.Response, beer: str = "ipa") -> str:
    """The donut in the answer to a pairing. Raises Unmet if it doesn't name one."""
    found = json_in(answer, pairing(beer))
    if not isinstance(found, dict) or "match" not in found:
        raise Unmet(
            expected=f"a match in the answer to GET {pairing(beer)}, as before",
            seen=str(found)[:80],
            hint="Did your edit change what `pair` returns?",
        )
    return str(found["match"])


def pairing(beer: str = "ipa") -> str:
    """The address of a pairing."""
    return f"/pair/beer?{urlencode({'name': beer})}"


@contextlib.contextmanager
def copied_stack(
    settings: Settings, folder: Path, *, with_agent: bool, **environment: str
) -> Iterator[Stack]:
    """Run the code of `settings` in the empty `folder`, with or without an agent.

    `environment` is for `web` and `taster`, and overrides everything else. Raises Problem if a
    service doesn't start.
    """
    apart = copied(settings, folder, **environment)
    with temporary_stack(apart, stack=of_copy(apart, with_agent=with_agent)):
        yield Stack(apart)


def _is_answered(spans: list[Span]) -> bool:
    """Whether the other service's span is below each request from one service to another."""
    return all(span.children for span in spans if span.name == "requests.request")
