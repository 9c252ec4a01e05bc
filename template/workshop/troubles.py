"""What can go wrong, and what to do about it, from troubles.toml. Doctor's findings quote it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """The result of one of doctor's checks. `remedy` is empty if nothing is wrong."""

    level: Level
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Trouble:
    """One entry of the list. The file explains each field."""

    key: str
    cause: str
    symptom: str
    degrades: str
    remedy: str
    only: str = ""


@cache
def troubles() -> dict[str, Trouble]:
    """All troubles by key, in the order of the page."""
    data = tomllib.loads(Path(__file__).with_name("troubles.toml").read_text(encoding="utf-8"))
    return {entry["key"]: Trouble(**entry) for entry in data["trouble"]}


def finding(key: str, detail: str = "", level: Level = "problem") -> Finding:
    """A finding about a known trouble, with details if there are any."""
    trouble = troubles()[key]
    says_more = detail and detail.rstrip(".") != trouble.cause
    what = f"{trouble.cause}: {detail}" if says_more else trouble.cause
    return Finding(level, what, trouble.remedy)
