"""Runs `create` before a trainee's first push, and `invite` after it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from matchmaker.handout import remote
from matchmaker.handout.host_commands import HostCommand, HostCommands
from matchmaker.handout.run_command import Outcome, run
from matchmaker.report.session_file import Memory, Ran
from matchmaker.report.times import local, now
from matchmaker.repositories.git import GitError
from matchmaker.repositories.limited import Limited
from matchmaker.session import Trainee


@dataclass(frozen=True)
class OnHost:
    """Runs the commands of a session, from several threads, and remembers each in its file.

    A run can be killed between a command and the note about it. For `create`, that doesn't matter,
    because the next run asks the host whether the repository is there. For `invite`, nobody can
    ask. So we note it before it begins, and the next run neither repeats it nor claims that it
    worked.
    """

    commands: HostCommands
    memory: Memory
    save: Callable[[], None]
    """Writes the session's file."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def create(
        self,
        trainee: Trainee,
        url: str,
        folder: Path,
        variables: Mapping[str, str],
        limited: Limited,
    ) -> None:
        """Make the repository to push to, if it isn't there. Raises GitError.

        `folder`, `variables`, and `limited` are those of the push. If we can't tell whether the
        repository is there, we make nothing.
        """
        command = self.commands.create
        pushed = self.memory.handed_out(trainee.slug).get("push")
        if command is None or (pushed and pushed.url == url):
            return
        found = remote.look(url, folder, variables, limited)
        if found.state == "there":
            return
        if found.state == "unknown":
            said = found.said.rstrip(".")
            raise GitError(f"{said}; nothing is created, because the repository may be there")
        about = command.about(trainee, url)
        before = self.memory.ran(trainee.slug, "create")
        if before and before.about == about:
            raise GitError(
                f"`{command.shown(trainee)}` ran on {local(before.at)}, but the repository is not "
                "there, and it runs only once. Compare its name with the URL, or run it by hand"
            )
        outcome = run(command.filled(trainee), self.commands.folder)
        if outcome.state != "done":
            raise GitError(f"not created: {_told(command, trainee, outcome)}")
        self._note(trainee, "create", Ran(about, now()))

    def invite(self, trainee: Trainee, url: str) -> str:
        """Invite a trainee, if we haven't yet. Return what went wrong; empty if nothing did."""
        command = self.commands.invite
        if command is None:
            return ""
        about = command.about(trainee, url)
        before = self.memory.ran(trainee.slug, "invite")
        if before and before.about == about:
            if before.is_certain:
                return ""
            # We say this once: from now on, it's up to the instructor.
            self._note(trainee, "invite", Ran(about, before.at))
            return (
                f"a run was stopped on {local(before.at)} while it invited this trainee, and it "
                f"invites only once. If the host knows of no invitation: {command.shown(trainee)}"
            )
        begun = now()
        self._note(trainee, "invite", Ran(about, begun, is_certain=False))
        outcome = run(command.filled(trainee), self.commands.folder)
        if outcome.state == "failed":
            self._note(trainee, "invite", None)
            return f"not invited: {_told(command, trainee, outcome)}"
        self._note(trainee, "invite", Ran(about, begun))
        if outcome.state == "unknown":
            told = _told(command, trainee, outcome)
            return f"perhaps not invited, and the next run does not repeat it: {told}"
        return ""

    def is_due(self, command: HostCommand, trainee: Trainee, url: str) -> bool:
        """Whether a run would run a command for a trainee, if the repository isn't there."""
        before = self.memory.ran(trainee.slug, command.purpose)
        if before and before.about == command.about(trainee, url):
            return False
        pushed = self.memory.handed_out(trainee.slug).get("push")
        return command.purpose == "invite" or not (pushed and pushed.url == url)

    def _note(self, trainee: Trainee, purpose: str, ran: Ran | None) -> None:
        with self._lock:
            self.memory.note_ran(trainee.slug, purpose, ran)
            self.save()


def _told(command: HostCommand, trainee: Trainee, outcome: Outcome) -> str:
    said = outcome.said.replace(trainee.key, "(the API key)") if trainee.key else outcome.said
    return f"`{command.shown(trainee)}`: {said}"
