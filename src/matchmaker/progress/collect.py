"""Gets the newest record of each trainee, from the folders and from the remotes."""

from collections.abc import Collection
from functools import partial
from threading import Lock

from matchmaker.progress.folders import Folders
from matchmaker.progress.known import Known
from matchmaker.progress.trainees import Trainee, trainees_of
from matchmaker.repositories.contained import contained
from matchmaker.repositories.output import Output
from matchmaker.roster.read import Roster


class Collector:
    """Gets the records of a session's trainees, again and again.

    Any one thread at a time may use it.
    """

    def __init__(
        self, roster: Roster, output: Output, *, fetch: bool, only: Collection[str] = ()
    ) -> None:
        """Find out who takes part. `only` are slugs; without any, it's everyone.

        Raises Problems as `trainees_of` does.
        """
        self._session = roster.name
        self._fetch = fetch
        self._output = output
        self._trainees = trainees_of(roster, output, only)
        self._folders = Folders()
        self._lock = Lock()
        self.requests = 0
        """How many requests it has sent to hosts."""

    def collect(self) -> list[Known]:
        """What is known now about each trainee, in the roster's order.

        Whatever is wrong with one trainee is in that trainee's `problem`.
        """
        with self._lock:
            return [self._known(trainee) for trainee in self._trainees]

    def _known(self, trainee: Trainee) -> Known:
        return contained(
            partial(self._in_folder, trainee),
            lambda said: Known(trainee.slug, trainee.name, problem=said),
        )

    def _in_folder(self, trainee: Trainee) -> Known:
        folder = self._output.repository(trainee.slug)
        if not trainee.slug or not folder.exists():
            return Known(trainee.slug, trainee.name, problem="not generated")
        found = self._folders.record_in(folder, trainee.slug, self._session)
        return Known(trainee.slug, trainee.name, found, "folder" if found else "")
