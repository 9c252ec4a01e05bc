"""Where API keys come from: never from the roster, which gets passed around."""

import os
import re
import shlex
import stat
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dotenv
from plumbum import local

from session.git import asking
from session.problem import Problem

VARIABLE = "DD_API_KEY"
"""The name of the key in a trainee's `.env`, and of everyone's key in a file of keys."""

# An API key, or an application key in its place.
_A_KEY = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}")

HOW = (
    'Write api_key = {env = "DD_API_KEY"}, {file = "keys.env"} or {command = ["op", "read", "…"]}; '
    'or api_key = "later" for trainees who set their own with `workshop key`.'
)

HOW_IN_CSV = (
    "Write env:DD_API_KEY, file:keys.env or later into the column api_key; a roster in TOML can "
    "name a command, too, and one key for all."
)


@dataclass(frozen=True)
class KeySource:
    """Where a key is read: `kind` is env, file, command or later."""

    kind: str
    value: str | tuple[str, ...] = ""


def key_source(written: Any) -> KeySource:
    """Read the `api_key` of a roster. Raises Problem when it is in no form that we know."""
    if written == "later":
        return KeySource("later")
    if isinstance(written, str) or _has_key(written):
        raise Problem(
            "An API key does not belong in the roster: whoever gets the roster would have it.",
            f"{HOW} Better make a new key, too.",
        )
    if isinstance(written, Mapping) and len(written) == 1:
        ((kind, value),) = written.items()
        if kind in ("env", "file") and isinstance(value, str) and value:
            return KeySource(kind, value)
        if (
            kind == "command"
            and isinstance(value, list)
            and value
            and all(isinstance(word, str) for word in value)
        ):
            return KeySource(kind, tuple(value))
    raise Problem("This does not say where the API key comes from.", HOW)


def _has_key(written: Any) -> bool:
    """Whether a word of it looks like a key: no error may repeat it then, and no roster hold it."""
    if isinstance(written, Mapping):
        return any(map(_has_key, written.values()))
    if isinstance(written, list):
        return any(map(_has_key, written))
    return any(map(_A_KEY.fullmatch, re.split(r"[\s=:'\"]+", str(written))))


def key_source_in_csv(written: str) -> KeySource:
    """Read a field `api_key` of a CSV roster. Raises Problem when it is in no form that we know."""
    if written == "later":
        return KeySource("later")
    kind, colon, value = written.partition(":")
    if colon and kind in ("env", "file") and value and not _has_key(value):
        return KeySource(kind, value)
    raise Problem(
        "This does not say where the API key comes from; a key itself does not belong here.",
        HOW_IN_CSV,
    )


class KeyRing:
    """Reads every source once, however many trainees share it.

    A file and a command are found from `folder`, the roster's own. Keys in the environment are
    taken out of it right away: what we start (git, and workers) has no business with them.
    """

    def __init__(self, folder: Path, sources: Iterable[KeySource | None]) -> None:
        self._folder = folder
        self._keys_in = cache(self._read_file)
        self._run = cache(self._run_command)
        names = {str(source.value) for source in sources if source and source.kind == "env"}
        self._variables = {name: os.environ.pop(name, "") for name in names}
        for name in names:
            local.env.pop(name, "")  # what Copier starts git with

    def key_of(self, source: KeySource, slug: str) -> str:
        """The key of one trainee. Raises Problem when the source has none.

        A file holds `DD_API_KEY=…` for everyone, or `<slug>=…` for one. In a command, `{slug}`
        stands for the trainee's.
        """
        if source.kind == "env":
            return self._variable(str(source.value))
        if source.kind == "command":
            return self._run(tuple(word.replace("{slug}", slug) for word in source.value))
        keys = self._keys_in(str(source.value))
        key = keys.get(slug) or keys.get(VARIABLE)
        if not key:
            raise Problem(
                f"{source.value} has no key for {slug}.",
                f"Add a line {slug}=…, or {VARIABLE}=… for everyone.",
            )
        return key

    def _variable(self, name: str) -> str:
        if not self._variables[name]:
            raise Problem(
                f"The environment variable {name}, which the API key is to come from, is not set.",
                f"Set it without leaving it in the shell's history: read -rs {name}; export {name}",
            )
        return self._variables[name]

    def _read_file(self, name: str) -> Mapping[str, str | None]:
        path = self._folder / Path(name).expanduser()
        try:
            mode = path.stat().st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise Problem(
                    f"{path} can be read by others on this machine.",
                    f"chmod 600 {shlex.quote(str(path))}",
                )
            if _is_tracked(path):
                raise Problem(
                    f"{path} is tracked by git, so the keys in it are in the history.",
                    f"git rm --cached {shlex.quote(str(path))}, add it to .gitignore, and make new "
                    "keys.",
                )
            return dotenv.dotenv_values(path, interpolate=False)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise Problem(
                f"{path}, which the API key is to come from, cannot be read: {reason}.",
                "Check the path; it counts from the roster's folder.",
            ) from error

    def _run_command(self, command: tuple[str, ...]) -> str:
        shown = shlex.join(command)
        try:
            done = subprocess.run(command, cwd=self._folder, capture_output=True, check=True)
            key = done.stdout.decode().strip()
        except (OSError, subprocess.CalledProcessError, UnicodeDecodeError) as error:
            reason = (
                f"ended with exit code {error.returncode}"
                if isinstance(error, subprocess.CalledProcessError)
                else "cannot be run"
                if isinstance(error, OSError)
                else "printed something that is not text"
            )
            raise Problem(
                f"`{shown}`, which the API key is to come from, {reason}.",
                "Run it by hand to see what it says.",
            ) from error
        if not key:
            raise Problem(
                f"`{shown}`, which the API key is to come from, printed nothing.",
                "It has to print the key alone.",
            )
        return key


def _is_tracked(path: Path) -> bool:
    path = path.resolve()
    done = subprocess.run(
        ["git", "ls-files", "--error-unmatch", "--", path.name],
        cwd=path.parent,
        env=asking(),
        capture_output=True,
    )
    return done.returncode == 0


def with_key(text: str, key: str) -> str:
    """The text of an `.env` with this key in it; every other line stays."""
    line = f"{VARIABLE}={key}"
    replaced, count = re.subn(rf"^{VARIABLE}=.*$", lambda _: line, text, flags=re.MULTILINE)
    if count:
        return replaced
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{line}\n"
