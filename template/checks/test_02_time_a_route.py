"""Does the code time `pair`, and does Flask call the timed function?"""

import requests

from workshop.check.apart import TASTING_SECONDS
from workshop.check.requirement import after, require
from workshop.check.stack import TASTINGS, match_in
from workshop.check.timing import Line, parse, shown


def test_pairings_are_answered(first: requests.Response) -> None:
    """A pairing gets the same answer as before"""
    found = match_in(first)
    require(
        found == "boston-cream",
        expected="the match boston-cream for an ipa",
        seen=f"the match {found}",
        hint="Did your edit change what `pair` returns?",
    )


def test_a_line_for_each_pairing(lines: list[str]) -> None:
    """Each pairing adds one line `function pair took …` to timing.log"""
    mine = of_pair(lines)
    others = sorted({line.name for line in parse(lines) if line.kind == "function"})
    if len(mine) > 1:
        hint = "Is `pair` wrapped twice? Did you forget to remove one of the decorators?"
    elif lines and not parse(lines):
        hint = "Did you change the format of the line? The checks and the console read it."
    elif others:
        hint = "Did you forget which function to time? Your code times another one."
    else:
        hint = (
            "Did you forget to put the decorator on `pair`? If it's there: Flask calls the "
            "function that `@app.get` gets, so which of the two decorators has to be on top?"
        )
    require(
        len(mine) == 1,
        expected="one line such as `function pair took 0.226 seconds`",
        seen=shown(lines),
        hint=hint,
    )


def test_the_whole_pairing_is_timed(lines: list[str]) -> None:
    """The line says how long the whole pairing took"""
    after(test_a_line_for_each_pairing, lines)
    (line,) = of_pair(lines)
    least = TASTINGS * TASTING_SECONDS
    require(
        line.seconds >= least,
        expected=f"at least {least:.3f} seconds: its {TASTINGS} tastings alone take that long",
        seen=f"{line.seconds:.3f} seconds",
        hint="Did you forget a part of the function? The decorator times all of it.",
    )


def of_pair(lines: list[str]) -> list[Line]:
    return [line for line in parse(lines) if (line.kind, line.name) == ("function", "pair")]
