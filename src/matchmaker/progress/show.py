"""Prints where everyone is, and what came of a session."""

import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live

from matchmaker.problem import Problem, Problems
from matchmaker.progress import export, results_files, results_table, status
from matchmaker.progress.collect import Collector
from matchmaker.progress.following import Following
from matchmaker.progress.known import Known
from matchmaker.progress.results import results_of
from matchmaker.progress.status import Row
from matchmaker.report.mistakes import say_mistakes_of_others
from matchmaker.report.times import now
from matchmaker.repositories.output import Output
from matchmaker.repositories.owner import seen_once
from matchmaker.roster.read import Roster
from matchmaker.terminal import console

SECONDS = 10.0
"""How often to look again."""


def show_status(
    roster: Roster,
    output: Output,
    *,
    fetch: bool,
    only: Collection[str],
    show_all: bool,
    file: Path | None,
) -> None:
    """Print it once, or write it to a file as JSON. Only reads. Raises Problems."""
    with seen_once(), collector_of(roster, output, fetch=fetch, only=only) as collector:
        newest = "" if file else status.newest_version(roster)
        rows = status.rows_of(collected(collector), output)
    if file:
        export.write_json(file, status.as_data(rows, roster.name, now()))
    else:
        show_all = show_all or bool(only)
        console().print(status.shown(rows, roster.name, newest, show_all=show_all))


def watch_status(collector: Following, session: str, *, show_all: bool) -> None:
    """Show it until Ctrl-C, without what needs git in each folder. Raises Problems."""
    screen = console()
    if not screen.is_terminal:
        what = "--watch needs a terminal, and the output goes to a file or a pipe."
        raise Problems([Problem(what, "Leave out --watch. For a program, use --json - instead.")])
    last: RenderableType = ""
    try:
        with Live("", console=screen, screen=True, auto_refresh=False) as live:
            while True:
                rows = [Row(one) for one in collector.collect()]
                last = status.shown(rows, session, "", show_all=show_all)
                if collector.trouble:
                    last = Group(collector.trouble, "", last)
                live.update(last, refresh=True)
                time.sleep(SECONDS)
    except KeyboardInterrupt:
        screen.print(last)


def show_results(
    roster: Roster,
    output: Output,
    *,
    fetch: bool,
    show_all: bool,
    csv: Path | None,
    json: Path | None,
) -> None:
    """Print what came of a session, or write it to files. Raises Problems."""
    with collector_of(roster, output, fetch=fetch) as collector:
        results = results_of(roster.name, collected(collector))
    if csv:
        export.write(csv, results_files.as_csv(results), mark=export.BYTE_ORDER_MARK)
    if json:
        export.write_json(json, results_files.as_data(results, now()))
    if not csv and not json:
        console().print(results_table.shown(results, show_all=show_all))


@contextmanager
def collector_of(
    roster: Roster, output: Output, *, fetch: bool, only: Collection[str] = ()
) -> Iterator[Collector]:
    """A collector, closed at the end. Raises Problems, also if there is no remote to `fetch`.

    Prints mistakes in rows of a roster that aren't of `only`, and doesn't raise for them.
    """
    if roster.problems and not only:
        raise Problems(roster.problems)
    collector = Collector(roster, output, fetch, only)
    say_mistakes_of_others(roster.of_rows)
    if fetch:
        require_remotes(collector, roster)
    try:
        yield collector
    finally:
        collector.close()


def require_remotes(collector: Collector | Following, roster: Roster) -> None:
    """Raise Problems if there is nothing to fetch."""
    if not collector.has_remotes:
        raise Problems(
            [
                Problem(
                    "There is nothing to fetch: no trainee has a remote.",
                    'Write push = "git@host:team/{slug}.git" in [session], and run generate.',
                    roster.where_set("push"),
                )
            ]
        )


def collected(collector: Collector) -> list[Known]:
    """The newest records. On a terminal, says how many remotes are still to be asked."""
    if not collector.has_remotes:
        return collector.collect()
    with _counting(console(stderr=True)) as say:
        return collector.collect_all(say)


@contextmanager
def _counting(screen: Console) -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield lambda _left: None
        return
    with screen.status("") as spinner:
        yield lambda left: spinner.update(f"Asking the trainees' remotes: {left} left")
