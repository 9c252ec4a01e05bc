"""The console's parts, without a browser."""

import dataclasses
import json
import re
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from workshop import settings
from workshop.console import actions, compare, logs, pages, steps, store, trace_json
from workshop.console.context import Context
from workshop.console.guard import POLICY, RELOAD
from workshop.console.hand_timed import TimingLog
from workshop.console.latency import Latency
from workshop.console.server import create_app
from workshop.console.store import Store
from workshop.stack import supervisor_file
from workshop.stack.measurements import Result
from workshop.stack.supervisor_file import ServiceState
from workshop.traces import tree
from workshop.traces.tree import Trace, traces

from tests.conftest import REPOSITORY, Render
from tests.workshop.console.site import over_nothing
from tests.workshop.console.spans import key, pairing, span

PORT = 8123
ORIGIN = f"http://localhost:{PORT}"


def trace_of(spans: list[dict[str, Any]]) -> Trace:
    (trace,) = traces([spans])
    return trace


# What keeps other origins out


@pytest.fixture(scope="module")
def root(render: Render) -> Path:
    """A workshop that has just done the tracing."""
    return render(step=8)


@pytest.fixture
def context(root: Path, tmp_path: Path) -> Context:
    """A console over nothing that runs."""
    return over_nothing(root, tmp_path, PORT, app_url="https://app.datadoghq.eu")


@pytest.fixture
def client(context: Context) -> FlaskClient:
    """Asks that console as localhost."""
    app = create_app(context)
    app.config["SERVER_NAME"] = f"localhost:{PORT}"  # what it asks for, unless a test says another
    return app.test_client()


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "localhost", "localhost:80", f"localhost.evil:{PORT}"],
)
def test_other_hosts_are_refused(client: FlaskClient, host: str) -> None:
    for path in ("/", "/api/steps", "/static/app.js"):
        assert client.get(path, headers={"Host": host}).status_code == 403


def test_a_person_is_told_the_way_on_a_page(client: FlaskClient) -> None:
    person = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path, host, said, link in (
        ("/nope", f"localhost:{PORT}", "There is no such page.", "./"),
        ("/a/b/nope", f"localhost:{PORT}", "There is no such page.", "../../"),
        ("/", f"evil.example:{PORT}", f"Open this page as {ORIGIN}.</h1>", f"{ORIGIN}/"),
        ("/", f"localhost:{PORT + 1}", "CONSOLE_ORIGIN=https://", f"{ORIGIN}/"),
    ):
        answer = client.get(path, headers={**person, "Host": host})
        assert answer.status_code in (403, 404)
        assert answer.mimetype == "text/html"
        assert said in answer.get_data(as_text=True)
        assert f'href="{link}"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"127.0.0.1:{PORT}"])
def test_own_hosts_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://localhost:5000"])
@pytest.mark.parametrize(
    "path", ["try", "load", "error-rate", "steps/8/check", "hint", "diff", "next"]
)
def test_other_origins_change_nothing(client: FlaskClient, origin: str | None, path: str) -> None:
    headers = {"Origin": origin} if origin else {}
    answer = client.post(f"/api/{path}", json={"rate": 1, "path": "/beers"}, headers=headers)
    assert answer.status_code == 403


def test_other_origins_read_nothing(client: FlaskClient) -> None:
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
        assert client.get("/api/steps", headers=headers).status_code == 403
    # A link from elsewhere leads here all the same.
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/", headers=headers).status_code == 200


