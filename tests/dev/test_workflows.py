"""What the workflows may do, which commands they run, and what a release says."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev import check_shell, release_notes
from tests import needs
from tests.conftest import REPOSITORY
from tests.dev.test_pins import PYTHONS

WORKFLOWS = sorted(check_shell.WORKFLOWS.glob("*.yml"))
NAMES = [path.stem for path in WORKFLOWS]


def load(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(), Loader=yaml.BaseLoader))  # `on` is a word, not true


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


def test_there_are_workflows() -> None:
    assert {*NAMES} >= {"ci", "newest", "release"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_each_action_is_pinned_by_its_commit_and_says_its_version(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_an_action_has_one_version_everywhere() -> None:
    used = {step["uses"] for path in WORKFLOWS for step in steps(path) if "uses" in step}
    assert len(used) == len({action.partition("@")[0] for action in used})


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_a_workflow_may_read_and_one_job_may_write_a_release(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        wanted = {"contents": "write"} if (path.stem, name) == ("release", "release") else None
        assert job.get("permissions") == wanted, name
        assert int(job["timeout-minutes"]) <= 90, name
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"
        # An expression there is pasted into the script: a name of somebody's branch would be run.
        assert "${{" not in step.get("run", "")


def test_the_token_reaches_the_command_that_needs_it_alone() -> None:
    told = [step for path in WORKFLOWS for step in steps(path) if "GH_TOKEN" in step.get("env", {})]
    assert [step["run"].split()[:3] for step in told] == [["gh", "release", "create"]]


def test_every_python_is_tried_and_a_mac() -> None:
    jobs = load(check_shell.WORKFLOWS / "ci.yml")["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == PYTHONS
    assert jobs["macos"]["runs-on"].startswith("macos-")


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_what_a_workflow_runs_is_there(path: Path) -> None:
    named = {
        w for step in steps(path) for w in re.findall(r"(?:\.ci|dev)/[\w.]+", step.get("run", ""))
    }
    assert named
    assert [name for name in named if not (REPOSITORY / name).is_file()] == []


def test_shell_with_an_error_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shellcheck = check_shell.program()
    if shellcheck is None:
        needs.skip_without("shellcheck")
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\necho fine\n")
    workflow = tmp_path / "ci.yml"
    workflow.write_text("jobs: {test: {steps: [{run: 'echo fine'}]}}")
    monkeypatch.setattr(check_shell, "files", lambda: [script])
    monkeypatch.setattr(check_shell, "WORKFLOWS", tmp_path)
    assert check_shell.check(shellcheck)
    script.write_text("#!/bin/sh\nrm $1/*\n")
    assert not check_shell.check(shellcheck)
    script.write_text("#!/usr/bin/env bash\necho fine\n")
    workflow.write_text("jobs: {test: {steps: [{run: 'rm $1/*'}]}}")
    assert not check_shell.check(shellcheck)


def test_all_shell_is_looked_at() -> None:
    found = {str(path.relative_to(REPOSITORY)) for path in check_shell.scripts()}
    assert found >= {
        ".ci/bare",
        ".ci/elsewhere",
        ".ci/install",
        ".ci/newest",
        ".ci/run",
        "dev/setup.sh",
    }


# What a release says.

CHANGELOG = """# Changelog

What trainees notice.

## Unreleased

- Not yet.

## 1.10.0, 2026-12-02

- Ten.

## 1.1.0, 2026-12-01

Do this first:

- One, which goes
  on here.
  - A part of it.
- Two, with `## 1.0.0` in it.

## 1.0.0, 2026-11-30
"""


def test_the_notes_are_the_section_of_the_version() -> None:
    assert release_notes.notes(CHANGELOG, "v1.1.0") == (
        "Do this first:\n\n"
        "- One, which goes on here.\n"
        "  - A part of it.\n"
        "- Two, with `## 1.0.0` in it.\n"
    )
    assert release_notes.notes(CHANGELOG, "v1.10.0") == "- Ten.\n"


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("v1.1", "no heading for 1.1."),
        ("v2.0.0", 'no heading for 2.0.0. It needs one, such as "## 2.0.0, '),
        ("v1.0.0", "has nothing below the heading of 1.0.0"),
    ],
)
def test_a_version_without_notes_is_no_release(tag: str, says: str) -> None:
    with pytest.raises(SystemExit, match=re.escape(says)):
        release_notes.notes(CHANGELOG, tag)
    with pytest.raises(SystemExit, match="2 headings for 2"):
        release_notes.notes("## 2.0.0, a\n\n- A\n\n## 2.0.0, b\n\n- B\n", "v2.0.0")


def test_the_command_needs_nothing_that_is_installed() -> None:
    script = REPOSITORY / "dev" / "release_notes.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", script, "v0.0.0"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("CHANGELOG.md has no heading for 0.0.0.")
