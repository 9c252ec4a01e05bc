"""Gets the records of a session while its instructor changes who takes part."""

from collections.abc import Callable, Collection, Sequence

from matchmaker.problem import Problem, Problems
from matchmaker.progress.collect import Collector
from matchmaker.progress.known import Known
from matchmaker.progress.trainees import trainees_of
from matchmaker.repositories.output import Output
from matchmaker.roster.read import Roster

Mark = tuple[object, ...]


def _told(problems: Sequence[Problem]) -> str:
    """Problems in one line."""
    return "; ".join(f"{one.where}: {one.what}" if one.where else one.what for one in problems)


def _left_out(roster: Roster, only: Collection[str]) -> str:
    """What is wrong with rows of a roster, unless only others were asked for."""
    if not roster.of_rows or only:
        return ""
    return f"Some rows of the roster have mistakes: {_told(roster.of_rows)}"


class Following:
    """A collector that knows the roster of now: somebody comes late, or changes their name.

    Only one thread at a time may call it.
    """

    def __init__(
        self,
        roster: Roster,
        output: Output,
        fetch: bool,
        read_again: Callable[[], Roster],
        only: Collection[str] = (),
    ) -> None:
        """`read_again` reads the roster's file. Raises Problems as Collector does."""
        self._output = output
        self._fetch = fetch
        self._only = only
        self._read_again = read_again
        # A repository's remote is in the session's file as soon as it's pushed.
        self._files = (roster.path, output.session_file)
        self._seen = self._mark()
        self._collector = Collector(roster, output, fetch, only)
        self.trouble = _left_out(roster, only)
        """What is wrong with the roster of now, for the instructor. Empty if nothing is."""

    @property
    def has_remotes(self) -> bool:
        """Whether there is any remote to ask."""
        return self._collector.has_remotes

    def collect(self) -> list[Known]:
        """What is known now about each trainee.

        While somebody is editing the roster and nobody can read it, those of before are in it.
        """
        mark = self._mark()
        if mark != self._seen:
            try:
                self._follow(self._read_again())
                self._seen = mark
            except Problems as found:
                self.trouble = f"The roster cannot be used now: {_told(found.problems)}"
        return self._collector.collect()

    def _follow(self, roster: Roster) -> None:
        before = self._collector
        # `generate` writes its file each second, and usually nothing changes for us.
        if trainees_of(roster, self._output, self._only) != before.trainees:
            self._collector = Collector(
                *(roster, self._output, self._fetch, self._only), before=before
            )
            before.close()
        self.trouble = _left_out(roster, self._only)

    def close(self) -> None:
        """End all questions. Nothing can be asked after that."""
        self._collector.close()

    def _mark(self) -> Mark:
        """It changes with the files."""
        found: list[object] = []
        for file in self._files:
            try:
                status = file.stat()
                found.append((status.st_mtime_ns, status.st_size, status.st_ino))
            except OSError:
                found.append(None)
        return tuple(found)
