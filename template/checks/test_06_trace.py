"""Is a pairing one trace, across both services and both datastores?"""

from workshop.check.requirement import Unmet, require
from workshop.check.stack import Look, Stack
from workshop.traces.tree import Span

UNTRACED = "Did you forget the client's import, at the top of app.py?"


def spans_of(look: Look, names: tuple[str, ...]) -> list[Span]:
    spans = look.trace.spans() if look.trace else []
    return [span for span in spans if span.name.startswith(names)]


def whole_request(look: Look) -> Span:
    """The span of the request to `web`. Raises Unmet if there is none."""
    roots = look.trace.roots if look.trace else []
    for root in roots:
        if (root.name, root.service) == ("flask.request", "matchmaker"):
            return root
    raise Unmet(
        expected="a span flask.request of the service matchmaker, for GET /pair/beer",
        seen=look.describe(),
        hint="Did you forget that the service's name comes from the environment (DD_SERVICE)?"
        if any(root.name == "flask.request" for root in roots)
        else UNTRACED,
    )


def view(look: Look) -> Span:
    """The span of the function `pair`. Raises Unmet if there is none."""
    root = whole_request(look)
    found = look.view
    require(
        found and found in list(root.walk()),
        expected="a span of the function `pair`, below the one of the request",
        seen=look.describe(),
        hint="Did you forget that the client can't wrap a route that Flask already has? Put its "
        "import above the routes, and ideally above everything else.",
    )
    assert found
    return found


def test_web_is_traced(look: Look) -> None:
    """The agent gets a trace of each pairing, from the service matchmaker"""
    whole_request(look)


def test_the_view_is_traced(look: Look) -> None:
    """In the trace, the function `pair` has its own span"""
    view(look)


def test_sql_is_traced(look: Look) -> None:
    """In the trace, each SQL query has its own span"""
    whole_request(look)
    found = spans_of(look, ("sqlite.query", "sqlalchemy.query"))
    require(
        len(found) >= 2,
        expected="two spans sqlite.query, for the beer and for the donuts",
        seen=f"{len(found)}; {look.describe()}",
        hint="Did you forget to instrument the database driver, too, and early enough?",
    )


def test_redis_is_traced(look: Look) -> None:
    """In the trace, each Redis command has its own span"""
    whole_request(look)
    found = spans_of(look, ("redis.",))
    require(
        len(found) >= 2,
        expected="spans redis.command, for what DonutDB reads",
        seen=f"{len(found)}; {look.describe()}",
        hint="Did you forget to instrument Redis, too, and early enough?",
    )


def test_the_taster_is_in_the_same_trace(look: Look) -> None:
    """The taster's spans are in the same trace, each below the request that caused it"""
    root = whole_request(look)
    tastings = [
        span for span in root.walk() if (span.name, span.service) == ("flask.request", "taster")
    ]
    calls = spans_of(look, ("requests.request", "http.client", "httpx.request", "urllib3.request"))
    alone = [
        trace for trace in look.others if any(span.service == "taster" for span in trace.spans())
    ]
    if alone:
        hint = "Did you forget to instrument the library that calls the taster? Its integration "
        hint += "passes on the ID of the trace."
    elif calls:
        hint = "Did you forget that the taster is a separate program? It needs the import, too."
    else:
        hint = "Did you forget to instrument the library that calls the taster?"
    require(
        tastings and all(span.parent_id for span in tastings) and not alone,
        expected="spans flask.request of the service taster, below those of web's requests",
        seen=f"{len(tastings)} of them, and {len(alone)} separate traces of the taster",
        hint=hint,
    )
    (pair,) = [view(look)]
    require(
        all(span in list(pair.walk()) for span in tastings),
        expected="the taster's spans below the one of the function `pair`",
        seen=look.describe(),
        hint="Did you forget to put the import as early as possible?",
    )


def test_the_hand_written_timing_is_gone(stack: Stack, lines: list[str]) -> None:
    """The hand-written timing is gone: nothing new in timing.log"""
    require(
        not lines,
        expected="no new line in timing.log",
        seen=f"{len(lines)} lines, such as `{(lines or [''])[-1]}`",
        hint="Did you forget to remove what the tracer does now: the decorator, the `with` blocks, "
        "the header, and the taster's log line?",
    )
