"""Decides what is to be done for each trainee: as little as makes the output right."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from matchmaker.report.session_file import Memory
from matchmaker.repositories.at_work import AtWork
from matchmaker.repositories.contained import contained, look, whole_number
from matchmaker.repositories.copier_adapter import template_at
from matchmaker.repositories.distinct_ports import with_distinct_ports
from matchmaker.repositories.git import GitError
from matchmaker.repositories.output import Output
from matchmaker.repositories.ports import shifted
from matchmaker.repositories.repository import Recorded, conflicts, key_of
from matchmaker.repositories.task import Action, Task, refused
from matchmaker.roster.questions import Checked, Facts, WrongAnswers, check
from matchmaker.roster.read import Roster
from matchmaker.roster.validation import Ready


@dataclass(frozen=True)
class Versions:
    """The template of a session: where it is, and what is to be had of it."""

    source: str
    version: str | None
    """As the roster or the installation names it; None for the newest."""
    lacking: Mapping[str, str]
    """Versions that repositories were made from and that cannot be had, each with the reason."""


def make_plan(
    roster: Roster,
    versions: Versions,
    trainees: Sequence[Ready],
    output: Output,
    memory: Memory,
    *,
    fresh: bool,
) -> list[Task]:
    """Compare the roster with what is there. Reads only.

    `memory` tells what the roster gave when a trainee's repository was last brought up to it: an
    answer that is the same now and then stays as it is in the repository, where a trainee may have
    moved on. Where that is lost, the step stays.
    """
    planner = _Planner(roster, versions, output, memory, AtWork(), fresh)
    tasks = [planner.plan(ready) for ready in trainees]
    if not roster.distinct_ports:
        return tasks
    others = _ports_of_others(tasks, output, versions)
    at_zero = {one.checked.slug: _ports_at_zero(one.checked) for one in trainees}
    moved = with_distinct_ports(tasks, at_zero, others, roster.first_port)
    return [planner.unless_in_use(task) for task in moved]


@dataclass(frozen=True)
class _Planner:
    """Plans for one trainee after the other, of whom none can stop it."""

    roster: Roster
    versions: Versions
    output: Output
    memory: Memory
    at_work: AtWork
    fresh: bool

    def plan(self, ready: Ready) -> Task:
        """Decide what is to be done for one trainee."""
        task = Task(
            slug=ready.checked.slug,
            name=str(ready.checked.answers["trainee_name"]),
            step=ready.checked.answers.get("step"),
            facts=ready.checked.facts,
            action="create",
            asked=ready.checked.given,
            data=ready.checked.given,
            key=ready.key,
        )
        place = self.output.repository(task.slug)
        if not os.path.lexists(place):
            return task
        if self.fresh:
            return self.unless_in_use(replace(task, action="replace"))
        planned = contained(
            lambda: self._for_existing(task, place, ready.checked),
            lambda said: refused(task, said),
        )
        return self.unless_in_use(planned)

    def unless_in_use(self, task: Task) -> Task:
        """The same task, refused where somebody works in the repository."""
        if task.action in ("update", "replace"):
            place = self.output.repository(task.slug)
            reason = contained(lambda: self.at_work.reason_in(place), str)
            task = refused(task, reason) if reason else task
        if task.action == "refuse":
            task = as_it_is(task, self.output, self.versions)
        return task

    def _for_existing(self, task: Task, place: Path, wanted: Checked) -> Task:
        recorded = look(place)
        if recorded is None:
            return refused(task, "something else is in its place; move that away, or use --fresh")
        source, version = self.versions.source, self.versions.version
        if recorded.source != source:
            why = f"it was made from {recorded.source}; --fresh starts over from this template"
            return refused(task, why)
        by = whole_number(recorded.answers, "port_offset") - _offset(wanted)
        task = replace(task, facts=replace(task.facts, ports=shifted(task.facts.ports, by)))
        if recorded.commit in self.versions.lacking:
            return refused(task, self._lacks(recorded.commit))
        try:
            unresolved, key = conflicts(place), key_of(place)
        except GitError as error:
            return refused(task, f"git cannot read it: {error}")
        if unresolved:
            return refused(task, f"conflicts to resolve and commit first: {', '.join(unresolved)}")
        asked_before = self.memory.asked(task.slug)
        data = _changed(task.asked, recorded, wanted, asked_before)
        target = template_at(source, version)
        is_current = recorded.commit == target.commit
        checked = wanted
        if not is_current or recorded.answers != wanted.answers:
            try:
                checked = check(target, data, recorded.answers, is_text=False)
            except WrongAnswers as error:
                return refused(task, " ".join(fault.what for fault in error.faults))
        is_right = is_current and checked.answers == recorded.answers
        if not is_right:
            action: Action = "update"
        elif task.key and key != task.key:
            action = "set key"
        else:
            action = "keep"
        step = checked.answers.get("step")
        task = replace(
            task,
            action=action,
            data=data,
            facts=checked.facts,
            step=step,
            moves=_moves(recorded, step, str(target.commit)),
            stays=_stays(task.asked.get("step"), step, lost=asked_before is None),
            is_lost=asked_before is None,
        )
        return self._unless_older(task, recorded) if action == "update" else task

    def _lacks(self, commit: str) -> str:
        said = self.versions.lacking[commit].rstrip(".")
        return (
            f"the version that it was made from, {commit}, cannot be had from the template "
            f"({said}); bring that tag or commit back, or use --fresh"
        )

    def _unless_older(self, task: Task, recorded: Recorded) -> Task:
        """Copier updates to nothing older."""
        now = template_at(self.versions.source, recorded.commit).version
        target = template_at(self.versions.source, self.versions.version)
        if now is None or target.version is None or now <= target.version:
            return task
        return refused(
            task,
            f"it is at {recorded.commit}, and a downgrade to {target.commit} is not possible; name "
            "a newer version, or use --fresh",
        )


def _changed(
    asked: Mapping[str, Any],
    recorded: Recorded,
    wanted: Checked,
    before: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The roster's answers that are to change a repository; `before` is None if that is lost."""
    stay = {"step": asked.get("step")} if before is None else before
    return {
        name: value
        for name, value in asked.items()
        if not (name in recorded.answers and stay.get(name, ...) == value)
        and (name in wanted.answers or name in recorded.answers)
    }


