"""Decides what to do for each trainee: as little as possible to bring the output up to date."""

import os
from collections.abc import Collection, Mapping, Sequence
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
from matchmaker.roster.questions import Facts, WrongAnswers, check
from matchmaker.roster.read import Roster
from matchmaker.session import Action, Trainee, Versions


def make_plan(
    roster: Roster,
    versions: Versions,
    trainees: Sequence[Trainee],
    output: Output,
    memory: Memory,
    *,
    fresh: bool,
    only: Collection[str] = (),
) -> list[Trainee]:
    """Compare the roster with the existing repositories, without writing anything.

    If `only` has slugs, the others' repositories stay as they are, and keep their ports.

    `memory` has the roster's answers from the time when each repository was last updated. If the
    roster still gives the same answer, the repository keeps its own, because the trainee may have
    moved on. If the memory is lost, the repository keeps its step.
    """
    planner = _Planner(roster, versions, output, memory, AtWork(), fresh, only)
    planned = [planner.plan(trainee) for trainee in trainees]
    if not roster.distinct_ports:
        return planned
    others = _ports_of_others(planned, output, versions)
    at_zero = {one.slug: shifted(one.facts.ports, -_offset(one.answers)) for one in trainees}
    moved = with_distinct_ports(planned, at_zero, others, roster.first_port)
    return [
        planner.unless_in_use(after) if not only or after.slug in only else before
        for before, after in zip(planned, moved, strict=True)
    ]


@dataclass(frozen=True)
class _Planner:
    """Plans for one trainee after the other. A failure with one doesn't stop it."""

    roster: Roster
    versions: Versions
    output: Output
    memory: Memory
    at_work: AtWork
    fresh: bool
    only: Collection[str]

    def plan(self, trainee: Trainee) -> Trainee:
        """Decide what to do for one trainee."""
        place = self.output.repository(trainee.slug)
        if not os.path.lexists(place):
            return trainee
        if self.only and trainee.slug not in self.only:
            return as_it_is(replace(trainee, action="keep"), self.output, self.versions)
        if self.fresh:
            return self.unless_in_use(self._replacement(trainee, place))
        planned = contained(
            lambda: self._for_existing(trainee, place),
            trainee.refused,
        )
        return self.unless_in_use(planned)

    def _replacement(self, trainee: Trainee, place: Path) -> Trainee:
        """Start over. If it's one of several, it keeps its ports, which are on a printed card."""
        trainee = replace(trainee, action="replace")
        recorded = contained(lambda: look(place), lambda _: None)
        if not (self.only and self.roster.distinct_ports and recorded):
            return trainee
        offset = contained(lambda: whole_number(recorded.answers, "port_offset"), lambda _: -1)
        if offset < 0 or "port_offset" in trainee.asked:
            return trainee
        ports = shifted(trainee.facts.ports, offset - _offset(trainee.answers))
        return replace(
            trainee,
            data={**trainee.data, "port_offset": offset},
            facts=replace(trainee.facts, ports=ports),
        )

    def unless_in_use(self, trainee: Trainee) -> Trainee:
        """The same trainee, but refused if somebody works in the repository."""
        if trainee.action in ("update", "replace"):
            place = self.output.repository(trainee.slug)
            reason = contained(lambda: self.at_work.reason_in(place), str)
            trainee = trainee.refused(reason) if reason else trainee
        if trainee.action == "refuse":
            trainee = as_it_is(trainee, self.output, self.versions)
        return trainee

    def _for_existing(self, trainee: Trainee, place: Path) -> Trainee:
        recorded = look(place)
        if recorded is None:
            return trainee.refused("something else is in its place; move it away, or use --fresh")
        source, version = self.versions.source, self.versions.version
        if recorded.source != source:
            why = f"it was made from {recorded.source}; --fresh starts over from this template"
            return trainee.refused(why)
        by = whole_number(recorded.answers, "port_offset") - _offset(trainee.answers)
        trainee = replace(
            trainee, facts=replace(trainee.facts, ports=shifted(trainee.facts.ports, by))
        )
        if recorded.commit in self.versions.lacking:
            return trainee.refused(self._lacks(recorded.commit))
        try:
            unresolved, key = conflicts(place), key_of(place)
        except GitError as error:
            return trainee.refused(f"git cannot read it: {error}")
        if unresolved:
            return trainee.refused(
                f"conflicts to resolve and commit first: {', '.join(unresolved)}"
            )
        asked_before = self.memory.asked(trainee.slug)
        data = _changed(trainee, recorded, asked_before)
        target = template_at(source, version)
        is_current = recorded.commit == target.commit
        answers, facts = trainee.answers, trainee.facts
        if not is_current or recorded.answers != trainee.answers:
            try:
                checked = check(target, data, recorded.answers, is_text=False)
            except WrongAnswers as error:
                return trainee.refused(" ".join(fault.what for fault in error.faults))
            answers, facts = checked.answers, checked.facts
        is_right = is_current and answers == recorded.answers
        if not is_right:
            action: Action = "update"
        elif trainee.key and key != trainee.key:
            action = "set key"
        else:
            action = "keep"
        step = answers.get("step")
        trainee = replace(
            trainee,
            action=action,
            data=data,
            facts=facts,
            step=step,
            moves=_moves(recorded, step, str(target.commit)),
            stays=_stays(trainee.asked.get("step"), step, lost=asked_before is None),
            is_lost=asked_before is None,
        )
        moves_on = action == "update" and not is_current
        return self._unless_older(trainee, recorded) if moves_on else trainee

    def _lacks(self, commit: str) -> str:
        said = self.versions.lacking[commit].rstrip(".")
        return (
            f"the version that it was made from, {commit}, is not available from the template "
            f"({said}); restore that tag or commit, or use --fresh"
        )

    def _unless_older(self, trainee: Trainee, recorded: Recorded) -> Trainee:
        """The same trainee, but refused if the update is a downgrade: Copier can't do those."""
        now = template_at(self.versions.source, recorded.commit).version
        target = template_at(self.versions.source, self.versions.version)
        if now is None or target.version is None or now <= target.version:
            return trainee
        return trainee.refused(
            f"it is at {recorded.commit}, and a downgrade to {target.commit} is not possible; name "
            "a newer version, or use --fresh",
        )


