"""What the board makes of records: where everybody is, whom to visit first, and the pace."""

import dataclasses
import json
import re
import statistics
import time
from typing import Any

import pytest
from workshop.record import form

from matchmaker.board.feed import Feed, document
from matchmaker.board.longer import FACTOR
from matchmaker.board.person import QUIET_SECONDS, Person
from matchmaker.board.state import details, people_of, room, state
from matchmaker.progress.known import Known
from tests.matchmaker.board import made
from tests.matchmaker.board.made import CATALOG, NOW, known, moment, record

EVIL = "</script><img src=x onerror=alert(1)> Ada Abiola"


def people(*trainees: Known, now: float = NOW) -> list[Person]:
    return people_of(trainees, CATALOG, now)


def visits(*trainees: Known) -> dict[str, list[str]]:
    """Whom to visit, in this order, and why."""
    found = state(people(*trainees), CATALOG)
    return {trainees[one["number"]].name: one["why"] for one in found["visits"]}


@pytest.mark.parametrize("standing", ["red", "working", "green"])
def test_where_somebody_is(standing: str) -> None:
    found = state(people(known("Ada", 2, standing=standing, hints=2, minutes=7, quiet=2)), CATALOG)
    (row,) = found["people"]
    assert (row["standing"], row["place"], row["hints"]) == (standing, 2, 2)
    assert row["worked"] == 5 * 60
    assert row["seen"] == NOW - 120
    assert row["stopped_at"] == (made.REQUIREMENTS[1] if standing == "red" else "")
    step = found["steps"][2]
    assert {name: step[name] for name in ("red", "working", "green")} == {
        **dict.fromkeys(("red", "working", "green"), 0),
        standing: 1,
    }
    through = [one["through"] for one in found["steps"]]
    assert through == [1, 1, 1 if standing == "green" else 0, *[0] * (len(CATALOG) - 3)]


def test_who_has_not_begun_has_no_record_or_is_elsewhere() -> None:
    moved_on = record("cara", 3)
    elsewhere = dataclasses.replace(moved_on, step="a-step-of-another-template")
    found = state(
        people(
            Known("ada", "Ada"),
            Known("bob", "Bob", problem="it isn't JSON"),
            Known("cara", "Cara", elsewhere),
        ),
        CATALOG,
    )
    assert [(row["standing"], row["place"]) for row in found["people"]] == [
        ("waiting", None),
        ("unknown", None),
        ("working", None),
    ]
    assert found["people"][1]["problem"] == "it isn't JSON"


def test_who_has_finished() -> None:
    last = len(CATALOG) - 1
    done = record("ada", last, standing="green")
    early = dataclasses.replace(record("bob", 4, standing="red"), finished=moment(NOW))
    went_on = dataclasses.replace(early, finished=moment(NOW - 3600))
    found = people(*(Known("x", "X", one) for one in (done, early, went_on)))
    assert [one.standing for one in found] == ["finished", "finished", "red"]


def test_a_check_of_another_step_says_nothing_about_this_one() -> None:
    before = record("ada", 2, standing="red")
    moved = dataclasses.replace(before, step=CATALOG[3].slug)
    (one,) = people(Known("ada", "Ada", moved))
    assert (one.standing, one.stopped_at) == ("working", "")


def test_a_break_is_no_work_and_a_silence_is_said() -> None:
    (now,) = people(known("Ada", 2, minutes=10, quiet=4))
    (quiet,) = people(known("Ada", 2, minutes=40, quiet=25))
    (gone,) = people(known("Ada", 2, minutes=100, quiet=90))
    assert [round(one.worked / 60) for one in (now, quiet, gone)] == [10, 40, 10]
    assert [one.is_quiet for one in (now, quiet, gone)] == [False, True, True]
    assert 4 * 60 < QUIET_SECONDS < 25 * 60


def test_a_clock_that_is_ahead_changes_nothing() -> None:
    right = record("ada", 2, minutes=10, quiet=0, standing="red")
    ahead = record("ada", 2, minutes=10, quiet=0, standing="red", now=NOW + 7200)
    for one in people(Known("a", "A", right), Known("b", "B", ahead)):
        assert (one.worked, one.seen, one.is_quiet) == (600, NOW, False)
    green = record("c", 2, quiet=0, standing="green", now=NOW + 7200)
    (one,) = people(Known("c", "C", green))
    assert (one.passed, one.seen) == (NOW, NOW)


def test_who_takes_longer_than_the_others() -> None:
    passed = [known(f"P{n}", 3, minutes=1, pace=0.5) for n in range(8)]
    planned = CATALOG[2].minutes
    slow = known("Slow", 2, minutes=planned, standing="red")
    usual = known("Usual", 2, minutes=planned * 0.5 * FACTOR - 1)
    found = visits(*passed, usual, slow)
    assert found == {"Slow": ["8 of 8 others needed less than two thirds of that."]}


