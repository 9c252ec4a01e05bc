"""The main job: updates an output folder to match a roster."""

import contextlib
import os
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from matchmaker.handout.handed_out import cards_of, hand_out, page_of, standing
from matchmaker.handout.host_commands import HostCommands, host_commands
from matchmaker.handout.mail_merge import mail_merge
from matchmaker.handout.on_host import OnHost
from matchmaker.problem import Problem, Problems
from matchmaker.report import notes
from matchmaker.report.bar import bar
from matchmaker.report.mistakes import say_mistakes_of_others
from matchmaker.report.renames import Rename, renames
from matchmaker.report.session_file import Memory, other_session, read
from matchmaker.repositories.clones import is_published, scratch
from matchmaker.repositories.contained import contained, look
from matchmaker.repositories.copier_adapter import notice, ready_to_copy, template_at, warm
from matchmaker.repositories.git import said_by
from matchmaker.repositories.output import Output
from matchmaker.repositories.owner import seen_once
from matchmaker.repositories.plan import as_it_is, make_plan
from matchmaker.repositories.template import open_template, source_of, version_of
from matchmaker.repositories.work import carry_out, workers
from matchmaker.roster.keys import KeyRing
from matchmaker.roster.read import Roster
from matchmaker.roster.toml_roster import COMMANDS
from matchmaker.roster.validation import in_order, validate
from matchmaker.session import FAILURES, Trainee, Versions, Wishes, require_known
from matchmaker.terminal import console
from matchmaker.urls import from_folder, push_problem

SECONDS_BETWEEN = 1.0
"""How often a run records what it has done so far."""


@dataclass(frozen=True)
class Prepared:
    """A roster that we checked against its template, and the workers that did it."""

    roster: Roster
    """With the version of the template that the session uses."""
    versions: Versions
    trainees: list[Trainee]
    mistakes: list[Problem]
    """Those of trainees who weren't asked for."""
    commands: HostCommands
    pool: Executor
    answers: Mapping[str, Any]
    """Those of one trainee, with which to try the template."""
    commits: Collection[str]
    """Other versions of the template, which existing repositories were made from."""


@dataclass(frozen=True)
class Planned:
    """What to do."""

    everyone: list[Trainee]
    """All trainees on the roster."""
    chosen: list[Trainee]
    """Those to work on."""
    renames: list[Rename]
    """Newcomers who are perhaps known by another name."""


def generate(roster: Roster, output: Output, wishes: Wishes) -> bool:
    """Make, update, or keep each repository, and hand them out. Return whether all went well.

    Raises Problems for mistakes in the roster, and for a slug in `only` that isn't on it, before it
    writes anything.
    """
    wishes = _with_roster(wishes, roster)
    _refuse_another_session(roster, output)
    with seen_once(), prepared(roster, output, wishes.only) as ready:
        _require_known(wishes, ready)
        say_mistakes_of_others(ready.mistakes)
        if wishes.dry_run:
            return _dry_run(ready, output, wishes)
        err = console(stderr=True)
        with output.opened(lambda text: err.print(text, soft_wrap=True)):
            memory = read(output)  # again, because we may have waited for another run
            _raise(other_session(memory, roster, output))
            return _run(ready, output, memory, wishes)


def _dry_run(ready: Prepared, output: Output, wishes: Wishes) -> bool:
    output.require_room()
    memory = read(output)
    _say_what_is_lost(memory)
    planned = _plan(ready, output, memory, wishes)
    host = OnHost(ready.commands, memory, lambda: None)
    notes.report(planned.chosen, planned.everyone, output, wishes)
    notes.renamed(planned.renames, wishes)
    notes.before(planned.chosen, planned.everyone, output, ready.versions.source, wishes, host)
    return all(trainee.action != "refuse" for trainee in planned.chosen)


def _run(ready: Prepared, output: Output, memory: Memory, wishes: Wishes) -> bool:
    _say_what_is_lost(memory)
    planned = _plan(ready, output, memory, wishes)
    with _explained(output):
        _make_way(memory, output)
    memory.session = ready.roster.name
    with _ready_to_write(ready, planned, output) as ready:
        return _write(ready, planned, output, memory, wishes)


