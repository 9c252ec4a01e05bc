"""The instructor's commands for a trainee's repository on its host: `create` and `invite`.

A command is split into words before values are filled in, and no shell runs it. So a value, which
may come from a spreadsheet, is always a part of one word.
"""

import hashlib
import json
import re
import shlex
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

from matchmaker.problem import Problem
from matchmaker.roster.guesses import closest
from matchmaker.roster.masking import tame
from matchmaker.roster.read import Entry, Roster
from matchmaker.session import Trainee

Purpose = Literal["create", "invite"]

_SLUG = "slug"
_PLACEHOLDER = re.compile(r"\{(\w[\w .@-]*)\}")
_SHELLS = {"sh", "ash", "bash", "dash", "fish", "ksh", "zsh", "cmd", "powershell", "pwsh", "su"}
# They take a script after -c, -e, or -r.
_LANGUAGES = {"node", "osascript", "perl", "php", "python", "ruby"}
# They join their words to one line, for a shell here or on another machine.
_JOINING = {"eval", "ssh", "watch"}
_MANUAL = "It has {slug} and the trainees' notes, such as {email}: gh repo create team/{slug}"


@dataclass(frozen=True)
class HostCommand:
    """A command, with the values of a trainee to fill in."""

    purpose: Purpose
    words: tuple[str, ...]

    def filled(self, trainee: Trainee) -> list[str]:
        """The words to run for one trainee."""
        values = _values(trainee)
        return [_PLACEHOLDER.sub(lambda found: values[found[1]], word) for word in self.words]

    def shown(self, trainee: Trainee) -> str:
        """The command for one trainee as you would type it, without anything that is secret."""
        safe = HostCommand(self.purpose, tuple(tame(word.encode()) for word in self.words))
        return shlex.join(safe.filled(trainee))

    def about(self, trainee: Trainee, url: str) -> str:
        """Identifies what the command is about: the repository, and the values that it uses."""
        values = _values(trainee)
        used = sorted({name: values[name] for name in self.placeholders}.items())
        return hashlib.sha256(json.dumps([url, used]).encode()).hexdigest()[:16]

    @property
    def placeholders(self) -> list[str]:
        """The names of the values that it uses."""
        return [name for word in self.words for name in _PLACEHOLDER.findall(word)]


@dataclass(frozen=True)
class HostCommands:
    """The commands of a roster; None for each that it doesn't have."""

    create: HostCommand | None = None
    invite: HostCommand | None = None
    folder: Path = Path()
    """Where they run: the roster's folder."""


def host_commands(roster: Roster) -> tuple[HostCommands, list[Problem]]:
    """Read the commands of a roster.

    The problems are those with the commands, and with the values that they need from each trainee.
    """
    found: dict[str, HostCommand] = {}
    problems: list[Problem] = []
    known = sorted({name for entry in roster.entries for name in entry.notes})
    for purpose in get_args(Purpose):
        text = getattr(roster, purpose)
        if not text:
            continue
        try:
            found[purpose] = _parsed(purpose, text, known)
        except Problem as problem:
            where = roster.where_set(purpose)
            problems.append(Problem(problem.what, problem.remedy, where))
    for entry in roster.entries:
        for name, purpose in _used(found.values()).items():
            fault = _fault(entry, name, purpose)
            if fault:
                where = roster.where(entry.lines.get(name, entry.line_of("notes")))
                problems.append(Problem(fault.what, fault.remedy, where, fault.kind))
    folder = roster.path.absolute().parent
    return HostCommands(found.get("create"), found.get("invite"), folder), problems