def test_nobody_is_slow_if_all_are_at_it() -> None:
    """A talk, or a step that's hard for everybody: the others need that long, too."""
    trainees = [known(f"T{n}", 2, minutes=60 + n, standing="red") for n in range(10)]
    assert visits(*trainees) == {}


def test_who_came_later_says_nothing() -> None:
    """Ten people arrived a moment ago. That doesn't make somebody slow who came before them."""
    usual = CATALOG[2].minutes * 1.2
    fresh = [known(f"T{n}", 2, minutes=0.5) for n in range(10)]
    assert visits(known("Ada", 2, minutes=usual), *fresh) == {}


def test_with_few_others_the_catalog_decides() -> None:
    planned = CATALOG[2].minutes
    assert visits(known("Ada", 2, minutes=planned * FACTOR - 1)) == {}
    found = visits(known("Ada", 2, minutes=planned * FACTOR + 1), known("Bob", 3))
    assert found == {"Ada": [f"{planned} minutes are planned for this step."]}


def test_one_requirement_again_and_again() -> None:
    found = visits(
        known("Ada", 2, standing="red", stops=5),
        known("Bob", 2, standing="red", stops=4),
        known("Cara", 2, standing="green", stops=9),
    )
    assert found == {"Ada": ["The same requirement stopped 5 checks."]}


def test_the_most_urgent_comes_first() -> None:
    planned = CATALOG[2].minutes
    found = visits(*(known(f"{m}", 2, minutes=planned * m) for m in (2, 9, 5)))
    assert list(found) == ["9", "5", "2"]


def test_a_quick_room_makes_nobody_slow_within_a_few_minutes() -> None:
    quick = [known(f"P{n}", 3, pace=0.01) for n in range(8)]
    assert visits(*quick, known("Ada", 2, minutes=2.9)) == {}
    assert visits(*quick, known("Ada", 2, minutes=3.1)) != {}


PACES: list[tuple[list[int], int, str, str]] = [
    ([], 5, "Nobody has begun.", ""),
    ([3], 9, "1 of 10 has begun.", "Less than half: it's too early to tell."),
    (
        [0, 0, 0, 1],
        0,
        "Fewer than two thirds are through step 1: wait.",
        "1 of 4 is through step 1; two thirds would be 3.",
    ),
    (
        [2, 3, 1],
        1,
        "Two thirds are through step 2: go on to step 3.",
        "2 of 3 are through step 2. 1 of 3 is through step 3; two thirds would be 2.",
    ),
    (
        [4],
        0,
        "Everybody is through step 4: go on to step 5.",
        "1 of 1 is through step 4. 0 of 1 are through step 5; two thirds would be 1.",
    ),
]


@pytest.mark.parametrize(("places", "not_begun", "headline", "detail"), PACES)
def test_the_pace(places: list[int], not_begun: int, headline: str, detail: str) -> None:
    trainees = [known(f"T{n}", place) for n, place in enumerate(places)]
    trainees += [Known("", f"N{n}") for n in range(not_begun)]
    told = state(people(*trainees), CATALOG)["pace"]
    assert (told["headline"], told["detail"]) == (headline, detail)


def test_the_pace_at_the_end() -> None:
    trainees = [known(f"T{n}", len(CATALOG) - 1, standing="green") for n in range(3)]
    told = room(people(*trainees), CATALOG)["pace"]
    assert told["headline"] == "Two thirds are through all steps."
    assert told["next"] is None


def test_requirements_that_stop_several_are_named_at_their_step() -> None:
    trainees = [known(f"T{n}", 2, standing="red", met=min(n, 1)) for n in range(4)]
    stopped = state(people(*trainees), CATALOG)["steps"][2]["stopped"]
    assert stopped == [{"what": made.REQUIREMENTS[1], "people": 3}]


def texts(content: Any) -> set[str]:
    """Every text in some JSON, and every key."""
    if isinstance(content, dict):
        return set(content) | set().union(*map(texts, content.values()), set())
    if isinstance(content, list):
        return set().union(*map(texts, content), set())
    return {content} if isinstance(content, str) else set()


def evil_record() -> form.Record:
    """A record with somebody's name wherever a text can be."""
    made_up = record("evil", 2, standing="red", stops=9)
    line = form.Line(EVIL, "fail", EVIL, EVIL)
    check = form.Check(CATALOG[2].slug, moment(NOW), False, [line], EVIL)
    odd = form.StepRecord(EVIL, stopped=[form.Count(EVIL, 3)], wrong=[form.Count(EVIL, 3)])
    return dataclasses.replace(
        made_up, slug=EVIL, session=EVIL, check=check, steps=[*made_up.steps, odd]
    )


