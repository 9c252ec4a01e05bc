"""Gives every trainee on a shared host ports of their own."""

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
    """Keep chosen ports, then those of repositories that are there, and give out what is free.

    `at_zero` are everybody's ports at the offset 0, by slug; `others` the ports of repositories
    that are there and not in the roster. What is chosen out begins with `first_port`.
    """
    after = f" from {first_port} on" if first_port else ""
    book = PortBook()
    placed: dict[str, Trainee] = {}
    chosen = [trainee for trainee in trainees if "port_offset" in trainee.asked]
    there = [t for t in trainees if t not in chosen and t.action not in ("create", "replace")]
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
