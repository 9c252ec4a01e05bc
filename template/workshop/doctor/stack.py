"""Doctor's checks of the services, wherever they run."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import requests

from workshop.problem import Problem
from workshop.settings import Settings, tracing_step
from workshop.stack import containers, forwarding, kept_traces, ports, running
from workshop.stack.running import NAMES, Running
from workshop.stack.services import traced_environment
from workshop.traces.remarks import left_out
from workshop.troubles import Finding, Level, finding, troubles

LITTLE_DISK = 300e6
"""In bytes. With less, you can't install or build anything."""
SLOW_SECONDS = 1.0
AGENTS = ("agent", "view")


def examine(settings: Settings, found: Running | None) -> Iterator[Finding]:
    """All findings about the services, and about what they need to run."""
    yield from _database(settings, found)
    if not (found and found.in_docker):
        yield from _handed_on(settings)
    if found is None:
        yield from _ports(settings)
        yield Finding("ok", "nothing is running (`workshop up` starts it), so no agent to check")
        yield from _files(settings, os.getuid())
        return
    yield from _services(settings, found)
    yield from _agent_address(settings, found)
    yield from _agent(settings, found)
    yield from _taster(settings, found)
    yield from _files(settings, os.getuid())


def disk(settings: Settings, least: float = LITTLE_DISK) -> Iterator[Finding]:
    """Whether the repository's disk has enough space, in bytes."""
    free = shutil.disk_usage(settings.root).free
    if free < least:
        yield finding("disk-full", f"{free / 1e6:.0f} MB are free, {least / 1e6:.0f} are needed")
    else:
        yield Finding("ok", f"{free / 1e9:.0f} GB of disk are free")


def _ports(settings: Settings) -> Iterator[Finding]:
    names = [*NAMES, "console"]
    taken = ports.taken(settings, names)
    for service in taken:
        level: Level = "warning" if service.is_optional else "problem"
        yield finding("port-taken", ports.explain_taken(service), level)
    if not taken:
        numbers = ", ".join(str(getattr(settings.ports, name)) for name in names)
        yield Finding("ok", f"ports {numbers} are free")


def _services(settings: Settings, found: Running) -> Iterator[Finding]:
    if found.note:
        yield Finding("warning", found.note)
    ill = running.ill(settings, found)
    if all(service.state == "unknown" for service in found.services.values()):
        return
    without = {s.port for s in ill.values() if s.container and not containers.holds_its_port(s)}
    taken = {s.port: s for s in ports.taken(settings, containers.PUBLISHED) if s.port in without}
    for name, service in ill.items():
        if service.port in taken:
            yield finding("port-taken", ports.explain_taken(taken[service.port]))
            continue
        detail = f"it is {service.state}" + (f", {service.detail}" if service.detail else "")
        if service.state == "starting":
            yield Finding("warning", f"{name} is still starting", "look again in a moment")
        elif f"{name}-down" in troubles():
            yield finding(f"{name}-down", detail)
        else:
            log = f"docker compose logs {name}" if found.in_docker else f".workshop/{name}.log"
            remedy = f"{log} says why"
            yield Finding("problem", f"{name} isn't running: {detail}", remedy)
    if not ill:
        where = "in containers" if found.in_docker else "as local processes"
        yield Finding("ok", f"{len(found.services)} services are ready, {where}")


def _database(settings: Settings, found: Running | None) -> Iterator[Finding]:
    if settings.database == "sqlite" or (found and found.in_docker):
        return
    address = traced_environment(settings, "web").get("MATCHMAKER_DATABASE_URL", "sqlite:")
    if address.startswith("sqlite:"):
        what = "SQL is SQLite here: PostgreSQL runs in containers (`workshop up --docker`)"
        yield Finding("ok", what)
    else:
        yield Finding("ok", "SQL is the server that MATCHMAKER_DATABASE_URL names")


def _agent_address(settings: Settings, found: Running) -> Iterator[Finding]:
    for name in ("web", "taster"):
        service = found.services.get(name)
        if settings.container:  # all containers of the tool get the same address
            address = settings.url("agent")
        elif service and service.container:
            told = containers.environment(service.container)
            address = told.get("WORKSHOP_AGENT_URL") or told.get("DD_TRACE_AGENT_URL", "localhost")
        else:
            continue  # a local one gets its address only from `workshop up`
        host = urlsplit(address).hostname if "//" in address else address
        if address and host not in AGENTS:
            yield finding("agent-elsewhere", f"{name} says {address}")


def _agent(settings: Settings, found: Running) -> Iterator[Finding]:
    if not any(name in found.services and _runs(found, name) for name in AGENTS):
        return  # already reported
    if found.in_docker and settings.backend == "datadog" and "view" not in found.services:
        yield Finding("ok", f"traces go to {settings.site}, and you read them there")
        return
    try:
        kept = kept_traces.reading(settings)
    except Problem as problem:
        yield Finding("problem", problem.what, problem.remedy)
        return
    seen = [trace for trace in kept.traces if not trace.is_health_check]
    unread = kept.left_out + sum((trace.left_out for trace in seen), Counter())
    if said := left_out(unread):
        remedy = "their sender breaks the agent's protocol; `workshop traces` shows the rest"
        yield Finding("warning", said.rstrip("."), remedy)
    if seen:
        yield Finding("ok", f"the agent answers and has {len(seen)} traces")
    elif settings.step <= (number := tracing_step(settings.root).number):
        yield Finding("ok", f"the agent answers; the code gets traced in step {number}")
    else:
        yield Finding("warning", "the agent answers, but has no traces", "workshop traffic")


def _handed_on(settings: Settings) -> Iterator[Finding]:
    if not settings.traces_to:
        return
    try:
        forwarding.require_other(settings)
    except Problem as problem:
        yield Finding("problem", problem.what, problem.remedy)
        return
    if trouble := forwarding.trouble(settings):
        yield finding("not-handed-on", trouble, "warning")
    else:
        yield Finding("ok", f"traces also go to the Agent at {settings.traces_to}")


def _taster(settings: Settings, found: Running) -> Iterator[Finding]:
    if not _runs(found, "taster"):
        return
    url = f"{settings.url('taster')}/taste?beer=ipa&donut=jelly"
    begin = time.monotonic()
    with contextlib.suppress(requests.RequestException):  # it accepts connections, so it is slow
        requests.get(url, timeout=10)
    took = time.monotonic() - begin
    if took > SLOW_SECONDS:
        yield finding("taster-slow", f"a tasting takes {took:.1f} seconds", "warning")


def _files(settings: Settings, user: int) -> Iterator[Finding]:
    """Whether the user with that ID may write the files of the services."""
    folder = settings.root / "instance"
    written = [settings.root, folder, *folder.glob("*.db"), settings.root / "timing.log"]
    closed = [path for path in written if path.exists() and not may_write(path, user)]
    if closed:
        names = " and ".join(str(path.relative_to(settings.root)) for path in closed)
        yield finding("not-writable", f"{names} is not writable for user {user}")


def may_write(path: Path, user: int) -> bool:
    """Whether a user may write to a file or folder, according to its mode without the group's."""
    if user == os.getuid():
        return os.access(path, os.W_OK)
    status = path.stat()
    return user == 0 or bool(status.st_mode & (0o200 if status.st_uid == user else 0o002))


def _runs(found: Running, name: str) -> bool:
    return name in found.services and found.services[name].state == "ready"
