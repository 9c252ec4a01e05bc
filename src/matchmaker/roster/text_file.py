"""Reads a roster's file as text, whatever program wrote it."""

import difflib
from pathlib import Path

from matchmaker.problem import Problem, Problems

FORMATS = (".toml", ".csv", ".tsv")
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

# The longest signatures come first, because UTF-32's begins like UTF-16's.
_SIGNATURES = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)


def read_text(path: Path) -> str:
    """Read UTF-8, or UTF-16 if we recognize it. Raises Problems if the file isn't text."""
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
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        what = "This is not UTF-8." if encoding.startswith("utf-8") else "This UTF-16 is damaged."
        remedy = "Save the file as UTF-8." if suffix in ("", ".toml") else _AS_CSV
        raise _problems(what, remedy, f"{path}:{line}") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        what = "There is a NUL byte here, and text cannot contain one."
        raise _problems(what, "Save the file again, as text in UTF-8.", f"{path}:{line}")
    return text


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
        there = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in FORMATS)
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
