"""Gets the records of a session while its instructor changes who takes part."""

from collections.abc import Callable, Collection

from matchmaker.problem import Problems
from matchmaker.progress.collect import Collector
from matchmaker.progress.known import Known
from matchmaker.progress.trainees import trainees_of
from matchmaker.repositories.output import Output
from matchmaker.roster.read import Roster

Mark = tuple[object, ...]


def unusable_now(found: Problems) -> str:
    """What to show instead of a traceback while somebody is editing the roster."""
    places = (f"{one.where}: {one.what}" if one.where else one.what for one in found.problems)
    return f"The roster cannot be used now: {'; '.join(places)}"


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

    @property
    def has_remotes(self) -> bool:
        """Whether there is any remote to ask."""
        return self._collector.has_remotes

    def collect(self) -> list[Known]:
        """What is known now about each trainee. Raises Problems for mistakes in a new roster."""
        mark = self._mark()
        if mark != self._seen:
            roster = self._read_again()
            before = self._collector
            # `generate` writes its file each second, and usually nothing changes for us.
            if trainees_of(roster, self._output, self._only) != before.trainees:
                self._collector = Collector(
                    *(roster, self._output, self._fetch, self._only), before=before
                )
                before.close()
            self._seen = mark
        return self._collector.collect()

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
