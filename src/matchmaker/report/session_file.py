"""`session.json`: what programs can read about a session, and what its next run must know."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Literal

from workshop.record.form import is_time

from matchmaker.problem import Problem
from matchmaker.report.times import now
from matchmaker.repositories.contained import contained, look
from matchmaker.repositories.git import said_by
from matchmaker.repositories.output import Output
from matchmaker.roster.read import Roster
from matchmaker.session import FAILURES, Trainee, Versions

Way = Literal["push", "bundle"]


@dataclass(frozen=True)
class HandedOut:
    """How and at which commit a trainee's repository was handed out."""

    way: Way
    commit: str
    at: str
    """The time, in ISO 8601."""
    url: str = ""
    """The URL to which we pushed it."""
    branch: str = ""
    """The branch to name in `git clone`, if git would choose another one."""
    with_key: bool = False
    """Whether the zip has the API key."""


@dataclass(frozen=True)
class Ran:
    """That a command of the instructor's ran for a trainee: `create` or `invite`."""

    about: str
    """Identifies the repository, and the values of the trainee's that the command used."""
    at: str
    """The time, in ISO 8601."""
    is_certain: bool = True
    """Whether it succeeded. If not, it may have: it was stopped, or the run was."""


@dataclass
class Memory:
    """What we know about a session's trainees, by slug, even if they aren't on the roster."""

    session: str = ""
    """The session's name; empty if it's unknown."""
    trainees: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str = ""
    """Why we can't use the existing file; empty if we can, or if there is none."""

    def asked(self, slug: str) -> Mapping[str, Any] | None:
        """The roster's answers when a repository was last updated to it; None if they're lost."""
        asked = self.trainees.get(slug, {}).get("asked")
        return asked if isinstance(asked, dict) else None

    def handed_out(self, slug: str) -> dict[Way, HandedOut]:
        """How a repository was handed out, with the latest way last, without unreadable entries."""
        found: dict[Way, HandedOut] = {}
        written = self.trainees.get(slug, {}).get("handed_out")
        for way, value in written.items() if isinstance(written, dict) else ():
            one = contained(partial(HandedOut, **value), lambda _: None)
            if one and way == one.way and all(isinstance(v, str) for v in (one.url, one.at)):
                found[one.way] = one
        return dict(sorted(found.items(), key=lambda item: (item[1].at, item[0])))

    def failures(self, trainees: Sequence[Trainee]) -> list[str]:
        """The slugs of the trainees for whom the last run that worked on them failed."""
        known = ((t.slug, self.trainees.get(t.slug, {}).get("did")) for t in trainees)
        return [slug for slug, did in known if did in FAILURES]

    def ran(self, slug: str, purpose: str) -> Ran | None:
        """The last time that a command ran for a trainee; None if it's unknown."""
        written = self.trainees.get(slug, {}).get("ran")
        value = written.get(purpose) if isinstance(written, dict) else None
        found = contained(lambda: Ran(**value), lambda _: None) if value else None
        return found if found and isinstance(found.at, str) else None

    def since(self, slug: str) -> str:
        """When a repository took the place of an earlier one (ISO 8601). Empty if it didn't."""
        since = self.trainees.get(slug, {}).get("since")
        return since if isinstance(since, str) and is_time(since) else ""

    def note_ran(self, slug: str, purpose: str, ran: Ran | None) -> None:
        """Remember that a command ran for a trainee, or, with None, that it didn't."""
        known = self.trainees[slug].get("ran")
        known = dict(known) if isinstance(known, dict) else {}
        known.pop(purpose, None)
        self.trainees[slug]["ran"] = {**known, **({purpose: asdict(ran)} if ran else {})}

    def note(self, trainee: Trainee) -> None:
        """Remember the result for one trainee, without any key.

        If we couldn't update a repository to the roster, `asked` stays as it was. A new repository
        isn't handed out to anybody yet, though the one on its host stays.
        """
        before = self.trainees.get(trainee.slug, {})
        failed = trainee.did == "failed"
        entry = {
            "name": trainee.name,
            "step": trainee.step,
            "path": trainee.slug,
            "env": trainee.facts.env,
            "ports": trainee.facts.ports,
            "did": trainee.did,
            "detail": trainee.detail,
            "stays": trainee.stays,
            "seconds": round(trainee.seconds, 3),
        }
        if not failed:
            entry["asked"] = dict(trainee.asked)
        elif "asked" in before:
            entry["asked"] = before["asked"]
        if "handed_out" in before and trainee.did not in ("created", "replaced"):
            entry["handed_out"] = before["handed_out"]
        if "ran" in before:
            entry["ran"] = before["ran"]
        # Somebody can have a record only if the earlier one was handed out.
        if "handed_out" in before and "handed_out" not in entry:
            entry["since"] = now()
        elif "since" in before:
            entry["since"] = before["since"]
        if trainee.notes:
            entry["notes"] = dict(trainee.notes)
        self.trainees[trainee.slug] = entry

    def note_problem(self, slug: str, problem: str) -> None:
        """Remember what went wrong when we handed a repository out in this run."""
        self.trainees[slug].setdefault("problems", []).append(problem)

    def note_handed_out(self, slug: str, one: HandedOut) -> None:
        """Remember how a repository was handed out."""
        known = {**self.handed_out(slug), one.way: one}
        self.trainees[slug]["handed_out"] = {way: asdict(value) for way, value in known.items()}

    def write(
        self, output: Output, versions: Versions, trainees: Sequence[Trainee], *, ok: bool
    ) -> None:
        """Write the file. `trainees` are on the roster, and `absent` lists all the others.

        If the roster says more about them than their names, only the user can read the file.
        """
        here = {trainee.slug for trainee in trainees}
        content = {
            "session": self.session,
            "template": versions.source,
            "version": versions.commit,
            "ok": ok,
            "trainees": {
                t.slug: self.trainees[t.slug] for t in trainees if t.slug in self.trainees
            },
            "absent": {slug: one for slug, one in self.trainees.items() if slug not in here},
        }
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        has_notes = any("notes" in one for one in self.trainees.values())
        output.write(output.session_file, text, private=has_notes)