def test_every_answer_has_the_policy(client: FlaskClient) -> None:
    for path in ("/", "/api/steps", "/api/traces/none", "/static/app.js", "/none"):
        answer = client.get(path)
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert "Access-Control-Allow-Origin" not in answer.headers
    page = client.get("/").get_data(as_text=True)
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script>") == 1
    assert f"<script>{RELOAD}</script>" in page


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("load", {"rate": 21}),
        ("load", {"rate": -1}),
        ("load", {"rate": "1"}),
        ("load", {}),
        ("error-rate", {"rate": 1.5}),
        ("try", {"path": "http://evil.example/"}),
        ("try", {"path": "@evil.example/"}),
        ("try", {"path": "/beers\r\nX: y"}),
        ("try", []),
    ],
)
def test_wrong_wishes_are_refused(client: FlaskClient, path: str, body: object) -> None:
    answer = client.post(f"/api/{path}", json=body, headers={"Origin": ORIGIN})
    assert answer.status_code == 400
    assert answer.get_json()["error"]


def test_what_is_not_there_is_said_in_words(client: FlaskClient) -> None:
    assert "doesn't have this trace" in client.get("/api/traces/none").get_json()["error"]
    answer = client.get("/api/names")
    assert answer.status_code == 409
    assert "web isn't responding at http://localhost:" in answer.get_json()["error"]
    assert "There is no step 99." in client.get("/api/steps/99").get_json()["error"]


def test_a_trace_links_to_datadog_where_it_goes_there(
    client: FlaskClient, context: Context
) -> None:
    context.collector.store.add([pairing(7)])
    found = client.get(f"/api/traces/{key(7)}").get_json()
    assert found["datadog"] == f"https://app.datadoghq.eu/apm/trace/{key(7)}"
    assert client.get("/api/traces/0000000000000007").get_json()["id"] == key(7)
    supervisor_file.write(context.settings.run_dir, supervisor_file.own(detached=False))
    here = client.get(f"/api/traces/{key(7)}").get_json()
    assert "datadog" not in here  # those of a local `workshop up` stay on this machine


