"""Who takes part in a session, and which folder is whose."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from matchmaker.problem import Problems
from matchmaker.report.session_file import Memory, other_session, read
from matchmaker.repositories.contained import contained, look
from matchmaker.repositories.output import Output
from matchmaker.roster.read import Entry, Roster
from matchmaker.session import require_known
from matchmaker.urls import url_for

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class Trainee:
    """One trainee of the roster."""

    slug: str
    """Empty if it's unknown, because nothing was generated."""
    name: str
    url: str = ""
    """The trainee's remote. Empty if there is none."""
    is_namesake: bool = False
    """Whether somebody else on the roster has the same name."""


def trainees_of(roster: Roster, output: Output, only: Collection[str] = ()) -> list[Trainee]:
    """The trainees in the roster's order; only those with the slugs `only`, if there are any.

    Raises Problems for mistakes in the roster's form, for the folder of another session, and for
    slugs that nobody has.
    """
    memory = _memory_of(roster, output)
    names = Counter(str(entry.answers["trainee_name"]).casefold() for entry in roster.entries)
    found = []
    for entry, slug in _slugs(roster, output, memory):
        name = str(entry.answers["trainee_name"])
        found.append(Trainee(slug, name, _url(roster, memory, slug), names[name.casefold()] > 1))
    require_known(only, {one.slug: one.name for one in found if one.slug})
    return [one for one in found if one.slug in only] if only else found


def _memory_of(roster: Roster, output: Output) -> Memory:
    """What the folder says about the session. Raises Problems as `trainees_of` does."""
    memory = read(output)
    other = other_session(memory, roster, output)
    problems = [*roster.problems, *([other] if other else [])]
    if problems:
        raise Problems(problems)
    return memory


def _slugs(roster: Roster, output: Output, memory: Memory) -> list[tuple[Entry, str]]:
    """Each trainee's slug: from the roster, from the session's file, or else by the name.

    It's empty if unknown. The name in a folder is the trainee's to change, so it comes last, and no
    folder belongs to two.
    """
    given = {str(entry.answers.get("trainee_slug")) for entry in roster.entries}
    known = {
        str(one.get("name")): slug for slug, one in memory.trainees.items() if slug not in given
    }
    by_name: dict[str, str] = {}
    names = {
        str(e.answers["trainee_name"]) for e in roster.entries if not e.answers.get("trainee_slug")
    }
    if names - set(known):  # else reading every folder would tell us nothing
        for folder in sorted(output.root.glob("*")):
            recorded = contained(partial(look, folder), lambda _: None)
            if recorded and folder.name not in given:
                by_name[str(recorded.answers.get("trainee_name"))] = folder.name
    by_name = {name: slug for name, slug in by_name.items() if slug not in known.values()}
    found = []
    for entry in roster.entries:
        name = str(entry.answers["trainee_name"])
        slug = entry.answers.get("trainee_slug") or known.get(name) or by_name.get(name, "")
        found.append((entry, str(slug)))
    return found


def _url(roster: Roster, memory: Memory, slug: str) -> str:
    """Where the trainee's repository was pushed, or would be. Empty if that's nowhere."""
    if not _SLUG.fullmatch(slug):  # `generate` refuses it
        return ""
    pushed = memory.handed_out(slug).get("push")
    if pushed and pushed.url:
        return pushed.url
    return url_for(roster.push, slug) if roster.push else ""
