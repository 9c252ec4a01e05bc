"""Every combination of answers gives files that parse, are well formed, and say nothing wrong."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from dotenv import dotenv_values
from markdown_it import MarkdownIt

from dev.claims import claims, page_of
from extensions.steps import STEPS
from extensions.trainee import SITES
from tests.conftest import COMBINATIONS, Render, git, name_of

HOUSE = {
    ".copier-answers.yml",
    ".devcontainer/Dockerfile",
    ".devcontainer/devcontainer.json",
    ".dockerignore",
    ".env",
    ".env.example",
    ".gitattributes",
    ".gitignore",
    ".ignore",
    ".key/.gitignore",
    ".workshop/.keep",
    "DOCKER.md",
    "Dockerfile",
    "README.md",
    "TROUBLESHOOTING.md",
    "app.py",
    "checks/conftest.py",
    "checks/cost_questions.toml",
    "checks/questions.toml",
    "checks/reference/app.py",
    "checks/reference/taster.py",
    "checks/reference/timing.py",
    *(f"checks/test_{step.number:02}_{step.key}.py" for step in STEPS),
    "compose.yaml",
    "donutdb.py",
    "menu.py",
    "models.py",
    "pyproject.toml",
    "spans.py",
    "steps/at-work.md",
    "steps/glossary.md",
    "steps/hints.toml",
    "taster.py",
    "timing.py",
    *(step.page for step in STEPS),
}
# What a template leaves behind when it goes wrong, or somebody forgot to finish.
LEFTOVERS = re.compile(
    r"\{%|%\}|\{\{|\}\}|\{#|\bundefined\b|\bTODO\b|\bFIXME\b|_OUTPUT\b|_BODY\b|_TRACE\b"
)


def is_first_choice(answers: dict[str, Any]) -> bool:
    """Whether `make test` has it: all switches at once, or none of them, at each step."""
    is_on = answers["backend"] == "datadog"
    switches = ["inject_errors"] if "database" in answers else ["inject_errors", "log_to_stdout"]
    return all(answers[switch] == is_on for switch in switches)


@pytest.fixture(
    scope="module",
    params=[
        # One process has all tests of a combination: each would render one of its own.
        pytest.param(
            answers,
            marks=[
                pytest.mark.xdist_group(f"rendering {name_of(answers)}"),
                *[pytest.mark.thorough] * (not is_first_choice(answers)),
            ],
        )
        for answers in COMBINATIONS
    ],
    ids=name_of,
)
def answers(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found


@pytest.fixture(scope="module")
def workshop(render: Render, answers: dict[str, Any]) -> Path:
    return render(**answers)


def texts(workshop: Path, pattern: str = "*") -> dict[str, str]:
    return {
        str(path.relative_to(workshop)): path.read_text(encoding="utf-8")
        for path in sorted(workshop.rglob(pattern))
        if path.is_file()
    }


def without_diffs(text: str) -> str:
    """Leave out what `git diff` has its own rules for."""
    return re.sub(r"```diff\n.*?```", "(diff)", text, flags=re.DOTALL)


def test_the_house_is_complete(workshop: Path, answers: dict[str, Any]) -> None:
    outside = {name for name in texts(workshop) if not name.startswith("workshop/")}
    assert outside == HOUSE | ({"faults.py"} if answers["inject_errors"] else set())


def test_git_ignores_nothing_that_a_clone_needs(workshop: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    other = ("--others", "--ignored", "--exclude-standard")
    ignored = git(workshop, f"--git-dir={tmp_path}/.git", "--work-tree=.", "ls-files", *other)
    assert ignored.split() == [".env"]


def test_python_parses_and_is_clean(workshop: Path) -> None:
    for name, text in texts(workshop, "*.py").items():
        ast.parse(text, name)
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [Path(sys.executable).parent / "ruff", *command, "--no-cache", "."],
            cwd=workshop,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_data_parses(workshop: Path, answers: dict[str, Any]) -> None:
    for text in texts(workshop, "*.toml").values():
        tomllib.loads(text)
    compose = yaml.safe_load((workshop / "compose.yaml").read_text())
    jsonschema.validate(compose, get_builtin_schema("vendor.compose-spec"))
    recorded = yaml.safe_load((workshop / ".copier-answers.yml").read_text())
    assert {name: recorded[name] for name in answers} == answers
    assert dotenv_values(workshop / ".env") == {}


def test_nothing_is_left_over(workshop: Path) -> None:
    for name, text in texts(workshop).items():
        if name.startswith("workshop/"):
            continue  # plain Python, which no template rendered
        diffs_aside = without_diffs(text)
        found = LEFTOVERS.search(text)
        assert not found, f"{name}: {found}"
        assert text.endswith("\n"), f"{name}: no line break at its end"
        assert not text.endswith("\n\n"), f"{name}: blank lines at its end"
        assert not re.search(r"[ \t]$", diffs_aside, re.MULTILINE), f"{name}: trailing spaces"
        blank_lines = 2 if name.endswith(".py") else 1
        assert "\n" * (blank_lines + 2) not in diffs_aside, f"{name}: too many blank lines"


def test_links_lead_somewhere(workshop: Path) -> None:
    sites = {
        *SITES.values(),
        "https://docs.astral.sh/uv/getting-started/installation/",
        "https://docs.docker.com/get-docker",
        "https://learn.microsoft.com/windows/wsl/install",
    }
    sources = {page_of(claim.source) for claim in claims()}  # what we say about Datadog
    for name, text in texts(workshop, "*.md").items():
        for token in MarkdownIt().enable("table").parse(text):
            for child in token.children or []:
                if child.type != "link_open":
                    continue
                target = str(child.attrs["href"])
                if "://" in target:
                    is_console = re.match(r"http://localhost:8000\b", target)
                    known = target in sites or page_of(target) in sources
                    assert is_console or known, f"{name}: {target}"
                else:
                    file = target.partition("#")[0]
                    assert (workshop / name).parent.joinpath(file).is_file(), f"{name}: {target}"


def test_pages_show_code_only_where_a_step_changes_it(workshop: Path) -> None:
    for step in STEPS:
        diffs = (workshop / step.page).read_text().count("```diff\n")
        assert diffs == bool(step.files), step.title


def test_no_fault_injection_where_none_was_asked_for(
    workshop: Path, answers: dict[str, Any]
) -> None:
    mentions = [
        name
        for name, text in texts(workshop).items()
        if not name.startswith("workshop/")  # the same in every workshop
        and re.search(r"\bfaults\b|maybe_fail|MATCHMAKER_ERROR_RATE", text)
    ]
    assert bool(mentions) == answers["inject_errors"], mentions


def test_the_key_is_asked_for_only_with_an_account(workshop: Path, answers: dict[str, Any]) -> None:
    mentions = [
        name
        for name, text in texts(workshop).items()
        if "DD_API_KEY" in text and not name.startswith("workshop/")
    ]
    named = ["TROUBLESHOOTING.md", "compose.yaml"]
    expected = named if answers["backend"] == "datadog" else []
    assert mentions == expected


def test_nothing_is_published_beyond_this_machine(workshop: Path) -> None:
    compose = yaml.safe_load((workshop / "compose.yaml").read_text())
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_an_offset_moves_every_port_that_anybody_reads(render: Render) -> None:
    moved = texts(render(port_offset=2000))
    inside_containers = (
        r"127\.0\.0\.1', \d+|:(500[01]|8000)$|(agent:|127\.0\.0\.1:|:)8126|redis:6379"
    )
    for name, text in moved.items():
        if name.endswith((".md", ".toml", ".yaml", ".example")):
            shown = re.sub(inside_containers, "", without_diffs(text), flags=re.MULTILINE)
            shown = re.sub(r"taster:5001|\d+/(tcp|udp)", "", shown)
            assert not re.search(r"\b(5000|5001|6379|8000|8126)\b", shown), name
