"""Who takes part in a session, and which folder is whose."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
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
    since: str = ""
    """When the repository took the place of an earlier one (ISO 8601). Empty if it didn't."""


def trainees_of(roster: Roster, output: Output, only: Collection[str] = ()) -> list[Trainee]:
    """The trainees in the roster's order; only those with the slugs `only`, if there are any.

    Leaves out those without a name. Raises Problems for mistakes in the roster that concern
    everybody or one of `only`, for the folder of another session, and for slugs that nobody has.
    """
    memory = _memory_of(roster, output)
    entries = [entry for entry in roster.entries if entry.answers.get("trainee_name")]
    names = Counter(str(entry.answers["trainee_name"]).casefold() for entry in entries)
    found, lines = [], {}
    for entry, slug in _slugs(entries, output, memory):
        name = str(entry.answers["trainee_name"])
        is_namesake = names[name.casefold()] > 1
        url = _url(roster, memory, slug)
        found.append(Trainee(slug, name, url, is_namesake, memory.since(slug)))
        lines[slug] = entry.line
    try:
        require_known(only, {one.slug: one.name for one in found if one.slug})
    except Problems as unknown:  # they may be in a row with a mistake
        raise Problems([*unknown.problems, *roster.of_rows]) from unknown
    asked = {line for slug, line in lines.items() if slug in only}
    if own := [one for one in roster.of_rows if roster.lines_of(one) & asked]:
        raise Problems(own)
    return [one for one in found if one.slug in only] if only else found


def _memory_of(roster: Roster, output: Output) -> Memory:
    """What the folder says about the session. Raises Problems as `trainees_of` does."""
    memory = read(output)
    other = other_session(memory, roster, output)
    if roster.of_all or other:
        raise Problems([*roster.problems, *([other] if other else [])])
    return memory


def _slugs(entries: Sequence[Entry], output: Output, memory: Memory) -> list[tuple[Entry, str]]:
    """Each trainee's slug: from the roster, from the session's file, or else by the name.

    It's empty if unknown. The name in a folder is the trainee's to change, so it comes last, and no
    folder belongs to two.
    """
    given = {str(entry.answers.get("trainee_slug")) for entry in entries}
    known = {
        str(one.get("name")): slug for slug, one in memory.trainees.items() if slug not in given
    }
    by_name: dict[str, str] = {}
    names = {
        str(entry.answers["trainee_name"])
        for entry in entries
        if not entry.answers.get("trainee_slug")
    }
    if names - set(known):  # else reading every folder would tell us nothing
        for folder in sorted(output.root.glob("*")):
            recorded = contained(partial(look, folder), lambda _: None)
            if recorded and folder.name not in given:
                by_name[str(recorded.answers.get("trainee_name"))] = folder.name
    by_name = {name: slug for name, slug in by_name.items() if slug not in known.values()}
    found = []
    for entry in entries:
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
