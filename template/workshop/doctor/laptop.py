"""The part of `workshop doctor --pull` about Docker: what a session needs from it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import requests

from workshop import api_key
from workshop.doctor import stack
from workshop.key_form import impossible
from workshop.problem import Problem
from workshop.settings import Settings
from workshop.stack import containers, ports, shell
from workshop.troubles import Finding, Level, finding

OLDEST_COMPOSE = (2, 24)
"""The first version that supports all of compose.yaml, with a margin."""
MEMORY = 1.5e9
DISK = 3e9
"""In bytes, for all images."""
API = "https://api.{site}/api/v1/validate"


def examine(settings: Settings) -> Iterator[Finding]:
    """Check what Docker needs, and fetch or build what is missing."""
    try:
        engine = containers.engine()
    except Problem as problem:
        # A session without Datadog doesn't need Docker.
        level: Level = "problem" if settings.backend == "datadog" else "warning"
        yield Finding(level, problem.what.rstrip("."), problem.remedy)
        return
    yield Finding("ok", f"Docker {engine['ServerVersion']} runs")
    yield from _compose()
    memory = float(engine.get("MemTotal", 0))
    if memory < MEMORY:
        yield finding("memory-low", f"it has {memory / 1e9:.1f} GB", "warning")
    else:
        yield Finding("ok", f"Docker has {memory / 1e9:.0f} GB of memory")
    yield from stack.disk(settings, DISK)
    yield from _free_ports(settings)
    yield from _images(settings)
    yield from key_findings(settings)


def _compose() -> Iterator[Finding]:
    said = containers.docker("version", "--short", compose=True)
    version = said.stdout.strip().removeprefix("v")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if said.returncode or numbers < OLDEST_COMPOSE:
        needed = ".".join(map(str, OLDEST_COMPOSE))
        yield finding("compose-old", f"{version or 'none'} is installed, {needed} is needed")
    else:
        yield Finding("ok", f"Docker Compose {version}")


def _free_ports(settings: Settings) -> Iterator[Finding]:
    if containers.services(settings):
        return  # the services use the ports themselves
    taken = ports.taken(settings, containers.PUBLISHED)
    for service in taken:
        yield finding("port-taken", ports.explain_taken(service))
    if not taken:
        numbers = ", ".join(str(getattr(settings.ports, name)) for name in containers.PUBLISHED)
        yield Finding("ok", f"ports {numbers} are free")


def _images(settings: Settings) -> Iterator[Finding]:
    """Pull and build, with the progress on the terminal. The first time, it takes minutes."""
    pulls = [["docker", "pull", name] for name in containers.missing_images(settings)]
    for command in (*pulls, ["docker", "compose", "build"]):
        done = subprocess.run(command, cwd=settings.root, env=shell.for_docker(), check=False)
        if done.returncode:
            yield finding("image-missing", f"`{' '.join(command)}` failed, as shown above")
            return
    yield Finding("ok", "all images are pulled and built")


def key_findings(settings: Settings) -> Iterator[Finding]:
    """Whether the site accepts the key. If it can't be reached, nobody knows."""
    try:
        key = api_key.read(settings.root)
    except Problem:
        return  # doctor has already reported it
    if settings.backend != "datadog" or not key.text or impossible(key.text):
        return  # not needed, or doctor has already reported what is wrong with it
    try:
        url = API.format(site=settings.site)
        answer = requests.get(url, headers={"DD-API-KEY": key.text}, timeout=10)
    except requests.RequestException:
        what = f"{settings.site} cannot be reached, so it is unknown whether it accepts the key"
        yield Finding("warning", what, "try again with a network")
        return
    if answer.status_code == 200:
        yield Finding("ok", f"{settings.site} accepts the API key")
    elif answer.status_code in (401, 403):
        said = f"{settings.site} says {answer.status_code} to the key in .key/datadog"
        said += api_key.shells()
        yield finding("key-rejected", said)
    else:
        what = (
            f"{settings.site} answers {answer.status_code}: can't tell whether it accepts the key"
        )
        yield Finding("warning", what, "try again later")
