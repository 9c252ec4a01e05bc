"""Each text says its commands for both ways of running the workshop, or for the right one."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workshop.how_to_run import page, said

from extensions.steps import STEPS
from tests.conftest import REPOSITORY, Render
from tests.workshop.conftest import Workshop

TOOL = REPOSITORY / "template" / "workshop"
NAMES = (
    r"(?:check|cost|diff|doctor|down|finish|goto|hint|key|next|reset|solution|start-with|status"
    r"|traces|traffic|up|update|watch)\b(?!-)"
)
WITH_UV = re.compile(rf"uv run workshop {NAMES}")
IN_DOCKER = re.compile(r"docker compose (?:exec console|up|down|create)\b|\.key/datadog")
BARE = re.compile(
    rf"(?<!console )workshop {NAMES}|uv run|uv sync|\(in Docker|(?<!console )git diff"
)
"""What nobody can type who has only Docker."""


@pytest.mark.parametrize(
    ("text", "in_docker"),
    [
        ("Run `workshop status`.", "Run `docker compose exec console workshop status`."),
        ("To stop: workshop down", "To stop: docker compose down"),
        ("`workshop up --docker`", "`docker compose up`"),
        ("workshop up --detach", "docker compose up --detach"),
        ("uv run workshop doctor --pull", "docker compose exec console workshop doctor --pull"),
        ("  git diff my/work", "  docker compose exec console git diff my/work"),
        (
            "Finish it (git rebase --continue) or abort it (git cherry-pick --abort)",
            "Finish it (docker compose exec console git rebase --continue) or abort it "
            "(docker compose exec console git cherry-pick --abort)",
        ),
        (
            'git config --global user.name "A"',
            'docker compose exec console git config user.name "A"',
        ),
        (
            "uvx --with copier-template-extensions copier update --trust",
            "docker compose exec console copier update --trust",
        ),
        ("uv sync --python 3.14", "docker compose up --build"),
        ("`uv run workshop up`\n  (in Docker: `docker compose up web`)", "`docker compose up web`"),
        ("restore workshop/settings.toml", "restore workshop/settings.toml"),
        (
            "the workshop updates itself, and git is there",
            "the workshop updates itself, and git is there",
        ),
        ("my-workshop check", "my-workshop check"),
    ],
)
def test_a_message_says_the_command_that_the_reader_can_run(text: str, in_docker: str) -> None:
    assert said(text, in_docker=True) == in_docker
    assert said(in_docker, in_docker=True) == in_docker  # however often it is passed on
    assert said(text, in_docker=False) == text


def test_a_page_says_one_way() -> None:
    text = (
        "Run `uv run workshop hint`\n(in Docker: `docker compose exec console workshop hint`).\n"
        "# in Docker: docker compose up\n$ uv run workshop up\nout\n`workshop next` `workshop up`\n"
    )
    assert page(text, in_docker=False) == (
        "Run `uv run workshop hint`.\n$ uv run workshop up\nout\n`workshop next` `workshop up`\n"
    )
    assert page(text, in_docker=True) == (
        "Run `docker compose exec console workshop hint`.\n$ docker compose up\nout\n"
        "`workshop next` `docker compose up`\n"
    )


def said_for_one_way_only(text: str) -> Iterator[str]:
    """The lines with a command for which somebody in Docker, or without it, has no counterpart."""
    lines = text.splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if re.match(r"\$ (?:uv run workshop|git|tail) ", line):
            if not before.startswith("# in Docker: "):
                yield line
        elif len(WITH_UV.findall(line)) > len(IN_DOCKER.findall(line)):
            yield line
    yield from re.findall(r".*(?<!uv run )\bworkshop (?:up|down)\b.*", text)


@pytest.mark.parametrize("backend", ["local", "datadog"])
def test_every_page_says_each_command_for_both_ways(render: Render, backend: str) -> None:
    for step in STEPS:
        root = render(step=step.number, backend=backend, inject_errors=step.number % 2 == 0)
        others = [path.name for path in root.glob("*.md")] if step.number == 1 else []
        for name in (step.page, *others):
            text = (root / name).read_text()
            assert list(said_for_one_way_only(text)) == [], name
            if name.startswith("steps/"):
                alone = page(text, in_docker=True)
                assert not re.search(r"uv run|in Docker:|workshop (?:up|down)\b", alone), name
                assert "docker" not in page(text, in_docker=False).lower() or backend == "datadog"


def test_the_scan_finds_what_is_said_for_one_way_only() -> None:
    for text in ("$ uv run workshop up", "Run `uv run workshop hint`.", "$ git commit --all"):
        assert list(said_for_one_way_only(text)) == [text]
    assert list(said_for_one_way_only("look at the terminal of `workshop up`"))


SHOWN = ("cause", "remedy")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


@pytest.mark.parametrize(
    "path",
    [
        *(TOOL / name for name in ("troubles.toml", "steps.toml")),
        *sorted((REPOSITORY / "template").glob("checks/*.toml")),
        REPOSITORY / "template" / "steps" / "hints.toml",
    ],
    ids=lambda path: path.name,
)
def test_a_list_of_texts_has_no_other_commands(path: Path) -> None:
    texts = list(_texts(tomllib.loads(path.read_text())))
    assert texts
    if path.name == "troubles.toml":  # the rest is only in TROUBLESHOOTING.md
        texts = [one[key] for one in tomllib.loads(path.read_text())["trouble"] for key in SHOWN]
    assert [text for text in texts if BARE.search(said(text, in_docker=True))] == []


def test_a_trouble_says_what_to_do_in_both_ways() -> None:
    troubles = tomllib.loads((TOOL / "troubles.toml").read_text())["trouble"]
    for trouble in troubles:
        assert not list(said_for_one_way_only(trouble["remedy"])), trouble["key"]


def test_the_consoles_files_have_no_command_of_their_own() -> None:
    """`command()` in settings.js and the filter `said` make each command."""
    for path in sorted((TOOL / "console").rglob("*.js")):
        if "vendor" not in path.parts and path.name != "settings.js":
            code = re.sub(r"/\*.*?\*/|(?m:^ *//[^\n]*$)", "", path.read_text(), flags=re.DOTALL)
            assert not re.search(rf"workshop {NAMES}|uv run", code), path.name
    for path in sorted((TOOL / "console" / "templates").glob("*.html")):
        text = re.sub(r'\{\{ "[^"]+" \| said \}\}', "", path.read_text())
        assert not re.search(rf"workshop {NAMES}|uv run", text), path.name


def test_a_broken_tool_says_how_to_restore_it_from_the_host(workshop: Workshop) -> None:
    (workshop.root / "workshop" / "cli.py").write_text("<<<<<<< yours\n")
    done = subprocess.run(
        [sys.executable, "-m", "workshop", "status"],
        cwd=workshop.root,
        env={**workshop.environment, "WORKSHOP_CONTAINER": "console"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "run: docker compose exec console workshop reset" in done.stderr
