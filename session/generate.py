"""The main job: brings an output folder up to what a roster says."""

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from session import cards, handout, report
from session.keys import KeyRing
from session.output import Output
from session.plan import Task, as_it_is, make_plan
from session.problem import Problem, Problems
from session.rendering import is_published, scratch, template_at, warm
from session.repository import recorded_in
from session.roster import Roster
from session.template import NO_SECRET, has_secret, open_template, source_of
from session.terminal import console
from session.validation import Ready, in_order, validate
from session.work import FAILURES, Outcome, carry_out, workers


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for, besides the roster and the folder."""

    fresh: bool = False
    dry_run: bool = False
    bundle: bool = False
    with_keys: bool = False
    push: str | None = None


@dataclass(frozen=True)
class Prepared:
    """A roster that was held against its template, and the workers that did it."""

    source: str
    version: str
    """As the repositories record it."""
    trainees: list[Ready]
    pool: Executor


def generate(roster: Roster, output: Output, wishes: Wishes) -> bool:
    """Make, update or leave each repository, and hand them out. Tells whether all went well.

    Raises Problems, before anything is written, for whatever is wrong with the roster.
    """
    err = console(stderr=True)
    _check_push(wishes.push)
    with prepared(roster, output) as ready:
        if wishes.dry_run:
            plan = _plan(roster, ready, output, wishes)
            _print_table(plan, {}, output)
            return all(task.action != "refuse" for task in plan)
        with output.opened(lambda text: err.print(text, soft_wrap=True)):
            plan = _plan(roster, ready, output, wishes)
            outcomes = _carry_out(plan, roster, output, ready)
            asked = report.asked_in(output.session_file)
            plan = [
                as_it_is(task, output, ready.source, roster.version or None)
                if outcomes[task.slug].did == "failed"
                else task
                for task in plan
            ]
            there = [task for task in plan if recorded_in(output.repository(task.slug))]
            with _explained(output):
                output.write(
                    output.session_file,
                    report.session_json(
                        roster.name, ready.source, ready.version, plan, outcomes, asked
                    ),
                )
                output.write(output.cards_file, _cards(roster.name, there, output, ready, wishes))
            _print_table(plan, outcomes, output)
            handed_out = _hand_out(output, plan, outcomes, wishes)
    _notes(plan, output, ready.source, wishes)
    return handed_out and all(outcome.did not in FAILURES for outcome in outcomes.values())


@contextlib.contextmanager
def prepared(roster: Roster, output: Output) -> Iterator[Prepared]:
    """Clone the template, compile it, and hold the roster against it. Raises Problems."""
    ring = KeyRing(roster.path.parent, (entry.api_key for entry in roster.entries))
    with scratch():
        try:
            source = source_of(roster)
            template = open_template(roster, source)
        except Problems as found:
            raise Problems(in_order([*roster.problems, *found.problems])) from found
        version = roster.version or None
        warm(source, version)
        for commit in _commits_in(output) - {str(template.commit)}:
            if not is_published(template, commit):
                continue  # whoever has it is refused
            # Gone from the template, perhaps: whoever has it fails alone, later, with a reason.
            with contextlib.suppress(Exception):
                template_at(source, commit)
                warm(source, commit)
        with workers(output, len(roster.entries)) as pool:
            trainees = validate(roster, source, ring, pool)
            yield Prepared(source, str(template.commit), trainees, pool)


def _commits_in(output: Output) -> set[str]:
    """The versions from which the repositories that are there were made."""
    found = (recorded_in(folder) for folder in output.root.glob("*") if folder.is_dir())
    return {recorded.commit for recorded in found if recorded}


def _check_push(pattern: str | None) -> None:
    if pattern is None:
        return
    if "{slug}" not in pattern:
        what = "--push would push all repositories to the same place."
        remedy = "Put {slug} where the trainee's slug is to stand: git@host:team/{slug}.git"
        raise Problems([Problem(what, remedy)])
    if has_secret(pattern):
        what = "The URL to push to has a user name or a password in it, which cards would show."
        raise Problems([Problem(what, NO_SECRET)])


def _plan(roster: Roster, ready: Prepared, output: Output, wishes: Wishes) -> list[Task]:
    asked = report.asked_in(output.session_file)
    return make_plan(roster, ready.source, ready.trainees, output, asked, fresh=wishes.fresh)


def _carry_out(
    plan: Sequence[Task], roster: Roster, output: Output, ready: Prepared
) -> dict[str, Outcome]:
    outcomes = {}
    work = carry_out(ready.pool, plan, output, ready.source, roster.version or None)
    err = console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as progress:
        bar = progress.add_task(roster.name, total=len(plan))
        try:
            for outcome in work:
                outcomes[outcome.slug] = outcome
                progress.advance(bar)
        except KeyboardInterrupt:
            ready.pool.shutdown(cancel_futures=True)  # then nobody writes there while it is tidied
            raise
    return outcomes


def _print_table(plan: Sequence[Task], outcomes: dict[str, Outcome], output: Output) -> None:
    out = console()
    out.print(report.table_of(plan, outcomes, _shown(output.root)))
    for slug, remark in report.remarks(plan, outcomes):
        out.print(f"{slug}: {remark}", soft_wrap=True)


def _cards(
    session: str, tasks: Sequence[Task], output: Output, ready: Prepared, wishes: Wishes
) -> str:
    made = [
        cards.card(
            task,
            str(output.repository(task.slug)),
            wishes.push,
            bundle=wishes.bundle,
            with_keys=wishes.with_keys,
        )
        for task in tasks
    ]
    texts = [card.coded for card in made]
    try:
        codes = list(ready.pool.map(cards.qr_code, texts, chunksize=8))
    except BrokenProcessPool:  # a worker was killed, which its trainee's line says
        codes = [cards.qr_code(text) for text in texts]
    return cards.cards_page(session, made, codes)


def _hand_out(
    output: Output, plan: Sequence[Task], outcomes: dict[str, Outcome], wishes: Wishes
) -> bool:
    if not (wishes.bundle or wishes.push):
        return True
    bad = [task.slug for task in plan if outcomes[task.slug].did in FAILURES]
    if bad:
        text = f"Not handed out, for the reasons above: {', '.join(bad)}"
        console(stderr=True).print(text, style="red", soft_wrap=True)
    tasks = [task for task in plan if task.slug not in bad]
    results: list[handout.Handout] = []
    if wishes.bundle:
        results += handout.bundle(output, tasks, with_keys=wishes.with_keys)
    if wishes.push:
        results += handout.push(output, tasks, wishes.push)
    failed = [result for result in results if result.problem]
    for result in failed:
        console(stderr=True).print(f"{result.slug}: {result.problem}", style="red", soft_wrap=True)
    return not failed


@contextlib.contextmanager
def _explained(output: Output) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"{output.root} cannot be written to: {error.strerror}."
        remedy = "Make room and run the command again; it finds what is left to do."
        raise Problems([Problem(what, remedy)]) from error


def _notes(plan: Sequence[Task], output: Output, source: str, wishes: Wishes) -> None:
    out = console()
    out.print(f"Cards to print: {_shown(output.cards_file)}", soft_wrap=True)
    if wishes.bundle:
        out.print(f"Bundles: {_shown(output.bundles)}", soft_wrap=True)
    slugs = {task.slug for task in plan}
    others = [
        f.name for f in sorted(output.root.glob("*")) if recorded_in(f) and f.name not in slugs
    ]
    if others:
        out.print(f"Not in the roster, and left alone: {', '.join(others)}", soft_wrap=True)
    if (wishes.bundle or wishes.push) and Path(source).exists():
        out.print(
            f"The template is a path on this machine, {source}: elsewhere, `copier update` will "
            "not find it. Name its URL in the roster.",
            soft_wrap=True,
        )


def _shown(path: Path) -> Path:
    """A path as short as it can be typed here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
