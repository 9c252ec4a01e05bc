"""Notices that a newcomer is probably a trainee who has changed their name.

The slug is made from the name. So a new name gets a new repository, unless the roster has the old
slug.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.report.session_file import Memory
from matchmaker.repositories.output import Output
from matchmaker.roster.read import Roster
from matchmaker.session import Trainee


@dataclass(frozen=True)
class Rename:
    """A newcomer, and the trainee who left the roster at the same time."""

    new: str
    old: str
    is_certain: bool
    """Whether both have the same e-mail address."""
    remedy: str

    def __str__(self) -> str:
        if self.is_certain:
            return f"has the e-mail address of {self.old}, who is not on the roster; {self.remedy}"
        return f"is new, and {self.old} is no longer on the roster; {self.remedy}"


def renames(
    plan: Sequence[Trainee],
    everyone: Sequence[Trainee],
    roster: Roster,
    output: Output,
    memory: Memory,
) -> list[Rename]:
    """The newcomers in a plan who resemble somebody who has left the roster."""
    here = {trainee.slug for trainee in everyone}
    gone = {
        slug: entry
        for slug, entry in memory.trainees.items()
        if slug not in here and output.repository(slug).is_dir()
    }
    found = []
    for trainee in plan:
        if trainee.action != "create":
            continue
        same = [slug for slug, entry in gone.items() if _addresses(trainee.notes) & _of(entry)]
        alike = [slug for slug, entry in gone.items() if _words(trainee.name) & _named(entry)]
        if same or alike:
            old = (same or alike)[0]
            # A slug that the roster names is meant.
            is_certain = len(same) == 1 and "trainee_slug" not in trainee.asked
            remedy = _remedy(old, trainee.slug, roster, is_certain=is_certain)
            found.append(Rename(trainee.slug, old, is_certain, remedy))
    return found


def _remedy(old: str, new: str, roster: Roster, *, is_certain: bool) -> str:
    written = f'trainee_slug = "{old}"'
    if roster.is_text:
        written = f"{old} in a column trainee_slug"
    keep = f"if it is the same person, keep the repository: write {written}"
    return f"{keep}; if not, write {new} there" if is_certain else keep


def _addresses(notes: Any) -> set[str]:
    values = notes.values() if isinstance(notes, dict) else ()
    return {value.strip().casefold() for value in values if isinstance(value, str) and "@" in value}


def _of(entry: dict[str, Any]) -> set[str]:
    return _addresses(entry.get("notes"))


def _words(name: str) -> set[str]:
    return {word for word in name.casefold().split() if len(word) > 2}


def _named(entry: dict[str, Any]) -> set[str]:
    return _words(str(entry.get("name", "")))
