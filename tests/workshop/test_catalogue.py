"""The tool knows of a step what the catalogue says of it, and no step by its name."""

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import settings
from workshop.check import quiz
from workshop.console import steps as console_steps

from extensions.steps import STEPS
from tests.conftest import REPOSITORY, Render

from .conftest import Workshop

TOOL = REPOSITORY / "template" / "workshop"
SLUGS = {step.slug for step in STEPS}

NEW_STEP = """
[[step]]
number = 10
slug = "farewell"
title = "Say farewell"
minutes = 1
files = []
guess = "How many milliseconds does a farewell take?"
questions = "checks/farewell.toml"
"""
QUESTIONS = """
[[question]]
text = "Is this the end?"

[[question.choice]]
text = "No"
nudge = "Count the steps."

[[question.choice]]
text = "Yes"
why = "Ten is enough."
"""
NEW_CHECK = '''
from workshop import settings
from workshop.check import replies

def test_the_answer() -> None:
    """You answered"""
    known = replies.read(settings.load().run_dir)
    assert (known.guess, known.chosen["farewell"]) == (20, {"Is this the end?": "Yes"}), known
'''


@pytest.fixture
def trainee(render: Render, tmp_path: Path) -> Workshop:
    """A repository whose catalogue can be changed."""
    return Workshop(Path(shutil.copytree(render(step=1), tmp_path / "workshop")))


def test_a_new_step_asks_what_its_entry_says(trainee: Workshop) -> None:
    with (trainee.root / "workshop" / "steps.toml").open("a") as catalogue:
        catalogue.write(NEW_STEP)
    (trainee.root / "checks" / "farewell.toml").write_text(QUESTIONS)
    (trainee.root / "checks" / "test_10_farewell.py").write_text(NEW_CHECK)
    (trainee.root / "steps" / "10-farewell.md").write_text("# Farewell\n")

    asked = ["check", "--step", "10", "--guess", "20"]
    assert "Step 10 is not done yet" in trainee.run(*asked).stdout
    assert "Step 10 is done" in trainee.run(*asked, "--answers", "b").stdout

    page = console_steps.page(settings.load(trainee.root), 10)
    assert page["asks_guess"]
    assert page["questions"] == [{"text": "Is this the end?", "choices": ["No", "Yes"]}]


def test_renamed_steps_are_what_they_were(trainee: Workshop) -> None:
    told = {step.slug: f"renamed-{step.number}" for step in STEPS}
    catalogue = trainee.root / "workshop" / "steps.toml"
    text = re.sub(
        r'^(slug|replaced_by) = "(.+)"$',
        lambda match: f'{match[1]} = "{told[match[2]]}"',
        catalogue.read_text(),
        flags=re.MULTILINE,
    )
    catalogue.write_text(text)
    run_dir = trainee.root / ".workshop"
    times = {"p50": 1.0, "p95": 2.0, "per_second": 3.0, "lowest_ratio": 1.0, "highest_ratio": 1.0}
    variants = dict.fromkeys(("bare", "hand-timed", "traced", "traced, debug"), times)
    cost = {"path": "/beers", "requests": 1, "rounds": 1, "variants": variants}
    (run_dir / "cost.json").write_text(json.dumps(cost))

    here = settings.load(trainee.root)
    found = settings.steps(trainee.root)
    by_name = {step.slug: step.number for step in STEPS}
    assert settings.timing_step(trainee.root).number == by_name["time-a-route"]
    assert settings.tracing_step(trainee.root).number == by_name["trace"]
    assert [step.number for step in found if step.guess] == [by_name["explore"]]
    assert [step.number for step in found if quiz.questions(here, step)] == [
        by_name["step-back"],
        by_name["questions"],
    ]


def test_a_catalogue_without_tracing_is_explained(trainee: Workshop) -> None:
    catalogue = trainee.root / "workshop" / "steps.toml"
    catalogue.write_text(catalogue.read_text().replace('brings = "tracing"\n', ""))
    done = trainee.run("doctor")
    assert "names no step that brings tracing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "code", ['step.slug == "explore"', 'match slug:\n    case "trace": pass', 'f("step-back")']
)
def test_a_slug_in_code_would_be_found(code: str) -> None:
    assert len(list(slugs_in_python(code))) == 1


def test_the_tool_s_code_has_no_slug() -> None:
    found = [
        f"{path.relative_to(TOOL)}: {slug}"
        for path in TOOL.rglob("*.py")
        for slug in slugs_in_python(path.read_text(encoding="utf-8"))
    ]
    literal = re.compile(rf"""(?:[=!]==? ?|case |\[)["'`]({"|".join(SLUGS)})["'`]""")
    scripts = [path for path in TOOL.rglob("*.js") if "vendor" not in path.parts]
    found += [
        f"{path.relative_to(TOOL)}: {match[1]}"
        for path in scripts
        for match in literal.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def slugs_in_python(code: str) -> Iterator[str]:
    """The literals that are a step's slug; a field of JSON may be called as one."""
    tree = ast.parse(code)
    fields = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in SLUGS and id(node) not in fields:
            yield str(node.value)