def test_the_room_gets_nothing_from_the_roster_or_a_record() -> None:
    trainees = made.room(40)
    trainees += [Known(EVIL, EVIL, evil_record(), "remote", EVIL)] * 3
    trainees += [Known("elsewhere", EVIL, dataclasses.replace(evil_record(), step=EVIL))]
    shown = room(people(*trainees), CATALOG)
    assert EVIL in texts(state(people(*trainees), CATALOG))  # the instructor gets it
    nobody = room(people(*[Known("", "")] * len(trainees)), CATALOG)
    counted = {*shown["pace"].values()}
    assert {text for text in texts(shown) if text not in counted} == {
        text for text in texts(nobody) if text not in nobody["pace"].values()
    }
    said = set(re.findall(r"[^\W\d]+", json.dumps(shown, ensure_ascii=False)))
    for one in trainees:
        assert not said & {*re.findall(r"[^\W\d]{2,}", f"{one.name} {one.slug}")}
    # The sentences have only our words, and numbers.
    words = " ".join(text for text in counted if isinstance(text, str))
    ours = "Two thirds are through step go on to of is two would be"
    assert {*re.findall("[A-Za-z]+", words)} <= {*ours.split()}


def test_a_record_changes_its_own_row_only() -> None:
    trainees = made.room(20)
    before = state(people(*trainees), CATALOG)
    trainees[5] = dataclasses.replace(trainees[5], record=evil_record())
    after = state(people(*trainees), CATALOG)
    others = [n for n in range(20) if n != 5]
    assert [before["people"][n] for n in others] == [after["people"][n] for n in others]


def test_the_details_have_what_the_check_said() -> None:
    one = known("Ada", 2, standing="red", hints=1, stops=2)
    found = details(people(one)[0], CATALOG)
    assert found["check"]["step"] == f"{CATALOG[2].number}. {CATALOG[2].title}"
    assert [line["outcome"] for line in found["check"]["lines"]] == ["pass", "fail", "open", "open"]
    assert found["check"]["lines"][1]["hint"] == made.HINT
    here = found["steps"][2]
    assert (here["is_here"], here["is_done"], here["hints"]) == (True, False, 1)
    assert found["steps"][0]["is_done"]


def test_what_is_sent_changes_only_if_something_happens() -> None:
    trainees = made.room(40)
    first, later = (
        document(state(people_of(trainees, CATALOG, now), CATALOG)) for now in (NOW, NOW + 10)
    )
    assert first.mark == later.mark
    trainees[0] = known("Ada", 8)
    assert document(state(people(*trainees), CATALOG)).mark != first.mark


def test_the_last_state_stays_while_the_records_cannot_be_read() -> None:
    class Broken(made.Source):
        problem: Exception | None = None

        def collect(self) -> list[Known]:
            if self.problem:
                raise self.problem
            return super().collect()

    now = [NOW]
    source = Broken(made.room(3))
    feed = Feed(source, CATALOG, "spring", lambda: now[0])
    assert feed.age() is None
    assert json.loads(feed.board.body)["state"] is None
    feed.collect()
    source.problem, now[0] = OSError("the disk is gone"), NOW + 30
    feed.collect()
    board = json.loads(feed.board.body)
    assert board["trouble"] == "The records cannot be read: the disk is gone"
    assert len(board["state"]["people"]) == 3
    assert feed.age() == 30
    good, source.problem = source.known, None
    source.known = [Known("ada", "Ada", dataclasses.replace(made.record("ada", 1), seen="never"))]
    feed.collect()
    board = json.loads(feed.board.body)
    assert board["trouble"].startswith("The records cannot be read: Invalid isoformat string")
    assert len(board["state"]["people"]) == 3
    source.known = good
    source.trouble = "The roster cannot be used now: spring.toml:7: This is not TOML."
    feed.collect()
    trouble = json.loads(feed.board.body)["trouble"]
    assert trouble == "The roster cannot be used now: spring.toml:7: This is not TOML."
    source.trouble = ""
    feed.collect()
    assert (json.loads(feed.board.body)["trouble"], feed.age()) == ("", 0)
    assert feed.of(3) is None
    assert feed.of(-1) is None


def test_ten_times_the_trainees_are_about_ten_times_the_work() -> None:
    """And not a hundred times, as if each were compared with each."""

    def seconds(count: int) -> float:
        trainees = made.room(count)
        took = []
        for _ in range(5):
            begun = time.process_time()
            state(people(*trainees), CATALOG)
            took.append(time.process_time() - begun)
        return statistics.median(took)

    assert seconds(300) < 40 * seconds(30)
