"""Odd traces, in the terminal and on the page: each span is shown or counted as left out."""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.console import Console
from workshop.check.stack import Stack
from workshop.console import trace_json
from workshop.console.logs import lines_of
from workshop.console.store import Store
from workshop.traces import agent, tree, tree_view
from workshop.traces.remarks import remarks
from workshop.traces.tree import Trace, fold, read, traces

from tests.odd_traces import NOW, UNREADABLE, RawSpan, root, shapes, span

from .conftest import Workshop
from .test_traces import lone_agent

__all__ = ["lone_agent"]

SHAPES = shapes()
WIDTH = 90
"""Of a terminal without bars, where a span's line ends with its share."""


def of(shape: str) -> list[Trace]:
    """What becomes of a shape."""
    return traces([shapes()[shape]])


def printed(found: list[Trace], *, everything: bool = True, width: int = WIDTH) -> str:
    """What the terminal shows."""
    out = Console(file=io.StringIO(), width=width, color_system=None, markup=False)
    tree_view.show(out, found, everything, as_json=False)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def lines_with_spans(text: str) -> list[str]:
    """The lines of a tree that are spans."""
    return [line for line in text.splitlines() if re.match(r"[│ ]*[├└]── .* \d+%$", line)]


def agree(raws: list[Any]) -> None:
    """Hold the terminal and the page to the same spans, and both to all that came in."""
    found = read([raws])
    kept = Store()
    kept.add([raws])
    shown = sum(len(trace.spans()) for trace in found.traces)
    left_out = sum((trace.left_out for trace in found.traces), found.left_out)
    assert shown + left_out.total() == len(raws)
    assert kept.left_out() == found.left_out
    for trace in found.traces:
        in_store = kept.get(trace.hex_id)
        assert in_store
        page = trace_json.whole(trace.hex_id, in_store)
        assert json.loads(json.dumps(page, allow_nan=False)) == page
        spans = trace.spans()
        assert page["spans"] == len(spans)
        assert page["left_out"] == trace.left_out.total()
        assert page["remarks"] == remarks(trace)
        assert len({one["id"] for one in page["all"]}) == len(page["all"])
        roots = [one["id"] for one in page["all"] if one["parent"] is None]
        assert roots == [one.key for one in trace.roots]
        assert len(roots) == len(trace.roots) == page["parts"]
        for one in page["all"]:
            assert 0 <= one["start"] <= page["duration"] * (1 + 1e-9)
            assert one["start"] + one["duration"] <= page["duration"] * (1 + 1e-9) + 1e-6
        text = printed([trace])
        assert len(page["all"]) == len(spans)
        assert len(lines_with_spans(text)) == min(len(spans), tree.MOST_DRAWN)
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", text
        )
        folded = fold(trace)
        assert len(lines_with_spans(printed([trace], everything=False))) == min(
            len(folded.spans()), tree.MOST_DRAWN
        )
        in_json = tree_view.document(trace)
        assert len(in_json["spans"]) == len(spans)
        assert sum(one["parent_id"] is None for one in in_json["spans"]) == len(trace.roots)


@pytest.mark.parametrize("shape", SHAPES)
def test_page_and_terminal_show_the_same_of_every_shape(shape: str) -> None:
    agree(SHAPES[shape])


ids = st.one_of(
    st.integers(0, 6),
    st.sampled_from([None, True, -1, 2**64 - 1, 2**70 + 3, 10**400, "3", "abc", 1.0, 0.5]),
    st.floats(),
    st.lists(st.integers(), max_size=1),
)
numbers: st.SearchStrategy[Any] = st.one_of(
    st.integers(-5, 10**6),
    st.sampled_from([NOW, NOW + 10**9, 2**63 - 1, 2**64, 10**400, None, "12", "x", [], {}]),
    st.floats(),
)
# Half a surrogate pair is what JSON can have, and no encoding.
texts = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=12),
    st.sampled_from(["flask.request", "flask.x", "sqlite.query", "\x1b[2J", "GET /ping", "a\nb"]),
    st.sampled_from([None, 5, ["x"], {"a": {"b": 1}}]),
)
tags = st.one_of(
    st.dictionaries(
        st.sampled_from(["_dd.p.tid", "http.url", "error.type", "error.message", "\u202e", "x"]),
        st.one_of(texts, st.sampled_from(["6b0526c100000000", "1", "http://[", "\n"]), numbers),
        max_size=3,
    ),
    st.sampled_from([None, 3, "x", []]),
)
raw_spans = st.one_of(
    st.fixed_dictionaries(
        {"trace_id": st.sampled_from([1, 1, 1, 1, 2, 2**64 + 1]), "span_id": st.integers(0, 6)},
        optional={
            "parent_id": st.one_of(st.integers(0, 7), ids),
            "name": texts,
            "service": texts,
            "resource": texts,
            "start": numbers,
            "duration": numbers,
            "error": st.one_of(st.integers(0, 1), numbers),
            "meta": tags,
            "metrics": tags,
        },
    ),
    st.fixed_dictionaries({}, optional={"trace_id": ids, "span_id": ids, "meta": tags}),
    st.sampled_from([None, 5, "x", []]),
)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.lists(raw_spans, max_size=14))
@example([{"trace_id": 1, "span_id": 1, "start": 10**400, "metrics": {"x": 10**400}}])
@example([span(1, 1), span(1, 2), span(2, 1), span(1, 0)])
def test_page_and_terminal_show_the_same_of_anything(raws: list[Any]) -> None:
    agree(raws)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=30), st.randoms())
