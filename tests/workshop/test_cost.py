"""`workshop cost`: ranges that the data can carry, and one pairing by hand and traced."""

import contextlib
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from workshop.check import replies
from workshop.check.prompts import times
from workshop.check.quiz import questions
from workshop.commands import cost as command
from workshop.cost import measurement, result
from workshop.cost.chart import svg
from workshop.cost.measurement import cost_of
from workshop.cost.result import VARIANTS, Cost, Times, likely_range, spread
from workshop.problem import Problem
from workshop.settings import Settings, load, steps
from workshop.terminal import console
from workshop.traces.bars import Bar
from workshop.twice import pairing, picture
from workshop.twice.pairing import Twice

from tests.conftest import Render, git
from tests.workshop.conftest import Workshop, processes_in

MEDIANS = dict(zip(VARIANTS, (1.0, 1.05, 2.5, 4.0), strict=True))
TWICE = Twice(
    by_hand=[Bar("function pair", "timing.log", 0, 90, 0), Bar("operation <b>", "", 0, 80, 1)],
    traced=[
        Bar("flask.request GET /pair/beer", "matchmaker", 0, 100, 0),
        Bar("sqlite.query SELECT " + "x" * 90, "sqlite", 99.9, 0.01, 1),
    ],
    spans=61,
)


def rounds(count: int, noise: float, seed: int = 1) -> dict[str, list[list[float]]]:
    """Measurements in which each round of each variant is off by up to `noise`, as a share."""
    drawn = random.Random(seed)
    return {
        name: [[median * (1 + noise * drawn.uniform(-1, 1))] * 3 for _ in range(count)]
        for name, median in MEDIANS.items()
    }


@pytest.mark.parametrize(
    ("count", "expected"), [(2, (1, 2)), (5, (1, 5)), (6, (1, 6)), (10, (2, 9)), (20, (6, 15))]
)
def test_the_range_leaves_out_what_95_percent_allow(
    count: int, expected: tuple[float, float]
) -> None:
    ratios = [float(one) for one in range(1, count + 1)]
    random.shuffle(ratios)
    assert likely_range(ratios) == expected


def test_a_quiet_machine_can_tell_and_a_noisy_one_says_that_it_cannot() -> None:
    quiet, noisy = cost_of(rounds(10, 0.01)), cost_of(rounds(10, 0.5))
    assert (quiet.rounds, quiet.requests) == (10, 30)
    assert [quiet.variants[name].verdict for name in VARIANTS[1:]] == ["slower"] * 3
    assert quiet.wide == []
    assert quiet.noise < 0.02
    assert noisy.variants["hand-timed"].verdict == "unclear"
    assert noisy.wide
    assert noisy.noise > 0.1
    once_slow = rounds(10, 0.01)
    once_slow["traced"][3] = [99.0] * 3
    assert cost_of(once_slow).variants["traced"].highest_ratio < 3
    assert spread([1.0, 1.0]) == 0


class Machine:
    """Answers like an app on a machine that is busy at first."""

    def __init__(self, busy_rounds: int) -> None:
        self.busy_requests = busy_rounds * len(VARIANTS)
        self.asked = 0
        self.random = random.Random(7)

    def ask(self, port: int, times: int) -> list[float]:
        """Requests to the variant with that number."""
        if times == measurement.WARM_UP:
            return []
        self.asked += 1
        noise = 3 if self.asked <= self.busy_requests else 0.01
        return [MEDIANS[VARIANTS[port]] * (1 + noise * self.random.random())] * times


@pytest.mark.parametrize(("busy", "fewest", "most"), [(0, 4, 4), (2, 5, 12), (99, 20, 20)])
def test_it_goes_on_while_ranges_are_wide_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch, render: Render, busy: int, fewest: int, most: int
) -> None:
    @contextlib.contextmanager
    def variants(_: Settings) -> Iterator[dict[str, int]]:
        yield {name: number for number, name in enumerate(VARIANTS)}

    monkeypatch.setattr(measurement, "_variants", variants)
    monkeypatch.setattr(measurement, "_ask", Machine(busy).ask)
    monkeypatch.setattr(measurement, "PAUSE_SECONDS", 0)
    begun: list[int] = []
    settings = load(render(step=5))
    found = measurement.measure(settings, 4, 5, begun.append, most_rounds=20)
    assert begun == list(range(1, found.rounds + 1))
    assert fewest <= found.rounds <= most
    assert bool(found.wide) == (busy == 99)


@pytest.mark.parametrize(
    ("lowest", "highest", "right"),
    [
        (1.02, 1.2, "Some time: the whole range is above 1.00"),
        (0.97, 1.2, "I can't tell: 1.00 is in the range"),
        (1.004, 1.2, "I can't tell: 1.00 is in the range"),  # which the table shows as 1.00
        (0.8, 0.99, "Less than nothing: the whole range is below 1.00"),
    ],
)
def test_the_question_is_about_what_was_measured(
    render: Render, lowest: float, highest: float, right: str
) -> None:
    settings = load(render(step=5))
    step = next(step for step in steps(settings.root) if step.slug == "step-back")
    (settings.run_dir / result.FILE).unlink(missing_ok=True)
    assert questions(settings, step) == []
    found = cost_of(rounds(10, 0.01))
    hand = replace(found.variants["hand-timed"], lowest_ratio=lowest, highest_ratio=highest)
    try:
        result.write(
            settings.run_dir, replace(found, variants={**found.variants, "hand-timed": hand})
        )
        (question,) = questions(settings, step)
    finally:
        (settings.run_dir / result.FILE).unlink()
    assert question.right.text == right
    assert f"{lowest:.2f} to {highest:.2f}" in question.right.why
    assert all(choice.nudge for choice in question.choices if not choice.is_right)


