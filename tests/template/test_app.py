"""The matchmaker at every state of its code: what it answers, logs, and sends as spans."""

import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from workshop.console import actions
from workshop.stack.measurements import MeasuredLog
from workshop.traces.tree import Span, Trace, is_framework_span

from extensions.steps import done_before
from tests.conftest import Render
from tests.stack import Stack, running_stack, until

# The steps at which the code differs from the one before: 2, 6 and 9 begin where 1, 5 and 8 end.
STATES = [
    {"step": step, "log_to_stdout": to_stdout, "inject_errors": faults}
    for step, to_stdout, faults in itertools.product(
        (1, 3, 4, 5, 7, 8, 9), (False, True), (False, True)
    )
]
TASTINGS = 4
PAIRING = "/pair/beer?name=ipa"


def state_name(answers: dict[str, object]) -> str:
    return "-".join(str(value) for value in answers.values())


@pytest.fixture(
    scope="module",
    params=[
        # One process has all tests of a state: each would start services of its own.
        # Both answers at once at some steps, and neither at the others, show what one of them
        # breaks; which one, the rest say.
        pytest.param(
            state,
            marks=[
                pytest.mark.xdist_group(f"app {number}"),
                *[pytest.mark.thorough]
                * (
                    state["log_to_stdout"] != state["inject_errors"]
                    or state["inject_errors"] != (state["step"] in (7, 9))
                    or state["step"] in (3, 7)  # the next one has all of them, and more
                ),
            ],
        )
        for number, state in enumerate(STATES)
    ],
    ids=state_name,
)
def state(request: pytest.FixtureRequest, render: Render) -> Iterator[tuple[dict[str, Any], Stack]]:
    with running_stack(render(**request.param), MATCHMAKER_TASTING_SECONDS="0.01") as stack:
        yield request.param, stack


def test_routes(state: tuple[dict[str, Any], Stack]) -> None:
    _, stack = state
    assert stack.get("/ping").json() == {"status": "ok"}
    assert stack.get("/beers/ipa").json() == {"name": "ipa", "brewer": "Hop Harbour", "hops": 5}
    assert stack.get("/donuts/jelly").json() == {
        "name": "jelly",
        "sugar": 3,
        "rank": 88,
        "tags": ["filled", "fruit", "messy"],
    }
    assert len(stack.get("/beers").json()) == 8
    assert len(stack.get("/donuts").json()) == 12
    for _ in range(2):
        assert stack.get(PAIRING).json() == {"beer": "ipa", "match": "boston-cream", "donuts": 12}
    for beer in stack.get("/beers").json():
        assert stack.get(f"/pair/beer?name={beer['name']}").status_code == 200


@pytest.mark.parametrize(
    ("service", "path", "status", "hint"),
    [
        ("web", "/beers/nope", 404, "The beers are ipa, "),
        ("web", "/donuts/nope", 404, "jelly"),
        ("web", "/pair/beer?name=nope", 404, "The beers are ipa, "),
        ("web", "/pair/beer", 400, "?name=ipa"),
        ("web", "/pair/beer?name=", 400, "?name=ipa"),
        ("web", "/nope", 404, "not found"),
        ("taster", "/taste", 400, "?beer=ipa"),
        ("taster", "/taste?beer=ipa", 400, "?donut="),
        ("taster", "/taste?beer=nope&donut=jelly", 404, "The beers are ipa, "),
        ("taster", "/taste?beer=ipa&donut=nope", 404, "jelly"),
    ],
)
@pytest.mark.sample(2)
def test_wrong_requests_are_explained(
    state: tuple[dict[str, Any], Stack], service: str, path: str, status: int, hint: str
) -> None:
    _, stack = state
    answer = stack.get(path, service)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert hint in answer.json()["error"]


def test_lines_of_the_log(state: tuple[dict[str, Any], Stack]) -> None:
    answers, stack = state
    done = done_before(answers["step"])
    (stack.root / "timing.log").unlink(missing_ok=True) if done.trace else None
    before = len(stack.timing_log())
    assert stack.get(PAIRING).status_code == 200
    lines = stack.timing_log()[before:]

    pair = ["function pair took N seconds"]
    operations = [
        f"operation {name} took N seconds" for name in ("beer.query", "donuts.query", "match")
    ]
    tastings = ["function taste took N seconds"] * TASTINGS
    if done.trace or not done.time_a_route:
        assert lines == []
    elif not done.drill_down:
        assert lines == pair
    elif not done.correlate:
        assert lines == operations + pair
    else:
        ids = {line.split(",")[0] for line in lines}
        assert len(ids) == 1
        assert re.fullmatch(r"req: \d{1,20}", ids.pop())
        bare = [line.partition(", ")[2] for line in lines]
        assert bare == operations[:2] + tastings + operations[2:] + pair
        assert stack.get(PAIRING).status_code == 200
        assert len({line.split(",")[0] for line in stack.timing_log()[before:]}) == 2


