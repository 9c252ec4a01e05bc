"""A separate stack in a copy of the repository, for a check or a measurement.

It can't reach the trainee's database, timing.log, or `.env`, nor any services that are running.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

from workshop.moving.conflicts import files
from workshop.settings import Ports, Settings
from workshop.stack.services import free_port

DATABASE = "check.db"


def copy_files(origin: Path, folder: Path, *, leave_out: str = "") -> None:
    """Copy a repository's files over those in `folder`, except `.env` and other hidden files.

    Also leaves out the folder `leave_out` at the top, if you name one.
    """
    unwanted = origin / leave_out if leave_out else None
    known: set[Path] = set()
    for path in files(origin):
        if unwanted in path.parents:
            continue
        copy = folder / path.relative_to(origin)
        if copy.parent not in known:
            copy.parent.mkdir(parents=True, exist_ok=True)
            known.add(copy.parent)
        shutil.copy(path, copy)


def settings_of_copy(settings: Settings, folder: Path, overrides: Mapping[str, str]) -> Settings:
    """The settings of a stack with its code and database in `folder`, on free ports."""
    return replace(
        settings,
        root=folder,
        run_dir=folder / ".workshop",
        ports=Ports(*(free_port() for _ in fields(Ports))),
        container="",
        urls={},
        is_apart=True,
        overrides={"MATCHMAKER_DATABASE_URL": f"sqlite:///{folder / DATABASE}", **overrides},
    )
