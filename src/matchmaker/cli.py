"""The commands: what an instructor types, and what is printed in answer."""

import shlex
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer
from copier.errors import CopierWarning
from workshop.commands.in_words import ProblemsInWords
from workshop.terminal import print_problem

from matchmaker.generate import generate
from matchmaker.problem import Problem
from matchmaker.report.status import status_table
from matchmaker.repositories import installation
from matchmaker.repositories.output import Output
from matchmaker.roster.new import SCHEMA, write_roster
from matchmaker.roster.read import Roster, read_roster
from matchmaker.session import Wishes
from matchmaker.terminal import console


class _Commands(ProblemsInWords):
    """Says how things stand after Ctrl-C, too."""

    indent = "    "

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            message = "Stopped; nothing is left half done. The same command finishes the rest."
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
    typer.Option("--out", help="The session's folder; default: one of its name beside ROSTER."),
]


def main() -> None:
    """The entry point of the `matchmaker` script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    warnings.simplefilter("ignore", CopierWarning)  # what matters of them is said in our words
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
            "--version", callback=_print_version, is_eager=True, help="Say which version this is."
        ),
    ] = False,
) -> None:
    """Prepare a session: from a roster, one workshop repository per trainee."""


@app.command()
def new(
    path: Annotated[Path, typer.Argument(metavar="ROSTER", help="The file to write.")],
) -> None:
    """Write a commented roster to start from."""
    write_roster(path)
    out = console()
    out.print(f"{path} is a roster to fill in ({SCHEMA} beside it is for your editor). Then:")
    command = shlex.join(["matchmaker", "generate", str(path), "--dry-run"])
    out.print(f"\n    {command}\n", soft_wrap=True)


@app.command("generate")
def generate_command(
    roster: RosterFile,
    out: Out = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over; what is there is moved aside first.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Write a zip and a git bundle for each trainee.")
    ] = False,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put each trainee's API key into the zip.")
    ] = False,
    push: Annotated[
        str | None,
        typer.Option("--push", metavar="URL", help="Push each: git@host:team/{slug}.git"),
    ] = None,
) -> None:
    """Make the repositories, or bring those that are there up to the roster."""
    chosen = read_roster(roster)
    if with_keys and not (bundle or chosen.bundle):
        raise typer.BadParameter("it goes with --bundle", param_hint="--with-keys")
    wishes = Wishes(fresh, dry_run, bundle, with_keys, push)
    if not generate(chosen, _output(chosen, out), wishes):
        raise typer.Exit(1)


@app.command()
def status(roster: RosterFile, out: Out = None) -> None:
    """Show where each repository stands: step, version, local edits, last check."""
    chosen = read_roster(roster)
    console().print(status_table(chosen, _output(chosen, out)))


def _output(roster: Roster, out: Path | None) -> Output:
    return Output(out or roster.path.parent / Path(roster.name).name)


if __name__ == "__main__":
    main()
