"""Forty people, their instructor, and what they do in a session of one hour."""

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from workshop import settings as workshop_settings
from workshop import state_file
from workshop.catalog import Step
from workshop.check import quiz, replies, runner
from workshop.moving import hints
from workshop.record import checks, form, make, pace, push, share
from workshop.record.form import Record
from workshop.settings import Settings, steps

from tests.conftest import git
from tests.matchmaker.conftest import MATCHMAKER, Ran

SESSION = "dienstag"
FORMULA = '=HYPERLINK("http://example.org";"Rot")'

# The people whom the story is about. The others are those who are usually in such a room.
ADA, ANNA, BEN = ("Ada", "Ampel"), ("Anna", "Altmann"), ("Ben", "Berger")
REFUSED, SLOW, TAKEN = ("Rosa", "Refusée"), ("Sven", "Slow"), ("Tom", "Taken")
OF_THE_WORLD = [("雷", "李"), ("نور", "الهدى"), ("מרים", "בן דוד"), ("Zoë", "O'Hara-Größe")]
TWINS = [("John", "Smith")] * 2
_FIRST = "Carla Dana Emil Finn Greta Hugo Ida Jan Kurt Lea Mia Nils Olga Paul"
_LAST = "Braun Vogel"
OTHERS = [(first, last) for last in _LAST.split() for first in _FIRST.split()]
PEOPLE = [ADA, ANNA, BEN, REFUSED, SLOW, TAKEN, *OF_THE_WORLD, *TWINS, *OTHERS]


def excel_export(people: Sequence[tuple[str, str]]) -> bytes:
    """What Excel in German writes, with columns and rows that were once used."""
    lines = ["Vorname;Nachname;E-Mail;Team;;"]
    for number, (first, last) in enumerate(people):
        team = '"' + FORMULA.replace('"', '""') + '"' if number == 1 else "Rot"
        lines.append(f"{first};{last};person{number}@example.org;{team};;")
    return "\r\n".join(["\ufeff" + lines[0], *lines[1:], *[";;;;;"] * 3, ""]).encode()


@dataclass
class Desk:
    """The folder from which the instructor runs the session, and the folder that is its host."""

    folder: Path
    template: Path
    said: dict[str, Ran] = field(default_factory=dict)

    @property
    def roster(self) -> Path:
        return self.folder / f"{SESSION}.toml"

    @property
    def out(self) -> Path:
        return self.folder / SESSION

    @property
    def host(self) -> Path:
        return self.folder / "host"

    def remote(self, slug: str) -> Path:
        return self.host / f"{slug}.git"

    def run(self, *words: str, **environment: str) -> Ran:
        """Run the installed command in its own process."""
        inherited = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
        done = subprocess.run(
            [MATCHMAKER, *words],
            cwd=self.folder,
            env={**inherited, "COLUMNS": "300", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def generate(self, *words: str) -> Ran:
        return self.run("generate", self.roster.name, *words)

    def status(self) -> dict[str, dict[str, Any]]:
        """What `status --fetch --json` says, by slug."""
        ran = self.run("status", self.roster.name, "--fetch", "--json", "-")
        assert ran.code == 0, ran.err
        return {one["slug"]: one for one in json.loads(ran.out)["trainees"]}

    def hand_out(self) -> dict[str, dict[str, str]]:
        """The rows of handout.csv, by slug."""
        with (self.out / "handout.csv").open(encoding="utf-8-sig", newline="") as file:
            return {row["slug"]: row for row in csv.DictReader(file)}

    def cards(self) -> int:
        return (self.out / "cards.html").read_text().count("<h2")

    def edit_roster(self, old: str, new: str) -> None:
        text = self.roster.read_text()
        assert text.count(old) == 1, (old, text)
        self.roster.write_text(text.replace(old, new))

    def obey(self, message: str, command: str) -> None:
        """Run the command that a message names, as the instructor does."""
        found = re.search(rf"{re.escape(command)} [^;]*", message)
        assert found, message
        subprocess.run(shlex.split(found[0]), check=True, capture_output=True)


@dataclass
class Pupil:
    """A trainee's clone of their repository, and what they do in it."""

    slug: str
    root: Path
    step: int = 1

    @property
    def settings(self) -> Settings:
        """Those of the clone, with the step to which the trainee went on."""
        return replace(workshop_settings.load(self.root), step=self.step)

    @property
    def here(self) -> Step:
        return steps(self.root)[self.step - 1]

    def types(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `workshop …` in the clone, in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "workshop", *words],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )

    def works(self, minutes: float) -> None:
        """Let time pass since the trainee's last sign."""
        pace.note(self.settings)
        file = self.root / ".workshop" / pace.FILE
        noted = state_file.mapping(file)
        state_file.write(file, {**noted, "last": noted["last"] - 60 * minutes})

    def takes_a_hint(self) -> None:
        hints.following(self.root, self.here.slug)
        make.note(self.settings)

    def answers_wrong(self, number: int) -> None:
        """Give a wrong answer to a question of the step."""
        told = replies.read(self.settings.run_dir)
        question = quiz.questions(self.settings, self.here)[number]
        quiz.give(told, self.here, question, next(c for c in question.choices if not c.is_right))
        replies.write(self.settings.run_dir, told)

    def checks(self, stopped_at: str = "", bonus: bool = False) -> None:
        """Check the step. `stopped_at` is the requirement that isn't met."""
        CHECKED[:] = [("it answers", "pass", False), (stopped_at or "it is timed", "pass", False)]
        if stopped_at:
            CHECKED[1] = (stopped_at, "fail", False)
        if bonus:
            CHECKED.append(("the bonus", "pass", True))
        checks.check_step(self.settings, self.step)
        share.announcement(self.settings)

    def goes_on(self) -> None:
        self.step += 1
        make.note(self.settings)

    def finishes(self) -> None:
        make.update(self.settings, finished=make.now())

    def arrives(self) -> None:
        """Push the record, and wait until it has arrived."""
        content = (self.root / ".workshop" / form.FILE).read_bytes()
        assert push.push(content, share.addresses_of(self.settings)) == ""

    @property
    def record(self) -> Record:
        found = form.read(self.root / ".workshop")
        assert found
        return found


CHECKED: list[tuple[str, str, bool]] = []
"""What the next check of a scripted trainee finds."""


@contextmanager
def scripted() -> Iterator[None]:
    """Checks find what the script says, without services, and what they share waits for a call."""

    def found(_settings: Settings, chosen: Sequence[Step]) -> tuple[list[dict[str, Any]], str]:
        return [
            {"check": Path(step.check).name, "name": name, "outcome": outcome, "is_bonus": is_bonus}
            for step in chosen
            for name, outcome, is_bonus in CHECKED
        ], ""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "_run_pytest", found)
        patch.setattr(share, "_start", lambda _settings: None)
        yield


def is_idle(root: Path) -> bool:
    """Whether nothing of the trainee's is being pushed."""
    lock = state_file.lock(root / ".workshop" / share.LOCK)
    if lock:
        lock.close()
    return lock is not None


def clone(url: str, root: Path) -> None:
    git(root.parent, "clone", "--quiet", url, str(root))