def test_the_order_in_which_spans_come_in_changes_nothing(parents: list[int], dice: Any) -> None:
    raws = [span(number, parent) for number, parent in enumerate(parents, 1)]
    (expected,) = traces([raws])
    shuffled = raws[:]
    dice.shuffle(shuffled)
    kept = Store()
    for one in shuffled:
        kept.add([[one]])
    found = kept.get(expected.hex_id)
    assert found
    assert printed([found]) == printed([expected])


@pytest.mark.parametrize(
    ("shape", "title", "said"),
    [
        ("child-begins-first", "GET /odd  140.0 ms", "1 span begins before the one above, by up"),
        ("two-roots", "GET /odd  100.0 ms", "This trace has 2 roots"),
        ("orphan-before-the-root", "GET /odd  105.0 ms", "The span above 1 part of this trace has"),
        ("orphans-only", "a  10.0 ms", "The span above 2 parts of this trace has not come in"),
        ("circle", "a  10.0 ms", "In 1 part of this trace the spans go in a circle"),
        ("own-parent", "ouroboros  10.0 ms", "In 1 part of this trace the spans go in a circle"),
        ("twins", "GET /odd  100.0 ms", "1 span came with the same ID as another one in"),
        ("negative", "GET /odd  100.0 ms", "1 span does not say how long it took"),
        ("292-years", "GET /odd  292.3 years", "eternal shop"),
        ("1970", "GET /odd", "The clocks disagree: 1 span begins before the one above, by up to"),
        ("no-resource", "http.request  100.0 ms", "unnamed-service"),
        ("large", "GET /odd  10000.0 ms  6001 spans", "5,000 of 6,001 spans are drawn"),
        ("deep", "GET /odd  100.0 ms  2200 spans", "[2200] level-2200 shop"),
        ("long", "GET", "Texts that are too long are cut, in 2 spans."),
    ],
)
def test_what_is_odd_is_said(shape: str, title: str, said: str) -> None:
    text = printed(of(shape))
    assert text.startswith(title)
    assert said in text.replace("\n", " ")


@pytest.mark.parametrize(
    "shape", ["child-longer-than-parent", "child-after-parents-end", "queue-with-a-gap", "links"]
)
def test_what_is_only_unusual_is_not_complained_of(shape: str) -> None:
    (trace,) = of(shape)
    assert remarks(trace) == []


def test_only_a_missing_parent_has_not_come_in() -> None:
    for shape in ("two-roots", "circle", "own-parent", "id-zero"):
        assert "has not come in" not in printed(of(shape)), shape
        assert not of(shape)[0].orphans


def test_an_error_among_thousands_is_drawn() -> None:
    (trace,) = of("large")
    page = trace_json.whole("x", trace)
    assert "the.failing.one" in {one["name"] for one in page["all"]}
    assert page["spans"] == page["shown"] == len(page["all"]) == 6_001
    own = sum(tree.self_time(one) for one in trace.spans() if one.service == "db")
    total = sum(tree.self_time(one) for one in trace.spans())
    assert dict(page["shares"])["db"] == own / total


def test_a_failing_query_by_itself_is_listed() -> None:
    for shape in ("failing-query", "failing-framework"):
        (summary,) = Store().add([SHAPES[shape]])
        assert summary["error"]
    (trace,) = of("failing-query")
    assert tree.is_of_interest(trace)
    trace.roots[0].error = False
    assert not tree.is_of_interest(trace)
    # Folding keeps what tells where the error is from, if nothing else does.
    assert next(one.name for one in fold(of("failing-framework")[0]).spans()) == "flask.render"


