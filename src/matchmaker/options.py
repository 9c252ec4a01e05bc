"""Options that several commands have, and the roster that they choose."""

import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matchmaker.report.session_file import read
from matchmaker.repositories.output import Output
from matchmaker.roster.asking import ask_for_names
from matchmaker.roster.read import Roster, Told, read_roster
from matchmaker.roster.slugs import with_slugs
from matchmaker.session import slugs_in
from matchmaker.terminal import console
from matchmaker.urls import from_folder

if TYPE_CHECKING:
    from matchmaker.progress.following import Following

_CSV = "A roster in CSV"


def folder(text: str) -> Path:
    """The folder that an option names. Raises BadParameter for an empty text, which is not `.`."""
    if not text.strip():
        raise typer.BadParameter("it names no folder")
    return Path(text)


RosterFile = Annotated[Path, typer.Argument(metavar="ROSTER", help="A TOML or CSV file.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        parser=folder,
        metavar="<path>",
        help="The folder to use. Default: the session's name, next to ROSTER.",
    ),
]
Fetch = Annotated[
    bool, typer.Option("--fetch", help="Ask the trainees' remotes for newer records.")
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="SLUG", help="These trainees only: ada,bob"),
]
All = Annotated[bool, typer.Option("--all", help="List everyone, even if they are many.")]
Json = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Write everything for programs; - prints it."),
]

# What a roster in CSV cannot say.
SessionName = Annotated[
    str,
    typer.Option(
        "--session",
        rich_help_panel=_CSV,
        metavar="NAME",
        help="The session. Default: the name of the file.",
    ),
]
TemplateUrl = Annotated[
    str,
    typer.Option("--template", rich_help_panel=_CSV, metavar="URL", help="Where the template is."),
]
TemplateVersion = Annotated[
    str,
    typer.Option(
        "--version", rich_help_panel=_CSV, metavar="TAG", help="The version of the template."
    ),
]
NameColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--name-column",
        rich_help_panel=_CSV,
        metavar="COLUMN",
        help="The column with the names. Twice, for first and last names.",
    ),
]
Encoding = Annotated[
    str,
    typer.Option(
        "--encoding", rich_help_panel=_CSV, help="Its encoding, such as cp1250 or shift_jis."
    ),
]


def told_by(
    session: str,
    name_columns: list[str] | None,
    encoding: str,
    template: str = "",
    version: str = "",
) -> Told:
    """What the options say about a roster in CSV. A relative path starts from this folder."""
    template = from_folder(template, Path.cwd()) if template else ""
    ask = ask_for_names if sys.stdin.isatty() and sys.stderr.isatty() else None
    return Told(session, template, version, tuple(name_columns or ()), encoding, ask)


def chosen_roster(path: Path, out: Path | None, told: Told) -> tuple[Roster, Output]:
    """The roster in a file, and the folder of its session, whose trainees keep their slugs."""
    roster = read_roster(path, told)
    output = Output(out or roster.path.parent / Path(roster.name).name)
    if roster.is_text:
        roster = with_slugs(roster, read(output).trainees)
    return roster, output


def followed(
    roster: Roster, output: Output, told: Told, *, fetch: bool, only: Collection[str] = ()
) -> "Following":
    """The records of a roster that can change while somebody watches. Raises Problems."""
    from matchmaker.progress.following import Following  # `generate` doesn't wait for it

    unasked = replace(told, ask=None)  # nobody looks at a question on this terminal
    return Following(
        *(roster, output, fetch), lambda: chosen_roster(roster.path, output.root, unasked)[0], only
    )


def slugs_of(only: list[str] | None) -> tuple[str, ...]:
    """The slugs that `--only` names; empty without that option."""
    slugs = slugs_in(only or ())
    if only is not None and not slugs:
        raise typer.BadParameter("it names no trainee", param_hint="--only")
    return slugs


def remark_on(roster: Roster) -> None:
    """Say what had to be guessed about a roster in CSV, for the instructor to check."""
    err = console(stderr=True)
    for remark in roster.remarks:
        err.print(remark, soft_wrap=True)
