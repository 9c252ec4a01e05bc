"""The questions: asked in another order each time, and explained only after the right answer."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from workshop.check import progress, prompts, replies
from workshop.check.prompts import _parsed
from workshop.check.quiz import LETTERS, Question, questions, read
from workshop.check.report import Report
from workshop.console import steps as console_steps
from workshop.problem import Problem
from workshop.settings import load, steps
from workshop.terminal import console

from extensions.steps import STEPS
from tests.conftest import REPOSITORY, Render
from tests.workshop.conftest import Workshop

LAST = str(len(STEPS))
FILE = REPOSITORY / "template" / "checks" / "questions.toml"
ASKED = read(FILE.read_text(encoding="utf-8"))


def wrong(question: Question) -> str:
    return next(choice.text for choice in question.choices if not choice.is_right)


def test_every_wrong_choice_says_why_it_is_not_the_right_one() -> None:
    assert 6 <= len(ASKED) <= 8
    for question in ASKED:
        for choice in question.choices:
            assert choice.is_right or choice.nudge
            assert question.right.text not in choice.nudge
    places = {question.choices.index(question.right) for question in ASKED}
    assert len(places) > 1  # for --answers, whose letters are those of the file


def test_the_order_is_another_one_each_time() -> None:
    question = ASKED[0]
    orders = [[choice.text for choice in question.shuffled()] for _ in range(50)]
    assert len({tuple(order) for order in orders}) > 1
    assert all(sorted(order) == sorted(c.text for c in question.choices) for order in orders)


class Trainee:
    """Types answers: texts of choices, or anything else as it is."""

    def __init__(self, capsys: pytest.CaptureFixture[str], answers: list[str]) -> None:
        self.capsys, self.answers, self.seen = capsys, answers, [""]

    def __call__(self, *_: Any, **__: Any) -> str:
        self.seen.append(self.capsys.readouterr().out)
        screen, answer = "".join(self.seen), self.answers.pop(0)
        found = re.findall(rf"^  (\w)  {re.escape(answer)}$", screen, re.MULTILINE)
        return found[-1] if found else answer


@pytest.fixture
def run_dir(render: Render) -> Iterator[Path]:
    folder = render(step=9) / ".workshop"
    yield folder
    (folder / replies.FILE).unlink(missing_ok=True)


def asked_in_a_terminal(
    run_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: list[str],
) -> tuple[list[str], set[str]]:
    """What is printed before each answer and at the end, and what was explained."""
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    trainee = Trainee(capsys, answers)
    monkeypatch.setattr(typer, "prompt", trainee)
    settings = load(run_dir.parent)
    step = next(step for step in steps(settings.root) if step.slug == "questions")
    explained = prompts.ask(console(), settings, step, None, "")
    assert not trainee.answers
    return [*trainee.seen[1:], capsys.readouterr().out], explained


def test_a_wrong_answer_gets_a_nudge_and_the_question_comes_again(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *others = ASKED
    answers = [wrong(first), *[one.right.text for one in others], "x", first.right.text]
    printed, explained = asked_in_a_terminal(run_dir, monkeypatch, capsys, answers)
    nudge = next(choice.nudge for choice in first.choices if choice.text == wrong(first))
    assert f"Not quite. {nudge} The question comes again later." in printed[1]
    assert others[0].text in printed[1]
    assert first.right.why not in "".join(printed[:-1])
    assert first.text in printed[-3]
    assert "Type one letter: a, b, c. To leave the question open, press Enter." in printed[-2]
    assert f"Right. {first.right.why}" in printed[-1]
    assert explained == {question.right.why for question in ASKED}
    kept = replies.read(run_dir).chosen["questions"]
    assert kept == {question.text: question.right.text for question in ASKED}


def test_only_open_questions_are_asked_and_they_may_stay_open(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {question.text: question.right.text for question in ASKED[2:]}
    known[ASKED[1].text] = "What older questions offered"
    replies.write(run_dir, replies.Told(chosen={"questions": known}))
    printed, explained = asked_in_a_terminal(run_dir, monkeypatch, capsys, ["", ""])
    assert [ASKED[0].text in printed[0], ASKED[1].text in printed[1]] == [True, True]
    assert not explained


def test_the_letters_of_older_versions_are_no_answers(run_dir: Path) -> None:
    (run_dir / replies.FILE).write_text('{"answers": {"questions": "acbabb"}, "guess": 20}')
    known = replies.read(run_dir)
    assert known == replies.Told(guess=20)
    page = console_steps.page(load(run_dir.parent), 9)
    assert page["answers"] == [""] * len(ASKED)


def test_answers_on_the_command_line(workshop: Workshop) -> None:
    catalogue = {step.slug: step for step in steps(workshop.root)}
    asked = questions(workshop.settings, catalogue["questions"])
    right = "".join(LETTERS[one.choices.index(one.right)] for one in asked)
    first = next(one for one in LETTERS[:3] if one != right[0])
    done = workshop.run("check", "--step", LAST, "--answers", first + right[1:])
    said = " ".join(done.stdout.split())
    assert done.returncode == 1, done.stderr
    assert f"Step {LAST} is not done yet: 1 of {len(asked)} missing." in said
    assert asked[0].choices[LETTERS.index(first)].nudge in said
    assert asked[0].right.text not in said
    assert asked[0].right.why not in said
    assert asked[1].right.why in said
    assert workshop.run("check", "--step", LAST, "--answers", right).returncode == 0
    assert _parsed(", ".join(right.upper()), asked) == [one.right for one in asked]
    with pytest.raises(Problem):
        _parsed(f"{right[:-1]}x", asked)


def test_the_console_takes_the_choices_of_a_question_and_nothing_else(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(run_dir.parent)
    step = next(step for step in steps(settings.root) if step.slug == "questions")
    monkeypatch.setattr(console_steps, "check_step", lambda *_: Report(step))
    first, second, third, *_ = ASKED
    for answers in (
        {first.text: wrong(first), second.text: "b", third.text: ["x"], "What?": "That."},
        {second.text: second.right.text},
        {second.text: "b"},
        "acb",
        7,
    ):
        console_steps.check(settings, 9, {"answers": answers})
    kept = {first.text: wrong(first), second.text: second.right.text}
    assert replies.read(run_dir).chosen["questions"] == kept
    assert replies.read(run_dir).wrong == {"questions": {first.text: 1}}
    page = console_steps.page(settings, 9)
    assert page["answers"][:3] == [wrong(first), second.right.text, ""]
    assert not any(question.right.why in str(page["questions"]) for question in ASKED)
    assert progress.done(run_dir) == {}


def test_a_file_with_two_right_choices_is_named() -> None:
    text = FILE.read_text(encoding="utf-8").replace("nudge =", "why =", 1)
    with pytest.raises(ValueError, match="What is the difference"):
        read(text)
