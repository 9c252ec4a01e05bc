"""Trainees in the middle of a session, made up: for the tests, the pictures, and the benchmark."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from workshop.catalog import Step
from workshop.record.form import VERSION, Check, Count, Line, Record, StepRecord

from matchmaker.board.serve import catalog
from matchmaker.progress.known import Known

NOW = datetime(2026, 11, 24, 9, 40, tzinfo=UTC).timestamp()
CATALOG = catalog()
FIRST = (
    "Ada Grace Zoë Linus Margaret Dennis Barbara Ken Radia Edsger Frances Donald Karen Tim Adele "
    "Bjarne Anita Guido Lynn James Sophie Vint Mary Niklaus Joan Leslie Jean Robin Hedy Tony"
)
LAST = "Abiola Berg Castillo Dubois Eriksen Fischer Garcia Haddad Ito Jansen"
REQUIREMENTS = (
    "`pair` has the decorator `timing_decorator`",
    "A pairing writes one line to timing.log",
    "The line has the time that the pairing took",
    "The page of a beer still answers as before",
)
EXPECTED = "a line such as `function pair took 0.053 seconds`"
HINT = "Put `@timing_decorator` between `@app.get` and `def pair`."


def moment(seconds: float) -> str:
    """A time as a record has it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def check(step: Step, at: float, *, met: int, bonus: bool = False) -> Check:
    """What a check said when the first `met` requirements were met."""
    lines = [
        Line(name, "pass" if n < met else "fail" if n == met else "open", EXPECTED, HINT)
        for n, name in enumerate(REQUIREMENTS)
    ]
    if bonus:
        lines.append(Line("The bonus", "open", is_bonus=True))
    return Check(step.slug, moment(at), met >= len(REQUIREMENTS), lines)


def record(
    slug: str,
    place: int,
    *,
    minutes: float = 5.0,
    standing: str = "working",
    hints: int = 0,
    stops: int = 0,
    met: int = 1,
    quiet: float = 0.5,
    pace: float = 1.0,
    now: float = NOW,
) -> Record:
    """The record of somebody at a step of the catalog.

    They have been there for `minutes`, and did each step before in `pace` times its minutes. Their
    last sign was `quiet` minutes ago.
    """
    seen = now - quiet * 60
    began = now - minutes * 60
    steps = [
        StepRecord(one.slug, moment(began), one.minutes * 60 * pace, began=moment(began), checks=2)
        for one in CATALOG[:place]
    ]
    here = CATALOG[place]
    stopped = [Count(REQUIREMENTS[met], stops)] if stops else []
    passed = moment(seen) if standing == "green" else ""
    seconds = max(0.0, (minutes - quiet) * 60)
    steps.append(
        StepRecord(
            *(here.slug, passed, seconds, hints),
            began=moment(began),
            checks=stops + (standing != "working"),
            stopped=stopped,
        )
    )
    said = {
        "red": check(here, seen, met=met),
        "green": check(here, seen, met=len(REQUIREMENTS)),
    }.get(standing)
    return Record(
        VERSION, slug, "spring", moment(seen), here.slug, steps, seen=moment(seen), check=said
    )


def known(name: str, place: int, **about: object) -> Known:
    """A trainee with such a record."""
    slug = name.lower().replace(" ", "-")
    return Known(slug, name, record(slug, place, **about), "folder")  # type: ignore[arg-type]


def room(count: int, *, seed: int = 3, center: float = 3.4, now: float = NOW) -> list[Known]:
    """As many trainees as in a room, most of them near one step. The same seed makes the same."""
    dice = random.Random(seed)
    first, last = FIRST.split(), LAST.split()
    found = []
    for number in range(count):
        name = f"{first[number % len(first)]} {last[(number // len(first) + number) % len(last)]}"
        slug = f"trainee-{number}"
        if dice.random() < 0.05:
            found.append(Known(slug, name))
            continue
        place = min(max(round(dice.gauss(center, 1.1)), 0), len(CATALOG) - 1)
        standing = dice.choices(("red", "working", "green"), (3, 4, 3))[0]
        planned = CATALOG[place].minutes
        minutes = planned * dice.choices((0.3, 0.6, 0.9, 2.4), (3, 4, 3, 0.6))[0] + dice.random()
        about = {
            "standing": standing,
            "minutes": minutes,
            "hints": dice.choices((0, 1, 2, 3), (8, 2, 1, 1))[0],
            "stops": dice.choice((0, 1, 2, 6)) if standing == "red" else 0,
            "met": dice.choice((0, 1, 1, 1, 2)),
            "quiet": min(minutes, 25 if dice.random() < 0.03 else dice.random() * 4),
            "pace": dice.uniform(0.6, 1.1),
            "now": now,
        }
        found.append(Known(slug, name, record(slug, place, **about), "folder"))  # type: ignore[arg-type]
    if count >= 10:
        why = ".workshop/record.json cannot be used: it isn't JSON"
        found[7] = Known("trainee-7", found[7].name, problem=why)
    return found


class Source:
    """Says what is known, as `progress/following.py` does."""

    trouble = ""

    def __init__(self, known: Sequence[Known]) -> None:
        self.known = list(known)
        self.requests = 0

    def collect(self) -> list[Known]:
        """What is known now."""
        return list(self.known)
