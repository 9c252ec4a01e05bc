"""The record that each check, move, and hint writes: what it says, and what never gets into it."""

import ast
import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop.check import progress, quiz, replies, runner
from workshop.check.report import Report, Requirement
from workshop.console import steps as console_steps
from workshop.moving import hints
from workshop.problem import Problem
from workshop.record import checks, form, make, pace
from workshop.record.form import Count, Record
from workshop.settings import Settings, load, steps
from workshop.traces.bars import Bar

from extensions.steps import STEPS
from tests.conftest import REPOSITORY, Render
from tests.workshop.conftest import Workshop

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def here(render: Render, tmp_path: Path) -> Settings:
    """The settings of somebody at the first step."""
    unneeded = shutil.ignore_patterns("*.py", "console", "*.bundle")
    root = shutil.copytree(render(step=1), tmp_path / "workshop", ignore=unneeded)
    return load(Path(root))


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[list[Report] | Problem]:
    """What the next checks find."""
    found: list[list[Report] | Problem] = []

    def check_steps(*_: object) -> list[Report]:
        one = found.pop(0)
        if isinstance(one, Problem):
            raise one
        return one

    monkeypatch.setattr(runner, "check_steps", check_steps)
    return found


def report(here: Settings, number: int, *lines: Requirement, problem: str = "") -> Report:
    step = steps(here.root)[number - 1]
    return Report(step, list(lines), Problem(problem) if problem else None)


def met(name: str) -> Requirement:
    return Requirement(name, "pass", seen=SECRET)


def unmet(name: str) -> Requirement:
    return Requirement(name, "fail", "this", SECRET, "Did you forget?")


def written(here: Settings) -> Record:
    found = form.read(here.run_dir)
    assert found
    return found


def test_a_record_counts_what_stopped_each_check(
    here: Settings, reports: list[list[Report] | Problem]
) -> None:
    bonus = Requirement("B", "fail", is_bonus=True)
    reports += [
        [report(here, 1, met("A"), bonus, unmet("C"), unmet("D"))],
        [report(here, 1, bonus, Requirement("A", "open"), unmet("C"))],
        [report(here, 1, problem=f"app.py line 3: {SECRET}")],
        Problem(f"The check could not be run: {SECRET}"),
        [report(here, 1, met("A"), dataclasses.replace(bonus, outcome="pass"))],
    ]
    for _ in range(4):
        try:
            checks.check_steps(here, [1])
        except Problem:
            assert written(here).check == form.Check(
                "explore", written(here).at, False, problem=make.NOT_RUN
            )
    step = written(here).of("explore")
    assert (step.checks, step.passed) == (4, "")
    assert step.stopped == [Count("C", 2), Count(make.NOT_STARTED, 1), Count(make.NOT_RUN, 1)]
    assert form.is_time(step.began)
    progress.record(here.run_dir, "explore", True)
    checks.check_steps(here, [1])
    step = written(here).of("explore")
    assert (step.checks, step.bonus, bool(step.passed)) == (5, True, True)
    found = written(here)
    assert found.check
    assert found.check.passed
    assert found.check.stopped_at == ""
    assert [(one.name, one.outcome, one.is_bonus) for one in found.check.lines] == [
        ("A", "pass", False),
        ("B", "pass", True),
    ]
    assert form.is_time(found.seen)
    assert SECRET not in (here.run_dir / form.FILE).read_text()


def test_a_check_of_several_steps_says_where_it_stopped(
    here: Settings, reports: list[list[Report] | Problem]
) -> None:
    later = dataclasses.replace(here, step=3)
    broken = "web does not start."
    reports += [
        [report(here, 1, met("A")), report(here, 3, unmet("C"))],
        [report(here, 2, problem=broken), report(here, 3, problem=broken)],
    ]
    checks.check_steps(later, [1, 3])
    found = written(here)
    assert found.check
    assert (found.check.step, found.check.stopped_at) == ("drill-down", "C")
    assert found.step == "drill-down"
    assert [(one.slug, one.checks) for one in found.steps] == [("explore", 1), ("drill-down", 1)]
    checks.check_steps(later, [2, 3])  # what stops all of them counts once
    assert [(one.slug, one.checks) for one in written(here).steps] == [
        ("explore", 1),
        ("drill-down", 2),
    ]


