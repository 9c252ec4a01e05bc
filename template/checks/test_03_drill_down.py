"""Has each of the three parts of a pairing a line of its own, about what it is named for?"""

import pytest

from workshop.check.requirement import require
from workshop.check.stack import TASTING_SECONDS, TASTINGS, Stack, pairing
from workshop.check.timing import parse, shown

QUERIES = ("beer.query", "donuts.query")
LEAST = TASTINGS * TASTING_SECONDS


def operations(lines: list[str]) -> list[str]:
    return [line.name for line in parse(lines) if line.kind == "operation"]


@pytest.mark.parametrize("operation", [*QUERIES, "match"])
def test_a_line_for_each_operation(lines: list[str], operation: str) -> None:
    """Each pairing adds one line `operation {operation} took …`"""
    found = operations(lines)
    if found.count(operation) > 1:
        hint = "Is it inside of something that runs more than once?"
    elif set(found) - {*QUERIES, "match"}:
        hint = "Did you forget how the page names the three operations?"
    else:
        hint = f"Did you forget a `with TimingContextManager(…)` for {operation}, in `pair`?"
    require(
        found.count(operation) == 1,
        expected=f"one line such as `operation {operation} took 0.012 seconds`",
        seen=f"operations {', '.join(found)}" if found else shown(lines),
        hint=hint,
    )


def test_the_function_has_its_line_still(lines: list[str]) -> None:
    """The line `function pair took …` is there still, after the operations"""
    found = [(line.kind, line.name) for line in parse(lines)]
    require(
        found and found[-1] == ("function", "pair"),
        expected="`function pair took …` as the last line of a pairing",
        seen=shown(lines[-2:]),
        hint="Did you forget the decorator of the step before? The parts do not replace it.",
    )


def test_match_holds_the_tastings(lines: list[str]) -> None:
    """`match` holds the search for the best match, and that alone takes long"""
    test_a_line_for_each_operation(lines, "match")
    seconds = {line.name: line.seconds for line in parse(lines) if line.kind == "operation"}
    require(
        seconds["match"] >= LEAST,
        expected=f"match took at least {LEAST:.3f} seconds: so long take its tastings",
        seen=f"match took {seconds['match']:.3f} seconds",
        hint="Did you forget to move `best_match` inside its `with`, one level further in?",
    )


@pytest.mark.parametrize("operation", QUERIES)
def test_a_query_holds_no_tasting(stack: Stack, lines: list[str], operation: str) -> None:
    """`{operation}` holds its query, without the match"""
    test_a_line_for_each_operation(lines, operation)
    more = [*lines, *stack.pair("stout"), *stack.pair("porter")]
    least = min(line.seconds for line in parse(more) if line.name == operation)
    require(
        least < LEAST,
        expected=f"{operation} ended before the tastings began, which take {LEAST:.3f} seconds",
        seen=f"{operation} took {least:.3f} seconds",
        hint="Did you forget to end that `with` before the match? What is indented, is inside.",
    )


def test_the_beer_is_looked_up_inside_of_its_operation(stack: Stack, lines: list[str]) -> None:
    """`beer.query` is about the beer: one that nobody knows gets no further than that"""
    test_a_line_for_each_operation(lines, "beer.query")
    found = operations(stack.lines_of(pairing("nobody-brews-this"), status=404))
    require(
        "beer.query" in found and "match" not in found,
        expected="for an unknown beer a line of beer.query, and none of match",
        seen=f"operations {', '.join(found)}" if found else "no operation",
        hint="Did you forget which line looks up the beer? That one belongs into beer.query.",
    )


def test_the_donuts_are_read_inside_of_their_operation(stack: Stack, lines: list[str]) -> None:
    """`donuts.query` is about the donuts: when they cannot be read, it is what fails"""
    test_a_line_for_each_operation(lines, "donuts.query")
    with stack.without_table("donut"):
        found = operations(stack.lines_of(pairing(), status=500))
    require(
        "donuts.query" in found,
        expected="a line of donuts.query, when the table of donuts is away",
        seen=f"operations {', '.join(found)}" if found else "no operation",
        hint="Did you forget which line reads the donuts? That one belongs into donuts.query.",
    )
