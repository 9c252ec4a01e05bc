"""What doctor says about variables: names that do not count, and what switches tracing off."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping

from workshop import api_key
from workshop.problem import Problem
from workshop.settings import Settings, dotenv, tracing_step
from workshop.stack import containers, shell
from workshop.stack.running import Running
from workshop.stack.services import traced_environment
from workshop.troubles import Finding, Level, finding

TRACED = ("web", "taster")
COMPOSES_OWN = ("COMPOSE_ENV_FILES", "COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME")
"""With these Docker's own command goes by other files or names than compose.yaml."""
LIBRARIES = ("FLASK", "PSYCOPG", "REDIS", "REQUESTS", "SQLITE3")
"""Whose spans a trace of this workshop has, as the tracer calls them."""
UVS_OWN = ("UV_NO_DEFAULT_GROUPS", "UV_NO_DEV", "UV_NO_GROUP", "UV_NO_SYNC")
"""With these `uv run` leaves packages out, or as they are."""


def examine(settings: Settings, found: Running | None) -> Iterator[Finding]:
    """Look at the names in `.env` and in the shell, and at what `web` and `taster` are told."""
    try:
        written = dotenv(settings.root)
    except Problem:  # which is told where the API key is looked for
        return
    yield from _names(settings, written)
    yield from _tracing(settings, found)


def _names(settings: Settings, written: Mapping[str, str]) -> Iterator[Finding]:
    wrong = shell.wrong_names_in_dotenv(written) | shell.wrong_names()
    for what, remedy in wrong.items():
        yield Finding("warning", what, remedy)
    for name in _in_shell(COMPOSES_OWN) + _empty_key(settings):
        what = f"`docker compose` goes by {name} of your shell, and not by what stands here"
        yield Finding("warning", what, f"unset {name}")
    for name in _in_shell(UVS_OWN):
        what = f"`uv run` goes by {name} of your shell: it may leave packages out, or old"
        yield Finding("warning", what, f"unset {name}")
    told = {*shell.FORMER, *COMPOSES_OWN}
    if unused := [name for name in shell.unused() if name not in told]:
        yield Finding("ok", f"the services do not hear of your shell's {', '.join(unused)}")
    if not wrong:
        yield Finding("ok", "every variable has a name that counts")


def _in_shell(names: Iterable[str]) -> list[str]:
    return [name for name in names if os.environ.get(name)]


def _empty_key(settings: Settings) -> list[str]:
    """The key's variable where the shell has it empty, which Compose takes for a missing one."""
    is_empty = settings.backend == "datadog" and os.environ.get(api_key.VARIABLE) == ""
    return [api_key.VARIABLE] if is_empty else []


def _tracing(settings: Settings, found: Running | None) -> Iterator[Finding]:
    """Whether `web` and `taster` are told not to trace."""
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


def tracing_is_off(told: Mapping[str, str]) -> dict[str, str]:
    """Those of a service's variables with which it makes no spans, or not those of a library."""
    return {name: value for name, value in told.items() if _switches_off(name, value.lower())}


def _switches_off(name: str, value: str) -> bool:
    if re.fullmatch(rf"DD_TRACE_(?:({'|'.join(LIBRARIES)})_)?ENABLED", name):
        return value not in ("1", "true")  # the tracer takes everything else for no
    off = rf"(?:{'|'.join(LIBRARIES)}):(?!1|true)".lower()
    return name == "DD_PATCH_MODULES" and bool(re.search(off, value))
