"""Remembers the last record of each remote between runs, for when the network is away."""

import contextlib
import json
import os
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workshop import state_file
from workshop.record import form
from workshop.record.form import Record

from matchmaker.progress.folders import own_record
from matchmaker.repositories.output import Output


@dataclass(frozen=True)
class Seen:
    """What a trainee's remote had when we last asked it."""

    url: str
    at: str
    """When it last answered (ISO 8601)."""
    commit: str = ""
    """Where the record was. Empty if there was none yet."""
    content: str = ""
    """The record. Empty if there was none, or none that can be used."""
    why: str = ""
    """Why it can't be used."""


@dataclass
class Remembered:
    """What we remember about the remotes of a session, in a folder that only we can read."""

    output: Output
    session: str
    _known: dict[str, Seen | None] = field(default_factory=dict)
    _records: dict[str, tuple[str, Record | None]] = field(default_factory=dict)

    def of(self, slug: str, url: str) -> Seen | None:
        """What we know about a trainee's remote; None if it's nothing, or of another URL."""
        if slug not in self._known:
            self._known[slug] = _read(self._file(slug))
        found = self._known[slug]
        return found if found and found.url == url else None

    def record(self, slug: str, url: str) -> Record | None:
        """The record that we remember; None if there is none, or none that we can use now."""
        seen = self.of(slug, url)
        if not seen or not seen.content:
            return None
        if self._records.get(slug, ("",))[0] != seen.content:
            record = None
            with contextlib.suppress(form.Unusable):  # another version of this command kept it
                record = own_record(seen.content.encode(), slug, self.session)
            self._records[slug] = (seen.content, record)
        return self._records[slug][1]

    def note(self, slug: str, seen: Seen) -> None:
        """Remember the answer of a remote, in this process and if possible for the next."""
        self._known[slug] = seen
        file = self._file(slug)
        draft = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}.new")
        if not self.output.root.is_dir():
            return
        with contextlib.suppress(OSError):  # no space, or no right to write here: only this run
            file.parent.parent.mkdir(mode=0o711, exist_ok=True)
            file.parent.mkdir(mode=0o700, exist_ok=True)
            draft.write_text(json.dumps(asdict(seen)), encoding="utf-8")
            draft.replace(file)

    def _file(self, slug: str) -> Path:
        return self.output.records / f"{slug}.json"


def _read(file: Path) -> Seen | None:
    try:
        return Seen(**state_file.known(Seen, state_file.read(file)))
    except TypeError:  # it's missing, or not ours
        return None
