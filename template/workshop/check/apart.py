"""Runs the code on disk apart from everything else: on free ports, with separate files.

It runs in a copy of the repository, so it can't reach the trainee's database, timing.log, or
`.env`, nor any services that are already running.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from workshop.settings import Settings
from workshop.stack.copied import copy_files, settings_of_copy
from workshop.stack.services import Service, services

TASTING_SECONDS = 0.05
"""How long one tasting takes, at least."""


def copied(settings: Settings, folder: Path, **environment: str) -> Settings:
    """Copy the code of `settings` to the empty `folder`, and return the settings of that stack.

    `environment` is for `web` and `taster`, and overrides everything else.
    """
    # The tool has five times as many files as everything else, and runs from its own place.
    copy_files(settings.root, folder, leave_out="workshop")
    (folder / "timing.log").unlink(missing_ok=True)
    tasting = {"MATCHMAKER_TASTING_SECONDS": str(TASTING_SECONDS)}
    return settings_of_copy(settings, folder, {**tasting, **environment})


def of_copy(apart: Settings, *, with_agent: bool) -> list[Service]:
    """The services that run a copy, with or without an agent."""
    names = {"web", "taster", "redis"} | ({"agent"} if with_agent else set())
    return chosen_services(apart, names)


def chosen_services(settings: Settings, names: set[str]) -> list[Service]:
    """The services with those names, with the standard output of `web` in a separate file."""
    output = settings.run_dir / "web.stdout"
    web = ["sh", "-c", 'exec "$0" app.py >"$1"', sys.executable, str(output)]
    return [
        replace(service, command=lambda: web) if service.name == "web" else service
        for service in services(settings)
        if service.name in names
    ]