def test_hints_keep_what_the_last_check_said(
    here: Settings, reports: list[list[Report] | Problem]
) -> None:
    reports.append([report(here, 1, unmet("C"))])
    checks.check_steps(here, [1])
    before = written(here)
    make.update(here, finished=WHEN, before=PICTURE, after=PICTURE)
    console_steps.hint(here)
    after = written(here)
    assert after.of("explore").hints == 1
    assert after.check == before.check
    assert (after.before, after.after, after.finished) == (PICTURE, PICTURE, WHEN)
    moved = dataclasses.replace(here, slug="somebody-else")
    make.note(moved)
    assert written(here).slug == "somebody-else"
    assert (written(here).check, written(here).finished) == (None, "")


def test_wrong_answers_are_counted_by_their_question(here: Settings) -> None:
    step = next(one for one in steps(here.root) if one.slug == "questions")
    first, second, *_ = quiz.questions(here, step)
    told = replies.read(here.run_dir)
    wrong = [choice for choice in first.choices if not choice.is_right]
    for choice in (wrong[0], wrong[0], wrong[1], first.right, wrong[0]):
        quiz.give(told, step, first, choice)
    quiz.give(told, step, second, second.right)
    told.wrong["explore"] = {"": 10**9, "x" * 1000: 0}
    replies.write(here.run_dir, told)
    pace.note(dataclasses.replace(here, step=step.number))
    make.note(here)
    assert written(here).of(step.slug).wrong == [Count(first.text, 3)]


def test_a_question_about_a_measurement_has_the_same_text_for_everybody() -> None:
    question = quiz.Question("1.02 to 1.04?", [quiz.Choice("No")], "… to …?")
    told = replies.Told()
    quiz.give(told, STEPS_BY_SLUG["step-back"], question, question.choices[0])
    assert told.wrong == {"step-back": {"… to …?": 1}}


STEPS_BY_SLUG = {step.slug: step for step in STEPS}
BAR = Bar("🍩" * form.LONGEST_TEXT, "🍩" * form.LONGEST_TEXT, 123456.789, 123456.789, 50)
WHEN = "2026-11-24T10:00:00+01:00"
PICTURE = form.Picture(200.5, 5, 61, [Bar("x" * 100, "taster", 0.0, 200.5, 0)])
FULL = form.Picture(200.5, 5, 61, [BAR] * form.MOST_BARS)


def test_the_largest_record_fits(here: Settings, reports: list[list[Report] | Problem]) -> None:
    """With any text that a trainee may have written into a check, and with the largest pictures."""
    long = "🍩\x00" * 300
    many = {f"{number}{long}": 10**9 for number in range(60)}
    state = {
        "at": "explore",
        "last": 1e300,
        "steps": {
            step.slug: {
                "seconds": 1e300,
                "stopped": many,
                "checks": 10**9,
                "passed": "long ago",
                "began": "2026-11-24",
            }
            for step in STEPS
        },
    }
    (here.run_dir / pace.FILE).write_text(json.dumps(state))
    (here.run_dir / progress.FILE).write_text(json.dumps({one.slug: "now" for one in STEPS}))
    told = replies.Told(wrong={step.slug: many for step in STEPS})
    replies.write(here.run_dir, told)
    (here.root / hints.GIVEN).write_text(json.dumps({one.slug: 10**9 for one in STEPS}))
    make.update(here, before=FULL, after=FULL)
    reports.append([report(here, 1, *(unmet(f"{n}{long}") for n in range(60)))])
    checks.check_steps(here, [1])
    content = (here.run_dir / form.FILE).read_bytes()
    assert form.parse(content).steps


def test_an_ordinary_record_keeps_all_of_its_text(
    here: Settings, reports: list[list[Report] | Problem]
) -> None:
    lines = [unmet(f"{number} {'x' * 200}") for number in range(12)]
    reports.append([report(here, 1, *lines)])
    make.update(here, before=FULL, after=FULL)
    checks.check_steps(here, [1])
    check = written(here).check
    assert check
    assert [line.name for line in check.lines] == [line.name for line in lines]


def test_no_command_fails_where_nothing_can_be_written(
    here: Settings, reports: list[list[Report] | Problem]
) -> None:
    reports.append([report(here, 1, unmet("C"))])
    (here.run_dir / form.FILE).mkdir()
    assert not checks.check_steps(here, [1])[0].passed
    with pytest.raises(Problem):
        make.update(here)


