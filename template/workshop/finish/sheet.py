"""Draws the sheet: what a trainee built, before and after, and how long it took.

The console shows it, `workshop finish` writes it to a file, and the instructor's command makes one
file with the sheets of all trainees. A record can come from somebody else's machine, so everything
in it is escaped, and none of it becomes markup, a style, or a link.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from workshop.catalog import Step, steps_in
from workshop.record.form import Picture, Record, StepRecord

STYLES = Path(__file__).with_name("sheet.css")
COLORS = ("matchmaker", "taster", "redis", "sqlite", "requests")
"""The services with a color of their own. All others share one."""

WIDTH, ROW, NAMES, FIGURES = 720, 15, 300, 64
"""Of a waterfall: its width, the height of a row, and the widths of the columns of text."""
LONGEST_NAME, LONGEST_SERVICE = 48, 20
"""How many characters fit into the column of names, and how many of them a service gets."""
ALIKE = 1.5
"""If one pairing isn't this many times as long as the other, both take about the same."""


@dataclass(frozen=True)
class Sheet:
    """Whose sheet it is, and what it shows."""

    name: str
    session: str
    record: Record


@dataclass(frozen=True)
class Line:
    """A row of the table of steps."""

    number: int
    title: str
    built: str
    state: str
    """`done`, `done + bonus`, `open`, or `not checked`."""
    minutes: str
    hints: str


def body(sheet: Sheet) -> str:
    """The sheet as HTML, to put into a page that has STYLES."""
    return _template("sheet.html").render(_shown(sheet))


def page(title: str, bodies: Sequence[str]) -> str:
    """A complete page, which needs no other file. Each sheet starts on a new page of paper."""
    return _template("page.html").render(
        title=title,
        styles=STYLES.read_text(encoding="utf-8"),
        bodies=bodies,
    )


def lines(record: Record) -> list[Line]:
    """The table of steps, with all that the catalogue has, and those that only the record has."""
    known = {step.slug for step in _catalogue()}
    others = [one for one in record.steps if one.slug not in known]
    here = next((step.number for step in _catalogue() if step.slug == record.step), 0)
    found = [_line(step, record.of(step.slug), here) for step in _catalogue()]
    return found + [_line(Step(0, one.slug, one.slug, 0, ()), one, 0) for one in others]


def verdict(before: Picture, after: Picture) -> str:
    """What became of the time of a pairing, in a sentence."""
    ratio = before.milliseconds / after.milliseconds
    if ratio >= ALIKE:
        return f"A pairing is {ratio:.1f} times as fast as it was."
    if ratio <= 1 / ALIKE:
        return "A pairing takes longer than it did. The second waterfall shows where."
    return (
        f"Both take about the same. Making a pairing fast is the bonus of step "
        f"{_catalogue()[-1].number}, and it's still there for you."
    )


def _line(step: Step, one: StepRecord, here: int) -> Line:
    state = "open" if step.number >= here else "not checked"
    if one.passed:
        state = "done + bonus" if one.bonus else "done"
    minutes = f"{one.seconds / 60:.0f}" if one.seconds >= 60 else "under 1"
    return Line(
        step.number,
        step.title,
        step.built if one.passed else "",
        state,
        minutes if one.seconds else "",
        str(one.hints) if one.hints else "",
    )


def _shown(sheet: Sheet) -> dict[str, Any]:
    record = sheet.record
    table = lines(record)
    before, after = record.before, record.after
    scale = max(_end(picture) for picture in (before, after) if picture) if before else 1.0
    return {
        "sheet": sheet,
        "date": f"{datetime.fromisoformat(record.finished or record.at):%Y-%m-%d}",
        "table": table,
        "done": sum(line.state.startswith("done") for line in table),
        "measured": sum(one.seconds for one in record.steps),
        "verdict": verdict(before, after) if before and after else "",
        "pictures": [
            (title, picture, list(_rows(picture, scale)))
            for title, picture in (("Before", before), ("After", after))
            if picture
        ],
        "layout": {"width": WIDTH, "row": ROW, "names": NAMES},
    }


def _end(picture: Picture) -> float:
    return max(picture.milliseconds, *(bar.start + bar.length for bar in picture.bars), 0.001)


def _rows(picture: Picture, scale: float) -> Iterator[dict[str, object]]:
    """Where to draw each bar. Both waterfalls of a sheet have the same scale."""
    room = WIDTH - NAMES - FIGURES
    for number, bar in enumerate(picture.bars):
        left = min(max(bar.start, 0.0), scale)
        width = min(bar.length, scale - left)
        indent = min(bar.depth, 12) * 8
        service = bar.service[:LONGEST_SERVICE]
        longest = LONGEST_NAME - indent // 6 - len(service)
        color = COLORS.index(bar.service) if bar.service in COLORS else len(COLORS)
        yield {
            "y": number * ROW,
            "indent": indent,
            "name": bar.name if len(bar.name) <= longest else f"{bar.name[: longest - 1]}…",
            "service": service,
            "color": color,
            "x": round(NAMES + left / scale * room, 1),
            "width": max(1.0, round(width / scale * room, 1)),
            "took": f"{bar.length:.1f} ms",
        }


@cache
def _catalogue() -> list[Step]:
    """The steps of this version of the tool."""
    text = (Path(__file__).parents[1] / "steps.toml").read_text(encoding="utf-8")
    return steps_in(tomllib.loads(text))


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
