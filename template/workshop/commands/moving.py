"""The commands for moving between steps: what a trainee types, and what they print."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from workshop import api_key, how_to_run
from workshop.catalog import Step
from workshop.check import unchanged
from workshop.moving import answers, difference, hints, moves, reference, tool_files
from workshop.moving.moves import Moved
from workshop.problem import Problem
from workshop.record import make, pace, share
from workshop.record.checks import check_step
from workshop.settings import ROOT, Settings, load, steps
from workshop.terminal import console

app = typer.Typer()

OF_IMAGES = {"compose.yaml", "Dockerfile", "pyproject.toml", "workshop/stack/as-owner.sh"}
"""What running containers take no notice of."""


@app.command("next")
def next_command(
    force: Annotated[
        bool, typer.Option("--force", help="Skip the check, which can be wrong.")
    ] = False,
) -> None:
    """Go to the next step when this one is done. Your code stays as it is.

    If the check passed, and nothing changed since then, the check doesn't run again.
    """
    settings, catalogue = load(), steps()
    here = _current(settings, catalogue)
    out = console()
    if here is catalogue[-1]:
        out.print(f"Step {here.number} is the last one. To see what you built: workshop finish")
        return
    if not force and not _is_done(out, settings, here):
        raise Problem(
            f"Step {here.number} is not done yet.",
            "To see what is missing: workshop check. For a hint: workshop hint.\n"
            "A check can be wrong. To go on with your code as it is: workshop next --force\n"
            f"To go on with the reference code instead: workshop goto {here.number + 1}",
        )
    with out.status("moving on"):
        moved = moves.advance(settings.root, _trainees_files(catalogue))
    _report(out, moved, catalogue)
    if not moved.conflicts:
        out.print("Your code stays as it is.")


@app.command()
def goto(step: Annotated[int, typer.Argument(help="The step's number.")]) -> None:
    """Switch to the reference code of a step, forward or back. It saves your code first."""
    try:
        catalogue = steps()
    except Problem:  # this command restores the file
        catalogue = []
    if catalogue and step not in [entry.number for entry in catalogue]:
        raise Problem(f"There is no step {step}.", f"There are 1 to {len(catalogue)}.")
    out = console()
    with out.status(f"going to step {step}"):
        moved = moves.go_to(ROOT, step)
    _report(out, moved, steps())


@app.command()
def reset(
    file: Annotated[Path | None, typer.Argument(help="Only this file, such as app.py.")] = None,
) -> None:
    """Restore the start of the step. It saves your work first."""
    out = console()
    with out.status("restoring the start"):
        moved = moves.reset(ROOT, file)
    _report(out, moved, steps())


@app.command()
def update() -> None:
    """Update to the newest version of the workshop at the same step. It merges your changes."""
    out = console()
    # An older version had the key in .env. If its own `update` brought this one, it's still there.
    if said := api_key.tidied(ROOT):
        out.print(said, style="yellow", soft_wrap=True)
    with out.status("looking for a newer version"):
        updated = moves.update(ROOT)
    if updated is None:
        out.print("You have the newest version.")
        return
    moved, release = updated
    out.print(f"You now have version {release}.")
    _report(out, moved, steps())
    if how_to_run.is_in_docker() and OF_IMAGES & set(moved.changed):
        out.print(
            "The containers changed, too. On your own machine, run: "
            "docker compose up --detach --build",
            style="bold",
        )


@app.command()
def diff() -> None:
    """Show the difference between your code and this step's solution."""
    settings, catalogue = load(), steps()
    here, code = _current(settings, catalogue), _trainees_files(catalogue)
    _require_solution(here)
    (solution,) = _reference(settings, code, here.number + 1)
    yours = difference.of_trainee(settings.root, code)
    if not difference.show(("yours", yours), ("solution", solution)):
        console().print("Your code is the solution.")


@app.command()
def solution() -> None:
    """Show this step's solution: what it changes in the code from the start of the step."""
    settings, catalogue = load(), steps()
    here, code = _current(settings, catalogue), _trainees_files(catalogue)
    _require_solution(here)
    start, end = _reference(settings, code, here.number, here.number + 1)
    difference.show(("start", start), ("solution", end))


