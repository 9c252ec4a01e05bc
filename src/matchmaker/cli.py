"""The commands that an instructor types, and what they print."""

import shlex
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer
from copier.errors import CopierWarning
from rich.table import Table
from rich.text import Text
from workshop.commands.in_words import ProblemsInWords
from workshop.terminal import print_problem

from matchmaker.generate import generate
from matchmaker.problem import Problem
from matchmaker.progress.sheets import sheets_of, write_sheets
from matchmaker.progress.status import status_table
from matchmaker.report import notes
from matchmaker.report.session_file import read
from matchmaker.repositories import installation
from matchmaker.repositories.output import Output
from matchmaker.roster.asking import ask_for_names
from matchmaker.roster.new import SCHEMA, write_roster
from matchmaker.roster.read import Roster, Told, read_roster
from matchmaker.roster.slugs import proposals, with_slugs
from matchmaker.roster.write import toml_of
from matchmaker.session import Wishes
from matchmaker.terminal import console
from matchmaker.urls import from_folder


class _Commands(ProblemsInWords):
    """Explains the state of a session after Ctrl-C, too."""

    indent = "    "

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            message = "Stopped; nothing is half done. To finish the rest, run the command again."
            console(stderr=True).print(message)
            raise typer.Exit(130) from interrupt


app = typer.Typer(
    name="matchmaker",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

RosterFile = Annotated[Path, typer.Argument(metavar="ROSTER", help="A TOML or CSV file.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="The folder to use. Default: the session's name, next to ROSTER."),
]

# What a roster in CSV cannot say.
SessionName = Annotated[
    str,
    typer.Option("--session", metavar="NAME", help="For CSV: the session. Default: as the file."),
]
TemplateUrl = Annotated[
    str, typer.Option("--template", metavar="URL", help="For CSV: where the template is.")
]
TemplateVersion = Annotated[
    str, typer.Option("--version", metavar="TAG", help="For CSV: the version of the template.")
]
NameColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--name-column",
        metavar="COLUMN",
        help="For CSV: the column with the names. Twice, for first and last names.",
    ),
]
Encoding = Annotated[
    str, typer.Option("--encoding", help="For CSV: its encoding, such as cp1250 or shift_jis.")
]


def main() -> None:
    """The entry point of the `matchmaker` script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    warnings.simplefilter("ignore", CopierWarning)  # our own messages say what matters
    try:
        Path.cwd()
    except OSError:
        print_problem(
            Problem("The folder that you are in is gone.", "Go to another: cd"), _Commands.indent
        )
        sys.exit(1)
    app(prog_name="matchmaker")


def _print_version(wanted: bool) -> None:
    if wanted:
        print("matchmaker", installation.version())
        raise typer.Exit


@app.callback()
def matchmaker(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Prepare a session: make a workshop repository for each trainee on a roster."""


@app.command()
def new(
    path: Annotated[Path, typer.Argument(metavar="ROSTER", help="The file to write.")],
) -> None:
    """Write a commented roster to start from."""
    write_roster(path)
    out = console()
    out.print(f"Fill in {path}. Your editor can use {SCHEMA}, next to it. Then run:")
    command = shlex.join(["matchmaker", "generate", str(path), "--dry-run"])
    out.print(f"\n    {command}\n", soft_wrap=True)


@app.command("roster")
def roster_command(
    people: Annotated[Path, typer.Argument(metavar="PEOPLE", help="A CSV file.")],
    session: SessionName = "",
    template: TemplateUrl = "",
    version: TemplateVersion = "",
    name_columns: NameColumns = None,
    encoding: Encoding = "",
) -> None:
    """Print a roster in TOML for the people in a CSV file that another program exported."""
    if people.suffix.lower() == ".toml":
        what = f"{people} is a roster already: this command makes one from a CSV file."
        raise Problem(what, "Run `matchmaker generate` on it.")
    told = _told(session, template, version, name_columns, encoding)
    chosen, _ = _chosen(people, None, told)
    text = toml_of(chosen)
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
    _remark(chosen)
    err = console(stderr=True)
    count = len(chosen.entries)
    err.print(f"The roster has {count} trainee{'s' if count > 1 else ''}.")
    if slugs := proposals(chosen):
        err.print("These slugs are a guess. Correct them in the roster:")
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("name", "trainee_slug"):
            table.add_column(heading, overflow="fold")
        for name, slug in slugs:
            table.add_row(Text(name), slug)
        err.print(table)


@app.command("generate")
def generate_command(
    roster: RosterFile,
    out: Out = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over, after moving old repositories aside.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen, without doing it.")
    ] = False,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Write a zip and a git bundle for each trainee.")
    ] = False,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put each trainee's API key into the zip.")
    ] = False,
    push: Annotated[
        str | None,
        typer.Option("--push", metavar="URL", help="Push each to a URL: git@host:team/{slug}.git"),
    ] = None,
    session: SessionName = "",
    template: TemplateUrl = "",
    version: TemplateVersion = "",
    name_columns: NameColumns = None,
    encoding: Encoding = "",
) -> None:
    """Make the repositories, or update them to match the roster."""
    told = _told(session, template, version, name_columns, encoding)
    chosen, output = _chosen(roster, out, told)
    _remark(chosen)
    if with_keys and not (bundle or chosen.bundle):
        raise typer.BadParameter("it requires --bundle", param_hint="--with-keys")
    wishes = Wishes(fresh, dry_run, bundle, with_keys, push)
    if not generate(chosen, output, wishes):
        raise typer.Exit(1)


@app.command()
def status(roster: RosterFile, out: Out = None, session: SessionName = "") -> None:
    """Show each repository's step, version, local edits, and last check."""
    console().print(status_table(*_chosen(roster, out, _told(session))))


@app.command()
def sheets(roster: RosterFile, out: Out = None, session: SessionName = "") -> None:
    """Write a page with the sheet of each trainee who ran `workshop finish`, to print."""
    chosen, output = _chosen(roster, out, _told(session))
    found = sheets_of(chosen, output)
    told = console()
    if found.names:
        write_sheets(found, output)
        told.print(f"Sheets to print: {notes.shown(output.sheets_file)}", soft_wrap=True)
    elif output.sheets_file.exists():
        told.print(f"{notes.shown(output.sheets_file)} is from an earlier run.", soft_wrap=True)
    told.print(f"{len(found.names)} of {len(chosen.entries)} trainees have a sheet.")
    for name, why in found.lacking:
        told.print(f"{name}: {why}", soft_wrap=True)


def _told(
    session: str = "",
    template: str = "",
    version: str = "",
    name_columns: list[str] | None = None,
    encoding: str = "",
) -> Told:
    """What the options say about a roster in CSV. A relative path starts from this folder."""
    template = from_folder(template, Path.cwd()) if template else ""
    ask = ask_for_names if sys.stdin.isatty() and sys.stderr.isatty() else None
    return Told(session, template, version, tuple(name_columns or ()), encoding, ask)


def _chosen(path: Path, out: Path | None, told: Told) -> tuple[Roster, Output]:
    """The roster in a file, and the folder of its session, whose trainees keep their slugs."""
    roster = read_roster(path, told)
    output = Output(out or roster.path.parent / Path(roster.name).name)
    if roster.is_text:
        roster = with_slugs(roster, read(output).trainees)
    return roster, output


def _remark(roster: Roster) -> None:
    err = console(stderr=True)
    for remark in roster.remarks:
        err.print(remark, soft_wrap=True)


if __name__ == "__main__":
    main()
