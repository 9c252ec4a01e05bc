"""What a session of hundreds prints: what counts, and nothing twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from matchmaker.handout.deliver import Handout
from matchmaker.report import notes
from matchmaker.report.calm import MOST_ROWS, lines_of, named
from matchmaker.repositories.output import Output
from matchmaker.roster.questions import Facts
from matchmaker.session import Did, Trainee, Wishes

FACTS = Facts("spring-x", {"web": 5000}, "", "Explore", False)


def done(count: int, **did: Did) -> list[Trainee]:
    """Trainees whose repositories are unchanged, but for those that are named."""
    trainees = [Trainee(f"t-{n}", f"Trainee {n}", 1, FACTS, {}) for n in range(count)]
    return [
        one.done(did.get(one.slug.replace("-", ""), "unchanged"), "why" if n in (7, 8) else "")
        for n, one in enumerate(trainees)
    ]


def printed(
    capsys: pytest.CaptureFixture[str],
    plan: list[Trainee],
    wishes: Wishes | None = None,
    handouts: list[Handout] | None = None,
) -> list[str]:
    notes.report(plan, plan, Output(Path("/out")), wishes or Wishes(), handouts or [])
    return capsys.readouterr().out.splitlines()


def test_three_hundred(capsys: pytest.CaptureFixture[str]) -> None:
    plan = done(300, t7="failed", t8="updated", t9="updated")
    lines = printed(capsys, plan)
    assert lines[0] == "300 trainees: 2 updated, 297 unchanged, 1 failed."
    assert [line.split()[:2] for line in lines[1:5]] == [
        ["trainee", "step"],
        ["Trainee", "7"],
        ["Trainee", "8"],
        ["Trainee", "9"],
    ]
    assert lines[5:] == ["297 more rows: --all shows them.", "t-7: why", "t-8: why"]
    everything = printed(capsys, plan, Wishes(show_all=True))
    assert len(everything) == 1 + 1 + 300 + 2


def test_all_alike_need_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, [one.done("created") for one in done(300)])
    assert lines == ["300 trainees: 300 created.", "300 more rows: --all shows them."]


def test_halves_need_no_table_either(capsys: pytest.CaptureFixture[str]) -> None:
    plan = done(300)
    plan[:140] = [one.done("updated") for one in plan[:140]]
    plan[0] = plan[0].done("failed", "no room")
    lines = printed(capsys, plan)
    assert [line for line in lines if line.startswith("Trainee")] == [lines[2]]
    assert len(lines) == 5


def test_a_small_session_has_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, [one.done("created") for one in done(MOST_ROWS)])
    assert len(lines) == 2 + MOST_ROWS


def test_a_failed_push_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    handouts = [Handout(f"t-{n}", "push", problem="away" if n == 5 else "") for n in range(100)]
    lines = printed(capsys, done(100), handouts=handouts)
    assert [line.split()[1] for line in lines if line.startswith("Trainee")] == ["5"]
    assert "not pushed" in lines[2]


def test_before_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    plan = [replace(one, did=None, action="keep") for one in done(40)]
    plan[3] = replace(plan[3], action="update", moves="step 1 → 2")
    lines = printed(capsys, plan)
    assert lines[0] == "40 trainees: would update 1, keep 39."
    assert lines[-1] == "t-3: step 1 → 2"


def test_what_is_alike_is_one_line() -> None:
    facts = [(f"t-{n}", f"not pushed to git@host:team/t-{n}.git: away") for n in range(300)]
    assert list(lines_of([*facts, ("x", "other")])) == [
        "t-0, t-1, t-2, t-3, t-4, and 295 more: not pushed to git@host:team/{slug}.git: away",
        "x: other",
    ]
    assert len(list(lines_of(facts, show_all=True))) == 300
    assert list(lines_of(facts[:3])) == [f"{slug}: {text}" for slug, text in facts[:3]]


def test_many_that_are_unlike_end_with_a_count() -> None:
    lines = list(lines_of((f"t-{n}", f"reason {n} of many") for n in range(100)))
    assert len(lines) == MOST_ROWS + 1
    assert lines[-1] == "70 more lines like these: --all shows them."


def test_names() -> None:
    assert named(list("abcdef")) == "a, b, c, d, e, f"
    assert named(list("abcdefg")) == "a, b, c, d, e, and 2 more"


def test_a_slug_inside_another_word_is_not_that_trainee() -> None:
    facts = [("ann", "edits of mary-ann"), *((f"t-{n}", "edits of mary-{slug}") for n in range(4))]
    assert next(iter(lines_of(facts))) == "ann: edits of mary-ann"