@app.command()
def hint() -> None:
    """Give a hint for this step. Each hint says more than the one before."""
    settings = load()
    here = _current(settings, steps())
    given = hints.following(settings.root, here.slug)
    make.note(settings)
    out = console()
    out.print(f"Hint {given.number} of {given.total}", style="bold")
    out.print(given.text, soft_wrap=True)
    if given.left:
        out.print(f"{given.left} more: workshop hint", style="dim")
    elif here.files:
        out.print("That was the last one. To see the whole change: workshop solution", style="dim")
    else:
        out.print("That was the last one.", style="dim")


def _current(settings: Settings, catalogue: list[Step]) -> Step:
    number = answers.read(settings.root).step
    for step in catalogue:
        if step.number == number:
            return step
    raise Problem(
        f"{answers.FILE} says that this is step {number}, but there are 1 to {len(catalogue)}.",
        f"Copier writes that file; restore it with `git restore {answers.FILE}`.",
    )


def _trainees_files(catalogue: list[Step]) -> list[str]:
    """The files that the trainee changes."""
    return sorted({name for step in catalogue for name in step.files})


def _is_done(out: Console, settings: Settings, here: Step) -> bool:
    if unchanged.has_passed(settings, here.number):
        return True
    with out.status(f"checking step {here.number}"):
        report = check_step(settings, here.number)
    if said := share.announcement(settings):
        out.print(said, style="yellow", soft_wrap=True)
    return report.passed


def _require_solution(here: Step) -> None:
    if not here.files:
        raise Problem(
            f"Step {here.number} has no solution to show: it changes no code.",
            f"Its page says what to do: {here.page}. For a hint: workshop hint.",
        )


def _reference(settings: Settings, code: list[str], *numbers: int) -> list[difference.Code]:
    """The code at the start of each of these steps."""
    found = reference.rendered_at(settings.root, answers.read(settings.root), numbers)
    return [{name: files[name] for name in code} for files in found]


def _worth_getting_back(moved: Moved, code: list[str]) -> str:
    """One of the changed files, as an example. Prefers the trainee's own code."""
    is_elsewhere = answers.FILE in moved.changed  # the other files belong to the new step
    others = [code[0]] if is_elsewhere else moved.changed
    return next((name for name in code if name in moved.changed), others[0])


def _short(changed: list[str]) -> list[str]:
    """The files that changed. For the tool's files, which nobody edits, only their number."""
    of_tool = [name for name in changed if tool_files.is_of_tool(name)]
    if len(of_tool) < 2:
        return changed
    others = [name for name in changed if name not in of_tool]
    return [*others, f"{tool_files.FOLDER} ({len(of_tool)} files)"]


def _report(out: Console, moved: Moved, catalogue: list[Step]) -> None:
    settings = load()
    pace.note(settings)
    make.note(settings)
    here = next(step for step in catalogue if step.number == moved.step)
    code = _trainees_files(catalogue)
    where = moved.saved or moved.committed
    if moved.saved:
        out.print(f"Your work so far is saved on the branch {where}.")
    elif set(code) & set(moved.changed):  # code changed, and the last commit already has the work
        out.print(f"Your work so far is in the commit {where}.")
    else:
        where = ""
    if where:
        out.print(f"  See what changed:   git diff {where}", soft_wrap=True)
        name = shlex.quote(_worth_getting_back(moved, code))
        out.print(f"  Get a file back:    git restore --source={where} {name}", soft_wrap=True)
    if moved.left_out:
        names = ", ".join(moved.left_out)
        out.print(
            f"Not saved and not changed, because your API key may be in it: {names}",
            soft_wrap=True,
        )
    if moved.of_tool:
        where = "" if moved.saved else " Your commits still have what you committed."
        out.print(
            "workshop/ is the tool, and was replaced as a whole, including your changes to "
            f"{', '.join(moved.of_tool)}.{where}",
            soft_wrap=True,
        )
    if not moved.changed:
        out.print("There was nothing to change.")
    else:
        out.print(f"Changed: {', '.join(_short(moved.changed))}", soft_wrap=True)
    out.print(f"You are at step {here.number}: {here.title} ({here.page}).", style="bold")
    if moved.conflicts:
        out.print("Both you and the template changed these lines:", style="yellow")
        for conflict in moved.conflicts:
            out.print(f"  {conflict}", style="yellow", soft_wrap=True)
        out.print(
            "In each place, your lines come first, then =======, then the template's. Keep what "
            "you want, and delete the lines with <<<<<<<, =======, and >>>>>>>.",
            soft_wrap=True,
        )
