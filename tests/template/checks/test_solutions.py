"""No check is fooled by what looks right, and none refuses what is right in another way.

What trainees hand in is in solutions/, one file for each check.
"""

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from workshop import settings
from workshop.check import runner

from extensions.steps import STEPS
from tests.conftest import Render

FOLDER = Path(__file__).parent / "solutions"
NUMBERS = {step.slug: step.number for step in STEPS}
SOLUTIONS = [
    pytest.param(
        *(path.stem, kind, solution),
        id=f"{path.stem}: {kind}, {solution['name']}",
        # One of each check, in turns: each takes the services once more.
        marks=[] if (kind, number) == (("wrong", "right")[turn % 2], 0) else pytest.mark.thorough,
    )
    for turn, path in enumerate(sorted(FOLDER.glob("*.toml")))
    for kind, solutions in tomllib.loads(path.read_text()).items()
    for number, solution in enumerate(solutions)
]


def hand_in(render: Render, slug: str, solution: dict[str, Any], folder: Path) -> Path:
    """Write the workshop of somebody who has solved the step of that name in this way."""
    number = NUMBERS[slug]
    code_at = number if solution.get("from_start") else min(number + 1, len(STEPS))
    workshop = Path(shutil.copytree(render(step=number), folder / "workshop"))
    code = render(step=code_at)
    for path in code.glob("*.py"):
        shutil.copy(path, workshop / path.name)
    for edit in solution["edits"]:
        path = workshop / edit["file"]
        text = path.read_text()
        assert edit["old"] in text, f"{edit['file']} has no {edit['old']!r}"
        path.write_text(text.replace(edit["old"], edit["new"]))
    return workshop


@pytest.mark.parametrize(("slug", "kind", "solution"), SOLUTIONS)
def test_solution(
    render: Render, tmp_path: Path, slug: str, kind: str, solution: dict[str, Any]
) -> None:
    workshop = hand_in(render, slug, solution, tmp_path)
    report = runner.check_steps(settings.load(workshop), [NUMBERS[slug]])[0]

    found = {line.name: line for line in report.requirements}
    if slug == "questions":  # nobody answered any: these are about the bonus alone
        found = {name: line for name, line in found.items() if line.is_bonus}
        assert found
    elif not solution.get("bonus"):  # nobody has done it
        found = {name: line for name, line in found.items() if not line.is_bonus}
    failed = {name: line.hint for name, line in found.items() if line.outcome == "fail"}
    seen = [line.seen for line in found.values() if solution.get("seen", "") in line.seen]
    if kind == "right":
        assert report.problem is None
        assert not failed
        assert all(line.outcome == "pass" for line in found.values())
    elif solution["fails"] == "problem":
        assert report.problem
        assert solution["hint"] in report.problem.what
        assert "\n" not in report.problem.what
    else:
        assert report.problem is None
        hints = [hint for name, hint in failed.items() if name.startswith(solution["fails"])]
        assert len(hints) == 1, failed
        assert solution["hint"] in hints[0]
        assert len(failed) == 1 or not solution.get("only"), failed
        assert seen, found
    assert [note for note in report.notes if solution.get("note", "") in note] or (
        "note" not in solution and not report.notes
    )


@pytest.mark.parametrize("slug", [step.slug for step in STEPS if step.files])
def test_every_check_is_tried_by_enough(slug: str) -> None:
    found = tomllib.loads((FOLDER / f"{slug}.toml").read_text())
    assert len(found["wrong"]) >= 3
    assert len(found["right"]) >= 2
