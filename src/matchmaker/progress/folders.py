"""Reads the records in the trainees' folders."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workshop import inside
from workshop.record import form
from workshop.record.form import Record

from matchmaker.repositories.contained import Unusable
from matchmaker.repositories.owner import as_owner

FILE = f".workshop/{form.FILE}"


@dataclass
class Folders:
    """The records in folders. Reads a file again only after it changed."""

    _read: dict[Path, tuple[list[int] | None, Record | str | None]] = field(default_factory=dict)
    """By folder: what the file's status was, and the record, or why it can't be used."""

    def record_in(self, folder: Path, slug: str, session: str) -> Record | None:
        """The trainee's record; None if there is none.

        Raises Unusable, and other exceptions if the folder can't be read.
        """
        before, found = self._read.get(folder, (None, None))
        status, text, why = _looked(folder, before)
        if status is None or status != before:
            found = _parsed(text, why, slug, session) if status else None
            self._read[folder] = (status, found)
        if isinstance(found, str):
            raise Unusable(found)
        return found


def own_record(content: bytes, slug: str, session: str) -> Record:
    """A record that has to be of this trainee in this session. Raises form.Unusable."""
    try:
        content.decode()
    except UnicodeDecodeError:
        raise form.Unusable("it isn't UTF-8") from None
    found = form.parse(content)
    if (found.slug, found.session) != (slug, session):
        raise form.Unusable("it is the record of somebody else")
    return found


def _parsed(text: str, why: str, slug: str, session: str) -> Record | str:
    try:
        return why or own_record(text.encode(), slug, session)
    except form.Unusable as error:
        return f"{FILE} cannot be used: {error}"


def _looked(folder: Path, before: list[int] | None) -> tuple[list[int] | None, str, str]:
    """What `_look` says, as the user who owns the folder."""
    status = folder.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid():
        # `as_owner` would look through the whole folder each time if root owns it. That protects
        # git, and we only read one file, without following a link.
        said = _look(folder, before)
    else:
        said = as_owner(folder, _look, before)
    # Another user may have written it.
    match said:
        case [None | list() as now, str(text), str(why)]:
            return now, text, why
    raise Unusable("the answer about its record is not one")


def _look(folder: Path, before: list[int] | None) -> list[Any]:
    """The status of the file, and if that is new, the file's text, or why we can't read it."""
    found = inside.look(folder, FILE)
    if found is None:
        return [None, "", ""]
    status = [found.st_mtime_ns, found.st_size, found.st_ino]
    if status == before:
        return [status, "", ""]
    try:
        return [status, inside.read(folder, FILE, form.LARGEST).decode(), ""]
    except UnicodeDecodeError:
        return [status, "", f"{FILE} is not UTF-8"]
    except OSError as error:
        return [status, "", str(error)]