@contextlib.contextmanager
def _ready_to_write(ready: Prepared, planned: Planned, output: Output) -> Iterator[Prepared]:
    """Prepare for the block what only making and updating repositories needs, if we do that."""
    actions = {trainee.action for trainee in planned.chosen}
    if not actions & {"create", "replace", "update"}:
        yield ready
        return
    source, version = ready.versions.source, ready.versions.version
    for one in (version, *(ready.commits if "update" in actions else ())):
        ready_to_copy(source, one)
        warm(source, one, ready.answers)
    # Workers know what this process knew when it forked them, so we need new ones. The old ones
    # have to end first, because we must not fork while there is a thread that looks after them.
    ready.pool.shutdown()
    with workers(output, len(planned.chosen)) as pool:
        yield replace(ready, pool=pool)


def _write(
    ready: Prepared, planned: Planned, output: Output, memory: Memory, wishes: Wishes
) -> bool:
    plan = [
        as_it_is(trainee, output, ready.versions) if trainee.did == "failed" else trainee
        for trainee in _carry_out(planned, output, ready, memory)
    ]
    done = {trainee.slug: trainee for trainee in plan}
    everyone = [done.get(trainee.slug, trainee) for trainee in planned.everyone]
    for trainee in plan:
        memory.note(trainee)
    save = partial(memory.write, output, ready.versions, everyone, ok=False)
    host = OnHost(ready.commands, memory, save)
    handouts = hand_out(output, plan, wishes, memory, host)
    ok = all(trainee.did not in FAILURES for trainee in plan)
    ok = ok and not any(one.problem or one.left for one in handouts)
    cards = cards_of(everyone, output, memory, wishes)
    page = page_of(ready.roster.name, cards, ready.pool, output)
    unwritten: Problems | None = None
    try:
        with _explained(output):
            memory.write(output, ready.versions, everyone, ok=ok and not memory.failures(everyone))
            output.write(output.cards_file, page)
            output.write(output.handout_file, mail_merge(ready.roster.name, cards), private=True)
    except Problems as found:
        unwritten = found
    stands = standing(plan, everyone, handouts, output, memory, wishes)
    source = ready.versions.source
    notes.report(plan, everyone, output, wishes, handouts, stands.counts)
    notes.renamed(planned.renames, wishes)
    notes.after(plan, everyone, output, source, wishes, handouts, stands, host)
    if unwritten:
        raise unwritten
    return ok


def _with_roster(wishes: Wishes, roster: Roster) -> Wishes:
    """The options from the command line, and from the roster if the command line has none."""
    if wishes.push is not None:
        _raise(push_problem(wishes.push))
        return replace(
            wishes,
            push=from_folder(wishes.push, Path.cwd()),
            bundle=wishes.bundle or roster.bundle,
        )
    return replace(wishes, push=roster.push or None, bundle=wishes.bundle or roster.bundle)


def _require_known(wishes: Wishes, ready: Prepared) -> None:
    try:
        require_known(wishes.only, {one.slug: one.name for one in ready.trainees})
    except Problems as found:  # they may be in a row with a mistake
        raise Problems([*found.problems, *ready.mistakes]) from found


def _refuse_another_session(roster: Roster, output: Output) -> None:
    other = other_session(read(output), roster, output)
    if other:
        raise Problems(in_order([*roster.problems, other]))


def _raise(problem: Problem | None) -> None:
    if problem:
        raise Problems([problem])


