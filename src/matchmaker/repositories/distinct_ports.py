"""Gives every trainee on a shared host ports of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matchmaker.repositories.ports import PortBook, blocked, shifted
from matchmaker.repositories.task import Task, refused


def with_distinct_ports(
    tasks: Sequence[Task],
    at_zero: Mapping[str, Mapping[str, int]],
    others: Mapping[str, Sequence[int]],
    first_port: int,
) -> list[Task]:
    """Keep given ports, then those of repositories that are there, and give out what is free.

    `at_zero` are everybody's ports at the offset 0, by slug; `others` the ports of repositories
    that are there and not in the roster. What is given out begins with `first_port`.
    """
    after = f" from {first_port} on" if first_port else ""
    book = PortBook()
    placed: dict[str, Task] = {}
    given = [task for task in tasks if "port_offset" in task.asked]
    there = [t for t in tasks if t not in given and t.action not in ("create", "replace")]
    for task in given:
        book.take(task.facts.ports.values(), task.slug)
        placed[task.slug] = task
    for task in there:
        ports = task.facts.ports.values()
        if not book.clash(ports) and not blocked(ports):
            book.take(ports, task.slug)
            placed[task.slug] = task
    for slug, ports_there in others.items():
        book.take(ports_there, slug)
    for task in tasks:
        if task.slug in placed or task.action == "refuse":
            continue
        offset = book.free_offset(at_zero[task.slug], first_port)
        if offset is None:
            placed[task.slug] = refused(task, f"no free ports are left{after}")
            continue
        own = shifted(at_zero[task.slug], offset)
        book.take(own.values(), task.slug)
        placed[task.slug] = replace(
            task,
            action="update" if task.action in ("keep", "set key") else task.action,
            data={**task.data, "port_offset": offset},
            facts=replace(task.facts, ports=own),
        )
    return [placed.get(task.slug, task) for task in tasks]
