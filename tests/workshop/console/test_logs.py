"""Which log lines are a request's own."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from workshop.console import logs
from workshop.traces.tree import Trace, traces

from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Site
from tests.workshop.console.spans import UPPER, pairing

expect.set_options(timeout=MILLISECONDS)

MINE, OTHER = 5_000_000_001, 7_000_000_002
MINE_HEX = f"{UPPER}{MINE:016x}"
AT = "2026-11-24 06:00:01,010"


def trace() -> Trace:
    begin = datetime.fromisoformat("2026-11-24 06:00:01.000").timestamp() * 1000
    (found,) = traces([pairing(MINE, begin=begin)])
    return found


def found(folder: Path, *lines: str, service: str = "web") -> list[tuple[str, bool]]:
    (folder / f"{service}.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [(one["text"], one["own"]) for one in logs.lines_of(trace(), folder)]


@pytest.mark.parametrize(
    "form",
    [
        "trace_id={hex}",
        "[dd.trace_id={hex} dd.span_id=7]",
        "dd.trace_id={number}",
        "dd_trace_id={low}",
        '{{"message": "x", "dd.trace_id": "{number}"}}',
        "trace_id: {low}",
        "traceId={HEX}",
        "trace-id 0x{low}",
        "traceparent: 00-{hex}-00f067aa0cc902c7-01",
    ],
)
def test_a_line_with_an_id_belongs_to_one_request(tmp_path: Path, form: str) -> None:
    def line(number: int) -> str:
        whole = f"{UPPER}{number:016x}"
        low = f"{number:016x}"
        return form.format(hex=whole, HEX=whole.upper(), low=low, number=number)

    # Whenever it was printed, and with any beginning: the ID tells.
    said = found(
        tmp_path,
        f"{AT} - app - INFO - {line(MINE)}",
        f"{AT} - app - INFO - {line(OTHER)}",
        f"2026-11-24 09:00:00,000 - app - INFO - {line(MINE)} later",
        f"{line(MINE)} without a time",
        f"{line(OTHER)} without a time",
        f"{AT} - app - INFO - without an ID",
    )
    assert [is_own for _, is_own in said] == [True, True, True, False]
    assert not any(line(OTHER) in text for text, _ in said)
    assert said[-1][0].endswith("without an ID")


def test_a_line_names_its_span_in_any_form(tmp_path: Path) -> None:
    view = MINE * 1000 + 2
    ids = (view, f"{view:016x}", "0", MINE * 1000 + 999)
    log = "\n".join(f"{AT} - [dd.trace_id={MINE} dd.span_id={one}] x" for one in ids)
    (tmp_path / "web.log").write_text(log)
    spans = [one.get("span") for one in logs.lines_of(trace(), tmp_path)]
    assert spans == [str(view), str(view), None, None]


def test_an_id_of_zeros_is_none(tmp_path: Path) -> None:
    lines = [f"{AT} - app - [dd.trace_id={zeros}] x" for zeros in ("0", "0" * 32)]
    assert found(tmp_path, *lines) == [(line, False) for line in lines]


def test_an_error_keeps_its_traceback_and_another_ones_stays_out(tmp_path: Path) -> None:
    block = ["Traceback (most recent call last):", '  File "app.py", line 1', "ValueError: {}"]
    ((text, is_own),) = found(
        tmp_path,
        f"{AT} - app - ERROR - [dd.trace_id={MINE}] failed",
        *block[:2],
        "ValueError: mine",
        f"{AT} - app - ERROR - [dd.trace_id={OTHER}] failed",
        *block[:2],
        "ValueError: of another",
    )
    assert is_own
    assert text.endswith("ValueError: mine")


def test_a_span_that_was_printed_is_one_record(tmp_path: Path) -> None:
    def block(name: str, trace_id: str) -> str:
        fields = {"name": name, "id": 7, "trace_id": trace_id, "parent_id": 5, "tags": ""}
        return "\n".join(f"{key:>10} {value}".rstrip() for key, value in fields.items()) + "\n"

    said = found(
        tmp_path,
        block("first", MINE_HEX),
        block("of.another", f"{UPPER}{OTHER:016x}"),
        block("second", MINE_HEX) + f"{AT} - app - INFO - after",
    )
    assert [text.splitlines()[0].strip() for text, _ in said] == [
        "name first",
        "name second",
        f"{AT} - app - INFO - after",
    ]
    assert [is_own for _, is_own in said] == [True, True, False]
    assert said[0][0].splitlines()[-1].strip() == "tags"


def test_each_service_has_room(tmp_path: Path) -> None:
    (tmp_path / "taster.log").write_text(f"{AT} - [dd.trace_id={MINE}] from the taster\n")
    lines = [f"{AT} - {'x' * 30_000} {n}" for n in range(100)]
    said = found(tmp_path, *lines, f"[dd.trace_id={MINE}] at the end")
    assert len(said) == logs.MOST_LINES + 2
    assert [text[-10:] for text, is_own in said if is_own] == ["at the end", "the taster"]
    assert all(len(text) <= logs.LONGEST_LINE for text, _ in said)


def test_lines_with_a_request_id_of_timing_by_hand(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("req: 11, x\nreq: 111, y\nno\nINFO req: 11 z\nreq: 11, x\n")
    said = [one["text"] for one in logs.lines_with("11", tmp_path)]
    assert said == ["req: 11, x", "INFO req: 11 z", "req: 11, x"]


def test_the_page_tells_own_lines_from_those_around(site: Site, page: Page) -> None:
    site.agent.take(pairing(MINE), pairing(OTHER))
    now = datetime.now().strftime("%Y-%m-%d %H:%M:%S,%f")[:23]
    (site.run_dir / "web.log").write_text(
        f"{now} - [dd.trace_id={MINE} dd.span_id={MINE * 1000 + 2}] mine\n"
        f"{now} - [dd.trace_id={MINE} dd.span_id={MINE * 1000 + 1}] mine, too\n"
        f"{now} - [dd.trace_id={OTHER}] of another\n"
        f"{now} - nobody's\n"
    )
    page.goto(f"{site.url}/traces/{MINE_HEX}")
    own = page.get_by_label("Log lines of this request")
    expect(own).to_contain_text("mine")
    expect(own).not_to_contain_text("nobody")
    around = page.get_by_label("Log lines from around the same time")
    expect(around).to_contain_text("nobody's")
    expect(page.get_by_text(re.compile("may belong to other requests"))).to_be_visible()
    expect(page.locator(".logs")).not_to_contain_text("of another")
    # The line is from one of the framework's own spans, which the picture doesn't show.
    own.get_by_role("button", name="__main__.pair").click()
    selected = page.locator("[data-id][aria-selected=true]")
    expect(selected).to_have_attribute("data-id", str(MINE * 1000 + 2))
    own.get_by_role("button", name="flask.request").click()
    expect(selected).to_have_attribute("data-id", str(MINE * 1000))

    with (site.root / "timing.log").open("a") as log:
        log.write("req: 31, operation match took 0.2 seconds\n")
        log.write("req: 32, function pair took 0.9 seconds\n")
        log.write("req: 31, function pair took 0.3 seconds\n")
    with (site.run_dir / "web.log").open("a") as log:
        log.write("INFO req: 31 printed\nINFO req: 32 printed\n")
    page.goto(f"{site.url}/traces?hand=1")
    page.get_by_role("link", name="function pair").first.click()
    lines = page.get_by_label("Log lines", exact=True)
    expect(lines).to_contain_text("INFO req: 31 printed")
    expect(lines).to_contain_text("operation match")
    expect(lines).not_to_contain_text("32")
