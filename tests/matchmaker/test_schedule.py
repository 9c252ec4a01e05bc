"""Whom to ask next: within a budget, and fairly. The clock is ours, and nothing waits."""

from collections import Counter

import pytest

from matchmaker.progress.schedule import AT_ONCE, PER_MINUTE, Schedule

HOUR = 3600
AT_THE_SAME_TIME = 8


class Clock:
    """A clock that we set."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def an_hour(count: int, movers: int, *, host: str = "host.example") -> Counter[str]:
    """How many requests each remote gets in an hour, if the first ones move every two minutes."""
    clock = Clock()
    names = [f"t{number}" for number in range(count)]
    schedule = Schedule(dict.fromkeys(names, host), clock)
    sent: Counter[str] = Counter()
    moved = dict.fromkeys(names[:movers], 0.0)
    was_new: set[str] = set()  # which are fetched without a look first
    for _ in range(HOUR // 2):
        for _ in range(AT_THE_SAME_TIME):
            if not (name := schedule.next()):
                break
            schedule.begin(name)
            is_new = name in moved and clock.now - moved[name] >= 120
            requests = 2 if is_new and name not in was_new else 1
            was_new.discard(name)
            if is_new:
                moved[name] = clock.now
                was_new.add(name)
            schedule.answered(name, requests, moved=is_new)
            sent[name] += requests
        clock.now += 2
    return sent


@pytest.mark.parametrize("count", [30, 300])
def test_requests_a_minute_stay_within_the_budget(count: int) -> None:
    sent = an_hour(count, count)
    print(f"{count} trainees, all moving: {sent.total() / 60:.0f} requests a minute")
    assert sent.total() <= AT_ONCE + 60 * PER_MINUTE + 2 * AT_THE_SAME_TIME
    assert min(sent.values()) > 0.5 * max(sent.values())


def test_nobody_starves_and_who_moves_is_asked_more_often() -> None:
    sent = an_hour(300, 30)
    quiet = [sent[f"t{number}"] for number in range(30, 300)]
    movers = [sent[f"t{number}"] for number in range(30)]
    assert min(quiet) >= 30  # every two minutes at least
    assert min(movers) > 2 * max(quiet)


def test_who_looks_each_ten_seconds_finds_who_moves_due_each_time() -> None:
    clock = Clock()
    schedule = Schedule({"ada": "host.example"}, clock)
    for look in range(6):
        clock.now = 2_000.0 + 10 * look + (0.02 if look % 2 else 0.05)  # never quite on time
        assert schedule.next() == "ada"
        schedule.begin("ada")
        clock.now += 0.9  # until the host answers
        schedule.answered("ada", 1, moved=True)
        assert schedule.next() == ""


def test_a_new_schedule_keeps_what_the_one_before_knew() -> None:
    clock = Clock()
    before = Schedule({"ada": "host.example", "bob": "host.example"}, clock)
    for name in ("ada", "bob"):
        before.begin(name)
        before.answered(name, AT_ONCE, moved=name == "ada")
    clock.now += 10
    hosts = dict.fromkeys(("ada", "bob", "cara"), "host.example")
    schedule = Schedule(hosts, clock, before)
    assert schedule.next() == ""  # the host has had all that it may get
    clock.now += 10
    for name in ("ada", "cara"):  # bob isn't due before a minute is over
        assert schedule.next() == name
        schedule.begin(name)
    assert schedule.next() == ""
    assert schedule.unasked() == 1


def test_folders_need_no_budget() -> None:
    assert an_hour(300, 300, host="").total() > 60 * PER_MINUTE


def test_a_host_that_is_away_is_left_in_peace() -> None:
    clock = Clock()
    hosts = {f"t{number}": "away.example" for number in range(100)} | {"other": "host.example"}
    schedule = Schedule(hosts, clock)
    sent: Counter[str] = Counter()
    for _ in range(HOUR):
        while name := schedule.next():
            schedule.begin(name)
            sent[hosts[name]] += 1
            if name == "other":
                schedule.answered(name, 1, moved=False)
            else:
                schedule.failed(name, 1, unreached=True)
        clock.now += 1
    assert sent["away.example"] < 25
    assert sent["host.example"] >= 59
    assert schedule.is_away("t5")
    assert schedule.unasked() == 0  # nobody waits for the other 99
    schedule.begin("other")  # so that it isn't next
    clock.now += 301
    schedule.begin(name := schedule.next())
    assert schedule.next() == ""  # one question at a time
    schedule.answered(name, 1, moved=True)
    assert not schedule.is_away("t5")


def test_a_remote_that_fails_is_asked_less_often_and_no_other() -> None:
    clock = Clock()
    schedule = Schedule({"bad": "host.example", "good": "host.example"}, clock)
    sent: Counter[str] = Counter()
    for _ in range(HOUR):
        while name := schedule.next():
            schedule.begin(name)
            sent[name] += 1
            if name == "bad":
                schedule.failed(name, 1, unreached=False)
            else:
                schedule.answered(name, 1, moved=False)
        clock.now += 1
    assert sent["bad"] <= 20
    assert sent["good"] >= 58
