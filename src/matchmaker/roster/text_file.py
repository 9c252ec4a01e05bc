"""Reads a roster's file as text, whatever program wrote it."""

import codecs
import difflib
from dataclasses import dataclass
from pathlib import Path

from matchmaker.problem import Problem, Problems
from matchmaker.roster.alphabets import doubt
from matchmaker.roster.encodings import WESTERN, garbled, likely
from matchmaker.roster.masking import masked

TABLES = (".csv", ".tsv")
FORMATS = (".toml", *TABLES)
_OURS = "handout.csv"
"""A table that `generate` writes: no roster."""
"""The file extensions of rosters. We read a file without an extension as TOML."""

# In bytes. A roster of ten thousand trainees is much smaller. This stops at files without end.
_LARGEST = 8 << 20

# How binary files begin: https://en.wikipedia.org/wiki/List_of_file_signatures
_NO_TEXT = {
    b"PK\x03\x04": "a workbook or a zip file",
    b"\xd0\xcf\x11\xe0": "a workbook or document from an older version of Office",
    b"%PDF-": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_OTHER_FORMATS = (".yaml", ".yml", ".json", ".ini", ".xml", ".docx", ".md", ".html")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers", ".fods")
_AS_CSV = (
    "In Excel, save it as “CSV UTF-8”; in other programs, as CSV with the character set UTF-8."
)

_SHOWN = 3
"""How many encodings a message suggests."""

# The longest signatures come first, because UTF-32's begins like UTF-16's.
_SIGNATURES = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)


@dataclass(frozen=True)
class Text:
    """The text of a file."""

    text: str
    guessed: str = ""
    """The encoding that we had to assume, for people; empty if the file shows which one it has."""


def read_text(path: Path, encoding: str = "") -> Text:
    """Read UTF-8 or UTF-16, if we recognize it; a table can also be in Windows-1252.

    `encoding` is the one that the instructor named, if any. Raises Problems if the file isn't text.
    """
    content = _content(path)
    suffix = path.suffix.lower()
    kind = next((kind for start, kind in _NO_TEXT.items() if content.startswith(start)), "")
    if kind or suffix in _WORKBOOKS:
        what = f"This is {kind or 'a workbook'}, not a roster."
        remedy = _AS_CSV if "workbook" in what else "A roster is a TOML or CSV file."
        raise _problems(what, remedy, f"{path}:1")
    if suffix and suffix not in FORMATS:
        what = f"The name of a roster ends in .toml, .csv, or .tsv, not in {path.suffix}."
        remedy = "Rename the file to match what it contains, TOML or CSV."
        if suffix in _OTHER_FORMATS:
            remedy = "Write it as TOML or CSV; `matchmaker new roster.toml` writes one to fill in."
        raise _problems(what, remedy, f"{path}:1")
    read = _decoded(path, content, encoding, is_table=suffix in TABLES)
    if "\0" in read.text:
        line = read.text[: read.text.index("\0")].count("\n") + 1
        what = "There is a NUL byte here, and text cannot contain one."
        raise _problems(what, "Save the file again, as text in UTF-8.", f"{path}:{line}")
    return read


def _decoded(path: Path, content: bytes, encoding: str, *, is_table: bool) -> Text:
    shown = _encoding(content)
    if encoding:
        try:
            # Python also has codecs that are no encodings of text, such as rot13 and base64.
            if not codecs.lookup(encoding)._is_text_encoding:
                raise LookupError(encoding)
            # A file that shows its encoding has a signature to take away.
            same = codecs.lookup(shown).name.startswith(codecs.lookup(encoding).name)
            return Text(content.decode(shown if same else encoding))
        except LookupError as error:
            what = f"There is no encoding `{encoding}`."
            remedy = "Name one such as utf-8, cp1252, cp1250, shift_jis, or gb18030."
            raise _problems(what, remedy) from error
        except UnicodeError as error:
            what, remedy = f"This is not {encoding}.", "Name another with --encoding, or none."
            raise _problems(what, remedy, f"{path}:{_line_of(content, error)}") from error
    try:
        return Text(content.decode(shown))
    except UnicodeDecodeError as error:
        where = f"{path}:{_line_of(content, error)}"
        if shown != "utf-8":
            what = "This UTF-8 is damaged." if "8" in shown else "This UTF-16 is damaged."
            raise _problems(what, _AS_CSV if is_table else "Save the file again.", where) from error
        if not is_table:
            raise _problems("This is not UTF-8.", "Save the file as UTF-8.", where) from error
        western = content.decode(WESTERN, errors="replace")
        if wrong := garbled(western):
            what = f"This is not UTF-8, and with Windows-1252 it would say `{masked(wrong)}`."
            others = [f"{name} (`{masked(word)}`)" for name, word in likely(content)]
            names = ", ".join(others[:_SHOWN]) or "cp1252"
            remedy = f"{_AS_CSV} Or name its encoding: --encoding {names}."
            raise _problems(what, remedy, where) from error
        if found := doubt(content, western):
            what = (
                f"This is not UTF-8. In Windows-1252, it would say `{masked(found.word)}`, and in "
                f"{found.encoding} `{masked(found.meant)}`."
            )
            remedy = (
                f"{_AS_CSV} Or say which one it is: --encoding {found.encoding} or "
                f"--encoding {WESTERN}."
            )
            raise _problems(what, remedy, f"{path}:{found.line}") from error
        return Text(western, "Windows-1252")


def _line_of(content: bytes, error: UnicodeError) -> int:
    start = error.start if isinstance(error, UnicodeDecodeError) else 0
    return content[:start].count(b"\n") + 1


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except IsADirectoryError as error:
        what = f"{path} cannot be read: it is a folder."
        raise _problems(what, _others_in(path) or "Name the roster in it.") from error
    except FileNotFoundError as error:
        what = f"{path} cannot be read: there is no such file."
        remedy = _others_in(path.parent, path.name) or "`matchmaker new roster.toml` writes one."
        raise _problems(what, remedy) from error
    except PermissionError as error:
        what = f"{path} cannot be read: you have no permission."
        raise _problems(what, f"Ask its owner, or if it is yours: chmod u+r {path}") from error
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}."
        raise _problems(what, "Name the roster by its path.") from error
    if len(content) > _LARGEST:
        raise _problems(f"{path} is too large for a roster.", "Name another file.")
    return content


def _others_in(folder: Path, name: str = "") -> str:
    """A suggestion from the rosters in a folder: one with a similar name, or the first few."""
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in FORMATS]
        there = sorted(path.name for path in found if path.name != _OURS)
    except OSError:
        return ""
    meant = difflib.get_close_matches(name, there, n=1) if name else there[:3]
    return f"Did you mean {' or '.join(str(folder / other) for other in meant)}?" if meant else ""


def _encoding(content: bytes) -> str:
    for signature, encoding in _SIGNATURES:
        if content.startswith(signature):
            return encoding
    # In UTF-16 without a signature, every other byte of Latin letters is 0. The names of columns
    # and keys are in Latin letters.
    even, odd = content[0::2].count(0), content[1::2].count(0)
    is_long_enough = len(content) % 2 == 0 and len(content) > 16
    if is_long_enough and max(even, odd) > len(content) / 8 and max(even, odd) > 4 * min(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def _problems(what: str, remedy: str, where: str = "") -> Problems:
    return Problems([Problem(what, remedy, where)])