def test_logs_on_the_terminal(state: tuple[dict[str, Any], Stack]) -> None:
    answers, stack = state
    done = done_before(answers["step"])
    stack.get("/beers/porter")
    line = (
        r"^\d{4}-\d\d-\d\d [\d:,]+ (- werkzeug - INFO|INFO \[werkzeug\] .*) - .*GET /beers/porter"
    )
    expected = answers["log_to_stdout"] or done.read_a_span

    def there() -> bool:
        return "GET /beers/porter" in stack.output("web")

    until(there)
    assert bool(re.search(line, stack.output("web"), re.MULTILINE)) == expected
    if done.read_a_span:
        trace = stack.trace_of("/beers/wheat")
        ids = r"dd\.trace_id=(\w+) dd\.span_id=(\d+)\] - .*GET /beers/wheat"
        (trace_id, span_id) = re.findall(ids, stack.output("web"))[-1]
        assert trace_id == trace.hex_id
        assert int(span_id) in {span.id for span in trace.spans()}
        named = (
            f"[dd.service=matchmaker dd.env=self-paced-trainee dd.version=step-{answers['step']} "
        )
        assert named in stack.output("web")


def test_spans(state: tuple[dict[str, Any], Stack]) -> None:
    answers, stack = state
    done = done_before(answers["step"])
    if not done.trace:
        stack.get(PAIRING)
        assert stack.traces() == []
        return
    trace = stack.trace_of(PAIRING)
    spans = trace.spans()

    (root,) = trace.roots
    assert (root.name, root.service, root.resource) == (
        "flask.request",
        "matchmaker",
        "GET /pair/beer",
    )
    (view,) = [span for span in spans if span.name == "__main__.pair"]
    below = [(span.service, span.name) for span in view.children]
    assert below.count(("sqlite", "sqlite.query")) == 2
    assert below.count(("redis", "redis.command")) >= 2
    assert below.count(("requests", "requests.request")) == TASTINGS
    for span in view.children:
        if span.service == "requests":
            (taste,) = span.children
            assert (taste.name, taste.service, taste.resource) == (
                "flask.request",
                "taster",
                "GET /taste",
            )
    assert {root.meta[tag] for tag in ("env", "trainee", "session", "version")} == {
        "self-paced-trainee",
        "trainee",
        "self-paced",
        f"step-{answers['step']}",
    }
    assert not trace.has_error()

    tagged = {span.name for span in spans if span.meta.get("beer") == "ipa"}
    assert tagged == ({"flask.request", "__main__.pair"} if done.span_metadata else set())


def test_printed_spans(state: tuple[dict[str, Any], Stack]) -> None:
    answers, stack = state
    if not done_before(answers["step"]).read_a_span:
        assert "trace_id" not in stack.output("web")
        return
    trace = stack.trace_of("/pair/beer?name=stout")
    blocks = [
        dict(re.findall(r"^ {0,9}([a-z_]+) (.*)$", block, re.MULTILINE))
        for block in stack.output("web").split("\n\n")
        if trace.hex_id in block
    ]
    printed = {int(block["id"]) for block in blocks}
    shown = [span for span in trace.spans() if not is_framework_span(span.name)]
    assert printed == {span.id for span in shown if span not in below_the_taster(trace)}
    root = next(block for block in blocks if block["name"] == "flask.request")
    assert root["service"] == "matchmaker"
    assert root["resource"] == "GET /pair/beer"
    assert root["parent_id"] == "None"
    # The console tells a request's trace id, and is nobody's parent for all that.
    web = f"http://127.0.0.1:{stack.ports.web}"
    sent = actions.send(web, web, PAIRING, MeasuredLog(stack.root / ".workshop"))["trace"]

    def printed_root() -> str | None:
        blocks = stack.output("web").split("\n\n")
        roots = [block for block in blocks if "name flask.request" in block and sent in block]
        return next((block for block in roots if " service " in block), None)

    assert " parent_id None\n" in until(printed_root)
    assert root["error"] == "0"
    assert float(root["duration"].removesuffix("s")) == pytest.approx(
        float(root["end"]) - float(root["start"]), abs=1e-5
    )


def test_a_number_is_printed_among_the_tags(render: Render) -> None:
    code = (
        "from ddtrace.trace import tracer; from spans import describe;"
        "span = tracer.trace('pair'); span.set_tag('donuts', 12); print(describe(span))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=render(step=8), capture_output=True, text=True, check=True
    )
    tags = done.stdout.partition("      tags\n")[2].split()
    assert "donuts:12" in tags
    assert not [tag for tag in tags if tag.startswith(("_sampling", "process_id"))]