def _changed(
    trainee: Trainee, recorded: Recorded, before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The roster's answers that change a repository. `before` is None if the memory is lost."""
    stay = {"step": trainee.asked.get("step")} if before is None else before
    return {
        name: value
        for name, value in trainee.asked.items()
        if not (name in recorded.answers and stay.get(name, ...) == value)
        and (name in trainee.answers or name in recorded.answers)
    }


def _moves(recorded: Recorded, step: Any, commit: str) -> str:
    """What an update changes: the step and the version."""
    pairs = [("step ", recorded.answers.get("step"), step), ("", recorded.commit, commit)]
    return ", ".join(f"{word}{old} → {new}" for word, old, new in pairs if old != new)


def _stays(asked: Any, step: Any, *, lost: bool) -> str:
    if asked in (None, step):
        return ""
    if lost:
        why = f"session.json does not say who moved it; to move it: uv run workshop goto {asked}"
    else:
        why = "its trainee moved it"
    return f"stays at step {step}, though the roster says {asked}: {why}"


def as_it_is(trainee: Trainee, output: Output, versions: Versions) -> Trainee:
    """The same trainee with the step and facts of the existing repository, if there is one.

    A repository that we leave alone stays as it is, whatever the roster says.
    """
    recorded = contained(lambda: look(output.repository(trainee.slug)), lambda _: None)
    if recorded is None:
        return trainee
    facts = _facts_of(recorded, versions) or trainee.facts
    return replace(trainee, step=recorded.answers.get("step"), facts=facts)


def _facts_of(recorded: Recorded, versions: Versions) -> Facts | None:
    """The facts that follow from the answers of a repository; None if they can't be computed."""

    def facts() -> Facts:
        template = template_at(versions.source, versions.version)
        return check(template, {}, recorded.answers, is_text=False).facts

    return contained(facts, lambda _: None)


def _ports_of_others(
    trainees: Sequence[Trainee], output: Output, versions: Versions
) -> dict[str, list[int]]:
    """The ports of each repository that is no longer on the roster. It can still be running."""
    slugs = {trainee.slug for trainee in trainees}
    found = {}
    for folder in sorted(output.root.glob("*")):
        if folder.name in slugs:
            continue
        recorded = contained(partial(look, folder), lambda _: None)
        facts = _facts_of(recorded, versions) if recorded else None
        if facts:
            found[folder.name] = list(facts.ports.values())
    return found


def _offset(answers: Mapping[str, Any]) -> int:
    return int(answers.get("port_offset", 0))
