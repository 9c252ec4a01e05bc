"""Prints what `matchmaker host` wrote."""

import shlex

from matchmaker.host.command import PASSWORDS, Hosted
from matchmaker.report import notes
from matchmaker.roster.read import Roster
from matchmaker.terminal import console


def show(hosted: Hosted, roster: Roster) -> None:
    """Print where everything is, and what to do next."""
    out = console()
    folder = notes.shown(hosted.folder)

    def say(text: str) -> None:
        out.print(text, soft_wrap=True, highlight=False, markup=False)

    say(f"{roster.name}: {_counted(hosted.trainees, 'trainee')}")
    say(f"For the cluster's administrator: {folder / 'README.md'}")
    if hosted.has_cards:
        say(f"Cards to print: {folder / 'cards.html'}")
        say(f"For a mail merge: {folder / 'handout.csv'}")
        say(
            f"{_counted(hosted.new_passwords, 'new password')}. Keep {folder / PASSWORDS}, so that "
            "the next run changes nobody's."
        )
    for path in hosted.kept:
        say(f"Somebody had changed {path.name}. It is in {notes.shown(path)} now.")
    if hosted.unpushed:
        command = shlex.join(["matchmaker", "generate", str(roster.path)])
        say(
            f"{_counted(hosted.unpushed, 'repository', 'repositories')} not pushed yet. A server "
            f"clones its own, so first run: {command}"
        )


def _counted(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or f'{one}s'}"
