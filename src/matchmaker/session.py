"""What a run is about: what is asked for, the session's template, and each trainee."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from matchmaker.roster.questions import Facts

Action = Literal["create", "replace", "update", "set key", "keep", "refuse"]
Did = Literal["created", "replaced", "updated", "key set", "unchanged", "conflict", "failed"]
FAILURES = ("conflict", "failed")


@dataclass(frozen=True)
class Wishes:
    """The options of a run: from the command line, or `[session]` of the roster."""

    fresh: bool = False
    dry_run: bool = False
    bundle: bool = False
    with_keys: bool = False
    push: str | None = None


@dataclass(frozen=True)
class Versions:
    """The template of a session: where it is, and what is to be had of it."""

    source: str
    version: str | None
    """As the roster or the installation names it; None for the newest."""
    commit: str = ""
    """As the repositories record it."""
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Versions that repositories were made from and that cannot be had, each with the reason."""


@dataclass(frozen=True)
class Trainee:
    """One trainee, from the checked roster through the plan and the work to the report.

    Each stage gives a copy that knows more. All of it crosses to the worker processes and back.
    """

    slug: str
    name: str
    step: Any
    facts: Facts
    asked: Mapping[str, Any]
    """The roster's answers, in the questions' types; no key is among them."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """All answers that Copier would record of a new repository."""
    key: str | None = field(default=None, repr=False)
    """The API key for `.env`; None for whoever needs none, or sets it later."""

    # The plan
    action: Action = "create"
    data: Mapping[str, Any] = field(default_factory=dict)
    """The answers to give to Copier."""
    why: str = ""
    """Why the repository is left alone; empty if it is not."""
    moves: str = ""
    """From which step and version an update leads to which."""
    stays: str = ""
    """At which step it stays although the roster names another, and why."""
    is_lost: bool = False
    """Whether nothing tells what the roster gave before, so that the step was left as it is."""

    # The work
    did: Did | None = None
    """What became of it; None before that."""
    seconds: float = 0.0
    detail: str = ""

    def refused(self, why: str) -> "Trainee":
        """The same trainee, left alone for a reason."""
        return replace(self, action="refuse", why=why)

    def done(self, did: Did, detail: str = "", seconds: float = 0.0) -> "Trainee":
        """The same trainee, with what became of the repository."""
        return replace(self, did=did, detail=detail, seconds=seconds)
