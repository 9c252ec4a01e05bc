"""The stack that a check looks at: the code on disk, on free ports, with files of its own.

It runs in a copy of the repository, so nothing here gets to the trainee's database, timing.log or
`.env`, nor to services that are up already.
"""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from workshop.check.requirement import Unmet
from workshop.settings import HOST, Settings
from workshop.stack.copied import DATABASE, copy_files, settings_of_copy
from workshop.stack.services import Service, free_port, services
from workshop.stack.supervisor import temporary_stack
from workshop.stack.tracebacks import Mark, mark, since, telling
from workshop.traces import agent
from workshop.traces.tree import Span, Trace, traces

TASTINGS = 4
TASTING_SECONDS = 0.05
"""How long one tasting takes, at least; a pairing has TASTINGS of them."""

DEADLINE_SECONDS = 8.0
"""How long to wait for the first span of a request; it takes a fifth of a second."""
QUIET_SECONDS = 2.0
"""A trace that has not grown for so long will not become whole any more."""
SAID_SECONDS = 2.0
"""A service that has not named a line of its code so long after an answer will not do so."""


Marks = dict[Path, Mark]
"""Where logs ended at a moment."""


@dataclass(frozen=True)
class Look:
    """What the agent got of one request."""

    trace: Trace | None
    """The trace that the request is in; it has several roots when parts of it are missing."""
    others: list[Trace]
    """Traces that began after the request, and are apart from it."""
    said: str = ""
    """The errors that the services printed, where the trace is missing; to go into a sentence."""

    @property
    def root(self) -> Span | None:
        """The span of the request as a whole: that of `web`, without a parent."""
        return self.trace.roots[0] if self.trace else None

    @property
    def view(self) -> Span | None:
        """The span of the function `pair`, whatever its module is called."""
        spans = self.trace.spans() if self.trace else []
        return next((span for span in spans if span.name.endswith(".pair")), None)

    def describe(self) -> str:
        """One line on what there is."""
        if not self.trace:
            return f"no span of it, after {DEADLINE_SECONDS:.0f} seconds{self.said}"
        names = sorted({f"{span.name} ({span.service})" for span in self.trace.spans()})
        shown = [n for n in names if not n.startswith(("flask.", "sqlite.connection"))] or names
        return f"{len(self.trace.spans())} spans, such as {', '.join(shown[:4])}"


