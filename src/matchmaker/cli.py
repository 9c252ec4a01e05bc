"""The commands that an instructor types, and what they print.

A command imports what only it needs, so that the others don't wait for that.
"""

import shlex
import sys
import warnings
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from copier.errors import CopierWarning
from rich.table import Table
from rich.text import Text
from workshop.commands.in_words import ProblemsInWords, run
from workshop.terminal import print_problem, tolerate_any_text

from matchmaker.options import (
    All,
    Encoding,
    Fetch,
    Json,
    NameColumns,
    Only,
    Out,
    RosterFile,
    SessionName,
    TemplateUrl,
    TemplateVersion,
    chosen_roster,
    folder,
    followed,
    remark_on,
    slugs_of,
    told_by,
)
from matchmaker.problem import Problem
from matchmaker.report import notes
from matchmaker.repositories import installation
from matchmaker.roster.read import Told
from matchmaker.session import Wishes
from matchmaker.terminal import console


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


def main() -> None:
    """Run the command that the words of the command line name."""
    tolerate_any_text()
    warnings.simplefilter("ignore", CopierWarning)  # our own messages say what matters
    try:
        Path.cwd()
    except OSError:
        print_problem(
            Problem("The folder that you are in is gone.", "Go to another: cd"), _Commands.indent
        )
        sys.exit(1)
    run(app, "matchmaker", _Commands.indent)


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
    from matchmaker.roster.new import SCHEMA, write_roster

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
    from matchmaker.roster.slugs import proposals
    from matchmaker.roster.write import toml_of

    if people.suffix.lower() == ".toml":
        what = f"{people} is a roster already: this command makes one from a CSV file."
        raise Problem(what, "Run `matchmaker generate` on it.")
    told = told_by(session, name_columns, encoding, template, version)
    chosen, _ = chosen_roster(people, None, told)
    text = toml_of(chosen)
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
    remark_on(chosen)
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
    only: Only = None,
    show_all: All = False,
    session: SessionName = "",
    template: TemplateUrl = "",
    version: TemplateVersion = "",
    name_columns: NameColumns = None,
    encoding: Encoding = "",
) -> None:
    """Make the repositories, or update them to match the roster."""
    from matchmaker.generate import generate

    told = told_by(session, name_columns, encoding, template, version)
    chosen, output = chosen_roster(roster, out, told)
    remark_on(chosen)
    if with_keys and not (bundle or chosen.bundle):
        raise typer.BadParameter("it requires --bundle", param_hint="--with-keys")
    slugs = slugs_of(only)
    wishes = Wishes(fresh, dry_run, bundle, with_keys, push, slugs, show_all)
    if not generate(chosen, output, wishes):
        raise typer.Exit(1)


@app.command()
def status(
    roster: RosterFile,
    out: Out = None,
    fetch: Fetch = False,
    only: Only = None,
    show_all: All = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show it again every 10 seconds, until Ctrl-C.")
    ] = False,
    json: Json = None,
    session: SessionName = "",
    name_columns: NameColumns = None,
    encoding: Encoding = "",
) -> None:
    """Show where everyone is, with local edits and the last check."""
    from matchmaker.progress.show import require_remotes, show_status, watch_status

    if watch and json:
        raise typer.BadParameter("it can't be used with --json", param_hint="--watch")
    said, slugs = told_by(session, name_columns, encoding), slugs_of(only)
    chosen, output = chosen_roster(roster, out, said)
    if watch:
        collector = followed(chosen, output, said, fetch=fetch, only=slugs)
        if fetch:
            require_remotes(collector, chosen)
        with closing(collector):
            watch_status(collector, chosen.name, show_all=show_all or bool(slugs))
    else:
        show_status(chosen, output, fetch=fetch, only=slugs, show_all=show_all, file=json)


@app.command()
def results(
    roster: RosterFile,
    out: Out = None,
    fetch: Fetch = False,
    show_all: All = False,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write a row for each trainee; - prints them."),
    ] = None,
    json: Json = None,
    session: SessionName = "",
    name_columns: NameColumns = None,
    encoding: Encoding = "",
) -> None:
    """Show what came of the session: steps, minutes, hints, and what was hard for many."""
    from matchmaker.progress import export
    from matchmaker.progress.show import show_results

    if csv == json == export.STANDARD_OUTPUT:
        raise typer.BadParameter("only one of them can be -", param_hint="--csv, --json")
    chosen, output = chosen_roster(roster, out, told_by(session, name_columns, encoding))
    show_results(chosen, output, fetch=fetch, show_all=show_all, csv=csv, json=json)


@app.command()
def sheets(
    roster: RosterFile,
    out: Out = None,
    fetch: Fetch = False,
    session: SessionName = "",
    name_columns: NameColumns = None,
    encoding: Encoding = "",
) -> None:
    """Write a page with the sheet of each trainee who ran `workshop finish`, to print."""
    from matchmaker.progress.reasons import by_reason
    from matchmaker.progress.sheets import sheets_of, write_sheets
    from matchmaker.progress.show import collected, collector_of

    chosen, output = chosen_roster(roster, out, told_by(session, name_columns, encoding))
    with collector_of(chosen, output, fetch=fetch) as collector:
        found = sheets_of(chosen.name, collected(collector))
    told = console()
    if found.names:
        write_sheets(found, output)
        told.print(f"Sheets to print: {notes.shown(output.sheets_file)}", soft_wrap=True)
    elif output.sheets_file.exists():
        told.print(f"{notes.shown(output.sheets_file)} is from an earlier run.", soft_wrap=True)
    told.print(f"{len(found.names)} of {len(chosen.entries)} trainees have a sheet.")
    for line in by_reason(found.lacking):
        told.print(line, soft_wrap=True)


@app.command("host")
def host_command(
    roster: RosterFile,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=folder,
            metavar="<path>",
            help="The folder to write. Default: _cluster in the session's folder.",
        ),
    ] = None,
) -> None:
    """Write what a Kubernetes cluster needs to host the session, for its administrator."""
    from matchmaker.host.command import host
    from matchmaker.host.show import show

    is_session = out is not None and (out / "session.json").is_file()
    chosen, output = chosen_roster(roster, out if is_session else None, Told())
    err = console(stderr=True)

    def say(text: str) -> None:
        err.print(text, soft_wrap=True)

    show(host(chosen, output, None if is_session else out, say), chosen)


@app.command()
def board(
    roster: RosterFile,
    out: Out = None,
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="The port on this machine.")
    ] = 8880,
    fetch: Annotated[
        bool,
        typer.Option(
            "--fetch/--no-fetch", help="Whether to ask the remotes that the session was pushed to."
        ),
    ] = True,
    session: SessionName = "",
    name_columns: NameColumns = None,
    encoding: Encoding = "",
) -> None:
    """Show a page with where everybody is, while they move. Ctrl-C ends it."""
    from matchmaker.board.serve import serve

    said = told_by(session, name_columns, encoding)
    chosen, output = chosen_roster(roster, out, said)
    collector = followed(chosen, output, said, fetch=fetch)
    told = console()

    def say(link: str) -> None:
        told.print("The board is at the link below. Only people with the link can open it.")
        told.print(f"\n    {link}\n", soft_wrap=True, highlight=False)
        if not collector.has_remotes:
            told.print(f"It reads the folders in {notes.shown(output.root)}, and asks no remote.")
        told.print("Press Ctrl-C to end it.")

    with closing(collector):
        serve(collector, chosen.name, port, say)


if __name__ == "__main__":
    main()
