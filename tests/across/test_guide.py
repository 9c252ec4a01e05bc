"""The guide for instructors tells what is so: what it quotes is said, what it names is there."""

import ast
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from playwright.sync_api import Browser
from workshop.cli import app as workshop_app

from dev.docs import site
from dev.docs.shortcodes import ONE_HOUR, Shortcodes
from extensions.steps import STEPS
from extensions.trainee import SITES
from matchmaker.cli import app as matchmaker_app
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.xdist_group("guide")  # its site is built once

GUIDE = REPOSITORY / "docs" / "session"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(GUIDE.glob("*.md"))}
TEMPLATE = REPOSITORY / "template"
HOUR = tomllib.loads(ONE_HOUR.read_text(encoding="utf-8"))
APPS = {"workshop": workshop_app, "matchmaker": matchmaker_app}
GAP = "…"
"""What stands for something that differs, in a quotation."""


def quotations() -> Iterator[tuple[str, str]]:
    """What the guide says that a tool says, by page; not what an instructor may say."""
    for name, text in PAGES.items():
        text = re.sub(r"(?m)^>.*", "", text)
        for quoted in re.findall(r"“([^”]+)”", text):
            if "{{" not in quoted:  # a step's title, which comes from the catalogue
                yield name, " ".join(quoted.split())


def said() -> Iterator[str]:
    """Everything that the tools can say, with a gap for what is put in."""
    code = [*TEMPLATE.glob("workshop/**/*.py"), *TEMPLATE.glob("checks/*.py*")]
    for path in [*code, *(REPOSITORY / "src" / "matchmaker").rglob("*.py")]:
        source = re.sub(r"(?m)^\{%.*", "", path.read_text(encoding="utf-8"))
        if path.name != "conftest.py":
            yield from _texts_in(ast.parse(source))
    for path in TEMPLATE.glob("workshop/troubles.toml"):
        yield from _values(tomllib.loads(path.read_text(encoding="utf-8")))
    board = (REPOSITORY / "src" / "matchmaker" / "board").glob("static/**/*.js")
    for path in (*TEMPLATE.glob("workshop/console/static/**/*.js"), *board):
        if "vendor" not in path.parts:
            text = path.read_text(encoding="utf-8").replace("\\`", "`")
            # Text can be inside `${…}`, and have a gap of its own there.
            yield re.sub(r"\$\{[^{}`]*\}", GAP, text)


def _texts_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else GAP for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _values(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for one in data.values() if isinstance(data, dict) else data:
            yield from _values(one)


def test_what_the_guide_quotes_is_said() -> None:
    texts = [" ".join(text.split()) for text in said()]
    found = list(quotations())
    assert len(found) > 50
    for name, quoted in found:
        parts = (re.escape(part.strip()) for part in quoted.split(GAP) if part.strip())
        wanted = re.compile(".*".join(parts))
        assert any(map(wanted.search, texts)), f"{name}: nobody says “{quoted}”"


def test_commands_and_options_exist() -> None:
    groups: dict[str, Any] = {name: typer.main.get_command(app) for name, app in APPS.items()}
    every = {
        option
        for group in groups.values()
        for command in group.commands.values()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    checked = set()
    for name, text in PAGES.items():
        assert set(re.findall(r"`(--[a-z-]+)", text)) <= every, name
        for code in re.findall(r"`([^`\n]+)`|^(?:\$ | {3})(.+)$|console\((.+)\)", text, re.M):
            match = re.match(r'"?(?:uv run )?(workshop|matchmaker) ([a-z]+)(.*)', "".join(code))
            if not match:
                continue
            program, command, rest = match.groups()
            commands = groups[program].commands
            assert command in commands, f"{name}: {program} {command}"
            known = {option for p in commands[command].params for option in p.opts}
            used = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", rest))
            assert used <= known, f"{name}: {match[0]}"
            checked.add((program, command))
    assert {command for program, command in checked if program == "matchmaker"} == {
        "board",
        "new",
        "generate",
        "host",
        "results",
        "roster",
        "sheets",
        "status",
    }
    assert len(checked) > 12


def test_each_step_has_its_part_and_nobody_types_its_number() -> None:
    parts = re.findall(r"^\{\{ head\(steps\.(\w+)\) \}\}$", PAGES["steps.md"], re.MULTILINE)
    assert parts == [step.key for step in STEPS]
    for name, text in PAGES.items():
        assert re.findall(r"(?i)\b(?:steps?|goto) \d", text) == [], name


def test_the_hour_is_one_with_all_steps_in_their_order() -> None:
    assert list(HOUR) == [step.key for step in STEPS]
    assert sum(part["minutes"] for part in HOUR.values()) == 60
    assert all(HOUR[step.key]["minutes"] <= step.minutes for step in STEPS)


def rendered(name: str) -> str:
    """A page of the guide as it is put into the site, with commands that print nothing."""
    page = Path("session", name)
    nothing: Any = None
    silent: Any = SimpleNamespace(run=lambda *_, **__: "")
    return site.rendered(site.DOCS / page, Shortcodes(page, silent, nothing).all())


@pytest.mark.parametrize("page", ["apm/traces", "software", "apm/error-tracking", "apm/map"])
def test_each_site_has_its_links(page: str) -> None:
    text = rendered("apm-tour.md")
    for address in SITES.values():
        assert f"]({address}/{page})" in text


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of pages that run no command, and on its first page the table of keys."""
    folder = tmp_path_factory.mktemp("guide")
    shutil.copytree(site.DOCS / "assets", folder / "docs" / "assets")
    (folder / "docs" / "session").mkdir()
    for name in ("print.md", "the-hour.md"):
        (folder / "docs" / "session" / name).write_text(rendered(name), encoding="utf-8")
    keys = re.findall(r"(?ms)^### Keys$.*?(?=^#)", PAGES["week-before.md"])[0]
    (folder / "docs" / "index.md").write_text(f"# Home\n\n{keys}", encoding="utf-8")
    config = site.rendered(site.DOCS / site.WRITTEN_CONFIG, {"catalogue": STEPS})
    config = re.sub(r"(?ms)^nav = \[.*?^\]\n", "", config)
    (folder / site.CONFIG).write_text(config, encoding="utf-8")
    assert site.run("zensical", "build", "--config-file", site.CONFIG, folder=folder) == ""
    return folder / "site"


def test_the_page_to_print_fits_on_one_sheet(browser: Browser, built: Path) -> None:
    opened = browser.new_page()
    opened.goto((built / "session" / "print.html").as_uri())
    # Fonts of other machines may be wider than this one's: there is some room left.
    for scale in (1.0, 1.05):
        printed = opened.pdf(prefer_css_page_size=True, scale=scale)
        assert printed.count(b"/Type /Page\n") == 1
    opened.close()


@pytest.mark.parametrize("page", ["index.html", "session/the-hour.html"])
def test_no_table_is_wider_than_a_phone(browser: Browser, built: Path, page: str) -> None:
    opened = browser.new_page(viewport={"width": 390, "height": 844})
    opened.goto((built / page).as_uri())
    edges = "all => all.map(one => one.getBoundingClientRect().right)"
    right = opened.locator(".md-typeset table").evaluate_all(edges)
    assert right
    assert max(right) <= 390
    opened.close()
