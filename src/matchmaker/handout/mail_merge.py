"""`handout.csv`: what each trainee needs to begin, for a mail merge or a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from matchmaker.csv_cells import harmless
from matchmaker.handout.cards import Card

_OWN = ("name", "slug", "session", "step", "get", "clone", "zip", "codespace", "console", "ports")
"""The columns that every file has. The notes are between the first two and the rest."""


def mail_merge(session: str, cards: Sequence[Card]) -> str:
    """Write the file, with a row for each card.

    It begins with a byte order mark, and its lines end with CRLF, so that Excel reads it as UTF-8.
    """
    names = by_use({name for card in cards for name in card.trainee.notes})
    written = io.StringIO(newline="")
    rows = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    headings = [f"{name} (roster)" if name.casefold() in _OWN else name for name in names]
    rows.writerow(map(harmless, [*_OWN[:2], *headings, *_OWN[2:]]))
    for card in cards:
        trainee = card.trainee
        ports = trainee.facts.ports
        console = f"http://localhost:{ports['console']}" if "console" in ports else ""
        rows.writerow(
            map(
                harmless,
                [
                    *(trainee.name, trainee.slug),
                    *(trainee.notes.get(name, "") for name in names),
                    *(session, str(trainee.step), card.get[0], card.url, card.archive),
                    *(card.codespace, console),
                    " ".join(map(str, ports.values())),
                ],
            )
        )
    return "\ufeff" + written.getvalue()


def by_use(names: Iterable[str]) -> list[str]:
    """Notes, with e-mail addresses first."""
    return sorted(names, key=lambda name: ("mail" not in name.casefold(), name.casefold(), name))
