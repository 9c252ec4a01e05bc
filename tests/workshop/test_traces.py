"""`workshop traces`: finding traces, and what the terminal shows of them."""

import io
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
import requests
from rich.console import Console
from typer.testing import CliRunner
from workshop.commands import traces as traces_command
from workshop.problem import Problem
from workshop.settings import Settings, load
from workshop.stack import kept_traces, ports, services
from workshop.traces import agent, tree_view
from workshop.traces.search import Search
from workshop.traces.tree import traces

from tests.stack import until

from .conftest import Workshop, free_port
from .console import spans as console_spans
from .test_spantree import LOWER, UPPER, pairing, span

__all__ = ["pairing"]

HEX = "6b0526c1000000000026180320ef8562"


@pytest.fixture
def kept(traced: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings of a workshop whose agent keeps the given groups of spans."""

    def kept(*groups: list[dict[str, Any]], step: int = 8) -> Settings:
        monkeypatch.setattr(agent, "spans", lambda *_: list(groups))
        return replace(load(traced), step=step)

    return kept


def printed(found: list[Any], *, everything: bool = False, width: int = 120) -> str:
    """What a terminal without colours shows."""
    out = Console(file=io.StringIO(), width=width, color_system=None, markup=False)
    tree_view.show(out, found, everything, as_json=False)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


@pytest.mark.parametrize(
    "wanted", [HEX, HEX.upper(), f"0x{HEX}", HEX[:6], HEX[-6:], str(int(HEX, 16)), str(LOWER)]
)
def test_a_trace_is_found_by_any_form_of_its_id(
    kept: Callable[..., Settings], pairing: list[dict[str, Any]], wanted: str
) -> None:
    other = [span(1, 0, "other", trace_id=LOWER + 1, meta={"_dd.p.tid": "1"})]
    assert kept_traces.by_id(kept(pairing, other), wanted).id == UPPER << 64 | LOWER


def test_an_ambiguous_or_unknown_id_is_explained(kept: Callable[..., Settings]) -> None:
    chosen = kept([span(1, 0, "one")], [span(2, 0, "two", trace_id=LOWER + 1)])
    with pytest.raises(Problem, match="2 traces begin or end with 0000"):
        kept_traces.by_id(chosen, "0000")
    with pytest.raises(Problem, match="no trace abc"):
        kept_traces.by_id(chosen, "abc")


def test_no_traces_are_explained_by_the_step(kept: Callable[..., Settings]) -> None:
    with pytest.raises(Problem) as early:
        kept_traces.latest(kept(step=3), 3, False)
    assert "You are at step 3" in early.value.remedy
    with pytest.raises(Problem) as later:
        kept_traces.latest(kept(step=8), 3, False)
    assert "workshop up" in later.value.remedy


def test_health_checks_are_shown_only_when_asked_for(kept: Callable[..., Settings]) -> None:
    chosen = kept(
        [span(1, 0, "flask.request", resource="GET /beers")],
        [span(2, 0, "flask.request", resource="GET /ping", trace_id=LOWER + 1)],
    )
    assert [t.roots[0].resource for t in kept_traces.latest(chosen, 5, False)] == ["GET /beers"]
    assert len(kept_traces.latest(chosen, 5, True)) == 2
    assert len(kept_traces.latest(chosen, 1, True)) == 1


def test_a_search_limits_the_traces(kept: Callable[..., Settings]) -> None:
    chosen = kept(
        *([span(n, 0, "one", trace_id=LOWER + n, meta={"beer": f"beer-{n}"})] for n in range(1, 6))
    )

    def beers(query: str, limit: int = 9) -> list[str]:
        found = kept_traces.latest(chosen, limit, False, search=Search(query))
        return [trace.roots[0].meta["beer"] for trace in found]

    assert beers("beer:beer-2 OR beer-4") == ["beer-2", "beer-4"]
    assert beers("-beer:beer-5", limit=2) == ["beer-3", "beer-4"]
    with pytest.raises(Problem, match="None of the traces match `beer:beer-9`") as nothing:
        beers("beer:beer-9")
    assert "`beer:*beer-9*`" in nothing.value.remedy


def test_the_tree_shows_durations_shares_and_errors(pairing: list[dict[str, Any]]) -> None:
    pairing[2] |= {"error": 1, "meta": {"error.type": "ValueError", "error.message": "bad donut"}}
    pairing[2]["duration"] = 10_000_000
    text = printed(traces([pairing]))
    lines = {
        line.split(" ms")[0].split("─ ")[-1].split()[0]: line for line in text.splitlines()[2:]
    }
    assert "10.0 ms" in lines["__main__.taste"]
    assert "25%" in lines["__main__.taste"]
    assert "ValueError: bad donut" in text
    assert "10 spans, 6 without the framework's own" in text
    assert HEX in text
    assert "flask.dispatch_request" not in text
    assert "flask.dispatch_request" in printed(traces([pairing]), everything=True)


def test_a_repetition_is_pointed_out() -> None:
    calls = [span(n, 1, "requests.request", resource="GET /taste", start=n) for n in range(2, 6)]
    text = printed(traces([[span(1, 0, "pair", duration=9), *calls]]))
    assert "4 times GET /taste, one after another: 4.0 ms" in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_long_resource_is_cut_and_never_the_figures(
    pairing: list[dict[str, Any]], width: int
) -> None:
    pairing[6]["resource"] = "SELECT 'Zoë 李雷'\n  FROM beer " * 9
    lines = printed(traces([pairing]), width=width).splitlines()
    assert max(map(len, lines)) <= width
    (long,) = (line for line in lines if "sqlite.query" in line)
    assert "…" in long
    assert "1.0 ms   2%" in long


def test_json_keeps_every_bit_of_an_id(pairing: list[dict[str, Any]]) -> None:
    pairing[3]["span_id"] = 2**64 - 1
    for raw in pairing:
        raw["parent_id"] = 2**64 - 1 if raw["parent_id"] == 1 else raw["parent_id"]
    out = Console(file=io.StringIO(), width=40)
    tree_view.show(out, traces([pairing]), False, as_json=True)
    assert isinstance(out.file, io.StringIO)
    (document,) = json.loads(out.file.getvalue())
    assert document["trace_id"] == HEX
    assert document["spans"][0]["span_id"] == str(2**64 - 1)
    assert document["spans"][1]["parent_id"] == str(2**64 - 1)
    assert len(document["spans"]) == 6
    assert document["span_count"] == 10  # with the framework's own


def test_traffic_and_traces_on_a_running_stack(workshop: Workshop) -> None:
    """One pairing is one trace across both services."""
    nobody = workshop.run("traces")
    assert nobody.returncode == 1
    assert "workshop up" in nobody.stderr

    assert workshop.run("up", "--detach").returncode == 0
    follower = workshop.begin([*workshop.command("traces"), "--follow"])
    traffic = workshop.run(
        "traffic", "--rate", "5", "--seconds", "1", "--path", "/pair/beer?name=ipa"
    )
    assert traffic.returncode == 0, traffic.stderr
    assert "/pair/beer" in traffic.stdout

    def complete() -> Any:
        done = workshop.run("traces", "--json", "--limit", "1")
        documents = json.loads(done.stdout) if done.returncode == 0 else []
        return [d for d in documents if sum(s["name"] == "__main__.taste" for s in d["spans"]) == 4]

    (document,) = until(complete, "a whole trace")
    assert {span["service"] for span in document["spans"]} == {
        *("matchmaker", "taster", "sqlite", "redis", "requests")
    }
    shown = workshop.run("traces", "--id", document["trace_id"][-12:])
    assert document["trace_id"] in shown.stdout
    assert "4 times GET /taste, one after another" in shown.stdout
    assert "\nThe critical path: 4 calls to GET /taste, one after another, take" in shown.stdout
    assert "\x1b" not in shown.stdout
    latest = json.loads(workshop.run("traces", "--json", "--limit", "2").stdout)
    ids = [one["trace_id"] for one in latest]
    assert len(set(ids)) == 2
    compared = workshop.run("traces", "--compare", ids[0][-12:], ids[1])
    assert compared.returncode == 0, compared.stderr
    assert re.search(r"^GET /taste +taster +\w+ +4 ", compared.stdout, re.MULTILINE)
    assert "Two single traces aren't a measurement" in compared.stdout
    unknown = workshop.run("traces", "--compare", ids[0], "ffff")
    assert unknown.returncode == 1
    assert "There is no trace ffff." in unknown.stderr
    until(lambda: document["trace_id"] in workshop.output, "the follower")
    follower.terminate()
    follower.wait()

    found = workshop.run("traces", "--json", "--search", "service:taster >1ms -nobody pair")
    assert document["trace_id"] in [one["trace_id"] for one in json.loads(found.stdout)]
    nothing = workshop.run("traces", "--search", "resource:pair")
    assert nothing.returncode == 1
    assert "`resource:*pair*`" in nothing.stderr
    unread = workshop.run("traces", "--search", "-service:redis >200")
    assert unread.returncode == 1
    assert "needs a duration with a unit" in unread.stderr
    assert "workshop traces --help" in unread.stderr
    assert workshop.run("traces", "--search", "ipa", "--id", "1").returncode == 2

    workshop.variables = {"PYTHONIOENCODING": "ascii"}
    assert workshop.run("traces", "--all").returncode == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--compare", "a", "b", "--json"], "be combined with --json"),
        (["--compare", "a", "b", "--search", "x"], "be combined with --search"),
        (["--compare", "a", "b", "--id", "1", "--follow"], "be combined with --id or --follow"),
        (["--search", "x", "--id", "1"], "be combined with --id"),
        (["--follow", "--id", "1"], "be combined with --id"),
    ],
)
def test_options_that_exclude_each_other_are_refused(options: list[str], said: str) -> None:
    done = CliRunner().invoke(traces_command.app, ["traces", *options])
    assert done.exit_code == 2
    assert said in " ".join(re.sub("[│╭╮╰╯─]", " ", done.output).split())


def test_following_forgets_what_it_has_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[Any] = []
    monkeypatch.setattr(kept_traces, "spans", lambda _: list(came))
    monkeypatch.setattr(kept_traces, "POLL_SECONDS", 0)
    search = Search("beer:*")
    following = kept_traces.follow(None, True, search)  # type: ignore[arg-type]
    monkeypatch.setattr(time, "sleep", lambda _: came.append(console_spans.pairing(len(came) + 1)))
    for number in range(1, 4):
        assert next(following).id % 2**64 == number
    assert search._tests == {}


@pytest.fixture
def lone_agent(tmp_path: Path) -> Iterator[int]:
    """The port of a test agent that runs alone."""
    port = free_port()
    process = subprocess.Popen(services.agent_command(port), cwd=tmp_path)
    until(lambda: ports.is_taken(port), "the agent")
    yield port
    process.kill()
    process.wait()


def test_the_agent_forgets_old_traces_but_never_the_latest(
    lone_agent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "KEPT", 5)
    monkeypatch.setattr(agent, "LOOK_SECONDS", 0.05)
    stopped = threading.Event()
    url = f"http://127.0.0.1:{lone_agent}"
    keeper = threading.Thread(target=agent.bound_traces, args=(url, stopped))
    keeper.start()

    session = f"http://127.0.0.1:{lone_agent}/test/session/traces?test_session_token=workshop-1"
    until(lambda: requests.get(session, timeout=10).ok, "the first session")

    def kept() -> set[int]:
        return {group[0]["trace_id"] for group in agent.spans(url)}

    try:
        for number in range(1, 101):
            send(lone_agent, span(number, 0, "one", trace_id=number))
            assert set(range(max(1, number - 4), number + 1)) <= kept()
        until(lambda: 1 not in kept(), "the first trace to be forgotten")

        agent.clear(url)  # by somebody else, sessions and all: it goes on as before
        assert not kept()
    finally:
        stopped.set()
        keeper.join()


def test_health_checks_take_nobodys_place_in_the_agent(
    lone_agent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "KEPT", 5)
    feed = agent.Feed(f"http://127.0.0.1:{lone_agent}")
    for number in range(1, 31):
        resource = "GET /ping" if number > 1 else "GET /pair/beer"
        send(lone_agent, span(number, 0, "flask.request", trace_id=number, resource=resource))
        feed.look()
        feed.look()
    kept = {group[0]["trace_id"] for group in agent.spans(f"http://127.0.0.1:{lone_agent}")}
    assert 1 in kept
    assert len(kept) < 5  # and they are not kept without end


def send(port: int, one: dict[str, Any]) -> None:
    """Send the agent a trace of one span, as the tracer does."""
    requests.put(
        f"http://127.0.0.1:{port}/v0.4/traces",
        data=msgpack.packb([[one]]),
        headers={"X-Datadog-Trace-Count": "1", "Content-Type": "application/msgpack"},
        timeout=10,
    ).raise_for_status()


def test_spantree_needs_nothing_but_the_standard_library() -> None:
    heavy = ("rich", "typer", "requests")
    code = f"import sys, workshop.traces.tree; print([m for m in {heavy} if m in sys.modules])"
    folder = Path(services.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
