"""Gives each trainee on a shared host separate ports."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matchmaker.repositories.ports import PortBook, blocked, shifted
from matchmaker.session import Trainee


def with_distinct_ports(
    trainees: Sequence[Trainee],
    at_zero: Mapping[str, Mapping[str, int]],
    others: Mapping[str, Sequence[int]],
    first_port: int,
) -> list[Trainee]:
    """Keep the ports that the roster or an existing repository sets, and give out free ones.

    `at_zero` has everyone's ports at offset 0, by slug. `others` has the ports of existing
    repositories that aren't in the roster. The ports that we give out start at `first_port`.
    """
    after = f" from {first_port} on" if first_port else ""
    book = PortBook()
    placed: dict[str, Trainee] = {}
    chosen = [trainee for trainee in trainees if "port_offset" in trainee.asked]
    there = [
        t
        for t in trainees
        if t not in chosen and (t.action not in ("create", "replace") or "port_offset" in t.data)
    ]
    for trainee in chosen:
        book.take(trainee.facts.ports.values(), trainee.slug)
        placed[trainee.slug] = trainee
    for trainee in there:
        ports = trainee.facts.ports.values()
        if not book.clash(ports) and not blocked(ports):
            book.take(ports, trainee.slug)
            placed[trainee.slug] = trainee
    for slug, ports_there in others.items():
        book.take(ports_there, slug)
    for trainee in trainees:
        if trainee.slug in placed or trainee.action == "refuse":
            continue
        offset = book.free_offset(at_zero[trainee.slug], first_port)
        if offset is None:
            placed[trainee.slug] = trainee.refused(f"no free ports are left{after}")
            continue
        own = shifted(at_zero[trainee.slug], offset)
        book.take(own.values(), trainee.slug)
        placed[trainee.slug] = replace(
            trainee,
            action="update" if trainee.action in ("keep", "set key") else trainee.action,
            data={**trainee.data, "port_offset": offset},
            facts=replace(trainee.facts, ports=own),
        )
    return [placed.get(trainee.slug, trainee) for trainee in trainees]