def test_each_half_of_an_id_is_a_trace_of_its_own() -> None:
    kept = Store()
    shown = kept.add([SHAPES["halves"]])
    assert {one["id"][:8]: one["spans"] for one in shown} == {"6b0526c1": 4, "6b0526c2": 2}
    for one in shown:
        found = kept.get(one["id"])
        assert found
        assert found.hex_id == one["id"]


def test_the_upper_half_may_come_in_later_than_the_rest() -> None:
    kept = Store()
    first, second = root(meta={"_dd.p.tid": "6b0526c100000000"}), span(2, 1)
    (early,) = kept.add([[second]])
    (late,) = kept.add([[first]])
    assert late["id"] != early["id"]
    assert late["formerly"] == [early["id"]]
    assert late["spans"] == 2


def test_what_the_console_does_not_keep_of_a_trace_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workshop.console.store.MOST_SPANS", 5)
    kept = Store()
    raws = [root(), *(span(number, 1) for number in range(2, 9))]
    (shown,) = kept.add([raws])
    assert (shown["spans"], shown["left_out"]) == (5, 3)
    assert kept.add([raws]) == []  # the agent gives them again: nothing is new
    (shown,) = kept.add([[span(9, 1)]])
    assert (shown["spans"], shown["left_out"]) == (5, 4)


def test_the_same_span_sent_twice_is_shown_once_and_said() -> None:
    (trace,) = traces([[root(), root(), span(2, 1)]])
    assert len(trace.spans()) == 2
    assert remarks(trace) == ["1 span is left out: 1 sent twice."]


def test_notes_are_few_have_a_subject_and_the_weightiest_comes_first() -> None:
    raws = SHAPES["many-notes"] + [
        span(900_000 + n, 1, "slow", begin=1000 * (n + 1), took=900) for n in range(4)
    ]
    for one in raws:
        one["trace_id"] = 1
    (trace,) = traces([raws])
    notes = trace_json.whole("x", trace)["notes"]
    assert notes[0]["text"] == "slow ran 4 times, one after another: 6% of the trace"
    assert all(re.match(r"\S+ ran \d+ times", one["text"]) for one in notes)
    assert "0%" not in "".join(one["text"] for one in notes)
    many = [root(), *(span(n, 1, f"run-{n // 3}", begin=n, took=1) for n in range(2, 600))]
    page = trace_json.whole("x", traces([many])[0])
    assert len(page["notes"]) == trace_json.MOST_NOTES
    assert page["more_notes"] > 100
    assert printed(traces([many])).count("one after another") == tree_view.MOST_RUNS


def test_the_work_grows_with_the_spans_and_not_with_their_square() -> None:
    """Counted as lines of Python that run, so that a slow machine changes nothing."""

    def work(raws: list[RawSpan]) -> int:
        count = 0

        def trace_calls(frame: Any, event: str, _: object) -> None:
            nonlocal count
            count += event == "call" and "workshop" in frame.f_code.co_filename

        before = sys.gettrace()
        sys.settrace(trace_calls)
        try:
            for trace in traces([raws]):
                trace_json.whole("x", trace)
                for _ in tree_view.tree(trace, False, WIDTH):
                    pass
        finally:
            sys.settrace(before)
        return count

    def chain(size: int) -> list[RawSpan]:
        return [span(n, n - 1, begin=n / 1000) for n in range(1, size)]

    def star(size: int) -> list[RawSpan]:
        return [root(), *(span(n, 1, begin=n) for n in range(2, size))]

    def circles(size: int) -> list[RawSpan]:
        return [span(n, n ^ 1, meta={"_dd.p.tid": f"{n % 3}"}) for n in range(2, size)]

    def one_id(size: int) -> list[RawSpan]:
        return [span(7, 7, f"n{n}") for n in range(size)]

    for shape in (chain, star, circles, one_id):
        assert work(shape(1200)) < 5 * work(shape(400)), shape.__name__


def test_a_log_is_read_once_however_long_a_trace_says_it_took(tmp_path: Path) -> None:
    stamp = "2026-11-24 06:00:01,010"
    (tmp_path / "web.log").write_text(
        f"{stamp} - app - INFO - [dd.trace_id=7] of another\n"
        f"{stamp} - app - INFO - in a gap\n"
        "2026-99-99 99:99:99,999 - app - INFO - no such time\n"
    )
    for shape in ("1970", "start-zero", "bad-address", "queue-with-a-gap"):
        assert lines_of(of(shape)[0], tmp_path) == []
    (eternal,) = traces([[root(start=0, duration=2**63 - 1)]])
    assert [one["text"][-8:] for one in lines_of(eternal, tmp_path)] == ["in a gap"]


