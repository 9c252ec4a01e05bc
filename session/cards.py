"""The page of cards: one for each trainee, to print and hand out."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2
import segno

from session.plan import Task


@dataclass(frozen=True)
class Card:
    """What one trainee needs to begin."""

    task: Task
    get: Sequence[str]
    """The commands that lead into the repository."""
    code: str
    """The QR code, as SVG."""
    caption: str


def cards_page(
    session: str, tasks: Sequence[Task], pattern: str | None, folders: Sequence[str]
) -> str:
    """Write the page. `pattern` is where repositories are pushed; `folders` is where they are here.

    The QR code holds the repository's page if it was pushed to one, else the command to get it.
    """
    cards = []
    for task, folder in zip(tasks, folders, strict=True):
        if pattern:
            url = pattern.replace("{slug}", task.slug)
            named = url.removesuffix(".git").endswith(f"/{task.slug}")
            clone = f"git clone {url}" if named else f"git clone {url} {task.slug}"
            get = [clone, f"cd {task.slug}"]
            page = web_page(url)
        else:
            get, page = [f"cd {folder}"], ""
        code = io.BytesIO()
        segno.make_qr(page or get[0], error="m").save(
            code, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2
        )
        caption = "Your repository" if page else "The first command"
        cards.append(Card(task, get, code.getvalue().decode(), caption))
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("session", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["chunks"] = _chunks
    page_template = environment.get_template("cards.html.jinja")
    return page_template.render(session=session, cards=cards, cloned=bool(pattern))


def _chunks(word: str) -> list[str]:
    """Where a URL may go on in the next line: behind a slash, and not at a hyphen of a slug."""
    return re.findall(r"[^/]+/?|/", word)


def web_page(url: str) -> str:
    """The page of a repository on its host; empty if its URL does not tell."""
    if url.startswith("https://"):
        return url.removesuffix(".git")
    over_ssh = re.fullmatch(r"(?:ssh://)?git@([^:/]+)[:/](.+?)(?:\.git)?", url)
    return f"https://{over_ssh[1]}/{over_ssh[2]}" if over_ssh else ""
