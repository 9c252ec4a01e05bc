"""The answers that Copier recorded, and where the template came from."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workshop import inside
from workshop.problem import Problem

FILE = ".copier-answers.yml"

# The entry with the template's address. Copier may have broken a long one into several lines.
_SOURCE = re.compile(r"^_src_path:.*\n(?:[ \t]+.*\n)*", re.MULTILINE)
_VERSION = re.compile(r"^_commit:.*\n", re.MULTILINE)
# A file that needs no YAML: comments, and an entry on each line. The template's version and address
# are words that YAML takes as they are. No number, date, or yes contains a slash or begins with v.
_SIMPLE = re.compile(r"(?:(?:#.*|\w+: .*)\n)*")
_SIMPLE_VERSION = re.compile(r"^_commit: (v[\w.+-]+)\n", re.MULTILINE | re.ASCII)
_SIMPLE_SOURCE = re.compile(
    r"^_src_path: ([\w/][\w./:@+~-]*/[\w./@+~-]*)\n", re.MULTILINE | re.ASCII
)


@dataclass(frozen=True)
class Answers:
    """The content of `.copier-answers.yml`."""

    step: int
    commit: str
    """The template's version, in the form of `git describe`."""
    source: str
    """The template's address, in a form that Copier accepts."""
    given: dict[str, Any]
    """The answers to the questions."""


def read(root: Path) -> Answers:
    """Read the answers of the workshop in `root`. Raises Problem."""
    import yaml  # it takes as long as a whole command that can do without it

    try:
        entries = yaml.safe_load(inside.read(root, FILE).decode())
        return Answers(
            step=int(entries["step"]),
            commit=str(entries["_commit"]),
            source=str(entries["_src_path"]),
            given={name: value for name, value in entries.items() if not name.startswith("_")},
        )
    except FileNotFoundError as error:
        raise _broken("is missing") from error
    except KeyError as error:
        if error.args == ("_commit",):
            raise Problem(
                "This workshop wasn't made from a git repository, so its steps can't be rendered "
                "again. Nothing was changed.",
                "Copy the template from its repository into another folder.",
            ) from error
        raise _broken(f"has no entry {error}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, ValueError) as error:
        raise _broken(f"cannot be read ({error})") from error


def of_template(root: Path) -> tuple[str, str]:
    """The template's version and its address, as in `Answers`. Raises Problem."""
    try:
        text = inside.read(root, FILE).decode()
    except (OSError, UnicodeDecodeError):
        text = ""
    versions, sources = _SIMPLE_VERSION.findall(text), _SIMPLE_SOURCE.findall(text)
    if _SIMPLE.fullmatch(text) and len(versions) == len(sources) == 1:
        return versions[0], sources[0]
    given = read(root)
    return given.commit, given.source


def with_source(text: str, source: str) -> str:
    """The text of an answers file with another address."""
    return _SOURCE.sub(lambda _: f"_src_path: {json.dumps(source)}\n", text)


def with_source_of(text: str, original: str) -> str:
    """The text of an answers file with the address from another one, character by character."""
    entry = _SOURCE.search(original)
    return _SOURCE.sub(lambda _: entry.group(), text) if entry else text


def with_version(text: str, version: str) -> str:
    """The text of an answers file with another version of the template."""
    import yaml

    entry = yaml.safe_dump({"_commit": version})
    return _VERSION.sub(lambda _: entry, text)


def _broken(what: str) -> Problem:
    return Problem(
        f"{FILE} {what}. Nothing was changed.",
        f"Copier writes that file; restore it with `git restore {FILE}`.",
    )
