"""What the README promises is so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from extensions.trainee import PORTS
from tests.conftest import REPOSITORY, git
from tests.template.test_pages import without_numbers

README = (REPOSITORY / "README.md").read_text()
QUESTIONS = {
    name: question
    for name, question in yaml.safe_load((REPOSITORY / "copier.yml").read_text()).items()
    if not name.startswith("_")
}


def test_the_table_of_answers_lists_every_question_in_order() -> None:
    assert re.findall(r"^\| `([a-z_]+)` \|", README, re.MULTILINE) == list(QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_table_tells_the_defaults(name: str) -> None:
    (shown,) = re.findall(rf"^\| `{name}` \| .* \| (.*) \|$", README, re.MULTILINE)
    default = QUESTIONS[name]["default"]
    if name == "trainee_slug":
        assert (default, shown) == ("{{ trainee_name | slugify }}", "made from the name")
    else:
        words = {"True": "`yes`", "False": "`no`", "": "empty"}
        assert shown == words.get(str(default), f"`{default}`")


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_explains_itself(name: str) -> None:
    question = QUESTIONS[name]
    assert question["help"]
    if question["type"] in {"str", "int"} and "choices" not in question:
        assert question["placeholder"]
        assert question["validator"]


def test_the_ports_are_those_of_the_services() -> None:
    shown = dict(re.findall(r"(\d{4}) \(`(\w+)`\)", README))
    assert shown == {str(port): name for name, port in PORTS.items()}


@pytest.mark.parametrize("package", ["workshop", "matchmaker"])
def test_windows_is_refused_in_one_sentence(package: str) -> None:
    assert "macOS, Linux, or [WSL]" in README
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.platform = 'win32'; import {package}.cli"],
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'template'}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert re.fullmatch(r"\S.* WSL, .*\.\n", done.stderr)


@pytest.mark.thorough  # .ci/run has run the demo up to three times when the tests begin
def test_the_demo_prints_what_the_readme_shows() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dev.demo"],
        cwd=REPOSITORY,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (shown,) = re.findall(r"^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    printed, expected = without_numbers(done.stdout), without_numbers(shown)
    start = printed.index(expected[0])
    assert printed[start : start + len(expected)] == expected


def test_trust_in_the_settings_makes_the_option_unnecessary(template: Path, tmp_path: Path) -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    settings = tmp_path / "settings.yml"

    def copy(trusted: str) -> int:
        settings.write_text(block.replace("TEMPLATE", trusted))
        return subprocess.run(
            [
                Path(sys.executable).parent / "copier",
                *("copy", "--defaults", str(template), str(tmp_path / "workshop")),
            ],
            env={**os.environ, "COPIER_SETTINGS_PATH": str(settings)},
            capture_output=True,
        ).returncode

    assert copy("/somewhere/else") == 4
    assert copy(str(template)) == 0
    assert git(tmp_path / "workshop", "log", "--format=%s") == "Start the workshop\n"