def read(output: Output) -> Memory:
    """What the last run recorded, or else what we can find out from the existing repositories.

    Never raises. `trouble` says what is wrong with the file.
    """
    path = output.session_file
    memory = Memory()
    if os.path.lexists(path):
        try:
            if not path.is_file():
                raise ValueError("it is not a file")
            content = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(content, dict) or not isinstance(content.get("trainees"), dict):
                raise ValueError("it has an unexpected form")
            for part in (content.get("absent"), content["trainees"]):
                entries = part.items() if isinstance(part, dict) else ()
                memory.trainees |= {slug: one for slug, one in entries if isinstance(one, dict)}
            if isinstance(content.get("session"), str):
                memory.session = content["session"]
        except (OSError, ValueError, RecursionError) as error:
            memory.trouble = f"{path} cannot be read: {said_by(error)}."
    sessions = _sessions_there(output) if not memory.session else set()
    if sessions and not memory.trouble and not memory.trainees:
        memory.trouble = f"{path} {'lists no trainees' if os.path.lexists(path) else 'is gone'}."
    if len(sessions) == 1:
        memory.session = sessions.pop()
    return memory


def _sessions_there(output: Output) -> set[str]:
    """The sessions to which the repositories in a folder belong."""
    found = (contained(partial(look, folder), lambda _: None) for folder in output.root.glob("*"))
    return {str(one.answers["session"]) for one in found if one and "session" in one.answers}


def other_session(memory: Memory, roster: Roster, output: Output) -> Problem | None:
    """A problem if a folder already has another session than the roster's; None if it doesn't."""
    if memory.session in ("", roster.name):
        return None
    same = (
        f"rename the roster to {memory.session}{roster.path.suffix}"
        if roster.is_text
        else f'write name = "{memory.session}"'
    )
    return Problem(
        f"{output.root} has the session {memory.session}, but this roster is for {roster.name}.",
        f"Name another folder with --out. If it is the same session: {same}.",
        roster.where_set("name"),
    )