@contextlib.contextmanager
def prepared(roster: Roster, output: Output, only: Collection[str] = ()) -> Iterator[Prepared]:
    """Clone the template, and check the roster against it.

    Raises Problems. With slugs in `only`, mistakes that only concern others are no reason to raise.
    """
    ring = KeyRing(roster.path.parent, (entry.api_key for entry in roster.entries))
    with scratch():
        try:
            source = source_of(roster)
            version = version_of(roster, source)
            template = open_template(roster, source, version)
        except Problems as found:
            raise Problems(in_order([*roster.problems, *found.problems])) from found
        commands, faults = host_commands(roster)
        of_commands = {roster.where_set(purpose) for purpose in COMMANDS}
        roster = replace(
            roster,
            version=version or "",
            problems=(*roster.problems, *faults),
            of_rows=(*roster.of_rows, *(one for one in faults if one.where not in of_commands)),
        )
        if notice():
            console(stderr=True).print(notice(), soft_wrap=True)
        answers = {"session": roster.name, **(roster.entries[0].answers if roster.entries else {})}
        commits, lacking = _commits_in(output, source) - {str(template.commit)}, {}
        for commit in commits:
            # We don't run its code, and we refuse the trainees who have it.
            if not is_published(template.local_abspath, str(template.commit_hash), commit):
                lacking[commit] = "it does not publish that"
                continue
            try:
                template_at(source, commit)
            except Exception as error:  # it's gone, so only the trainees who have it fail
                lacking[commit] = said_by(error)
        with workers(output, len(roster.entries)) as pool:
            valid = validate(roster, source, ring, pool, only)
            versions = Versions(source, version, str(template.commit), lacking)
            known = commits - lacking.keys()
            yield Prepared(
                roster, versions, valid.trainees, valid.mistakes, commands, pool, answers, known
            )


def _commits_in(output: Output, source: str) -> set[str]:
    """The versions of the template that the existing repositories were made from."""
    found = (contained(partial(look, folder), lambda _: None) for folder in output.root.glob("*"))
    return {recorded.commit for recorded in found if recorded and recorded.source == source}


def _plan(ready: Prepared, output: Output, memory: Memory, wishes: Wishes) -> Planned:
    everyone = make_plan(
        *(ready.roster, ready.versions, ready.trainees, output, memory),
        fresh=wishes.fresh,
        only=wishes.only,
    )
    chosen = [trainee for trainee in everyone if not wishes.only or trainee.slug in wishes.only]
    found = renames(chosen, everyone, ready.roster, output, memory)
    certain = {rename.new: str(rename) for rename in found if rename.is_certain}
    chosen = [
        trainee.refused(certain[trainee.slug]) if trainee.slug in certain else trainee
        for trainee in chosen
    ]
    return Planned(everyone, chosen, [rename for rename in found if not rename.is_certain])


def _say_what_is_lost(memory: Memory) -> None:
    if memory.trouble:
        text = (
            f"{memory.trouble} The roster's earlier answers are lost, so each existing repository "
            "stays at its step."
        )
        console(stderr=True).print(text, style="yellow", soft_wrap=True)


def _make_way(memory: Memory, output: Output) -> None:
    """Keep an unreadable session.json, because somebody may want to repair it."""
    if memory.trouble and os.path.lexists(output.session_file):
        kept = output.keep(output.session_file)
        console(stderr=True).print(f"The old one is in {kept}.", soft_wrap=True)


def _carry_out(planned: Planned, output: Output, ready: Prepared, memory: Memory) -> list[Trainee]:
    """Carry out the plan, and record what is done each second and at the end.

    So the file is right even if the run is killed, now or while it hands the repositories out.
    """
    done = {}
    work = carry_out(ready.pool, planned.chosen, output, ready.versions)
    written = 0.0

    def record() -> None:
        with contextlib.suppress(OSError):  # we report it at the end
            memory.write(output, ready.versions, planned.everyone, ok=False)

    with bar(ready.roster.name, len(planned.chosen)) as advance:
        try:
            for trainee in work:
                done[trainee.slug] = trainee
                memory.note(trainee)
                # For hundreds, writing it after each one would take longer than the work itself.
                if time.monotonic() - written > SECONDS_BETWEEN:
                    record()
                    written = time.monotonic()
                advance()
        except KeyboardInterrupt:
            ready.pool.shutdown(cancel_futures=True)  # so that nothing writes while we tidy up
            raise
        finally:
            record()
    return [done[trainee.slug] for trainee in planned.chosen]


@contextlib.contextmanager
def _explained(output: Output) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"{output.root} cannot be written to: {error.strerror}."
        remedy = "Make room, and run the command again. It does only what is left."
        raise Problems([Problem(what, remedy)]) from error
