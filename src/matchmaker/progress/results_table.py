"""The results of a session on the screen."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from matchmaker.progress.reasons import by_reason
from matchmaker.progress.results import Hard, Result, Results
from matchmaker.progress.status import table
from matchmaker.progress.steps import step_of, title_of
from matchmaker.report.calm import MOST_ROWS
from matchmaker.report.times import local

_OF_STEPS = ("step", "worked on it", "done", "median minutes", "took hints", "bonus")
_OF_TRAINEES = ("trainee", "step", "done", "minutes", "hints", "bonus", "finished")
_OF_WHAT = ("trainees", "times", "step", "what")
_HARDEST = 5
_LONGEST = 100


def shown(results: Results, *, show_all: bool) -> RenderableType:
    """The numbers of the session, its trainees if they're few, and what to explain better."""
    parts: list[RenderableType] = [_summary(results)]
    if steps := list(_steps(results)):
        parts += ["", table(_OF_STEPS, steps, numbers=range(1, 6))]
    if show_all or len(results.trainees) <= MOST_ROWS:
        rows = [_trainee(one) for one in results.trainees]
        parts += ["", table(_OF_TRAINEES, rows, numbers=range(2, 6))]
    else:
        parts += ["", f"To list all {len(results.trainees)}, add --all, or --csv FILE."]
    for title, hard in (
        ("Explain better next time: questions that most got wrong", results.questions),
        ("Explain better next time: requirements that stopped most", results.requirements),
    ):
        if hard:
            rows = [_hard(one) for one in hard[:_HARDEST]]
            parts += ["", Text(title), table(_OF_WHAT, rows, numbers=range(2))]
    if unusual := list(by_reason([(one.known, one.remarks) for one in results.trainees])):
        parts += ["", *unusual]
    return Group(*parts)


def _summary(results: Results) -> str:
    records = [one for one in results.trainees if one.known.record]
    finished = sum(bool(one.known.finished) for one in records)
    return (
        f"{results.session}: {len(records)} of {len(results.trainees)} trainees have a record, "
        f"{finished} ran workshop finish"
    )


def _steps(results: Results) -> Iterator[Sequence[str]]:
    for one in results.steps:
        if one.began:
            minutes = "" if one.minutes is None else f"{one.minutes:.0f}"
            counts = (str(number or "") for number in (one.hints, one.bonus))
            yield title_of(one.slug), str(one.began), str(one.done), minutes, *counts


def _trainee(result: Result) -> Sequence[str]:
    record = result.known.record
    if record is None:
        return (result.known.shown, *[""] * 6)
    step = step_of(record.step)
    return (
        *(result.known.shown, str(step.number) if step else record.step, str(len(result.done))),
        f"{result.seconds / 60:.0f}" if result.seconds else "",
        *(str(result.hints or ""), str(result.bonus or "")),
        local(result.known.finished) if result.known.finished else "",
    )


def _hard(one: Hard) -> Sequence[str]:
    what = f"{one.what[:_LONGEST]}{'…' if len(one.what) > _LONGEST else ''}"
    return str(one.people), str(one.times), title_of(one.step), what
