"""Prints what this repository says about others' products, to be confirmed again: `make claims`.

Each statement is an entry in a file of docs/write-a-step/claims, with its source. The page
docs/write-a-step/claims.md explains the files and shows them as a table.
"""

import re
import shlex
import textwrap
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from workshop.problem import Problem

from dev.checkout import REPOSITORY

CLAIMS = REPOSITORY / "docs" / "write-a-step" / "claims"
NEEDED = {"says", "where", "as_of"}
KNOWN = {*NEEDED, "source", "test"}
WIDTH = 100


@dataclass(frozen=True)
class Claim:
    """One statement about a product, and how to find out whether it still holds."""

    area: str
    """The page or the part of the project that makes it: the name of its file."""
    says: str
    """Its words, as they are in each file of `where`, except for white space."""
    where: tuple[str, ...]
    source: str
    """The address of a public page. Empty if only a test shows it."""
    test: str
    """The pytest node that shows it on the pinned versions. Empty if there is none."""
    as_of: date
    """When somebody last confirmed it."""


def claims(folder: Path = CLAIMS) -> list[Claim]:
    """All claims, by area. Raises Problem for an entry that isn't one."""
    return [claim for path in sorted(folder.glob("*.toml")) for claim in _in_file(path)]


def _in_file(path: Path) -> Iterator[Claim]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["claim"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise Problem(f"{path.name} has no list of claims: {error}.") from error
    for number, entry in enumerate(entries, 1):
        wrong = sorted(entry.keys() - KNOWN | NEEDED - entry.keys())
        if wrong:
            raise Problem(f"{path.name}, claim {number}: unknown or missing: {', '.join(wrong)}.")
        if not entry.get("source") and not entry.get("test"):
            raise Problem(f"{path.name}, claim {number}: it needs a source, a test, or both.")
        if type(entry["as_of"]) is not date:
            raise Problem(f"{path.name}, claim {number}: as_of is a date, such as 2026-11-26.")
        yield Claim(
            path.stem,
            packed(entry["says"]),
            tuple(entry["where"]),
            entry.get("source", ""),
            entry.get("test", ""),
            entry["as_of"],
        )


def packed(text: str) -> str:
    """A text with one space in place of each run of white space."""
    return " ".join(text.split())


def page_of(address: str) -> str:
    """The page that an address leads to, without the part of the page and without options."""
    return re.sub(r"[?#].*", "", address).rstrip("/")


def checklist(listed: Iterable[Claim]) -> str:
    """What to open and what to confirm there, oldest first, with each page only once."""
    by_page: dict[str, list[Claim]] = {}
    tested = []
    for claim in sorted(listed, key=lambda claim: claim.as_of):
        if claim.source:
            by_page.setdefault(page_of(claim.source), []).append(claim)
        else:
            tested.append(claim)
    blocks = []
    for number, (page, here) in enumerate(by_page.items(), 1):
        blocks.append(f"{number} of {len(by_page)}, confirmed {here[0].as_of}: {page}")
        blocks += [_as_item(claim) for claim in here]
    if tests := sorted({claim.test for claim in tested}):
        blocks.append("Only tests show these. Run them:")
        blocks += [_as_item(claim) for claim in tested]
        blocks.append(shlex.join([".venv/bin/pytest", *tests]))
    return "\n\n".join(blocks)


def _as_item(claim: Claim) -> str:
    """A claim to tick off: its file here, its words, and the files that have these words."""
    lines = textwrap.wrap(f"[ ] {claim.area}: {claim.says}", WIDTH, subsequent_indent="    ")
    return "\n".join([*lines, *(f"    {name}" for name in claim.where)])


def table() -> str:
    """All claims as Markdown: a heading and a table for each area."""
    lines = []
    area = ""
    for claim in claims():
        if claim.area != area:
            area = claim.area
            head = ["| it says | in | source | as of |", "|---|---|---|---|"]
            lines += ["", f"### {area}", "", *head]
        lines.append(
            f"| {_bare(claim.says)} | {_files(claim)} | {_source(claim)} | {claim.as_of} |"
        )
    return "\n".join(lines).strip()


def _bare(words: str) -> str:
    """Words of a page without its links, which lead nowhere from another page."""
    words = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", words)
    return words.replace("|", "\\|").replace("<", "&lt;").lstrip("# ")


def _files(claim: Claim) -> str:
    return "<br>".join(f"`{name}`" for name in claim.where)


def _source(claim: Claim) -> str:
    link = f"[{page_of(claim.source).removeprefix('https://')}]({claim.source})"
    return "<br>".join(
        part for part in (claim.source and link, claim.test and f"`{claim.test}`") if part
    )


def main() -> None:
    """Print the checklist. Raises SystemExit if a file of claims is wrong."""
    try:
        listed = claims()
    except Problem as problem:
        raise SystemExit(str(problem)) from problem
    print(checklist(listed))
    print(f"\n{len(listed)} claims. docs/write-a-step/claims.md says what to do with each.")


if __name__ == "__main__":
    main()
