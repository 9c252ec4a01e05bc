"""Datadog's API key: the one place for it, `.key/datadog`, which only the agent reads.

The code in `web` and `taster` can read `.env`, and containers hide `.key/` from it. A workshop of
an older version had the key in `.env`, and `move` brings it here. Nothing here follows a link.

Copier's tasks import this module too, without any package.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workshop import inside
from workshop.key_form import impossible, oddity
from workshop.problem import Problem

FOLDER = ".key"
FILE = f"{FOLDER}/datadog"
FORMER_FILE = ".env"
VARIABLE = "DD_API_KEY"

_IGNORE = f"{FOLDER}/.gitignore"
_IGNORE_ALL = b"# git never takes what is in this folder, because the API key is.\n*\n!.gitignore\n"
"""The same text as in the template, so that git has nothing to merge."""

# In bytes. A key is much shorter, and so is every .env.
_LONGEST = 1 << 20

_ASSIGNMENT = re.compile(rf"\s*(?:export\s+)?['\"]?{VARIABLE}['\"]?\s*=(.*)", re.DOTALL)
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_NAMES = {"utf-16": "UTF-16", "utf-8-sig": "UTF-8 with a byte order mark"}

HOW_WITHOUT_TOOL = (
    f"On your own machine, paste the key into the file {FILE} with an editor, and save it. "
    "Then run: docker compose restart agent"
)
"""How to set the key from outside of a container, without this tool."""

MOVED = {
    "moved": f"Your API key has moved from {FORMER_FILE} to {FILE}, which only the agent reads.",
    "same": f"Your API key is in {FILE}, so the same one is no longer in {FORMER_FILE}.",
}
NOT_MOVED = {
    "another": f"{FORMER_FILE} has another API key than {FILE}, and your code can read it there.",
    "reference": f"{VARIABLE} in {FORMER_FILE} is the name of another variable, not a key.",
}
"""What `move` found, in a sentence."""
HOW_TO_CHOOSE = (
    f"The agent uses {FILE}. Delete the line {VARIABLE}=… from {FORMER_FILE}; to use another key, "
    "run: workshop key"
)

Outcome = Literal["", "moved", "same", "another", "reference"]


@dataclass(frozen=True)
class Key:
    """A key, and what the agent makes of the file that has it."""

    text: str
    """The key itself. Empty if there is none."""
    obstacle: str = ""
    """Why the agent can't use the file as it is, in a sentence. Empty if it can."""


def read(root: Path) -> Key:
    """The key in `.key/datadog`. Raises Problem if the file can't be read.

    The agent ignores only spaces and empty lines around the key. So what an editor, a shell, or a
    habit adds to it becomes an obstacle, which this module can read, but the agent can't.
    """
    try:
        return key_in(inside.read(root, FILE, _LONGEST))
    except FileNotFoundError:
        return Key("")
    except OSError as error:
        raise _unreadable(FILE, error) from error


def key_in(content: bytes) -> Key:
    """The key in the content of a file, or in what somebody pasted."""
    coding = next((name for bom, name in _BOMS.items() if content.startswith(bom)), "")
    try:
        text = content.decode(coding or "utf-8").strip()
    except UnicodeDecodeError:
        return Key("", f"{FILE} is not a text file.")
    if not text:
        return Key("")
    obstacle = ""
    if coding:
        obstacle = f"{FILE} is saved as {_NAMES[coding]}, and the agent reads plain UTF-8."
    if assigned := _ASSIGNMENT.fullmatch(text):
        obstacle = f"{FILE} has {VARIABLE}= before the key."
        text = assigned[1].strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        obstacle = obstacle or f"{FILE} has quotation marks around the key."
        text = text[1:-1].strip()
    if not text:
        return Key("")
    if wrong := impossible(text):
        return Key(text, f"{FILE} has no key in it. {wrong}")
    return Key(text, obstacle)


def write(root: Path, pasted: str) -> tuple[bool, str]:
    """Put a key into `.key/datadog`, which only its owner can read, and remove it from `.env`.

    Returns whether there was none before, and a remark if the key looks unusual. Raises Problem if
    the text can't be a key, or if the files can't be written.
    """
    if is_hidden(root):
        raise Problem(f"{FOLDER}/ is hidden from this container.", HOW_WITHOUT_TOOL)
    key = key_in(pasted.encode("utf-8", "surrogateescape")).text
    if problem := impossible(key):
        raise Problem(problem, "Copy it from Datadog: Organization Settings > API Keys.")
    try:
        is_new = not _has_any(root)
        _put(root, key)
        _take_out(root, _dotenv(root))
    except OSError as error:
        raise Problem(
            f"{FILE} cannot be written: {_reason(error)}.",
            f"Check that {FOLDER} is your folder, and {FILE} a file in it.",
        ) from error
    return is_new, oddity(key)


