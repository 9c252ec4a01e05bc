"""Where API keys come from. They are never in the roster, because people pass it around."""

import contextlib
import io
import os
import re
import shlex
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream
from plumbum import local
from workshop.key_form import is_api_key, is_application_key
from workshop.moving import git_environment

from matchmaker.problem import Problem
from matchmaker.repositories.git import asking
from matchmaker.roster.guesses import closest
from matchmaker.roster.key_command import TookTooLong, key_from
from matchmaker.roster.masking import masked

VARIABLE = "DD_API_KEY"
"""The name of the shared key in a file of keys."""

_FORMS = {
    "env": '{env = "DD_API_KEY"}',
    "file": '{file = "keys.env"}',
    "command": '{command = ["op", "read", "…"]}',
}

HOW = (
    f"Write api_key = {_FORMS['env']}, {_FORMS['file']}, or {_FORMS['command']}; "
    'or api_key = "later" for trainees who set their own with `workshop key`.'
)

HOW_IN_CSV = (
    "Write env:DD_API_KEY, file:keys.env, or later in the column api_key. A roster in TOML can "
    "also name a command, and one key for everyone."
)


@dataclass(frozen=True)
class KeySource:
    """Where to find a key: `kind` is env, file, command, or later."""

    kind: str
    value: str | tuple[str, ...] = ""


def key_source(written: Any) -> KeySource:
    """Read the `api_key` of a roster. Raises Problem if it has an unknown form."""
    if written == "later":
        return KeySource("later")
    if has_key(written):
        raise Problem(
            "An API key does not belong in the roster: everyone who gets the roster would have it.",
            f"{HOW} Also replace the key with a new one.",
        )
    if isinstance(written, Mapping) and len(written) == 1:
        ((kind, value),) = written.items()
        return _key_source(kind, value)
    if isinstance(written, Mapping) and written:
        raise Problem("`api_key` names several sources, and a key can have only one.", HOW)
    what = "This does not say where the API key comes from"
    if isinstance(written, str):
        what += "; a key itself does not belong here"
    raise Problem(f"{what}.", HOW)


def _key_source(kind: str, value: Any) -> KeySource:
    words = value if isinstance(value, list) else [value]
    if kind not in _FORMS:
        meant = closest(kind, _FORMS)
        what = f"This does not say where the API key comes from: there is no `{masked(kind)}`."
        raise Problem(what, f"Did you mean {meant}? Write {_FORMS[meant]}." if meant else HOW)
    is_well_formed = isinstance(value, list) == (kind == "command") and all(
        isinstance(word, str) and "\0" not in word for word in words
    )
    if is_well_formed and words and words[0]:
        if kind != "env":
            return KeySource(kind, tuple(words) if kind == "command" else words[0])
        if re.fullmatch(r"[A-Za-z_]\w*", words[0], re.ASCII):
            return KeySource(kind, words[0])
    form = {
        "env": "the name of a variable, without a $",
        "file": "the path of a file, in quotes",
        "command": "a list of words, each in quotes",
    }
    raise Problem(
        f"`{kind}` does not say where the API key comes from.",
        f"It takes {form[kind]}: api_key = {_FORMS[kind]}",
    )


_AROUND = ".,;!?()[]<>{}\u2026"
"""What can stand around a key in a sentence."""


def has_key(written: Any) -> bool:
    """Whether a word of it looks like a key. No roster may contain one, and no error repeat it."""
    if isinstance(written, Mapping):
        return any(map(has_key, [*written, *written.values()]))
    if isinstance(written, list):
        return any(map(has_key, written))
    words = re.split(r"[\s=:'\"]+", str(written))
    words = [word.strip(_AROUND) for word in words]
    return any(is_api_key(word) or is_application_key(word) for word in words)


def key_source_in_csv(written: str) -> KeySource:
    """Read a field `api_key` of a CSV roster. Raises Problem if it has an unknown form."""
    if written == "later":
        return KeySource("later")
    kind, colon, value = (part.strip() for part in written.partition(":"))
    if colon and kind in ("env", "file") and not has_key(value):
        with contextlib.suppress(Problem):
            return _key_source(kind, value)
    raise Problem(
        "This does not say where the API key comes from; a key itself does not belong here.",
        HOW_IN_CSV,
    )


