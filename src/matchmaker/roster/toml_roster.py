"""Reads a roster in TOML, and collects the mistakes in its form."""

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matchmaker.problem import Problem
from matchmaker.repositories.ports import LAST_PORT
from matchmaker.roster.entries import (
    NAMELESS,
    NO_NAME,
    OF_ONE_TRAINEE,
    SET_BY_SESSION,
    Entry,
    Roster,
)
from matchmaker.roster.guesses import closest
from matchmaker.roster.keys import HOW, KeySource, has_key, key_source
from matchmaker.roster.known import known_answers
from matchmaker.roster.masking import masked
from matchmaker.roster.name_columns import is_full_name
from matchmaker.roster.positions import Path as _Place
from matchmaker.urls import from_folder, push_problem

PARTS = ("session", "host", "answers", "trainee")
COMMANDS = ("create", "invite")
"""What runs for each trainee. matchmaker.handout checks what is in them."""
SESSION_KEYS = (*("name", "template", "version", "ports", "push", "bundle"), *COMMANDS, "api_key")
HOST_KEYS = ("domain", "image", "sign_in")
"""What `[host]` has. matchmaker.host.settings checks what is in them."""


class TomlReader:
    """Reads one TOML roster, and collects mistakes in its form."""

    def __init__(self, path: Path, content: Mapping[str, Any], lines: Mapping[_Place, int]) -> None:
        self._path = path
        self._content = dict(content)
        self._lines = dict(lines)
        self._problems: list[Problem] = []
        self._of_rows: list[Problem] = []

    def _wrong(self, what: str, remedy: str, *place: str | int, kind: str = "") -> None:
        places = (place, (*place, 0), place[:-1])  # for a list of tables, the first table
        line = next((self._lines[where] for where in places if where in self._lines), 1)
        problem = Problem(masked(what), remedy, f"{self._path}:{line}", kind)
        self._problems.append(problem)
        if place[0] == "trainee" and len(place) > 1:
            self._of_rows.append(problem)

    def read(self) -> Roster:
        self._parts()
        session = self._session()
        answers = self._for_everyone(self._without_reserved(self._table("answers"), "answers"))
        host = self._host()
        session_key = self._key(session, "session")
        entries = tuple(
            self._entry(index, trainee, answers, session_key)
            for index, trainee in enumerate(self._trainees())
        )
        texts = {name: value for name, value in session.items() if isinstance(value, str)}
        return Roster(
            path=self._path,
            name=texts.get("name", NAMELESS),
            entries=entries,
            template=texts.get("template", ""),
            version=texts.get("version", ""),
            distinct_ports="ports" in session,
            first_port=_first_port(session.get("ports")),
            push=from_folder(texts["push"], self._path.parent) if texts.get("push") else "",
            create=texts.get("create", ""),
            invite=texts.get("invite", ""),
            bundle=session.get("bundle") is True,
            host={name: value for name, value in host.items() if isinstance(value, str)},
            problems=tuple(self._problems),
            of_rows=tuple(self._of_rows),
            lines={
                name: self._lines.get(("session", name)) or self._lines.get(("session",), 1)
                for name in SESSION_KEYS
            },
            host_lines={
                name: self._lines[place]
                for name in ("", *HOST_KEYS)
                if (place := ("host", name) if name else ("host",)) in self._lines
            },
        )

    def _parts(self) -> None:
        """Report unknown parts, and read a misspelled one as the part that was meant."""
        for name in [name for name in self._content if name not in PARTS]:
            value = self._content.pop(name)
            meant, place = self._meant_by(name, value)
            remedy = (
                "Its parts are [session], [answers], one [[trainee]] for each trainee, and [host] "
                "for a cluster."
            )
            if len(place) > 1:
                remedy = f"Put {place[1]} = … below [{place[0]}]."
            elif meant:
                remedy = f"Did you mean {'[[trainee]]' if meant == 'trainee' else f'[{meant}]'}?"
            self._wrong(f"`{name}` is not a part of a roster.", remedy, name)
            if meant:
                self._move((name,), place)
            if len(place) > 1:
                self._content[place[0]] = {**self._content.get(place[0], {}), place[1]: value}
            elif meant:
                self._content[meant] = value

    def _meant_by(self, name: str, value: Any) -> tuple[str, tuple[str, ...]]:
        """What was meant by a name above all tables, and where it belongs."""
        if isinstance(value, dict | list):
            meant = closest(name, [part for part in PARTS if part not in self._content])
            return meant, (meant,)
        answers = [name for name in known_answers() if name not in OF_ONE_TRAINEE]
        parts = {"session": SESSION_KEYS, "answers": answers, "host": HOST_KEYS}
        for part, known in parts.items():
            table = self._content.get(part, {})
            meant = closest(name, known)
            if meant and isinstance(table, dict) and meant not in table:
                return meant, (part, meant)
        return "", ("",)

    def _move(self, place: _Place, to: _Place) -> None:
        """Make the lines of one place available under another place."""
        count = len(place)
        inside = [(p, line) for p, line in self._lines.items() if p[:count] == place]
        self._lines |= {(*to, *p[count:]): line for p, line in inside}

    def _table(self, name: str) -> dict[str, Any]:
        table = self._content.get(name, {})
        if isinstance(table, dict):
            return dict(table)
        what = f"`{name}` is not a table."
        if isinstance(table, list):
            what = f"`{name}` is a list, and there can be only one."
        self._wrong(what, f"Write [{name}], in single brackets, and its values below.", name)
        return {}

    def _trainees(self) -> list[dict[str, Any]]:
        trainees = self._content.get("trainee", [])
        if not isinstance(trainees, list) or not all(isinstance(t, dict) for t in trainees):
            what = "The trainees are not a list."
            remedy = 'Write [[trainee]] above each of them, and trainee_name = "…" below it.'
            self._wrong(what, remedy, "trainee")
            if not isinstance(trainees, dict):
                return []
            self._move(("trainee",), ("trainee", 0))
            return [trainees]
        if not trainees:
            what = "There are no trainees."
            self._wrong(what, 'Add [[trainee]] and trainee_name = "…".', "trainee")
        return trainees

    def _session(self) -> dict[str, Any]:
        session = self._table("session")
        for name in [name for name in session if name not in SESSION_KEYS]:
            meant = closest(name, [key for key in SESSION_KEYS if key not in session])
            if meant:
                remedy = f"Did you mean {meant}?{f' {HOW}' if meant == 'api_key' else ''}"
            elif name in PARTS:
                remedy = f"Put {name} above [session], or make it a heading."
            elif name in OF_ONE_TRAINEE:
                remedy = "Put it below one [[trainee]]."
            elif name in known_answers():
                remedy = "It is an answer: put it below [answers], or below one [[trainee]]."
            elif name in HOST_KEYS:
                remedy = "Put it below [host]."
            else:
                remedy = f"It has {', '.join(SESSION_KEYS)}; answers belong in [answers]."
            self._wrong(f"[session] has no `{name}`.", remedy, "session", name)
            value = session.pop(name)
            if meant == "name":
                session[meant] = value
                self._move(("session", name), ("session", meant))
            elif meant == "api_key":
                session[meant] = "later"  # so that we don't also report that it's missing
        for name in ("name", "template", "version", "push", *COMMANDS):
            self._check_text(session, "session", name)
        if not isinstance(session.get("bundle", False), bool):
            what = "`bundle` is not true or false."
            self._wrong(what, "Write it without quotes.", "session", "bundle")
        for name in COMMANDS:
            if has_key(session.get(name, "")):
                what = f"`{name}` has what looks like an API key, and people pass rosters around."
                self._wrong(what, "Remove it, and replace the key with a new one.", "session", name)
                session[name] = ""
        ports = session.get("ports", "distinct")
        if ports != "distinct" and not _first_port(ports):
            is_text = isinstance(ports, str | dict)
            self._wrong(
                "`ports` can only be distinct." if is_text else "`ports` is not text.",
                'Write ports = "distinct" for one shared host, ports = {from = 20000} for ports '
                "from that one on, or leave it out.",
                *("session", "ports"),
            )
        push = session.get("push")
        problem = push_problem(push) if isinstance(push, str) and push else None
        if problem:
            self._wrong(problem.what, problem.remedy, "session", "push")
        if "name" not in session and isinstance(self._content.get("session", {}), dict):
            remedy = 'Add a name to [session], such as name = "2026-12-support".'
            self._wrong("The session has no name.", remedy, "session", "name")
        return session

    def _host(self) -> dict[str, Any]:
        host = self._table("host")
        for name in [name for name in host if name not in HOST_KEYS]:
            meant = closest(name, [key for key in HOST_KEYS if key not in host])
            remedy = f"It has {', '.join(HOST_KEYS)}."
            if meant:
                remedy = f"Did you mean {meant}?"
                self._move(("host", name), ("host", meant))
                host[meant] = host[name]
            elif name in SESSION_KEYS:
                remedy = "Put it below [session]."
            self._wrong(f"[host] has no `{name}`.", remedy, "host", name)
            del host[name]
        for name in host:
            self._check_text(host, "host", name)
        return host

    def _check_text(self, table: dict[str, Any], place: str, name: str) -> None:
        value = table.get(name, "")
        if not isinstance(value, str):
            self._wrong(f"`{name}` is not text.", "Put it in quotes.", place, name)
        elif any(unicodedata.category(character) == "Cc" for character in value):
            what = f"`{name}` has a control character in it."
            self._wrong(what, "Type it again, on one line.", place, name)
            table[name] = NAMELESS if name == "name" else ""

    def _notes(self, trainee: Mapping[str, Any], *place: str | int) -> dict[str, str]:
        """A trainee's notes, without those that are not text."""
        notes = trainee.get("notes", {})
        if not isinstance(notes, dict):
            what, remedy = "`notes` is not a table.", 'Write notes = {email = "…"}.'
            self._wrong(what, remedy, *place, "notes", kind="notes")
            return {}
        found = {}
        for name, value in notes.items():
            where = (*place, "notes", name)
            if has_key(name) or has_key(value):
                what = "A note has what looks like an API key, and people pass rosters around."
                remedy = "Remove it, and replace the key with a new one."
                self._wrong(what, remedy, *where, kind="key in notes")
            elif not isinstance(value, str):
                what = f"The note `{name}` is not text."
                self._wrong(what, "Put it in quotes.", *where, kind="note without quotes")
            else:
                found[name] = value
        return found

    def _without_reserved(self, answers: Mapping[str, Any], *place: str | int) -> dict[str, Any]:
        for name in answers:
            if name in SET_BY_SESSION:
                what = f"`{name}` cannot be answered here."
                self._wrong(what, SET_BY_SESSION[name], *place, name, kind=f"{name} here")
        return {name: value for name, value in answers.items() if name not in SET_BY_SESSION}

    def _for_everyone(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        for name in answers:
            if name in OF_ONE_TRAINEE:
                what = f"`{name}` cannot be the same for everyone."
                self._wrong(what, "Move it below a [[trainee]].", "answers", name)
        return {name: value for name, value in answers.items() if name not in OF_ONE_TRAINEE}

    def _key(self, table: Mapping[str, Any], *place: str | int) -> KeySource | None:
        if "api_key" not in table:
            return None
        try:
            return key_source(table["api_key"])
        except Problem as problem:
            self._wrong(problem.what, problem.remedy, *place, "api_key", kind=problem.what)
            return KeySource("later")  # so that we don't also report that it's missing

    def _entry(
        self,
        index: int,
        trainee: Mapping[str, Any],
        answers: Mapping[str, Any],
        session_key: KeySource | None,
    ) -> Entry:
        place = ("trainee", index)
        own = self._without_reserved(trainee, *place)
        own.pop("api_key", None)
        notes = self._notes(own, *place)
        own.pop("notes", None)
        misnamed = ""
        if "trainee_name" not in own:
            misnamed = next((name for name in own if is_full_name(name)), "")
            if misnamed:
                what = f"The template has no question `{misnamed}`."
                self._wrong(what, "Did you mean trainee_name?", *place, misnamed, kind="name")
                own = {"trainee_name": own.pop(misnamed), **own}
            else:
                remedy = 'Add trainee_name = "…", or remove this [[trainee]].'
                self._wrong("This trainee has no name.", remedy, *place, kind=NO_NAME)
        lines = {
            **{name: self._lines.get(("answers", name), 1) for name in answers},
            **{name: self._lines.get((*place, name), 1) for name in trainee},
        }
        if misnamed:
            lines["trainee_name"] = lines[misnamed]
        return Entry(
            answers={**answers, **own},
            line=self._lines.get(place) or self._lines.get(("trainee",), 1),
            lines=lines,
            api_key=self._key(trainee, *place) or session_key,
            notes=notes,
        )


def _first_port(ports: Any) -> int:
    """The port of `{from = …}`; 0 if it isn't a port."""
    if not isinstance(ports, dict) or ports.keys() != {"from"}:
        return 0
    first = ports["from"]
    is_number = isinstance(first, int) and not isinstance(first, bool)
    return first if is_number and 0 < first <= LAST_PORT else 0