def test_in_a_container_it_says_what_to_type(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSHOP_CONTAINER", "console")
    app = create_app(context)
    app.config["SERVER_NAME"] = f"localhost:{PORT}"
    client = app.test_client()
    answer = client.post("/api/try", json={"path": "/beers"}, headers={"Origin": ORIGIN})
    assert answer.get_json()["remedy"] == (
        "Is it still starting? Run `docker compose exec console workshop status`."
    )
    page = client.get("/api/steps/9").get_json()
    assert page["questions"]  # the check that asks them can run here
    assert "$ docker compose exec console workshop check" in page["html"]
    assert "uv run" not in page["html"]
    html = client.get("/").get_data(as_text=True)
    assert "<code>docker compose exec console workshop traces</code>" in html


def test_moving_on_says_what_the_command_says(client: FlaskClient) -> None:
    answer = client.post("/api/next", json={}, headers={"Origin": ORIGIN})
    assert answer.status_code == 409  # what was rendered for this test is no git repository
    assert "git" in answer.get_json()["error"]


# Traces in memory


def test_a_trace_grows_as_its_pieces_come_in() -> None:
    kept = Store()
    spans = pairing(1)
    (first,) = kept.add([spans[4:]])  # the taster's part comes first
    assert first["parts"] == 4
    (second,) = kept.add([spans])
    assert (second["parts"], second["spans"]) == (1, len(spans))
    assert kept.add([spans]) == []
    news = kept.news(0, 0)
    assert [summary["id"] for summary in news.summaries] == [key(1)]
    trace = kept.get(key(1))
    assert trace
    assert len(trace.spans()) == len(spans)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store()
    for number in range(1, store.KEPT + 101):
        kept.add([pairing(number)])
    size = kept.size()
    assert size["traces"] == store.KEPT
    assert size["bytes"] < 2_000_000
    assert kept.get(key(100)) is None
    assert kept.get(key(101))

    monkeypatch.setattr(store, "MOST_SPANS", 5)
    kept.add([pairing(5000)])
    trace = kept.get(key(5000))
    assert trace
    assert len(trace.spans()) == 5

    monkeypatch.setattr(store, "MOST_BYTES", size["bytes"] // 2)
    kept.add([pairing(5001)])
    assert kept.size()["bytes"] <= size["bytes"] // 2


def test_health_checks_are_not_listed_and_push_nothing_out() -> None:
    kept = Store()
    kept.add([pairing(1)])
    for number in range(2, store.KEPT + 2):
        ping = span(number, 0, "flask.request", resource="GET /ping", trace_id=number)
        assert kept.add([[ping]]) == []
    assert [summary["id"] for summary in kept.news(0, 0).summaries] == [key(1)]
    assert kept.get(key(1))
    assert kept.get(f"{store.KEPT + 1:032x}")  # somebody may have its id
    assert kept.get(f"{2:032x}") is None


def test_a_trace_whose_framework_spans_come_first_is_listed_whole() -> None:
    kept = Store()
    spans = pairing(1)
    assert kept.add([spans[1:2]]) == []
    (shown,) = kept.add([spans[:1] + spans[2:]])
    assert shown["spans"] == len(spans)


def test_a_trace_that_breaks_the_page_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(trace: Trace) -> bool:
        assert trace.id != 5, "a mistake of ours"
        return True

    monkeypatch.setattr(store, "is_of_interest", breaks)
    kept = Store()
    odd = [span(5, 0, "a", trace_id=5)]
    assert [summary["id"] for summary in kept.add([odd, pairing(1)])] == [key(1)]
    assert "can't show trace 0000000000000005" in caplog.text


def test_who_watches_hears_of_what_is_new_and_of_nothing_else() -> None:
    kept = Store()
    kept.add([pairing(1)])
    kept.set_state({"step": 1})
    first = kept.news(0, 0)
    assert first.state == {"step": 1}
    kept.set_state({"step": 1})
    assert kept.news(first.number, 0).number == first.number
    kept.add([pairing(2)])
    second = kept.news(first.number, 0)
    assert [summary["id"] for summary in second.summaries] == [key(2)]
    assert second.state is None


# A trace as a document


def test_repeated_siblings_are_pointed_out() -> None:
    found = trace_json.whole("x", trace_of(pairing(1)))
    (note,) = found["notes"]
    assert note["text"] == "taster was asked 4 times, one after another: 93% of the trace"
    assert len(note["spans"]) == 4
    assert found["note"] == note["text"]
    assert trace_json.whole("x", trace_of(pairing(1, tastings=2)))["notes"] == []


def test_a_trace_has_failed_when_its_request_has() -> None:
    spans = pairing(1, error="No glaze left")
    assert trace_json.summary("x", trace_of(spans))["error"]
    spans[0] |= {"error": 0, "meta": {"http.status_code": "404"}}
    found = trace_json.summary("x", trace_of(spans))  # what went wrong below was dealt with
    assert (found["error"], found["message"]) == (False, "")


def test_a_trace_with_too_much_text_is_refused_before_its_document_is_made(
    client: FlaskClient, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.collector.store.add([pairing(1)])
    document = client.get(f"/api/traces/{key(1)}")
    least = trace_json.least_size(trace_of(pairing(1)))
    assert 300 < least < len(document.data)
    monkeypatch.setattr("workshop.console.trace_routes.LARGEST_DOCUMENT", least - 1)
    monkeypatch.setattr("workshop.console.trace_routes.whole", None)
    told = client.get(f"/api/traces/{key(1)}").get_json()
    assert told["id"] == key(1)
    assert "The texts of this trace are too long" in told["too_large"]


def test_huge_traces_are_not_compared(
    client: FlaskClient, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.collector.store.add([pairing(1), pairing(2, tastings=1)])
    both = f"/api/compare?a={key(1)}&b={key(2)}"
    assert client.get(both).status_code == 200
    monkeypatch.setattr("workshop.console.compare.MOST_SPANS", 10)
    answer = client.get(both)
    assert answer.status_code == 400
    assert answer.get_json()["error"] == (
        "This page compares traces of up to 10 spans, and trace A has 12. Choose smaller ones."
    )


def test_a_comparison_folds_each_trace_once(monkeypatch: pytest.MonkeyPatch) -> None:
    folded = []
    for module in ("compare", "trace_json"):
        monkeypatch.setattr(
            f"workshop.console.{module}.fold",
            lambda trace: (folded.append(trace.id), tree.fold(trace))[1],  # type: ignore[func-returns-value]
        )
    both = trace_of(pairing(1)), trace_of(pairing(2))
    for everything in (True, False):
        folded.clear()
        compare.document(("a", "b"), both, everything=everything)
        assert folded == [one.id for one in both]


def test_self_time_leaves_out_what_runs_below() -> None:
    spans = [
        span(1, 0, "a", took=100),
        span(2, 1, "b", begin=10, took=30),
        span(3, 1, "c", begin=20, took=30),  # at the same time as b
        span(4, 1, "d", begin=90, took=50),  # goes on after its parent's end
    ]
    assert tree.self_time(trace_of(spans).roots[0]) == 50 * 1_000_000


def test_the_frameworks_spans_are_marked_and_can_be_left_out() -> None:
    found = trace_json.whole("x", trace_of(pairing(1)))
    by_name = {one["name"]: one for one in reversed(found["all"])}  # the first of each name
    assert by_name["flask.dispatch_request"]["framework"]
    view = by_name["__main__.pair"]
    assert view["parent"] == by_name["flask.dispatch_request"]["id"]
    assert view["folded_parent"] == by_name["flask.request"]["id"]
    assert by_name["sqlite.query"]["sql"].startswith("SELECT")


def test_ids_are_text_and_survive_javascript() -> None:
    large = 2**63 + 1
    found = trace_json.whole("x", trace_of([span(large, 0, "a"), span(large + 1, large, "b")]))
    assert [one["id"] for one in found["all"]] == [str(large), str(large + 1)]
    assert json.loads(json.dumps(found)) == found


def test_a_deep_trace_is_no_problem() -> None:
    names = ("a", "flask.process_response")
    spans = [span(n, n - 1, names[n % 2], begin=n) for n in range(1, 3001)]
    (shown,) = Store().add([spans])
    assert (shown["spans"], shown["shown"]) == (3000, 1500)
    assert len(trace_json.whole("x", trace_of(spans))["all"]) == 3000


def test_what_goes_wrong_in_one_look_does_not_end_all_looking(
    context: Context, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    collector = context.collector
    looks = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            collector.stop()
        raise RecursionError

    monkeypatch.setattr(collector, "look", look)
    monkeypatch.setattr("workshop.console.collector.LOOK_SECONDS", 0)
    collector.run()
    assert len(looks) == 3
    # The log has the same error only once.
    assert caplog.text.count("the console can't read its sources") == 1


# timing.log


def lines(*texts: str) -> str:
    return "".join(f"{text} seconds\n" for text in texts)


def names(trace: Trace) -> list[Any]:
    def below(one: Any) -> Any:
        return (one.resource, [below(child) for child in one.children])

    return [below(root) for root in trace.roots]


def test_lines_of_step_2_and_3(tmp_path: Path) -> None:
    path = tmp_path / "timing.log"
    log = TimingLog(path)
    assert log.look() == []
    path.write_text(lines("function pair took 0.053"))
    ((first, trace),) = log.look()
    assert (first, trace.duration) == ("hand-1", 53_000_000)
    with path.open("a") as file:
        file.write(lines("operation beer.query took 0.001", "operation match took 0.200"))
        file.write("function pair took 0.2")
    assert log.look() == []  # the last line is not whole yet
    with path.open("a") as file:
        file.write(lines("10"))
    ((_, trace),) = log.look()
    assert names(trace) == [
        ("function pair", [("operation beer.query", []), ("operation match", [])])
    ]
    match = trace.roots[0].children[1]
    assert match.start - trace.start == 1_000_000  # one after the other: a guess
    path.write_text("")
    assert log.look() == []


def test_lines_keep_their_order_whatever_they_took(tmp_path: Path) -> None:
    path = tmp_path / "timing.log"
    path.write_text(lines("function pair took 0.100", "function pair took 0.300"))
    log = TimingLog(path)
    before = [trace.start for _, trace in log.look()]
    with path.open("a") as file:
        file.write(lines("function pair took 0.900", "function pair took 0.300"))
    now = time.time_ns()
    after = [trace.start for _, trace in log.look()]
    assert sorted(before + after) == before + after
    assert before[-1] < 1_000_000_000  # those of before it ran: at a time that nobody knows
    assert now - after[-1] < 60 * 1_000_000_000


def test_lines_of_step_4_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    path = tmp_path / "timing.log"
    path.write_text(
        lines(
            "req: 11, operation beer.query took 0.001",
            "req: 22, operation beer.query took 0.002",
            "req: 11, function taste took 0.050",
            "req: 22, function taste took 0.050",
            "req: 11, function taste took 0.050",
            "req: 11, operation match took 0.110",
            "req: 11, function pair took 0.112",
            "req: 22, operation match took 0.060",
            "req: 22, function pair took 0.063",
        )
        + "nothing of ours\n"
    )
    (_, one), (_, two) = TimingLog(path).look()
    taste: tuple[str, list[Any]] = ("function taste", [])
    assert names(one)[0][1] == [("operation beer.query", []), ("operation match", [taste, taste])]
    assert names(two)[0][1] == [("operation beer.query", []), ("operation match", [taste])]
    found = trace_json.whole("hand-9", one)
    assert found["handmade"]
    assert found["notes"] == []
    assert found["tags"] == {"req": "11"}


def test_what_stands_for_an_id_and_is_none_joins_nothing(tmp_path: Path) -> None:
    path = tmp_path / "timing.log"
    path.write_text(lines("req: None, function taste took 0.050"))
    ((_, trace),) = TimingLog(path).look()
    assert names(trace) == [("function taste", [])]
    assert "req" not in trace.roots[0].meta


# Log lines


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() * 1000


def test_the_log_lines_of_a_request(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text(
        "2026-11-24 06:00:00,900 - app - INFO - before\n"
        "2026-11-24 06:00:01,010 - app - INFO - during\n"
        "[2026-11-24 06:00:01,020] ERROR in app: Exception on /pair/beer [GET]\n"
        "Traceback (most recent call last):\n"
        '  File "app.py", line 1\n'
        "ValueError: no\n"
        "      name flask.request\n"
        '127.0.0.1 - - [24/Nov/2026 06:00:01] "GET /pair/beer?name=ipa HTTP/1.1" 500 -\n'
        '\x1b[31m127.0.0.1 - - [24/Nov/2026 06:00:01] "GET /pair/beer?name=ale HTTP/1.1" 200 -\n'
        "2026-11-24 06:00:02,000 - app - INFO - after\n"
    )
    (tmp_path / "taster.log").write_text(
        '127.0.0.1 - - [24/Nov/2026 06:00:01] "\x1b[33mGET /taste HTTP/1.1\x1b[0m" 200 -\n'
        '127.0.0.1 - - [24/Nov/2026 06:00:01] "GET /taste HTTP/1.1" 200 -\n'
    )
    trace = trace_of(pairing(1, begin=at("2026-11-24 06:00:01.000")))
    found = logs.lines_of(trace, tmp_path)
    assert [(one["service"], one["text"].split("\n")[0][-25:]) for one in found] == [
        ("web", "06:00:01,010 - app - INFO - during"[-25:]),
        ("web", "Exception on /pair/beer [GET]"[-25:]),
        ("web", '/pair/beer?name=ipa HTTP/1.1" 500 -'[-25:]),
        ("taster", '"GET /taste HTTP/1.1" 200 -'[-25:]),
        ("taster", '"GET /taste HTTP/1.1" 200 -'[-25:]),
    ]
    assert found[1]["text"].endswith("ValueError: no")
    assert logs.lines_of(trace, tmp_path / "none") == []


def test_a_line_that_names_a_trace_belongs_to_that_one(tmp_path: Path) -> None:
    line = "2026-11-24 06:00:01,010 - app - INFO - [dd.trace_id={}] {}\n"
    ids = [(key(1), "mine"), ("1", "mine, too"), (key(2), "of another"), ("0", "of nobody")]
    (tmp_path / "web.log").write_text("".join(line.format(*one) for one in ids))
    found = logs.lines_of(trace_of(pairing(1, begin=at("2026-11-24 06:00:01.000"))), tmp_path)
    said = [one["text"].partition("] ")[2] for one in found]
    assert said == ["mine", "mine, too", "of nobody"]


def test_it_is_known_where_lines_may_be_of_another_request() -> None:
    kept, now = Store(), time.time() * 1000
    kept.add([pairing(1, begin=now), pairing(2, begin=now + 205), pairing(3, begin=now + 1000)])
    assert [kept.is_crowded(key(number)) for number in (1, 2, 3)] == [True, True, False]


# Latency


def test_latency_has_percentiles_errors_and_marks() -> None:
    latency = Latency()
    now = time.time()
    for number in range(1, 21):
        spans = pairing(number, begin=(now - 60 + number) * 1000, error="no" if number > 18 else "")
        spans[0]["meta"]["version"] = "step-8" if number <= 10 else "step-9"
        latency.add(trace_json.summary(key(number), trace_of(spans)))
        latency.add(trace_json.summary(key(number), trace_of(spans)))  # again: counts once
    latency.mark(now - 30, "web restarted")
    latency.mark(now - 4000, "long ago")
    found = latency.document(now, 300)
    (route,) = found["routes"]
    assert (route["route"], route["count"], route["errors"]) == ("GET /pair/beer", 20, 2)
    assert route["p50"] == route["p95"] == 210
    assert [v["version"] for v in route["versions"]] == ["step-8", "step-9"]
    assert sum(bucket["count"] for bucket in route["series"]) == 20
    assert [mark["text"] for mark in found["marks"]] == ["step-9", "web restarted"]
    assert latency.document(now, 10)["routes"] == []
    latency.mark(now - 20, "step-9")  # whoever moved on said so already
    assert len(latency.document(now, 300)["marks"]) == 2


def test_what_senders_measured_is_a_route_of_its_own() -> None:
    latency, now = Latency(), time.time()
    latency.add(trace_json.summary(key(1), trace_of(pairing(1, begin=now * 1000))))
    latency.add_measured(Result("/pair/beer", 220.0, begin=now))
    latency.add_measured(Result("/pair/beer", 3.0, "500 INTERNAL SERVER ERROR", now))
    latency.add_measured(Result("/pair/beer", 220.0, "404 NOT FOUND", now))
    found = latency.document(now + 1, 300)
    figures = {(one["route"], one["by"]): (one["p50"], one["errors"]) for one in found["routes"]}
    assert figures == {
        ("GET /pair/beer", "traces"): (210, 0),
        ("GET /pair/beer", "outside"): (220, 1),
    }
    assert found["marks"] == []


def test_each_restart_and_each_step_is_marked(context: Context, root: Path) -> None:
    """Also those that came between two looks."""
    collector = context.collector
    toml = root / "workshop" / "settings.toml"
    before = toml.read_text()

    def look(*ready_at: float) -> list[str]:
        state = supervisor_file.own(detached=False)
        state.services["web"] = ServiceState(5000, "ready", ready_at=list(ready_at))
        supervisor_file.write(context.settings.run_dir, state)
        collector.look()
        return [mark["text"] for mark in collector.latency.document(now + 1, 300)["marks"]]

    now = time.time()
    assert look(now - 30) == []
    assert look(now - 30, now - 20, now - 19.9) == ["web restarted"] * 2
    toml.write_text(before.replace("step = 8", "step = 9"))
    found = look(now - 30, now - 20, now - 19.9)
    # The restart that comes of it needs no mark of its own.
    assert look(now - 30, now - 20, now - 19.9, now) == found
    toml.write_text(before)
    assert found == ["web restarted", "web restarted", "step-9"]


def test_latency_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workshop.console.latency.KEPT", 5)
    latency = Latency()
    for number in range(1, 10):
        latency.add(trace_json.summary(key(number), trace_of(pairing(number))))
    assert latency.document(time.time() + 10, 300)["routes"][0]["count"] == 5


# The pages


def test_every_page_is_shown_and_leads_on(render: Render, root: Path) -> None:
    every = settings.steps(root)
    for step in every:
        html = pages.render(settings.load(root), step, every)
        assert "<h1" not in html
        assert '.md"' not in html
        assert "<h2" in html
    assert 'href="/steps/7"' in pages.render(settings.load(root), every[5], every)
    datadog = settings.load(render(step=8, backend="datadog"))
    assert 'target="_blank"' in pages.render(datadog, every[5], every)


def test_the_page_about_work_is_shown_and_linked(client: FlaskClient, root: Path) -> None:
    html = client.get("/api/at-work").get_json()["html"]
    assert "<h1" not in html
    assert "workshop start-with gunicorn" in html
    assert '<a href="/steps/6">step 6</a>' in html
    assert 'id="word-version"' in html
    assert client.get("/steps/at-work").status_code == 200
    every = settings.steps(root)
    last = pages.render(settings.load(root), every[-1], every)
    assert '<a href="/steps/at-work">At work</a>' in last


def test_a_page_has_the_ports_that_a_variable_moved(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = {"WEB": "5001", "TASTER": "5000", "AGENT": "8127", "CONSOLE": "8080"}
    for service, port in moved.items():
        monkeypatch.setenv(f"MATCHMAKER_{service}_PORT", port)
    every = settings.steps(root)
    html = pages.render(settings.load(root), every[0], every)
    assert "curl localhost:5001/beers/ipa" in html
    assert "curl &quot;localhost:5000/taste?beer=ipa" in html
    assert "port 8127" in html
    assert '<a href="/try">' in html  # a view of this console
    assert not re.search(r"8000|8126", html)


def test_a_page_explains_the_words_that_it_takes_from_the_glossary(root: Path) -> None:
    every = settings.steps(root)
    html = pages.render(settings.load(root), every[5], every)
    assert '<a href="#word-span">spans</a>' in html
    assert re.search(r'id="word-span" tabindex="-1"><p><strong>Span</strong> One operation', html)
    assert 'id="word-sampling"' not in html  # that word comes up on another page


def test_a_name_cannot_write_html(render: Render) -> None:
    root = render(step=8, trainee_name="<img src=x onerror=alert(1)>")
    every = settings.steps(root)
    shown = [pages.render(settings.load(root), step, every) for step in every]
    assert "Welcome, &lt;img src=x onerror=alert(1)&gt;." in shown[0]
    assert all("<img src=x" not in page for page in shown)


def test_the_chart_of_the_cost_is_shown_once_it_was_measured(
    client: FlaskClient, context: Context
) -> None:
    chart = context.settings.root / "steps" / "cost.svg"
    number = next(s.number for s in settings.steps(context.settings.root) if s.slug == "step-back")
    before = client.get(f"/api/steps/{number}").get_json()["html"]
    assert client.get("/steps/cost.svg").status_code == 404
    chart.write_text("<svg/>")
    answer = client.get("/steps/cost.svg")
    after = client.get(f"/api/steps/{number}").get_json()["html"]
    chart.unlink()
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert 'src="/steps/cost.svg"' in before
    assert 'src="/steps/cost.svg?' in after  # so that the open page loads it
    assert 'src="/steps/pairing.svg"' in after


def measured(client: FlaskClient, **body: Any) -> list[dict[str, Any]]:
    answer = client.post("/api/measure", json=body, headers={"Origin": ORIGIN})
    return [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]


def test_a_measurement_says_how_far_it_is(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
import sys
for number in (1, 2):
    print(f"Round {number} of 2", file=sys.stderr, flush=True)
print(sys.argv[1:], end="\\n\\nOne pairing")
sys.exit("It failed." if sys.argv[2] == "7.0" else 0)
"""

    def start(_: object, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *arguments[1:]]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)

    monkeypatch.setattr(steps, "_started", start)
    rounds = [{"said": f"Round {number} of 2"} for number in (1, 2)]
    assert measured(client, guess=3) == [*rounds, {"text": "['--guess', '3.0']"}]
    failed = measured(client, guess=7)
    assert failed == [*rounds, {"said": "It failed."}, {"error": "It failed."}]
    for wrong in ({}, {"guess": "3"}, {"guess": -1}, {"guess": 1e999}):
        answer = client.post("/api/measure", json=wrong, headers={"Origin": ORIGIN})
        assert answer.status_code == 400


def test_a_measurement_that_cannot_start(render: Render, tmp_path: Path) -> None:
    root = Path(shutil.copytree(render(step=5), tmp_path / "workshop"))
    (root / "checks" / "reference" / "app.py").write_text("nonsense(\n")
    (tmp_path / "run").mkdir()
    app = create_app(over_nothing(root, tmp_path / "run", PORT))
    app.config["SERVER_NAME"] = f"localhost:{PORT}"
    *_, last = measured(app.test_client(), guess=2)
    assert "error" in last, last
    assert "Traceback" not in last["error"]
    assert "does not start" in last["error"], last


@pytest.mark.thorough
def test_a_whole_measurement_from_the_console(render: Render, tmp_path: Path) -> None:
    root = Path(shutil.copytree(render(step=5), tmp_path / "workshop"))
    app = create_app(over_nothing(root, root / ".workshop", PORT))
    app.config["SERVER_NAME"] = f"localhost:{PORT}"
    first, *_, last = measured(app.test_client(), guess=2)
    assert first == {"said": "Round 1 of 10"}
    assert "You guessed 2 for traced." in last["text"]
    assert (root / "steps" / "pairing.svg").exists()


# Errors on purpose


def test_the_error_rate_goes_to_env_and_the_rest_stays(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MATCHMAKER_ERROR_RATE", raising=False)
    chosen = dataclasses.replace(settings.load(root), root=tmp_path)
    assert actions.error_rate(chosen) is None
    (tmp_path / "faults.py").write_text("")
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"# mine\nDD_API_KEY={'0' * 32}\n")
    dotenv.chmod(0o600)
    actions.set_error_rate(chosen, 0.5)
    assert dotenv.read_text() == f"# mine\nDD_API_KEY={'0' * 32}\nMATCHMAKER_ERROR_RATE=0.5\n"
    assert dotenv.stat().st_mode & 0o777 == 0o600
    assert actions.error_rate(chosen) == {"rate": 0.5, "fixed": False}
    actions.set_error_rate(chosen, 0)
    assert "MATCHMAKER_ERROR_RATE" not in dotenv.read_text()
    monkeypatch.setenv("MATCHMAKER_ERROR_RATE", "1")
    assert actions.error_rate(chosen) == {"rate": 1.0, "fixed": True}


# What is vendored


def test_vendored_files_are_those_of_the_pinned_package() -> None:
    from dev import vendor

    for file in [file for package in vendor.PACKAGES for file in package.files]:
        content = (REPOSITORY / file.target).read_bytes()
        assert vendor.sum_of(content) == file.checksum, file.target
        assert "LICENSE" not in file.target or b"MIT" in content or b"Apache License" in content


def test_nothing_comes_from_outside() -> None:
    static = REPOSITORY / "template" / "workshop" / "console" / "static"
    for path in [*static.glob("*.*"), *static.glob("views/*")]:
        # What people may read, in a link or a comment. The page's policy lets it load nothing.
        text = re.sub(r"https?://(www\.w3\.org|docs\.datadoghq\.com)/", "", path.read_text())
        assert "http://" not in text, path
        assert "https://" not in text, path
