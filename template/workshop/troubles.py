"""What goes wrong and what to do about it, from troubles.toml: what doctor finds, in its words."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is empty when all is well."""

    level: Level
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Trouble:
    """One entry of the list; the file says what each field is."""

    key: str
    cause: str
    symptom: str
    degrades: str
    remedy: str
    only: str = ""


@cache
def troubles() -> dict[str, Trouble]:
    """All of them by key, in the order of the page."""
    data = tomllib.loads(Path(__file__).with_name("troubles.toml").read_text(encoding="utf-8"))
    return {entry["key"]: Trouble(**entry) for entry in data["trouble"]}


def finding(key: str, detail: str = "", level: Level = "problem") -> Finding:
    """A trouble that was found here, and what exactly, if that says more."""
    trouble = troubles()[key]
    says_more = detail and detail.rstrip(".") != trouble.cause
    what = f"{trouble.cause}: {detail}" if says_more else trouble.cause
    return Finding(level, what, trouble.remedy)
