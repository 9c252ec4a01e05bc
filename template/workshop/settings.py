"""What this repository was generated for (workshop/settings.toml), and its overrides (.env)."""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from workshop.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
"""Where all services listen, and nobody else reaches them."""
ANSWERS = ".copier-answers.yml"
TOOL_SUFFIXES = (".css", ".html", ".js", ".py")


@dataclass(frozen=True)
class Ports:
    """The TCP ports on 127.0.0.1, the trainee's offset included."""

    web: int
    taster: int
    redis: int
    agent: int
    console: int


@dataclass(frozen=True)
class Settings:
    """One stack: whose it is, where it listens, what its processes are told.

    `dataclasses.replace` makes another stack of it, to run beside the first: give that one other
    `ports`, a `run_dir` of its own, and `overrides` such as MATCHMAKER_DATABASE_URL.
    """

    root: Path
    run_dir: Path
    """Where state and logs of the running services go; git-ignored."""
    step: int
    trainee: str
    slug: str
    session: str
    backend: str
    """`local` or `datadog`."""
    database: str
    """`sqlite` or `postgresql`: what Compose runs."""
    project: str
    """What Compose calls this stack."""
    ports: Ports
    environment: Mapping[str, str]
    """For web and taster; `.env` and the shell win over it."""
    site: str = ""
    """Datadog's site, such as `datadoghq.eu`; empty with the backend `local`."""
    app_url: str = ""
    """Datadog's web pages for that site; empty with the backend `local`."""
    shared_host: bool = False
    """Whether other people have accounts on the machine, so that the console asks for a token."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """For web and taster; wins over everything else."""
    is_apart: bool = False
    """Whether web and taster are told nothing that the shell says."""


@dataclass(frozen=True)
class Step:
    """One entry of the catalogue."""

    number: int
    slug: str
    title: str
    minutes: int
    files: tuple[str, ...]
    """Those whose code the trainee changes."""
    replaced_by: str = ""
    """The slug of the step that takes this one's code out again; its check holds until then."""
    brings: str = ""
    """What the code has from the end of this step on: `timing`, `tracing`, or nothing new."""
    guess: str = ""
    """What the trainee is asked to guess, in milliseconds; empty for nothing."""
    questions: str = ""
    """The file with the questions that it ends with, relative to the repository; empty for none."""

    @property
    def page(self) -> str:
        """The step's page, relative to the repository."""
        return f"steps/{self.number:02}-{self.slug}.md"

    @property
    def check(self) -> str:
        """The file with the step's check, relative to the repository."""
        return f"checks/test_{self.number:02}_{self.slug.replace('-', '_')}.py"


def load(root: Path = ROOT) -> Settings:
    """Read the settings of the repository at `root`.

    Raises Problem when the file is missing, is no TOML, or lacks something.
    """
    data = _read_toml(root, "settings.toml")
    try:
        datadog = data.get("datadog", {})
        return Settings(
            root=root,
            run_dir=root / ".workshop",
            step=int(data["step"]),
            trainee=str(data["trainee"]["name"]),
            slug=str(data["trainee"]["slug"]),
            session=str(data["trainee"]["session"]),
            backend=str(data["backend"]),
            database=str(data["database"]),
            project=str(data["project"]),
            ports=Ports(**{name: int(port) for name, port in data["ports"].items()}),
            environment={name: str(value) for name, value in data["environment"].items()},
            site=str(datadog.get("site", "")),
            app_url=str(datadog.get("app", "")),
            shared_host=_bool(data.get("shared_host", False)),
        )
    except KeyError as error:
        raise _broken("settings.toml", f"has no entry {error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise _broken("settings.toml", f"has an entry of the wrong kind ({error})") from error


def steps(root: Path = ROOT) -> list[Step]:
    """The catalogue of steps, in order. Raises Problem as `load` does."""
    data = _read_toml(root, "steps.toml")
    optional = [field.name for field in fields(Step) if field.default == ""]
    try:
        return [
            Step(
                number=int(s["number"]),
                slug=str(s["slug"]),
                title=str(s["title"]),
                minutes=int(s["minutes"]),
                files=tuple(str(name) for name in s["files"]),
                **{name: str(s[name]) for name in optional if name in s},
            )
            for s in data["step"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise _broken("steps.toml", f"is not a catalogue of steps ({error})") from error


def timing_step(root: Path = ROOT) -> Step:
    """The step in which the trainee first times something by hand. Raises Problem as `load`."""
    return _step_that_brings("timing", root)


def tracing_step(root: Path = ROOT) -> Step:
    """The step in which the trainee adds tracing; later ones have traced code. Raises Problem."""
    return _step_that_brings("tracing", root)


def _step_that_brings(what: str, root: Path) -> Step:
    for step in steps(root):
        if step.brings == what:
            return step
    raise _broken("steps.toml", f"names no step that brings {what}")


def dotenv(root: Path) -> dict[str, str]:
    """The variables of `.env`; one without a value counts as not set."""
    path = root / ".env"
    try:
        values = dotenv_values(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(
            f".env cannot be read: {error}.", "It is a text file of NAME=value."
        ) from error
    return {name: value for name, value in values.items() if value}


def version(root: Path = ROOT) -> str:
    """The template's version, as Copier's answers record it; empty where they do not.

    A tool that runs may be older than its files.
    """
    try:
        text = (root / ANSWERS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(r"^_commit: *['\"]?([^\s'\"]+)", text, re.MULTILINE)
    return found[1] if found else ""


def tool_mark(root: Path = ROOT) -> str:
    """What changes with the tool's files: the version, or where that is not to be seen, their age.

    In its container the console has the tool without the answers.
    """
    if known := version(root):
        return known
    ages = []
    for path in (root / "workshop").rglob("*"):
        with contextlib.suppress(OSError):  # it is being replaced
            if path.suffix in TOOL_SUFFIXES and "__pycache__" not in path.parts:
                ages.append(path.stat().st_mtime_ns)
    return f"{len(ages)}-{max(ages, default=0)}"


def _bool(value: object) -> bool:
    if not isinstance(value, bool):  # any text would count as yes, "no" too
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _read_toml(root: Path, name: str) -> dict[str, Any]:
    path = root / "workshop" / name
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _broken(name, "is missing") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(name, f"cannot be read: {error}") from error


def _broken(name: str, what: str) -> Problem:
    return Problem(
        f"workshop/{name} {what}.",
        f"Copier writes that file; bring it back with `workshop reset workshop/{name}` or "
        f"`git restore workshop/{name}`.",
    )
