"""Decides what is to be done for each trainee: as little as makes the output right."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from session.busy import AtWork
from session.output import Output
from session.ports import PortBook, shifted
from session.questions import Checked, Facts, WrongAnswers, check
from session.rendering import is_published, renderer, template_at
from session.repository import GitError, Recorded, conflicts, key_of, recorded_in, why_not
from session.roster import Roster
from session.validation import Ready

Action = Literal["create", "replace", "update", "set key", "keep", "refuse"]


@dataclass(frozen=True)
class Task:
    """What to do for one trainee, with all that a worker needs for it."""

    slug: str
    name: str
    step: Any
    facts: Facts
    action: Action
    asked: Mapping[str, Any]
    """The roster's answers, in the questions' types; no key is among them."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The answers to give to Copier."""
    key: str | None = field(default=None, repr=False)
    why: str = ""


def make_plan(
    roster: Roster,
    source: str,
    trainees: Sequence[Ready],
    output: Output,
    asked_before: Mapping[str, Mapping[str, Any]],
    *,
    fresh: bool,
) -> list[Task]:
    """Compare the roster with what is there. Reads only.

    `asked_before` is what the roster gave when a trainee's repository was last brought up to it,
    by slug: an answer that is the same now and then stays as it is in the repository, where a
    trainee may have moved on.
    """
    at_work = AtWork()

    def unless_in_use(task: Task) -> Task:
        if task.action in ("update", "replace"):
            reason = at_work.reason_in(output.repository(task.slug))
            task = refused(task, reason) if reason else task
        if task.action == "refuse":
            task = as_it_is(task, output, source, roster.version or None)
        return task

    tasks = []
    for ready in trainees:
        slug = ready.checked.slug
        place = output.repository(slug)
        task = Task(
            slug=slug,
            name=str(ready.checked.answers["trainee_name"]),
            step=ready.checked.answers.get("step"),
            facts=ready.checked.facts,
            action="create",
            asked=ready.checked.given,
            data=ready.checked.given,
            key=ready.key,
        )
        if os.path.lexists(place) and fresh:
            task = replace(task, action="replace")
        elif os.path.lexists(place):
            recorded = recorded_in(place)
            before = asked_before.get(slug, {})
            task = _for_existing(task, roster, source, recorded, before, ready, output)
        tasks.append(unless_in_use(task))
    if not roster.distinct_ports:
        return tasks
    others = _ports_of_others(tasks, output, source, roster.version or None)
    return [unless_in_use(task) for task in _with_distinct_ports(tasks, trainees, others)]


def _for_existing(
    task: Task,
    roster: Roster,
    source: str,
    recorded: Recorded | None,
    before: Mapping[str, Any],
    ready: Ready,
    output: Output,
) -> Task:
    place = output.repository(task.slug)
    why = why_not(place) if place.is_symlink() or place.is_dir() else ""
    if why:
        return refused(task, why)
    if recorded is None:
        return refused(task, "something else is in its place; move that away, or use --fresh")
    if recorded.source != source:
        why = f"it was made from {recorded.source}; --fresh starts over from this template"
        return refused(task, why)
    by = int(recorded.answers.get("port_offset", 0)) - int(
        ready.checked.answers.get("port_offset", 0)
    )
    task = replace(task, facts=replace(task.facts, ports=shifted(task.facts.ports, by)))
    try:
        unresolved, key = conflicts(place), key_of(place)
    except GitError as error:
        return refused(task, f"git cannot read it: {error}")
    if unresolved:
        return refused(task, f"conflicts to resolve and commit first: {', '.join(unresolved)}")
    data = {
        name: value
        for name, value in task.asked.items()
        if not (name in recorded.answers and before.get(name, ...) == value)
        and (name in ready.checked.answers or name in recorded.answers)
    }
    target = template_at(source, roster.version or None)
    if not is_published(target, recorded.commit):
        why = f"the template does not have {recorded.commit}, which it was made from; "
        return refused(task, f"{why}--fresh starts over")
    is_current = recorded.commit == target.commit
    if is_current and recorded.answers == ready.checked.answers:
        checked = ready.checked
    else:
        try:
            with renderer(source, roster.version or None, Path("/nowhere")) as worker:
                checked = check(worker, data, recorded.answers, is_text=False)
        except WrongAnswers as error:
            return refused(task, " ".join(fault.what for fault in error.faults))
    is_right = is_current and checked.answers == recorded.answers
    if not is_right:
        action: Action = "update"
    elif task.key and key != task.key:
        action = "set key"
    else:
        action = "keep"
    return replace(
        task, action=action, data=data, facts=checked.facts, step=checked.answers.get("step")
    )