def test_headers_of_a_trace() -> None:
    code = (
        "from ddtrace.trace import tracer; from ddtrace.propagation.http import HTTPPropagator;"
        "span = tracer.trace('pair'); headers = {}; HTTPPropagator.inject(span.context, headers);"
        "print(f'{span.trace_id:032x}', *(headers[name] for name in "
        "('traceparent', 'x-datadog-trace-id', 'x-datadog-tags')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    trace_id, traceparent, decimal, tags = done.stdout.split()
    assert traceparent.split("-")[1] == trace_id
    assert int(decimal) == int(trace_id[16:], 16)
    assert f"_dd.p.tid={trace_id[:16]}" in tags


def below_the_taster(trace: Trace) -> list[Span]:
    """The spans that the taster sent, which `web` does not print."""
    return [below for span in trace.spans() if span.service == "taster" for below in span.walk()]


@pytest.mark.parametrize("step", [1, 5, 7, 8, 9])
@pytest.mark.sample(4)
def test_a_pairing_that_fails_on_purpose(render: Render, step: int) -> None:
    done = done_before(step)
    workshop = render(step=step)
    with running_stack(
        workshop, MATCHMAKER_TASTING_SECONDS="0.01", MATCHMAKER_ERROR_RATE="1"
    ) as stack:
        answer = stack.get(PAIRING)
        assert answer.status_code == 500
        assert "Traceback" not in answer.text
        assert list(answer.json()) == ["error"]
        if done.time_a_route and not done.trace:
            assert stack.timing_log()[-1].endswith("function pair took N seconds")
        if not done.trace:
            return
        trace = stack.trace_of(PAIRING, status=500)
        failed = {span.name: span for span in trace.spans() if span.error}
        assert {"flask.request", "__main__.pair"} <= set(failed)
        message = "Oh man, the pair endpoint failed!!! :scream:"
        assert failed["__main__.pair"].meta["error.message"] == message
        root = failed["flask.request"].meta
        assert root["http.status_code"] == "500"
        if done.span_metadata:
            assert root["error.type"] == "builtins.ValueError"
            assert root["error.message"] == message
            assert "maybe_fail" in root["error.stack"]
            assert root["beer"] == "ipa"
        else:
            assert "error.message" not in root


@pytest.mark.parametrize(("rate", "failures"), [pytest.param("0", 0, marks=pytest.mark.thorough), ("", 0), ("1", 30)])
def test_error_rate(render: Render, rate: str, failures: int) -> None:
    with running_stack(
        render(), MATCHMAKER_TASTING_SECONDS="0", MATCHMAKER_ERROR_RATE=rate
    ) as stack:
        answers = [stack.get(PAIRING).status_code for _ in range(30)]
    assert answers.count(500) == failures


@pytest.mark.parametrize("rate", ["2", "-0.1", "often", "nan"])
def test_an_error_rate_that_is_none_is_explained(render: Render, rate: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import faults"],
        cwd=render(),
        env={"MATCHMAKER_ERROR_RATE": rate},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"MATCHMAKER_ERROR_RATE is {rate!r}. Set it to a number from 0 to 1, such as 0.5.\n"
    )


@pytest.mark.parametrize("step", [9, 1])
@pytest.mark.sample(2)
def test_without_redis_and_taster_the_app_says_so(render: Render, step: int) -> None:
    nobody = "127.0.0.1:9"
    with running_stack(render(step=step), MATCHMAKER_REDIS_URL=f"redis://{nobody}/0") as stack:
        answer = stack.get(PAIRING)
        assert (answer.status_code, answer.json()["error"][:23]) == (503, "DonutDB does not answer")
        assert stack.get("/donuts/jelly").status_code == 503
        assert stack.get("/beers").status_code == 200
    with running_stack(render(step=step), MATCHMAKER_TASTER_URL=f"http://{nobody}") as stack:
        answer = stack.get(PAIRING)
        assert (answer.status_code, answer.json()["error"][:26]) == (
            503,
            "The taster does not answer",
        )
        assert stack.get("/donuts/jelly").status_code == 200


def test_without_an_agent_the_app_answers_as_before(render: Render) -> None:
    with running_stack(render(step=9), DD_TRACE_AGENT_URL="http://127.0.0.1:9") as stack:
        assert stack.get(PAIRING).json()["match"] == "boston-cream"


def test_redis_that_was_emptied_is_filled_again(render: Render) -> None:
    import redis

    with running_stack(render(), MATCHMAKER_TASTING_SECONDS="0") as stack:
        assert stack.get(PAIRING).status_code == 200
        redis.Redis(port=stack.ports.redis).flushall()
        assert stack.get("/donuts/jelly").json()["rank"] == 88
        assert stack.get(PAIRING).json()["match"] == "boston-cream"


def test_a_new_database_fills_itself_when_many_start_at_once(render: Render) -> None:
    code = (
        "import app; c = app.app.test_client();"
        "print(len(c.get('/beers').json), len(c.get('/donuts').json))"
    )
    workshop = render()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=workshop, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert [process.communicate()[0] for process in processes] == ["8 12\n"] * 4