def test_a_record_of_the_first_version_was_finished() -> None:
    old = {"version": 1, "slug": "zoe", "session": "x", "at": "2026-11-24T10:00:00+01:00"}
    rest: dict[str, object] = {"step": "explore", "steps": [], "before": None, "after": None}
    assert form.parse(json.dumps(old | rest).encode()).finished == old["at"]


# What never gets into it

OWN = {
    *("AT_ONCE", "BEERS", "DEADLINE_SECONDS", "FASTER", "LEAST", "TASTINGS", "TASTING_SECONDS"),
    *("UNKNOWN", "UNTRACED", "NOT_SENT"),
    *("beer", "least", "line", "operation", "path", "place", "question", "service", "status"),
    *("spans", "wanted", "len", "pairing"),
}
"""What the checks' own texts may be made of: numbers, and names that the checks themselves have."""


def own_texts() -> Iterator[tuple[str, ast.JoinedStr]]:
    """Each text of a check that has something in braces, and can get into a record."""
    template = REPOSITORY / "template"
    for path in (*template.glob("checks/test_*.py*"), template / "workshop/check/stack.py"):
        code = re.sub(r"\{%.*?%\}", "", path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(code)):
            match node:
                case ast.keyword(arg="expected" | "hint", value=value):
                    pass
                case ast.Assign(targets=[ast.Name(id="hint")], value=value):
                    pass
                case _:
                    continue
            for one in ast.walk(value):
                if isinstance(one, ast.JoinedStr):
                    yield path.name, one


def test_the_checks_own_texts_have_nothing_of_the_code() -> None:
    found = [*own_texts()]
    assert len(found) > 10
    for name, text in found:
        used = {one.id for one in ast.walk(text) if isinstance(one, ast.Name)}
        assert used <= OWN, f"{name}: put what the code did into `seen`: {ast.unparse(text)}"


BREAKS = {
    "a line that isn't Python": ("app.py", "def pair():", f"def pair() '{SECRET}':"),
    "an error": ("app.py", "def pair():", f"def pair():\n    raise ValueError('{SECRET}')"),
    "an answer": ("app.py", "def pair():", f"def pair():\n    return '{SECRET}'"),
    "a tag": (
        "app.py",
        '    name = request.args.get("name", "")',
        '    name = request.args.get("name", "")\n'
        f"    tracer.current_span().set_tag('beer.{SECRET}', '{SECRET}')\n"
        f"    tracer.trace('{SECRET}').finish()",
    ),
    "a broken check": ("checks/test_08_span_metadata.py", "import pytest", f"import m{SECRET}"),
}


UNSEEN = ("a line that isn't Python", "an answer")
"""Here, a check says the place and no more. The others are the cheaper ones to try each time."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=[pytest.mark.thorough] * (one in UNSEEN)) for one in BREAKS],
)
def test_neither_code_nor_a_key_gets_into_a_record(workshop: Workshop, name: str) -> None:
    root = workshop.root
    (root / ".key").mkdir(exist_ok=True)
    for file in (".key/datadog", ".env"):
        (root / file).write_text(f"MATCHMAKER_DATABASE_URL=sqlite:///{SECRET}\nKEY={SECRET}\n")
        (root / file).chmod(0o600)
    workshop.variables = {"DD_API_KEY": SECRET, "KEY": SECRET}
    told = {"chosen": {"span-metadata": {SECRET: SECRET}}, SECRET: SECRET}
    (root / ".workshop" / replies.FILE).write_text(json.dumps(told))
    file, old, new = BREAKS[name]
    if name == "a tag":
        first = "import ddtrace.auto"
        workshop.edit(file, first, f"{first}\nfrom ddtrace import tracer")
    workshop.edit(file, old, new)
    done = workshop.run("check")
    assert done.returncode == 1
    if name not in UNSEEN:
        assert SECRET in done.stdout + done.stderr  # the trainee does see it
    content = (root / ".workshop" / form.FILE).read_text()
    found = form.parse(content.encode())
    assert found.check
    assert not found.check.passed
    assert found.of("span-metadata").checks == 1
    assert SECRET not in content
    assert not re.search(r"\b[0-9a-f]{32}\b", content)  # nor anything else that looks like a key
    assert str(root) not in content