def _parsed(purpose: Purpose, text: str, known: Sequence[str]) -> HostCommand:
    try:
        words = shlex.split(text)
    except ValueError as error:
        what = f"`{purpose}` cannot be split into words: {error}."
        raise Problem(what, "Close each quotation mark, as in a shell.") from error
    if not words:
        raise Problem(f"`{purpose}` has no words.", _MANUAL)
    command = HostCommand(purpose, tuple(words))
    for name in command.placeholders:
        if name not in (_SLUG, *known):
            meant = closest(name, [_SLUG, *known])
            has = ", ".join(f"{{{one}}}" for one in [_SLUG, *known])
            guess = f" Did you mean {{{meant}}}?" if meant else ""
            what = f"`{{{name}}}` in `{purpose}` has no meaning."
            raise Problem(what, f"No trainee has a note of that name.{guess} There is {has}.")
    if not command.placeholders:
        raise Problem(f"`{purpose}` would do the same for everyone.", _MANUAL)
    if _PLACEHOLDER.search(words[0]):
        what = f"`{purpose}` begins with {words[0]}, so a trainee's data would name a program."
        raise Problem(what, "Begin it with the name of the program.")
    name = _in_script(words)
    if name:
        raise Problem(
            f"`{purpose}` puts {{{name}}} into a script, so a trainee's data would run as code.",
            f"Give it to the script as a word: sh -c 'invite \"$1\"' script {{{name}}}",
        )
    name = _joined(words)
    if name:
        raise Problem(
            f"`{purpose}` hands {{{name}}} to a program that puts it into a line for a shell, "
            "maybe on another machine. So a trainee's data would run as code.",
            "Use only {slug} there, which has no character that means anything to a shell.",
        )
    return command


def _in_script(words: Sequence[str]) -> str:
    """The first note in a word that a program takes for a script; empty if there is none."""
    options = ""
    for option, word in pairwise(words):
        program = _program(option)
        if program in _SHELLS:
            options = "c"
        elif program in _LANGUAGES:
            options = "cer"
        if options and re.fullmatch(rf"[-/]\w*[{options}]\w*|--eval", option, re.IGNORECASE):
            notes = _notes_in([word])
            if notes:
                return notes[0]
    return ""


def _joined(words: Sequence[str]) -> str:
    """The first note in the words that a program joins for a shell; empty if there is none."""
    programs = [number for number, word in enumerate(words) if _program(word) in _JOINING]
    notes = _notes_in(words[programs[0] :]) if programs else []
    return notes[0] if notes else ""


def _program(word: str) -> str:
    """The name of the program that a word can be: `python` for /usr/bin/python3.12."""
    return re.sub(r"[\d.]+$", "", Path(word).name.removesuffix(".exe"))


def _notes_in(words: Iterable[str]) -> list[str]:
    return [name for word in words for name in _PLACEHOLDER.findall(word) if name != _SLUG]


def _used(commands: Iterable[HostCommand]) -> dict[str, Purpose]:
    """The notes that the commands use, each with the first command that uses it."""
    used: dict[str, Purpose] = {}
    for command in commands:
        for name in command.placeholders:
            if name != _SLUG:
                used.setdefault(name, command.purpose)
    return used


def _values(trainee: Trainee) -> dict[str, str]:
    return {**trainee.notes, _SLUG: trainee.slug}


def _fault(entry: Entry, name: str, purpose: Purpose) -> Problem | None:
    value = entry.notes.get(name, "")
    who = str(entry.answers.get("trainee_name", "this trainee"))
    if not value.strip():
        what = f"{who} has no note `{name}`, which `{purpose}` needs."
        remedy = f"Fill in `{name}`."
    elif value[0] in "-@":
        meaning = {"-": "an option of a program", "@": "the name of a file in some programs"}
        what = f"The note `{name}` of {who} begins with {value[0]}, like {meaning[value[0]]}."
        remedy = f"Correct it, because `{purpose}` uses it."
    elif ".." in re.split(r"[/\\]", value):
        what = f"The note `{name}` of {who} has .. in it, which leads to another place."
        remedy = f"Correct it, because `{purpose}` uses it."
    elif any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in value):
        what = f"The note `{name}` of {who} has a control character in it."
        remedy = f"Type it again, on one line, because `{purpose}` uses it."
    else:
        return None
    return Problem(what, remedy, kind=f"{name}: {what.replace(who, '')}")