def refused(task: Task, why: str) -> Task:
    """The same trainee, left alone for a reason."""
    return replace(task, action="refuse", why=why)


def as_it_is(task: Task, output: Output, source: str, version: str | None) -> Task:
    """The same task with the step, the ports and so on of the repository that is there, if any.

    What is left alone stays as it was, whatever the roster says.
    """
    recorded = recorded_in(output.repository(task.slug))
    if recorded is None:
        return task
    facts = _facts_of(recorded, source, version) or task.facts
    return replace(task, step=recorded.answers.get("step"), facts=facts)


def _facts_of(recorded: Recorded, source: str, version: str | None) -> Facts | None:
    """What follows from the answers of a repository; None if it is of quite another template."""
    try:
        with renderer(source, version, Path("/nowhere")) as worker:
            return check(worker, {}, recorded.answers, is_text=False).facts
    except WrongAnswers:
        return None


def _ports_of_others(
    tasks: Sequence[Task], output: Output, source: str, version: str | None
) -> dict[str, list[int]]:
    """The ports of each repository that is there and is no longer on the roster: it may run."""
    slugs = {task.slug for task in tasks}
    found = {}
    for folder in sorted(output.root.glob("*")):
        recorded = recorded_in(folder) if folder.name not in slugs else None
        facts = _facts_of(recorded, source, version) if recorded else None
        if facts:
            found[folder.name] = list(facts.ports.values())
    return found


def _with_distinct_ports(
    tasks: list[Task], trainees: Sequence[Ready], others: Mapping[str, Sequence[int]]
) -> list[Task]:
    """Keep given ports, then those of repositories that are there, and give out what is free.

    `others` are the ports of those that are there and not in the roster, by slug.
    """
    book = PortBook()
    placed: dict[str, Task] = {}
    given = [task for task in tasks if "port_offset" in task.asked]
    there = [t for t in tasks if t not in given and t.action not in ("create", "replace")]
    for task in given:
        book.take(task.facts.ports.values(), task.slug)
        placed[task.slug] = task
    for task in there:
        if not book.clash(task.facts.ports.values()):
            book.take(task.facts.ports.values(), task.slug)
            placed[task.slug] = task
    for slug, ports_there in others.items():
        book.take(ports_there, slug)
    for task, ready in zip(tasks, trainees, strict=True):
        if task.slug in placed or task.action == "refuse":
            continue
        ports = shifted(task.facts.ports, -_offset(task, ready.checked))
        offset = book.free_offset(ports)
        if offset is None:
            placed[task.slug] = refused(task, "no free ports are left")
            continue
        own = shifted(ports, offset)
        book.take(own.values(), task.slug)
        placed[task.slug] = replace(
            task,
            action="update" if task.action in ("keep", "set key") else task.action,
            data={**task.data, "port_offset": offset},
            facts=replace(task.facts, ports=own),
        )
    return [placed.get(task.slug, task) for task in tasks]


def _offset(task: Task, checked: Checked) -> int:
    """How far up the ports of a task are: as its repository says, or else the roster."""
    before = checked.facts.ports
    first = next(iter(before))
    return task.facts.ports[first] - before[first] + int(checked.answers.get("port_offset", 0))
