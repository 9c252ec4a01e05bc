"""Runs git with other machines in the background, where nobody can end it if they don't answer."""

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from matchmaker.repositories.git import GitError, asking, reason_in
from matchmaker.repositories.groups import Groups
from matchmaker.repositories.hosts import Hosts


class Unanswered(GitError):
    """The other machine didn't answer in time. The text says how long that was."""


class Failed(GitError):
    """Git ended with an error. `printed` is everything that it printed about that."""

    def __init__(self, printed: str) -> None:
        super().__init__(reason_in(printed))
        self.printed = printed


class Limited:
    """Runs git from several threads, and ends everything that still runs when the block ends."""

    def __init__(self, at_once: int) -> None:
        """`at_once` is the number of threads."""
        self._hosts = Hosts(at_once)
        self._groups = Groups()

    def __enter__(self) -> "Limited":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._groups.close()

    def git(
        self, folder: Path, *arguments: str, url: str, variables: Mapping[str, str], seconds: float
    ) -> str:
        """Run git as the user would, and return its output. `variables` keep it from prompting.

        When its time is up, we kill it and everything that it started. Raises Failed, Unanswered,
        and GitError if the host of `url` didn't answer before.
        """
        with self._hosts.asked(url):
            return self._git(folder, arguments, variables, seconds)

    def _git(
        self, folder: Path, arguments: Sequence[str], variables: Mapping[str, str], seconds: float
    ) -> str:
        command, environment = ["git", *arguments], {**asking(), **variables}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                code = self._groups.run(command, folder, environment, out, err, seconds)
            except subprocess.TimeoutExpired:
                raise Unanswered(f"no answer within {seconds:.0f} seconds") from None
            out.seek(0)
            err.seek(0)
            said = out.read().decode("utf-8", "surrogateescape")
            if code:
                raise Failed(err.read().decode("utf-8", "surrogateescape") + said)
            return said
