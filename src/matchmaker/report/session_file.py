"""`session.json`: what programs read of a session, and what its next run has to remember."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Literal

from matchmaker.problem import Problem
from matchmaker.repositories.contained import contained, look
from matchmaker.repositories.git import said_by
from matchmaker.repositories.output import Output
from matchmaker.roster.read import Roster
from matchmaker.session import Trainee, Versions

Way = Literal["push", "bundle"]


@dataclass(frozen=True)
class HandedOut:
    """How a trainee's repository was handed out, and which of its commits."""

    way: Way
    commit: str
    at: str
    """When, in ISO 8601."""
    url: str = ""
    """Where it was pushed to."""
    branch: str = ""
    """The branch to name in `git clone`, where that would take another by itself."""
    with_key: bool = False
    """Whether the zip has the API key."""


@dataclass
class Memory:
    """What is known of a session's trainees, by slug; of those, too, who are not on the roster."""

    session: str = ""
    """The session's name; empty if nothing tells it."""
    trainees: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str = ""
    """Why the file that is there is not used; empty if it is, or if there is none."""

    def asked(self, slug: str) -> Mapping[str, Any] | None:
        """What the roster gave when a repository was last brought up to it; None if lost."""
        asked = self.trainees.get(slug, {}).get("asked")
        return asked if isinstance(asked, dict) else None

    def handed_out(self, slug: str) -> dict[Way, HandedOut]:
        """How a repository was handed out, the latest way last; what cannot be read is left out."""
        found: dict[Way, HandedOut] = {}
        written = self.trainees.get(slug, {}).get("handed_out")
        for way, value in written.items() if isinstance(written, dict) else ():
            one = contained(partial(HandedOut, **value), lambda _: None)
            if one and way == one.way and all(isinstance(v, str) for v in (one.url, one.at)):
                found[one.way] = one
        return dict(sorted(found.items(), key=lambda item: (item[1].at, item[0])))

    def note(self, trainee: Trainee) -> None:
        """Remember what became of one. No key is in it.

        `asked` stays as it was for a repository that could not be brought up to the roster. A new
        one has not been handed out to anybody.
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
            "seconds": round(trainee.seconds, 3),
        }
        if not failed:
            entry["asked"] = dict(trainee.asked)
        elif "asked" in before:
            entry["asked"] = before["asked"]
        if "handed_out" in before and trainee.did not in ("created", "replaced"):
            entry["handed_out"] = before["handed_out"]
        self.trainees[trainee.slug] = entry

    def note_handed_out(self, slug: str, one: HandedOut) -> None:
        """Remember how a repository was handed out."""
        known = {**self.handed_out(slug), one.way: one}
        self.trainees[slug]["handed_out"] = {way: asdict(value) for way, value in known.items()}

    def write(
        self, output: Output, versions: Versions, trainees: Sequence[Trainee], *, ok: bool
    ) -> None:
        """Write the file: `trainees` are on the roster, and whoever else there was is `absent`."""
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
        output.write(output.session_file, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def read(output: Output) -> Memory:
    """What the last run has written down; without that, what the repositories that are there tell.

    Never raises: `trouble` says what is wrong with the file.
    """
    path = output.session_file
    memory = Memory()
    if os.path.lexists(path):
        try:
            if not path.is_file():
                raise ValueError("it is not a file")
            content = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(content, dict) or not isinstance(content.get("trainees"), dict):
                raise ValueError("it has another form")
            for part in (content.get("absent"), content["trainees"]):
                entries = part.items() if isinstance(part, dict) else ()
                memory.trainees |= {slug: one for slug, one in entries if isinstance(one, dict)}
            if isinstance(content.get("session"), str):
                memory.session = content["session"]
        except (OSError, ValueError, RecursionError) as error:
            memory.trouble = f"{path} cannot be read: {said_by(error)}."
    sessions = _sessions_there(output) if not memory.session else set()
    if sessions and not memory.trouble and not memory.trainees:
        memory.trouble = f"{path} {'names nobody' if os.path.lexists(path) else 'is gone'}."
    if len(sessions) == 1:
        memory.session = sessions.pop()
    return memory


def _sessions_there(output: Output) -> set[str]:
    """The sessions that the repositories in a folder are of."""
    found = (contained(partial(look, folder), lambda _: None) for folder in output.root.glob("*"))
    return {str(one.answers["session"]) for one in found if one and "session" in one.answers}


def other_session(memory: Memory, roster: Roster, output: Output) -> Problem | None:
    """Why a roster cannot be brought into a folder: another session is there; None if it can."""
    if memory.session in ("", roster.name):
        return None
    same = (
        f"rename the roster to {memory.session}{roster.path.suffix}"
        if roster.is_text
        else f'write name = "{memory.session}"'
    )
    return Problem(
        f"{output.root} holds the session {memory.session}, and this roster is {roster.name}.",
        f"Name another folder with --out. If it is the same session: {same}.",
        roster.where_set("name"),
    )
