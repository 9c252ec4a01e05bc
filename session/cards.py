"""The page of cards: one for each trainee, to print and hand out."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2
import segno

from session.handout import url_for
from session.plan import Task


@dataclass(frozen=True)
class Card:
    """What one trainee needs to begin."""

    task: Task
    get: Sequence[str]
    """The commands that lead into the repository."""
    page: str
    """The repository's page on the web; empty if it has none."""
    lacks_key: bool
    """Whether its traces need an API key that does not come with the repository."""

    @property
    def coded(self) -> str:
        """What the QR code holds: the page, or else the first command."""
        return self.page or self.get[0]


def card(task: Task, folder: str, pattern: str | None, *, bundle: bool, with_keys: bool) -> Card:
    """Make a card, for the way in which the repository in `folder` gets to its trainee.

    `pattern` is where repositories are pushed to; without one, `bundle` says that it is a zip.
    """
    has_key = task.key is not None and not pattern and (with_keys or not bundle)
    lacks_key = task.facts.to_datadog and not has_key
    if pattern:
        url = url_for(pattern, task.slug)
        named = url.removesuffix(".git").endswith(f"/{task.slug}")
        clone = f"git clone {url}" if named else f"git clone {url} {task.slug}"
        return Card(task, [clone, f"cd {task.slug}"], web_page(url), lacks_key)
    if bundle:
        return Card(task, [f"unzip {task.slug}.zip", f"cd {task.slug}"], "", lacks_key)
    return Card(task, [f"cd {folder}"], "", lacks_key)


def qr_code(text: str) -> str:
    """Draw a text as SVG. It takes as long as a commit: let several processes do it."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2
    )
    return drawn.getvalue().decode()


def cards_page(session: str, cards: Sequence[Card], codes: Sequence[str]) -> str:
    """Write the page, with the QR code of each card."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("session", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["chunks"] = _chunks
    page = environment.get_template("cards.html.jinja")
    return page.render(session=session, cards=list(zip(cards, codes, strict=True)))


def _chunks(word: str) -> list[str]:
    """Where a URL may go on in the next line: behind a slash, and not at a hyphen of a slug."""
    return re.findall(r"[^/]+/?|/", word)


def web_page(url: str) -> str:
    """The page of a repository on its host; empty if its URL does not tell."""
    if url.startswith("https://"):
        return url.removesuffix(".git")
    over_ssh = re.fullmatch(r"(?:ssh://)?git@([^:/]+)(?::\d+/|[:/])(.+?)(?:\.git)?", url)
    return f"https://{over_ssh[1]}/{over_ssh[2]}" if over_ssh else ""