def test_a_guess_of_a_ratio_as_people_write_it() -> None:
    assert [times(text) for text in ("3", " 1,5 x", "2.5X")] == [3, 1.5, 2.5]


def test_the_chart_draws_what_was_measured() -> None:
    found = {
        name: Times(p50=number, p95=2 * number, per_second=9, lowest_ratio=1, highest_ratio=8)
        for number, name in enumerate(VARIANTS, 1)
    }
    drawn = ElementTree.fromstring(svg(Cost("/a&b", 10, 2, found)))
    bars = [float(e.attrib["width"]) for e in drawn.iter() if e.attrib.get("height") == "22"]
    assert bars == pytest.approx([bars[0] * number for number in (1, 2, 3, 4)], abs=0.2)
    texts = " ".join("".join(element.itertext()) for element in drawn.iter())
    assert "GET /a&b" in texts
    assert "3.00 ms  3.00 times (1.00 to 8.00)" in texts
    assert "1.00 times (" not in texts  # bare is what the others are compared with
    assert {field.name for field in fields(Times)} >= {"p50", "p95", "per_second"}


def test_the_picture_draws_both_to_one_scale() -> None:
    drawn = ElementTree.fromstring(picture.svg(TWICE))
    bars = [float(e.attrib["width"]) for e in drawn.iter() if e.attrib.get("height") == "14"]
    assert bars[:3] == pytest.approx([bars[2] * share for share in (0.9, 0.8, 1)], abs=0.2)
    texts = "".join("".join(element.itertext()) for element in drawn.iter())
    assert "61 spans, of which these 2" in texts
    assert "operation <b>" in texts
    lines = [line.plain for line in picture.text(TWICE)]
    assert all(len(line) <= 80 for line in lines if "█" in line)
    assert [line.count("█") for line in lines if "█" in line] == [23, 21, 26, 1]


def test_an_app_that_fails_leaves_no_picture_and_an_explanation(
    monkeypatch: pytest.MonkeyPatch, render: Render, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load(render(step=5))
    old = settings.root / "steps" / command.PICTURE
    old.write_text("an old one")

    def fail(_: Settings) -> Twice:
        raise Problem("web does not start.", "Fix it.")

    monkeypatch.setattr(pairing, "record", fail)
    command._show_twice(console(), settings)
    assert not old.exists()
    said = " ".join(capsys.readouterr().out.split())
    assert said == "There is no picture of a pairing. web does not start. Fix it."


def test_the_cost_of_a_hand_timed_app(render: Render, tmp_path: Path) -> None:
    workshop = Workshop(Path(shutil.copytree(render(step=5), tmp_path / "workshop")))
    git(workshop.root, "init", "--quiet")
    found = workshop.run("cost", "--rounds", "2", "--requests", "5", "--guess", "3x")
    assert found.returncode == 0, found.stderr
    assert found.stderr.split("\n")[:2] == ["Round 1 of 2", "Round 2 of 2"]
    for name in VARIANTS:
        assert name in found.stdout
    kept = result.read(workshop.root / ".workshop")
    assert kept
    assert (kept.rounds, kept.requests, tuple(kept.variants)) == (2, 10, VARIANTS)
    assert replies.read(workshop.root / ".workshop").cost_guess == 3
    assert "You guessed 3 for traced." in found.stdout
    ElementTree.parse(workshop.root / "steps" / command.CHART)

    # The same request twice: the client saw what each line is about, and what surrounds it.
    drawn = found.stdout.partition("Here it is twice:")[2]
    by_hand, _, traced = drawn.partition("By the tracing client")
    assert [by_hand.count(name) for name in ("function pair", "function taste")] == [1, 4]
    assert [by_hand.count(f"operation {one}") for one in ("beer.query", "match")] == [1, 1]
    assert traced.count("__main__.taste /taste") == 4
    assert "redis.command GET" in traced
    ElementTree.parse(workshop.root / "steps" / command.PICTURE)
    status = git(workshop.root, "status", "--porcelain", "--ignored")
    assert "?? steps/cost.svg" not in status
    assert "?? steps/pairing.svg" not in status
    assert not processes_in(workshop.root)


def test_the_cost_without_hand_written_timing(workshop: Workshop) -> None:
    assert not pairing.has_timing(workshop.root)
    before = json.dumps(sorted(path.name for path in (workshop.root / "steps").iterdir()))
    command._show_twice(console(), workshop.settings)
    assert json.dumps(sorted(p.name for p in (workshop.root / "steps").iterdir())) == before


def test_an_interrupt_loses_no_measurement(monkeypatch: pytest.MonkeyPatch, render: Render) -> None:
    settings = load(render(step=5))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "load", lambda: settings)
    found = cost_of({name: [[ms, ms], [ms, ms]] for name, ms in MEDIANS.items()})
    monkeypatch.setattr(measurement, "measure", lambda *_, **__: found)
    monkeypatch.setattr(command, "_show_twice", interrupt)
    with pytest.raises(KeyboardInterrupt):
        command.cost(rounds=None, requests=2, guess=1.0)
    assert result.read(settings.run_dir) == found


def test_a_pairing_of_code_that_does_not_run(render: Render, tmp_path: Path) -> None:
    root = Path(shutil.copytree(render(step=5), tmp_path / "workshop"))
    app = root / "app.py"
    app.write_text(app.read_text().replace("def pair():", "def pair(:"))
    with pytest.raises(Problem):
        pairing.record(load(root))
