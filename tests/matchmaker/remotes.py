"""Remotes of trainees, in folders, and the records that are pushed to them."""

import dataclasses
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from workshop.record import form
from workshop.record.form import Check, Count, Line, Record, StepRecord

from extensions.steps import STEPS
from tests.conftest import git
from tests.matchmaker.conftest import MATCHMAKER, Ran

REF = "refs/workshop/progress"
SESSION = "spring"
_PARTS = ("NAME", "EMAIL")
AT = "2026-11-24T10:00:00+01:00"


def record_of(slug: str, at: str = AT, done: int = 1, **entries: object) -> Record:
    """A record of somebody who did some steps, and is at the next."""
    steps = [StepRecord(step.slug, AT, 120.0, 1, began=AT, checks=2) for step in STEPS[:done]]
    made = Record(form.VERSION, slug, SESSION, at, STEPS[done].slug, steps, seen=at)
    return dataclasses.replace(made, **entries)  # type: ignore[arg-type]


def stuck(step: str, at: str, name: str) -> Check:
    """A check that stopped at a requirement."""
    lines = [Line("it starts", "pass"), Line(name, "fail", "a line", "look there")]
    return Check(step, at, passed=False, lines=[*lines, Line("more", "open")])


def puzzled(slug: str, question: str, times: int = 1, **entries: object) -> Record:
    """The record of somebody who got a question wrong."""
    made = record_of(slug, **entries)  # type: ignore[arg-type]
    wrong = [Count(question, times)]
    stopped = [Count("a line for each request", times)]
    steps = [dataclasses.replace(made.steps[0], wrong=wrong, stopped=stopped), *made.steps[1:]]
    return dataclasses.replace(made, steps=steps)


def as_bytes(record: Record) -> bytes:
    """The file that `workshop` writes."""
    return json.dumps(dataclasses.asdict(record)).encode()


@dataclass
class Class:
    """A roster, the folder of its session, and a bare repository for each trainee.

    Nothing is generated, since the records come from the remotes.
    """

    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / SESSION

    @property
    def roster(self) -> Path:
        return self.folder / f"{SESSION}.toml"

    def remote(self, slug: str) -> Path:
        """A trainee's bare repository."""
        return self.folder / "host" / f"{slug}.git"

    def write(self, *slugs: str, push: str = "") -> None:
        """The roster. Without a URL, the remotes are in folders."""
        url = push or (self.folder / "host").as_uri() + "/{slug}.git"
        lines = ["[session]", f'name = "{SESSION}"', 'template = "nowhere"', f'push = "{url}"']
        for slug in slugs:
            name = slug.title()
            lines += ["[[trainee]]", f'trainee_name = "{name}"', f'trainee_slug = "{slug}"']
        self.roster.write_text("\n".join(lines) + "\n")
        self.out.mkdir(exist_ok=True)

    def create(self, slug: str) -> Path:
        """Make a trainee's remote."""
        bare = self.remote(slug)
        bare.mkdir(parents=True)
        git(bare, "init", "--quiet", "--bare")
        return bare

    def push(
        self, slug: str, content: Record | bytes, *, mode: str = "100644", name: str = form.FILE
    ) -> str:
        """Put a record there as a trainee's machine does, or something else."""
        bare = self.remote(slug)
        if not bare.exists():
            self.create(slug)
        if isinstance(content, Record):
            content = as_bytes(content)
        blob = put(bare, content, "hash-object", "-w", "--stdin")
        tree = put(bare, f"{mode} blob {blob}\t{name}\n".encode(), "mktree")
        commit = put(bare, b"", "commit-tree", "-m", "progress", tree)
        git(bare, "update-ref", REF, commit)
        return commit

    def hand_in(self, slug: str, content: Record) -> Path:
        """Put a record into a trainee's folder."""
        file = self.out / slug / ".workshop" / form.FILE
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(as_bytes(content))
        return file

    def run(self, command: str, *arguments: str, **environment: str) -> Ran:
        """Run the installed command in its own process."""
        variables = {**os.environ, "COLUMNS": "250", "TZ": "Europe/Berlin", **environment}
        done = subprocess.run(
            [MATCHMAKER, command, self.roster, *arguments],
            cwd=self.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)


def put(bare: Path, content: bytes, *command: str) -> str:
    """Run git with something to read, and return the name of the object that it makes."""
    author = {
        f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", *command],
        cwd=bare,
        env={**os.environ, **author},
        input=content,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout.decode().strip()
