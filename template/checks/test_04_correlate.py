"""Do all the lines of a request, the taster's too, have a number that no other request has?"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from workshop.check.requirement import after, require
from workshop.check.stack import TASTINGS, Stack, pairing
from workshop.check.timing import Line, parse, shown

AT_ONCE = 6
# What a line contains when the code never sets the number.
NOTHING = {"None", "", "0"}


def ids(lines: list[Line]) -> set[str]:
    return {line.request for line in lines if line.request and line.request not in NOTHING}


def which(lines: list[Line]) -> str:
    """Every number, and the lines that have it."""
    names = {
        line.request: [other.name for other in lines if other.request == line.request]
        for line in lines
    }
    return "; ".join(f"{number} ({', '.join(found)})" for number, found in names.items())


def of_web(lines: list[str]) -> list[Line]:
    return [line for line in parse(lines) if line.name != "taste"]


@pytest.fixture(scope="module")
def numbered(lines: list[str]) -> list[Line]:
    """The lines that `web` writes about one pairing, each with a number."""
    found = of_web(lines)
    bare = [line for line in found if not ids([line])]
    if any("req" in line.text and line.request is None for line in bare):
        hint = "Did you forget the format? A line begins with `req: `, the number, and a comma."
    else:
        hint = (
            "Did you forget one of the log lines in timing.py? The decorator and the context "
            "manager each write one, and the context manager needs to get the number."
        )
    require(
        found and not bare,
        expected="each line begins with `req: <number>, `",
        seen=shown([line for line in lines if not ids(parse([line]))] or lines),
        hint=hint,
    )
    return found


def test_each_line_has_a_number(numbered: list[Line]) -> None:
    """Each line that `web` writes about a pairing begins with `req: <number>, `"""
    names = [f"{line.kind} {line.name}" for line in numbered]
    require(
        {"operation beer.query", "operation donuts.query", "operation match", "function pair"}
        <= set(names),
        expected="the lines of the three operations and of the function, as before",
        seen=", ".join(names),
        hint="Did you lose one of them along the way? They come from the previous steps.",
    )


def test_one_number_for_a_request(numbered: list[Line]) -> None:
    """All these lines have the same number"""
    require(
        len(ids(numbered)) == 1,
        expected="one number for one pairing",
        seen=f"{len(ids(numbered))} numbers: {which(numbered)}",
        hint="Did you forget to create it only once, where the request comes in? Code that creates "
        "it again gets a different number.",
    )


def test_the_taster_has_it_too(lines: list[str], numbered: list[Line]) -> None:
    """The taster's lines have that number, too"""
    after(test_one_number_for_a_request, numbered)
    tastings = [line for line in parse(lines) if line.name == "taste"]
    require(
        len(tastings) == TASTINGS,
        expected=f"{TASTINGS} lines such as `req: <number>, function taste took 0.050 seconds`",
        seen=f"{len(tastings)} lines from the taster",
        hint="Did you forget to send the number to the taster? It logs only the requests that "
        "have one. To see which header it reads, look in taster.py.",
    )
    require(
        ids(tastings) == ids(numbered),
        expected="the number of the pairing",
        seen=f"{', '.join(sorted({line.request or 'none' for line in tastings})[:2])}, and not "
        f"{', '.join(sorted(ids(numbered)))}",
        hint="Did you forget which number belongs in the header? Don't create a new one.",
    )


def test_another_number_for_another_request(stack: Stack, numbered: list[Line]) -> None:
    """The next pairing has a different number"""
    then = of_web(stack.pair())
    require(
        not ids(then) & ids(numbered),
        expected="a number for each request",
        seen=f"{', '.join(ids(then) & ids(numbered))} in both",
        hint="Did you forget when the top-level lines of a module run? They run once, at import. "
        "Create the number while your code handles the request.",
    )


def test_requests_at_the_same_time(stack: Stack, numbered: list[Line]) -> None:
    """Requests that run at the same time don't share a number"""
    after(test_one_number_for_a_request, numbered)
    after(test_another_number_for_another_request, stack, numbered)
    before = len(stack.timing_log())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda _: stack.ask(pairing()), range(AT_ONCE)))
    found = of_web(stack.timing_log()[before:])
    wanted = sorted(line.name for line in numbered)
    whole = [
        number
        for number in ids(found)
        if sorted(line.name for line in found if line.request == number) == wanted
    ]
    require(
        len(whole) == AT_ONCE,
        expected=f"{AT_ONCE} pairings at once, each with {len(wanted)} lines that have one number",
        seen=f"{len(whole)} pairings like that, and {len(ids(found))} numbers in all",
        hint="Did you forget that requests run side by side? They all share the variables of a "
        "module. Flask has a place that belongs to one request.",
    )