def move(root: Path) -> Outcome:
    """Move the key from `.env`, where an older version had it, to `.key/datadog`.

    Returns what was found in `.env`: "" without a key, "moved", "same" if `.key/datadog` had it
    already, "another" if that has a different key, or "reference" if `.env` has only the name of
    another variable. It changes nothing in the last two cases. Keeps each other line of `.env`,
    byte for byte. Raises Problem if a file can't be read or written.
    """
    content = b"" if is_hidden(root) else _dotenv(root)  # a container would lose what it writes
    there = _keys_in(content)
    try:
        if not there:
            return ""
        if "$" in there[-1]:
            return "reference"
        has = read(root)
        if has != Key("") and has.text != there[-1]:
            return "another"
        if not has.text:
            _put(root, there[-1])
        _take_out(root, content)
    except OSError as error:
        raise Problem(
            f"The API key cannot be moved from {FORMER_FILE} to {FILE}: {_reason(error)}.",
            f"Check that {FOLDER} is your folder, and that {FORMER_FILE} and {FILE} are files.",
        ) from error
    return "same" if has.text else "moved"


def tidied(root: Path) -> str:
    """Move the key if that is due. Returns what to tell the trainee, or nothing; doesn't raise."""
    try:
        found = move(root)
    except Problem as problem:
        return f"{problem.what} {problem.remedy}"
    if found in NOT_MOVED:
        return f"{NOT_MOVED[found]} {HOW_TO_CHOOSE}"
    return MOVED.get(found, "")


def in_dotenv(root: Path) -> list[str]:
    """The keys in `.env`, which the code in `web` can read. Raises Problem if it can't be read."""
    return _keys_in(_dotenv(root))


def everywhere(root: Path) -> set[str]:
    """The keys in both files, whatever their form, so that nothing else keeps one of them."""
    found: set[str] = set()
    with contextlib.suppress(Problem):
        found.update(read(root).text.split())
    with contextlib.suppress(Problem):
        found.update(in_dotenv(root))
    return found


def is_key_file(name: str) -> bool:
    """Whether a file is for keys, by its name: what is in `.key/`, `.env`, and copies of it."""
    folders, last = name.split("/")[:-1], name.split("/")[-1]
    if FOLDER in folders:
        return last != ".gitignore"
    return last == FORMER_FILE or (last.startswith(".env.") and last != ".env.example")


def close(root: Path) -> None:
    """Let only the owner read the key, and `.env`, which can have the password of a database.

    Leaves alone what isn't a plain file in a plain folder.
    """
    with contextlib.suppress(OSError):
        if inside.is_file(root, FILE):
            _close(root)
    with contextlib.suppress(OSError):
        if inside.is_file(root, FORMER_FILE):
            inside.set_mode(root, FORMER_FILE, 0o600)


def is_hidden(root: Path) -> bool:
    """Whether this is a container, where compose.yaml mounts another folder in place of `.key/`."""
    return "WORKSHOP_CONTAINER" in os.environ


def shells() -> str:
    """What to append to a sentence about the key if the shell has one too, or else nothing."""
    return f"; your shell's {VARIABLE} is not used" if os.environ.get(VARIABLE) else ""


def _has_any(root: Path) -> bool:
    with contextlib.suppress(Problem):
        return bool(read(root).text or in_dotenv(root))
    return True


def _put(root: Path, key: str) -> None:
    # First of all, so that git can't take the key even for a moment.
    if inside.look(root, _IGNORE) is None:
        inside.write(root, _IGNORE, _IGNORE_ALL)
    if inside.look(root, FILE) is not None and not inside.is_file(root, FILE):
        inside.read(root, FILE)  # raises the reason
    inside.write(root, FILE, f"{key}\n".encode(), private=True)
    _close(root)


def _close(root: Path) -> None:
    inside.set_mode(root, FOLDER, 0o700)
    inside.set_mode(root, FILE, 0o600)


def _dotenv(root: Path) -> bytes:
    """The content of `.env`. Empty if there is none. Raises Problem if it can't be read."""
    try:
        content = inside.read(root, FORMER_FILE, _LONGEST)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unreadable(FORMER_FILE, error) from error
    if b"\0" in content:  # PowerShell appends UTF-16, even to a file in UTF-8
        raise _unreadable(FORMER_FILE, inside.Refused(f"{FORMER_FILE} is not UTF-8 text"))
    return content


def _keys_in(content: bytes) -> list[str]:
    """The keys in an `.env`, in their order."""
    return [value for line in content.splitlines() if (value := _assigned(line))]


def _take_out(root: Path, content: bytes) -> None:
    """Write `.env` without the lines that set the key. Keeps its permissions."""
    lines = content.splitlines(keepends=True)  # ends of any kind
    kept = b"".join(line for line in lines if _assigned(line) is None)
    if kept != content:
        inside.write(root, FORMER_FILE, kept)


def _assigned(line: bytes) -> str | None:
    """The value that a line of an `.env` gives to the key. None if it sets something else."""
    text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    found = _ASSIGNMENT.fullmatch(text)
    if not found:
        return None
    value = found[1].strip()
    if quoted := re.match(r"(['\"])(.*?)\1", value):
        return quoted[2].strip()
    return re.split(r"(?:^|\s)#", value)[0].strip()


def _unreadable(name: str, error: OSError) -> Problem:
    return Problem(
        f"{name} cannot be read: {_reason(error)}.",
        f"It has to be a text file of your own in this folder, and {FOLDER} a plain folder."
        if name == FILE
        else "It has to be a text file with lines such as NAME=value.",
    )


def _reason(error: OSError) -> str:
    return str(error) if isinstance(error, inside.Refused) else str(error.strerror)
