"""The page "At work" is true: each of its commands starts the app, and its trace is as shown."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Render
from tests.template.test_pages import Command, commands, without_numbers

PAGE = "steps/at-work.md"
IMPORT = "import ddtrace.auto\n"
BACK = "Put the line back."
SECTIONS = {
    "Start it with `flask run`": [pytest.mark.thorough],
    "Start it in an IDE": [pytest.mark.thorough],
    "Start it with gunicorn": [],
    "Start it with `ddtrace-run`": [],
    "Find out why no traces arrive": [],
}
"""The sections with commands, each with the marks of its test."""
AFTER_TRACING = 7
LEFT_OUT = "..."


@pytest.fixture
def workshop(render: Render) -> Path:
    return render(step=AFTER_TRACING)


def sections(workshop: Path) -> dict[str, str]:
    """The text of each section, by its heading."""
    _, *parts = re.split(r"(?m)^## ", (workshop / PAGE).read_text())
    return {part.partition("\n")[0]: part for part in parts}


def printed_by(workshop: Path, line: str) -> str:
    """What the command prints, its errors included, without colors."""
    program = shlex.quote(sys.executable)
    line = line.replace("uv run workshop", f"{program} -m workshop").replace("uv run ", "")
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=workshop,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "COLUMNS": "80",
            "HOME": str(workshop),
            "LANG": "C.UTF-8",
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return re.sub(r"\x1b\[[\d;]*m", "", done.stdout)


def assert_shown(command: Command, printed: str) -> None:
    """Each line of the page is among those that were printed, and nothing else is between them."""
    seen = without_numbers(printed)
    at, may_skip = 0, False
    for line in without_numbers(command.output):
        if line == LEFT_OUT:
            may_skip = True
            continue
        where = seen.index(line, at) if line in seen[at:] else None
        assert where is not None, f"{command.line} does not print {line}\n{printed}"
        assert may_skip or where == at, f"{command.line} prints more before {line}\n{printed}"
        at, may_skip = where + 1, False
    assert may_skip or at == len(seen), printed


@pytest.mark.parametrize(
    "heading", [pytest.param(heading, marks=marks) for heading, marks in SECTIONS.items()]
)
def test_each_command_shows_what_the_page_says(workshop: Path, heading: str) -> None:
    text = sections(workshop)[heading]
    if BACK in text:
        app = workshop / "app.py"
        app.write_text(app.read_text().replace(IMPORT, ""))
    found = commands(text)
    assert found
    for command in found:
        assert_shown(command, printed_by(workshop, command.line))
    assert not (workshop / ".gunicorn").exists()  # nothing stays in a trainee's home


def test_every_section_is_tried(workshop: Path) -> None:
    with_commands = [name for name, text in sections(workshop).items() if commands(text)]
    assert with_commands == [*SECTIONS]
    assert [heading for heading, text in sections(workshop).items() if BACK in text] == [
        "Start it with `ddtrace-run`"
    ]


@pytest.mark.thorough
def test_gunicorn_may_load_the_app_before_its_workers(workshop: Path) -> None:
    printed = printed_by(workshop, "uv run workshop start-with gunicorn --preload app:app")
    assert " app.pair matchmaker " in printed


@pytest.mark.parametrize(
    ("named", "seen"), [({}, "flask None"), ({"DD_SERVICE": "matchmaker"}, "matchmaker step-7")]
)
def test_without_a_name_the_service_is_flask_and_has_no_version(
    named: dict[str, str], seen: str
) -> None:
    """The command shows no tags, so this looks at the span itself."""
    asked = (
        "import ddtrace.auto, flask\n"
        "from ddtrace.trace import tracer\n"
        "app = flask.Flask('app')\n"
        "@app.get('/')\n"
        "def view():\n"
        "    root = tracer.current_root_span()\n"
        "    return f'{root.service} {root.get_tag(\"version\")}'\n"
        "print(app.test_client().get('/').get_data(as_text=True), flush=True)\n"
        "import os; os._exit(0)\n"  # there is no agent to wait for
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env={
            "DD_VERSION": "step-7",
            "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
            "DD_REMOTE_CONFIGURATION_ENABLED": "false",
            "DD_TRACE_AGENT_URL": "http://127.0.0.1:1",
            **named,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == seen


def test_the_library_says_not_to_combine_the_two() -> None:
    package = importlib.util.find_spec("ddtrace")
    assert package
    assert package.origin
    said = Path(package.origin).with_name("contrib") / "internal" / "gunicorn" / "__init__.py"
    assert "Do not use ``ddtrace-run`` with ``import ddtrace.auto``." in said.read_text()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("gunicron app:app", "There is no command gunicron.\nDid you mistype its name?\n"),
        ("gunicorn app:ap", "web does not start: exit code 4;"),
        pytest.param(
            "flask --app nothing run",
            "web does not start: exit code 2;",
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_a_command_that_serves_nothing(workshop: Path, command: str, says: str) -> None:
    printed = printed_by(workshop, f"uv run workshop start-with {command}")
    assert printed.startswith(says)
    assert "Traceback" not in printed