def test_a_name_cannot_drive_a_terminal() -> None:
    text = printed(of("escapes"))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"\u001b[2J\u001b]0;owned\u0007clear" in text


def test_ten_services_have_ten_colors_in_the_terminal() -> None:
    assert len(set(tree_view.SERVICES)) >= 10
    (trace,) = of("ten-services")
    out = Console(file=io.StringIO(), width=120, force_terminal=True, color_system="standard")
    tree_view.show(out, [trace], True, as_json=False)
    assert isinstance(out.file, io.StringIO)
    text = out.file.getvalue()
    found = re.findall(r"\x1b\[(\d+)m service-\d+", text)
    assert len(set(found)) == 10, found  # the eleventh has that of the first, underlined
    assert re.search(r"\x1b\[4;36m service-11", text)


def put(port: int, payload: Any, version: str = "v0.4") -> int:
    """Send the agent a payload as a client does; gives the status."""
    return requests.put(
        f"http://127.0.0.1:{port}/{version}/traces",
        data=msgpack.packb(payload),
        headers={"X-Datadog-Trace-Count": "1", "Content-Type": "application/msgpack"},
        timeout=30,
    ).status_code


def test_a_payload_that_the_agent_cannot_read_costs_nobody_else(lone_agent: int) -> None:
    for raw in UNREADABLE:
        put(lone_agent, [[raw]] if raw != [] else raw)
    assert put(lone_agent, {"no": "list"}) == 400
    assert put(lone_agent, [["x"], [["y"]]], "v0.5") == 400
    # One that is its own parent kept the agent busy for ever.
    assert put(lone_agent, [[span(0, 0)], [root(), root(parent_id=1)]]) == 200
    assert put(lone_agent, [[span(5, 0, "good") | {"trace_id": 5}]]) == 200
    found = read(agent.spans(f"http://127.0.0.1:{lone_agent}"))
    assert [one.name for trace in found.traces for one in trace.spans()].count("good") == 1
    assert found.left_out["without a usable trace id"] >= 3

    feed = agent.Feed(f"http://127.0.0.1:{lone_agent}")
    kept = Store()
    kept.add(feed.look())
    assert kept.get(f"{5:032x}")
    assert kept.left_out() == found.left_out


@pytest.mark.thorough  # each shape is shown above, and a real agent takes them in the browser's
def test_odd_traces_in_a_running_workshop(workshop: Workshop) -> None:
    """Every command goes on working, and says the same as the page."""
    assert workshop.run("up", "--detach").returncode == 0
    port = workshop.settings.ports.agent
    empty = workshop.run("traces", "--limit", "1000")
    assert empty.returncode == 1
    for raws in shapes().values():
        assert put(port, [raws]) == 200
    for raw in UNREADABLE:
        put(port, [[raw]])
    done = workshop.run("traces", "--limit", "1000", "--all")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "without a usable trace id" in done.stdout
    assert "\x1b" not in done.stdout
    shown = {t["trace_id"]: t for t in json.loads(workshop.run(*_json()).stdout)}
    page = f"http://localhost:{workshop.settings.ports.console}/api/traces"
    for name, raws in shapes().items():
        key = f"{raws[0]['trace_id']:032x}"
        if name == "halves":
            key = f"6b0526c1{0:08x}{raws[0]['trace_id']:016x}"
        answer = requests.get(f"{page}/{key}", timeout=60)
        assert answer.status_code == 200, name
        assert answer.json()["spans"] == len(shown[key]["spans"]), name
    site = page.removesuffix("/api/traces")
    for body in (b"[" * 9_000, b"nonsense", b'{"path": "/\\ud800"}'):
        headers = {"Origin": site, "Content-Type": "application/json"}
        answer = requests.post(f"{site}/api/try", data=body, headers=headers, timeout=30)
        assert answer.status_code == 400
        assert answer.json()["error"].endswith(".")
    one = workshop.run("traces", "--id", f"{1000 + len(SHAPES):032x}")
    assert one.returncode == 0, one.stderr
    doctor = workshop.run("doctor")
    assert "Traceback" not in doctor.stdout + doctor.stderr
    assert "spans are left out" in doctor.stdout
    assert "traces" in doctor.stdout

    look = Stack(workshop.settings)._look("nobody-says-this", 0)
    assert look.trace is None
    assert look.others


def _json() -> list[str]:
    return ["traces", "--limit", "1000", "--all", "--json"]
