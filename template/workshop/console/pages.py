"""Renders the step pages of the repository as HTML, as they apply to this trainee.

The files name each command for both ways of running the workshop, and the ports of the answers.
The console knows which way it runs, and where its services are.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workshop.catalog import Step
from workshop.how_to_run import page
from workshop.settings import Settings

GLOSSARY = "glossary.md"
AT_WORK = "steps/at-work.md"
"""The page that belongs to no step."""

_markdown = MarkdownIt("commonmark", {"html": True}).enable("table")


def render(settings: Settings, step: Step, steps: list[Step]) -> str:
    """Render the page of a step, as `render_file` does."""
    return render_file(settings, step.page, steps)


def render_file(settings: Settings, name: str, steps: list[Step]) -> str:
    """Render a page, relative to the repository. Links to other pages lead to the console's pages.

    They begin with a slash. The script that shows the page puts a proxy's path in front of it.

    The end of the page explains the glossary terms that the page links to.
    Raises OSError when the page can't be read.
    """
    root = settings.root
    text = page((root / name).read_text(encoding="utf-8"), bool(settings.container))
    tokens = _markdown.parse(_with_ports(text, settings))
    pages = {Path(other.page).name: f"/steps/{other.number}" for other in steps}
    pages[Path(AT_WORK).name] = f"/steps/{Path(AT_WORK).stem}"
    glossary = _glossary((root / name).with_name(GLOSSARY))
    used: dict[str, str] = {}
    for token in tokens:
        for child in token.children or []:
            if child.type == "link_open":
                _lead(child, pages, glossary, used)
                _stay(child, settings)
            elif child.type == "image":
                _date(child, root / "steps")
    html = str(_markdown.renderer.render(_without_title(tokens), _markdown.options, {}))
    return html + _explained(used)


def _date(image: Token, folder: Path) -> None:
    """Have a browser load an image again if it changed, such as the chart of `workshop cost`.

    The page is at /steps as well as at /steps/5, so the address can't be relative.
    """
    path = folder / str(image.attrs.get("src", ""))
    changed = f"?{path.stat().st_mtime_ns}" if path.is_file() else ""
    image.attrs["src"] = f"/steps/{path.name}{changed}"


def _with_ports(text: str, settings: Settings) -> str:
    """The page with the ports that the services have, if a variable has moved them."""
    try:
        answered = tomllib.loads(
            (settings.root / "workshop" / "settings.toml").read_text(encoding="utf-8")
        )
        now = {
            str(answered["ports"][name]): str(port) for name, port in asdict(settings.ports).items()
        }
    except (OSError, ValueError, KeyError):  # the page of an update that isn't whole yet
        return text
    return re.sub(
        r"(localhost:|127\.0\.0\.1:|\b[Pp]ort )(\d+)\b",
        lambda found: found[1] + now.get(found[2], found[2]),
        text,
    )


def _glossary(path: Path) -> dict[str, str]:
    """The glossary entries as HTML, by their anchors."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    entries = re.findall(r"^## (.+?)\n\n(.+?)(?=\n## |\Z)", text, re.MULTILINE | re.DOTALL)
    return {
        word.lower().replace(" ", "-"): _markdown.render(f"**{word}** {told}")
        for word, told in entries
    }


def _explained(used: dict[str, str]) -> str:
    if not used:
        return ""
    entries = [
        f'<div id="word-{anchor}" tabindex="-1">{told}</div>' for anchor, told in used.items()
    ]
    return f'<section class="words"><h2>Words</h2>{"".join(entries)}</section>'


def _without_title(tokens: list[Token]) -> list[Token]:
    """Remove the heading and the line of links below it, because the console has both."""
    if len(tokens) > 2 and tokens[0].tag == "h1":
        tokens = tokens[3:]
        if len(tokens) > 2 and tokens[0].tag == "p" and "About" in tokens[1].content:
            tokens = tokens[3:]
    return tokens


def _stay(link: Token, settings: Settings) -> None:
    """Make a link to a view of this console one within it, and others lead to their service."""
    target = str(link.attrs.get("href", ""))
    if inside := re.fullmatch(rf"http://localhost:{settings.ports.console}(/.*)?", target):
        link.attrs = {"href": inside[1] or "/"}
    for name in ("web", "taster"):
        here = f"http://localhost:{getattr(settings.ports, name)}"
        if re.fullmatch(rf"{here}(/.*)?", target):
            link.attrs["href"] = settings.address(name) + target.removeprefix(here)


def _lead(
    link: Token, pages: dict[str, str], glossary: dict[str, str], used: dict[str, str]
) -> None:
    target = str(link.attrs.get("href", ""))
    file, _, anchor = target.partition("#")
    if file == GLOSSARY and anchor in glossary:
        used[anchor] = glossary[anchor]
        link.attrs["href"] = f"#word-{anchor}"
    elif name := pages.get(Path(target).name):
        link.attrs["href"] = name
    elif re.match(r"https?://", target):
        link.attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
    else:
        del link.attrs["href"]