@dataclass(frozen=True)
class Stack:
    """Services that run, and where they write."""

    settings: Settings

    @property
    def root(self) -> Path:
        """The folder of the copied code, in which the services run."""
        return self.settings.root

    @property
    def output(self) -> Path:
        """What `web` prints on standard output, and on that alone."""
        return self.settings.run_dir / "web.stdout"

    def get(self, path: str, service: str = "web") -> requests.Response:
        """Ask a service. Raises Unmet when it does not answer at all."""
        port = getattr(self.settings.ports, service)
        before = self._marks()
        try:
            return requests.get(f"http://{HOST}:{port}{path}", timeout=30)
        except requests.RequestException as error:
            raise Unmet(
                expected=f"an answer to GET {path}",
                seen=f"none ({type(error).__name__}){self._said(service, path, before)}",
                hint=f"Does {service} end, or wait for something, when it is asked this?",
            ) from error

    def ask(self, path: str, status: int = 200, hint: str = "") -> requests.Response:
        """Ask `web`. Raises Unmet, with the error that the services print, at another status."""
        before = self._marks()
        answer = self.get(path)
        if answer.status_code != status:
            said = self._errors(path, before)
            # What Flask itself answers with after an error says nothing.
            place = "The answer says what went wrong."
            if " line " in said:
                place = "That line of yours is the place to look at."
            words = "" if said and answer.status_code == 500 else f": {answer.text.strip()[:200]}"
            raise Unmet(
                expected=f"status {status} for GET {path}",
                seen=f"status {answer.status_code}{words}{said}",
                hint=hint or f"Did your last edit break something? {place}",
            )
        return answer

    def failing(self, path: str) -> tuple[requests.Response, str]:
        """Ask `web` for what is to fail; gives the error that it printed, to go into a sentence."""
        before = self._marks()
        return self.get(path), self._errors(path, before)

    def json(self, path: str) -> Any:
        """What `web` answers, from JSON. Raises Unmet when it fails, or answers no JSON."""
        answer = self.ask(path)
        try:
            return answer.json()
        except ValueError as error:
            raise Unmet(
                expected=f"JSON in the answer to GET {path}, as before",
                seen=answer.text.strip()[:80] or "nothing",
                hint="Did your edit change what the function returns?",
            ) from error

    def match(self, beer: str = "ipa") -> str:
        """The donut that `web` pairs with a beer. Raises Unmet when it names none."""
        found = self.json(pairing(beer))
        if not isinstance(found, dict) or "match" not in found:
            raise Unmet(
                expected=f"a match in the answer to GET {pairing(beer)}, as before",
                seen=str(found)[:80],
                hint="Did your edit change what `pair` returns?",
            )
        return str(found["match"])

    def pair(self, beer: str = "ipa") -> list[str]:
        """Ask for a pairing, and give the lines that it adds to timing.log.

        Raises Unmet when there is no match in the answer.
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
        """Make a request, and wait for its spans until its trace is whole, or grows no more."""
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
        # The tracing client prints the same error once in a while only: maybe before this request.
        said = self._said("web", path, before) or self._said("web", path, {})
        return replace(found, said=said)

    def said(self) -> str:
        """The last error that `web` printed at all, to go into a sentence; else nothing."""
        return self._said("web", "", {})

    @contextlib.contextmanager
    def too_many_hops(self, beer: str) -> Iterator[None]:
        """Have every pairing of a beer fail, as nobody expected, for a `with` block."""
        # DonutDB knows how sweet a donut should be for up to five hops.
        self._sql(f"UPDATE beer SET hops = hops + 100 WHERE name = '{beer}'")
        try:
            yield
        finally:
            self._sql(f"UPDATE beer SET hops = hops - 100 WHERE name = '{beer}'")

    @contextlib.contextmanager
    def slow_table(self, table: str) -> Iterator[None]:
        """Have every query of a table take some tenths of a second, for a `with` block."""
        # A view of the table that first counts to two million.
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
        """The same stack, seen through a second `web` that is told something else."""
        second = replace(
            self.settings,
            run_dir=self.settings.run_dir / f"web-{uuid.uuid4().hex[:6]}",
            ports=replace(self.settings.ports, web=free_port()),
            overrides={**self.settings.overrides, **environment},
        )
        with temporary_stack(second, stack=_services(second, {"web"})):
            yield Stack(second)

    @contextlib.contextmanager
    def beside(self, code: Path | None = None, **environment: str) -> Iterator[Stack]:
        """The same code once more, but for the files in `code`: another `web` and `taster`.

        Raises Problem when one of them does not start.
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
        with temporary_stack(second, stack=_services(second, {"web", "taster"})):
            yield Stack(second)

    def _look(self, token: str, begin: int) -> Look:
        mine, others = None, []
        for trace in traces(agent.spans(self.settings.ports.agent)):
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
        """What `web` and `taster` printed of a request's error, to go into a sentence."""
        # What they print is in their logs a moment after they answer, line by line.
        deadline = time.monotonic() + SAID_SECONDS
        earlier = None
        while True:
            said = self._said("web", path, before) + self._said("taster", "", before)
            if (" line " in said and said == earlier) or time.monotonic() > deadline:
                return said
            earlier = said
            time.sleep(0.1)

    def _said(self, service: str, path: str, before: Marks) -> str:
        """The error that a service printed after `before`, to go into a sentence; else nothing."""
        found = [
            raised
            for log in self._logs(service)
            for raised in since(log, before.get(log, Mark()), self.root)
        ]
        one = telling(found, path.partition("?")[0])
        return f"; {service} says: {one.sentence}" if one else ""

    def _marks(self) -> Marks:
        """Where each log ends now."""
        return {log: mark(log) for service in ("web", "taster") for log in self._logs(service)}

    def _logs(self, service: str) -> list[Path]:
        """Where a service's output goes; a second `web` shares the taster of the first stack."""
        log = self.settings.run_dir / f"{service}.log"
        if service == "web":
            return [log, self.output]
        return [log if log.exists() else self.settings.run_dir.parent / log.name]


def pairing(beer: str = "ipa") -> str:
    """The address of a pairing."""
    return f"/pair/beer?{urlencode({'name': beer})}"


@contextlib.contextmanager
def copied_stack(
    settings: Settings, folder: Path, *, with_agent: bool, **environment: str
) -> Iterator[Stack]:
    """Run the code of `settings` in `folder`, which is to be empty, with or without an agent.

    `environment` is for web and taster, and wins over everything else. Raises Problem when a
    service does not start.
    """
    copy_files(settings.root, folder)
    (folder / "timing.log").unlink(missing_ok=True)
    tasting = {"MATCHMAKER_TASTING_SECONDS": str(TASTING_SECONDS)}
    apart = settings_of_copy(settings, folder, {**tasting, **environment})
    names = {"web", "taster", "redis"} | ({"agent"} if with_agent else set())
    with temporary_stack(apart, stack=_services(apart, names)):
        yield Stack(apart)


def _services(settings: Settings, names: set[str]) -> list[Service]:
    """The services of those names, with web's standard output in a file apart."""
    output = settings.run_dir / "web.stdout"
    web = ["sh", "-c", 'exec "$0" app.py >"$1"', sys.executable, str(output)]
    return [
        replace(service, command=lambda: web) if service.name == "web" else service
        for service in services(settings)
        if service.name in names
    ]


def _is_answered(spans: list[Span]) -> bool:
    """Whether every request that one service made has the other's part below it."""
    return all(span.children for span in spans if span.name == "requests.request")