def _moves(recorded: Recorded, step: Any, commit: str) -> str:
    """What an update changes, as far as it has a number."""
    pairs = [("step ", recorded.answers.get("step"), step), ("", recorded.commit, commit)]
    return ", ".join(f"{word}{old} → {new}" for word, old, new in pairs if old != new)


def _stays(asked: Any, step: Any, *, lost: bool) -> str:
    if asked in (None, step):
        return ""
    if lost:
        why = f"session.json does not tell who moved it; to move it: uv run workshop goto {asked}"
    else:
        why = "its trainee moved it"
    return f"stays at step {step}, though the roster says {asked}: {why}"


def as_it_is(task: Task, output: Output, versions: Versions) -> Task:
    """The same task with the step, the ports and so on of the repository that is there, if any.

    What is left alone stays as it was, whatever the roster says.
    """
    recorded = contained(lambda: look(output.repository(task.slug)), lambda _: None)
    if recorded is None:
        return task
    facts = _facts_of(recorded, versions) or task.facts
    return replace(task, step=recorded.answers.get("step"), facts=facts)


def _facts_of(recorded: Recorded, versions: Versions) -> Facts | None:
    """What follows from the answers of a repository; None if that cannot be told."""

    def facts() -> Facts:
        template = template_at(versions.source, versions.version)
        return check(template, {}, recorded.answers, is_text=False).facts

    return contained(facts, lambda _: None)


def _ports_of_others(
    tasks: Sequence[Task], output: Output, versions: Versions
) -> dict[str, list[int]]:
    """The ports of each repository that is there and is no longer on the roster: it may run."""
    slugs = {task.slug for task in tasks}
    found = {}
    for folder in sorted(output.root.glob("*")):
        if folder.name in slugs:
            continue
        recorded = contained(partial(look, folder), lambda _: None)
        facts = _facts_of(recorded, versions) if recorded else None
        if facts:
            found[folder.name] = list(facts.ports.values())
    return found


def _offset(checked: Checked) -> int:
    return int(checked.answers.get("port_offset", 0))


def _ports_at_zero(checked: Checked) -> dict[str, int]:
    return shifted(checked.facts.ports, -_offset(checked))
