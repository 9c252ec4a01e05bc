"""Does each of the three parts of a pairing have its own line, and does the name fit?"""

from difflib import get_close_matches

import pytest

from workshop.check.apart import TASTING_SECONDS
from workshop.check.requirement import after, require
from workshop.check.stack import TASTINGS, Stack
from workshop.check.timing import parse, shown

QUERIES = ("beer.query", "donuts.query")
LEAST = TASTINGS * TASTING_SECONDS


def operations(lines: list[str]) -> list[str]:
    return [line.name for line in parse(lines) if line.kind == "operation"]


@pytest.mark.parametrize("operation", [*QUERIES, "match"])
def test_a_line_for_each_operation(lines: list[str], operation: str) -> None:
    """Each pairing adds one line `operation {operation} took …`"""
    found = operations(lines)
    similar = get_close_matches(operation, set(found) - {*QUERIES, "match"})
    if found.count(operation) > 1:
        hint = "Is it inside something that runs more than once?"
    elif similar:
        hint = f"Did you forget that the page names this one {operation}?"
    else:
        hint = f"Did you forget a `with TimingContextManager(…)` for {operation}, in `pair`?"
    require(
        found.count(operation) == 1,
        expected=f"one line such as `operation {operation} took 0.012 seconds`",
        seen=f"operations {', '.join(found)}" if found else shown(lines),
        hint=hint,
    )


def test_the_function_has_its_line_still(lines: list[str]) -> None:
    """The line `function pair took …` is still there, after the operations"""
    found = [(line.kind, line.name) for line in parse(lines)]
    require(
        found and found[-1] == ("function", "pair"),
        expected="`function pair took …` as the last line of a pairing",
        seen=shown(lines[-2:]),
        hint="Did you remove the decorator of the previous step? The three parts don't replace it.",
    )


def test_match_holds_the_tastings(lines: list[str]) -> None:
    """`match` contains the search for the best match, the only slow part"""
    after(test_a_line_for_each_operation, lines, "match")
    seconds = {line.name: line.seconds for line in parse(lines) if line.kind == "operation"}
    require(
        seconds["match"] >= LEAST,
        expected=f"match took at least {LEAST:.3f} seconds: its tastings take that long",
        seen=f"match took {seconds['match']:.3f} seconds",
        hint="Did you forget to move `best_match` inside its `with`, indented one level further?",
    )


@pytest.mark.parametrize("operation", QUERIES)
def test_a_query_holds_no_tasting(stack: Stack, lines: list[str], operation: str) -> None:
    """`{operation}` contains its query, without the match"""
    after(test_a_line_for_each_operation, lines, operation)
    more = [*lines, *stack.pair("stout"), *stack.pair("porter")]
    least = min(line.seconds for line in parse(more) if line.name == operation)
    require(
        least < LEAST,
        expected=f"{operation} ended before the tastings began, which take {LEAST:.3f} seconds",
        seen=f"{operation} took {least:.3f} seconds",
        hint="Did you forget to end that `with` before the match? Indented lines are inside it.",
    )


@pytest.mark.parametrize(
    ("operation", "table", "line"),
    [
        ("beer.query", "beer", "looks up the beer"),
        ("donuts.query", "donut", "reads the donuts"),
    ],
)
def test_a_query_is_inside_of_its_operation(
    stack: Stack, lines: list[str], operation: str, table: str, line: str
) -> None:
    """`{operation}` is slow when the table `{table}` is slow to read"""
    after(test_a_line_for_each_operation, lines, operation)
    after(test_the_function_has_its_line_still, lines)
    with stack.slow_table(table):
        seconds = {line.name: line.seconds for line in parse(stack.pair())}
    others = seconds["pair"] - seconds.get("match", 0)
    require(
        seconds[operation] > others / 2,
        expected=f"{operation} as slow as its table, which the check slowed down",
        seen=f"{operation} took {seconds[operation]:.3f} of {others:.3f} seconds without match",
        hint=f"Did you forget which line {line}? That line belongs in {operation}.",
    )
