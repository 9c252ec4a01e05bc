"""The step pages of the repository, as HTML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workshop.settings import Step

_markdown = MarkdownIt("commonmark", {"html": True}).enable("table")


def render(root: Path, step: Step, steps: list[Step]) -> str:
    """Render a step's page; links to other pages lead to the console's own.

    Raises OSError when the page cannot be read.
    """
    text = (root / step.page).read_text(encoding="utf-8")
    tokens = _markdown.parse(text)
    pages = {Path(other.page).name: f"/steps/{other.number}" for other in steps}
    for token in tokens:
        for child in token.children or []:
            if child.type == "link_open":
                _lead(child, pages)
    return str(_markdown.renderer.render(_without_title(tokens), _markdown.options, {}))


def _without_title(tokens: list[Token]) -> list[Token]:
    """Leave out the page's own heading, and the line of links below it: the console has both."""
    if len(tokens) > 2 and tokens[0].tag == "h1":
        tokens = tokens[3:]
        if len(tokens) > 2 and tokens[0].tag == "p" and "About" in tokens[1].content:
            tokens = tokens[3:]
    return tokens


def _lead(link: Token, pages: dict[str, str]) -> None:
    target: Any = link.attrs.get("href", "")
    if name := pages.get(Path(str(target)).name):
        link.attrs["href"] = name
    elif re.match(r"https?://", str(target)):
        link.attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
    else:
        del link.attrs["href"]
