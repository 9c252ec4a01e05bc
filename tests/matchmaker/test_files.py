"""What comes with the command: the schema, and the rosters to start from."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from extensions.steps import STEPS
from matchmaker.repositories import template
from matchmaker.roster.read import read_roster
from matchmaker.roster.schema import roster_schema
from tests.conftest import REPOSITORY
from tests.matchmaker.conftest import KEY, Session

SCHEMA = REPOSITORY / "src" / "matchmaker" / "roster" / "roster.schema.json"
ROSTERS = [
    REPOSITORY / "src" / "matchmaker" / "roster" / "new.toml",
    REPOSITORY / "docs" / "session" / "example.toml",
]


def test_the_schema_is_that_of_the_questions() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == roster_schema(REPOSITORY), (
        "write it again, as src/matchmaker/roster/schema.py says"
    )


@pytest.mark.parametrize("path", ROSTERS, ids=lambda path: path.name)
def test_the_rosters_are_valid(path: Path) -> None:
    assert read_roster(path).problems == ()
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    assert list(Draft7Validator(schema).iter_errors(tomllib.loads(path.read_text()))) == []


@pytest.mark.parametrize(
    "right",
    [
        {"ports": "distinct"},
        {"ports": {"from": 20000}},
        {"push": "git@host:team/{slug}.git"},
        {"push": "git@host:{slug}/{slug}.git"},
        {"bundle": True},
    ],
)
def test_the_schema_takes(right: dict[str, Any]) -> None:
    validator = Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    session = {"name": "a", **right}
    assert validator.is_valid({"session": session, "trainee": [{"trainee_name": "Ada"}]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"session": {}},
        {"session": {"name": "Spring!"}},
        {"session": {"name": "a", "api_key": KEY}},
        {"session": {"name": "a", "ports": "all"}},
        {"session": {"name": "a", "ports": {"from": "20000"}}},
        {"session": {"name": "a", "ports": {"from": 65536}}},
        {"session": {"name": "a", "push": "git@host:all.git"}},
        {"session": {"name": "a", "push": "git@host:{name}/{slug}.git"}},
        {"session": {"name": "a", "bundle": "yes"}},
        {"answers": {"step": len(STEPS) + 1}},
        {"answers": {"setp": 1}},
        {"answers": {"session": "a"}},
        {"answers": {"dd_api_key": KEY}},
        {"trainee": []},
        {"trainee": [{"step": 1}]},
        {"trainee": [{"trainee_name": "Ada", "backend": "nowhere"}]},
    ],
)
def test_the_schema_refuses(wrong: dict[str, Any]) -> None:
    right = {"session": {"name": "a"}, "trainee": [{"trainee_name": "Ada"}]}
    validator = Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert validator.is_valid(right)
    assert not validator.is_valid({**right, **wrong})


def test_new_writes_a_roster_that_can_be_generated(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template, "_installed_from", lambda: str(session.template))
    command = [sys.executable, "-m", "matchmaker.cli", "new", str(session.roster)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (session.folder / "roster.schema.json").read_text() == SCHEMA.read_text()
    assert session.run("--dry-run").code == 0

    csv = [*command[:-1], str(session.folder / "roster.csv")]
    done = subprocess.run(csv, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 1
    assert "is not a name for a TOML file" in done.stderr

    session.roster.write_text("mine")
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 1
    assert "already exists" in done.stderr
    assert session.roster.read_text() == "mine"
