"""The page of cards, one for each trainee, to print and hand out."""

import hashlib
import io
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any

import jinja2

from matchmaker.report.session_file import HandedOut
from matchmaker.session import Trainee
from matchmaker.urls import codespace, page_for_a_phone

_CODE: dict[str, Any] = {"error": "m"}
_SVG: dict[str, Any] = {"xmldecl": False, "svgns": True, "omitsize": True, "border": 2}


@dataclass(frozen=True)
class Card:
    """What one trainee needs to begin."""

    trainee: Trainee
    get: Sequence[str]
    """The commands that lead into the repository."""
    page: str
    """The repository's page on the web; empty if it has none that a phone can open."""
    lacks_key: bool
    """Whether its traces need an API key that doesn't come with the repository."""
    url: str = ""
    """The URL to clone it from; empty if it wasn't pushed."""
    archive: str = ""
    """The name of its zip; empty if it was handed out in another way."""
    codespace: str = ""
    """The page that opens it in GitHub Codespaces; empty if that can't run it."""

    @property
    def in_docker(self) -> bool:
        """Whether to say how to do it in Docker, which makes everyone root on a shared host."""
        return self.needs_docker or not self.trainee.facts.asks_token

    @property
    def needs_docker(self) -> bool:
        """Whether the services have to be containers."""
        answers = self.trainee.answers
        return self.trainee.facts.to_datadog or answers.get("database") == "postgresql"


def card(trainee: Trainee, folder: str, handed_out: HandedOut | None) -> Card:
    """Make a card for the way in which a repository was handed out, or else for its `folder`."""
    if handed_out is None:
        return Card(
            trainee, [shlex.join(["cd", folder])], "", _lacks_key(trainee, trainee.key is not None)
        )
    if handed_out.way == "bundle":
        get = [f"unzip {trainee.slug}.zip", f"cd {trainee.slug}"]
        lacks_key = _lacks_key(trainee, handed_out.with_key)
        return Card(trainee, get, "", lacks_key, archive=f"{trainee.slug}.zip")
    url = handed_out.url
    clone = ["git", "clone"]
    if handed_out.branch:
        clone += ["--branch", handed_out.branch]
    clone.append(url)
    if not url.removesuffix(".git").endswith(f"/{trainee.slug}"):
        clone.append(trainee.slug)
    get = [shlex.join(clone), f"cd {trainee.slug}"]
    made = Card(trainee, get, page_for_a_phone(url), _lacks_key(trainee, False), url=url)
    if trainee.answers.get("database") == "postgresql":  # a codespace runs no containers
        return made
    return replace(made, codespace=codespace(url, handed_out.branch))


def _lacks_key(trainee: Trainee, has_key: bool) -> bool:
    return trainee.facts.to_datadog and not has_key


def qr_code(text: str) -> str:
    """Draw a URL as a QR code in SVG; empty if there is none, or if it is too long.

    This takes as long as a commit, so let several processes do it.
    """
    if not text:
        return ""
    import segno  # most runs draw none

    drawn = io.BytesIO()
    try:
        code = segno.make_qr(text, **_CODE)
    except segno.DataOverflowError:
        return ""
    code.save(drawn, kind="svg", **_SVG)
    return drawn.getvalue().decode()


def cards_page(session: str, cards: Sequence[Card], codes: Sequence[str]) -> str:
    """Write the page, with the QR code of each card."""
    page = templates().get_template("cards.html.jinja")
    return page.render(session=session, cards=list(zip(cards, codes, strict=True)))


def with_mark(page: str, shown: str) -> str:
    """The page, with a mark at its end that says what it shows, for `still_shows`.

    `shown` is the same page with texts in place of their QR codes, which take long to draw.
    """
    return f"{page}\n{_mark_of(page, shown)}\n"


def still_shows(marked: str, shown: str) -> bool:
    """Whether a page with a mark shows this, and is as we wrote it, to the last character."""
    page, _, mark = marked.removesuffix("\n").rpartition("\n")
    return mark == _mark_of(page, shown)


def _mark_of(page: str, shown: str) -> str:
    how = f"{metadata.version('segno')} {_CODE} {_SVG}"
    return f"<!-- {_hash(page)} {_hash(shown + how)} -->"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def templates(*more: jinja2.BaseLoader) -> jinja2.Environment:
    """The template of the page, `cards.html.jinja`, and those that extend it."""
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader("matchmaker.handout", "."), *more]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["chunks"] = _chunks
    return environment


def _chunks(word: str) -> list[str]:
    """Split a URL where it can continue on the next line: after a slash, but not at a hyphen."""
    return re.findall(r"[^/]+/?|/", word)
