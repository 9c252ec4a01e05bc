"""The page of cards, and the file for a mail merge, for trainees who sign in with a password."""

import csv
import io
from collections.abc import Mapping, Sequence

import jinja2

from matchmaker.csv_cells import harmless
from matchmaker.handout.cards import qr_code, templates
from matchmaker.handout.mail_merge import by_use
from matchmaker.session import Trainee

_OWN = ("name", "slug", "session", "step", "link", "user", "password")
"""The columns that every file has. The notes are between the first two and the rest."""


def cards_page(
    session: str, link: str, trainees: Sequence[Trainee], passwords: Mapping[str, str]
) -> str:
    """Write the page, in the style of the cards for other ways."""
    environment = templates(jinja2.PackageLoader("matchmaker.host"))
    page = environment.get_template("hosted_cards.html.jinja")
    return page.render(
        session=session,
        link=link,
        code=qr_code(link),  # the same for all, and this takes a moment
        hosted=[(one, passwords[one.slug]) for one in trainees],
    )


def mail_merge(
    session: str, link: str, trainees: Sequence[Trainee], passwords: Mapping[str, str]
) -> str:
    """Write the file, with a row for each trainee. Its form is that of `generate`'s file."""
    names = by_use({name for one in trainees for name in one.notes})
    written = io.StringIO(newline="")
    rows = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    headings = [f"{name} (roster)" if name.casefold() in _OWN else name for name in names]
    rows.writerow(map(harmless, [*_OWN[:2], *headings, *_OWN[2:]]))
    for one in trainees:
        notes = [one.notes.get(name, "") for name in names]
        own = [session, str(one.step), link, one.slug, passwords[one.slug]]
        rows.writerow(map(harmless, [one.name, one.slug, *notes, *own]))
    return "\ufeff" + written.getvalue()
