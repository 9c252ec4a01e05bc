"""Doctor's findings about variables: names without an effect, and what turns tracing off."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping

from workshop.problem import Problem
from workshop.settings import Settings, dotenv, tracing_step
from workshop.stack import containers, shell
from workshop.stack.running import Running
from workshop.stack.services import traced_environment
from workshop.stack.told_agent import AGENT_URL, told_agent
from workshop.troubles import Finding, Level, finding

TRACED = ("web", "taster")
COMPOSES_OWN = ("COMPOSE_ENV_FILES", "COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME")
"""With these, Docker's command uses other files or names than compose.yaml."""
LIBRARIES = ("FLASK", "PSYCOPG", "REDIS", "REQUESTS", "SQLITE3")
"""The tracer's names of the libraries whose spans a trace in this workshop contains."""
UVS_OWN = ("UV_NO_DEFAULT_GROUPS", "UV_NO_DEV", "UV_NO_GROUP", "UV_NO_SYNC")
"""With these, `uv run` leaves packages out, or doesn't update them."""


def examine(settings: Settings, found: Running | None) -> Iterator[Finding]:
    """Check the names in `.env` and in the shell, and the environment of `web` and `taster`."""
    try:
        written = dotenv(settings.root)
    except Problem:  # the check of .env reports it
        return
    yield from _names(settings, written)
    yield from _tracing(settings, found)


def _names(settings: Settings, written: Mapping[str, str]) -> Iterator[Finding]:
    wrong = shell.wrong_names_in_dotenv(written)
    if settings.container:  # the shell's variables stay on the trainee's own machine
        yield from _judged(wrong)
        return
    wrong |= shell.wrong_names()
    yield from _judged(wrong)
    for name in _in_shell(COMPOSES_OWN):
        what = f"`docker compose` uses {name} from your shell, and not from this folder"
        yield Finding("warning", what, f"unset {name}")
    # In the image that `matchmaker host` makes, nobody can change the packages.
    for name in _in_shell(UVS_OWN) if os.access(sys.prefix, os.W_OK) else ():
        what = f"`uv run` uses {name} from your shell: packages may be missing or outdated"
        yield Finding("warning", what, f"unset {name}")
    told = {*shell.FORMER, *COMPOSES_OWN}
    if unused := [name for name in shell.unused() if name not in told]:
        yield Finding("ok", f"the services ignore your shell's {', '.join(unused)}")


def _judged(wrong: Mapping[str, str]) -> Iterator[Finding]:
    for what, remedy in wrong.items():
        yield Finding("warning", what, remedy)
    if not wrong:
        yield Finding("ok", "every variable has a known name")


def _in_shell(names: Iterable[str]) -> list[str]:
    return [name for name in names if os.environ.get(name)]


def _tracing(settings: Settings, found: Running | None) -> Iterator[Finding]:
    """Whether a variable turns tracing off in `web` and `taster`, or leads their traces away."""
    is_traced = settings.step > tracing_step(settings.root).number
    level: Level = "problem" if is_traced else "warning"
    told_by: dict[str, list[str]] = {}
    for name in TRACED:
        service = found.services.get(name) if found else None
        if service and service.container:
            told, place = containers.environment(service.container), "the environment of"
        else:
            told, place = traced_environment(settings, name), ".env, for"
        for variable, value in tracing_is_off(told).items():
            told_by.setdefault(f"{variable}={value} in {place}", []).append(name)
    for variable, names in told_by.items():
        yield finding("tracing-off", f"{variable} {' and '.join(names)}", level)
    if address := told_agent(settings):
        what = f"{AGENT_URL}={address} in .env, for {' and '.join(TRACED)}"
        yield finding("agent-elsewhere", what, level)


def tracing_is_off(told: Mapping[str, str]) -> dict[str, str]:
    """The variables that stop a service from making spans, or the spans of a library."""
    return {name: value for name, value in told.items() if _switches_off(name, value.lower())}


def _switches_off(name: str, value: str) -> bool:
    if re.fullmatch(rf"DD_TRACE_(?:({'|'.join(LIBRARIES)})_)?ENABLED", name):
        return value not in ("1", "true")  # the tracer takes everything else as no
    off = rf"(?:{'|'.join(LIBRARIES)}):(?!1|true)".lower()
    return name == "DD_PATCH_MODULES" and bool(re.search(off, value))