class KeyRing:
    """Reads every source once, however many trainees share it.

    The paths of files and commands are relative to `folder`, the roster's own. This takes keys out
    of the environment right away, because the programs that we start (git and workers) don't need
    them.
    """

    def __init__(self, folder: Path, sources: Iterable[KeySource | None]) -> None:
        self._folder = folder
        self._keys_in = cache(self._read_file)
        self._run = cache(self._run_command)
        self._stuck: dict[KeySource, Problem] = {}
        names = {str(source.value) for source in sources if source and source.kind == "env"}
        self._variables = {name: os.environ.pop(name, "") for name in names}
        for name in names:
            local.env.pop(name, "")  # the environment in which Copier starts git

    def key_of(self, source: KeySource, slug: str) -> str:
        """The key of one trainee. Raises Problem if the source has none.

        A file has `DD_API_KEY=…` for everyone, or `<slug>=…` for one trainee. In a command,
        `{slug}` stands for the trainee's slug.
        """
        if source.kind == "env":
            return self._variable(str(source.value))
        if source.kind == "command":
            return self._by_command(source, slug)
        keys, unreadable = self._keys_in(str(source.value))
        shared = keys.get(VARIABLE)
        if key := keys.get(slug) or (not unreadable and shared):
            return key
        if shared:  # and a line that may be this trainee's
            raise Problem(
                f"Line {unreadable} of {source.value} is not like NAME=value.",
                "Write <slug>=… for a trainee's own key, or a # in front of a note.",
            )
        odd = f", and line {unreadable} of it is not like NAME=value" if unreadable else ""
        raise Problem(
            f"{source.value} has no key for {slug}{odd}.",
            f"Add a line {slug}=…, or {VARIABLE}=… for everyone.",
        )

    def _variable(self, name: str) -> str:
        if not self._variables[name]:
            raise Problem(
                f"The environment variable {name}, which should contain the API key, is not set.",
                f"Set it without leaving it in the shell's history: read -rs {name}; export {name}",
            )
        return self._variables[name]

    def _read_file(self, name: str) -> tuple[Mapping[str, str | None], int]:
        """The keys by name, and the first line that has none; 0 if there is no such line."""
        try:
            path = self._folder / Path(name).expanduser()
        except RuntimeError as error:  # ~somebody, and this machine has no such user
            what = f"{masked(name)}, which should contain the API key, names an unknown user."
            raise Problem(what, "Write the path of the folder instead of the ~.") from error
        try:
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                raise Problem(
                    f"{path}, which should contain the API key, is a folder.",
                    f"Name a file in it, with {VARIABLE}=… for everyone, or <slug>=… for one.",
                )
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
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise Problem(
                f"{path}, which should contain the API key, cannot be read: {reason}.",
                "Check the path. It is relative to the roster's folder.",
            ) from error
        lines = enumerate(text.splitlines(), 1)
        odd = (n for n, line in lines if "=" not in line and re.match(r"\s*[^\s#]", line))
        # Not dotenv_values, which prints its own message about such a line.
        parsed = {one.key: one.value for one in parse_stream(io.StringIO(text)) if one.key}
        return parsed, next(odd, 0)

    def _by_command(self, source: KeySource, slug: str) -> str:
        if source in self._stuck:  # don't wait for it again with each trainee
            raise self._stuck[source]
        try:
            key = self._run(tuple(word.replace("{slug}", slug) for word in source.value))
        except TookTooLong as problem:
            self._stuck[source] = problem
            raise
        if isinstance(key, Problem):
            raise key
        return key

    def _run_command(self, command: tuple[str, ...]) -> str | Problem:
        """What a command prints. Returns a failure instead of raising it, so that it is cached."""
        try:
            return key_from(command, self._folder)
        except TookTooLong:
            raise
        except Problem as problem:
            return problem


def _is_tracked(path: Path) -> bool:
    path = path.resolve()
    listed = ("ls-files", "--error-unmatch", "--", path.name)
    return git_environment.run(path.parent, *listed, environment=asking()).returncode == 0
