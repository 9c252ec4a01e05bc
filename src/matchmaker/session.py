"""What a run works with: its options, the session's template, and each trainee."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from matchmaker.problem import Problem, Problems
from matchmaker.roster.guesses import closest
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
    only: tuple[str, ...] = ()
    """The slugs of the trainees to work on; empty for all of them."""
    show_all: bool = False
    """Whether to show a row for every trainee of a large session."""


@dataclass(frozen=True)
class Versions:
    """The template of a session: where it is, and which versions it has."""

    source: str
    version: str | None
    """The version from the roster or the installation; None for the newest."""
    commit: str = ""
    """The version in the form that the repositories record."""
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Versions that repositories were made from but that aren't available, each with the reason."""


@dataclass(frozen=True)
class Trainee:
    """One trainee, from the checked roster through the plan and the work to the report.

    Each stage returns a copy with more in it. All of it goes to the worker processes and back.
    """

    slug: str
    name: str
    step: Any
    facts: Facts
    asked: Mapping[str, Any]
    """The answers in the roster, in the types of their questions, without any key."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """All answers that Copier would record for a new repository."""
    key: str | None = field(default=None, repr=False)
    """The API key for `.key/datadog`; None for a trainee who needs none, or sets it later."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What else the roster says, such as an e-mail address. The template never gets it."""

    # The plan
    action: Action = "create"
    data: Mapping[str, Any] = field(default_factory=dict)
    """The answers to give to Copier."""
    why: str = ""
    """Why we leave the repository alone; empty if we don't."""
    moves: str = ""
    """The steps and versions before and after an update."""
    stays: str = ""
    """The step at which it stays although the roster names another, and why."""
    is_lost: bool = False
    """Whether the roster's earlier answers are lost, so that the step stays as it is."""

    # The work
    did: Did | None = None
    """The result of the work; None before that."""
    seconds: float = 0.0
    detail: str = ""

    def refused(self, why: str) -> "Trainee":
        """The same trainee, with a reason to leave the repository alone."""
        return replace(self, action="refuse", why=why)

    def done(self, did: Did, detail: str = "", seconds: float = 0.0) -> "Trainee":
        """The same trainee, with the result of the work on the repository."""
        return replace(self, did=did, detail=detail, seconds=seconds)


def slugs_in(values: Iterable[str]) -> tuple[str, ...]:
    """The slugs that an option names: one or several at a time, separated by commas."""
    found = (slug.strip() for value in values for slug in value.split(","))
    return tuple(dict.fromkeys(filter(None, found)))


def require_known(slugs: Iterable[str], names: Mapping[str, str]) -> None:
    """Raise Problems for each slug that no trainee has, with the one that was probably meant.

    `names` has the name of each trainee, by slug.
    """
    by_name = {name.casefold(): slug for slug, name in names.items()}
    problems = []
    for slug in dict.fromkeys(slugs):
        if slug not in names:
            meant = by_name.get(slug.casefold()) or closest(slug.casefold(), names)
            remedy = f"Did you mean {meant}?" if meant else "session.json lists all slugs."
            what = f"Nobody on the roster has the slug `{slug[:60]}`."
            problems.append(Problem(what, remedy))
    if problems:
        raise Problems(problems)
