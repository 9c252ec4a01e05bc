"""Hands a session out, and reports who got what, now or in an earlier run."""

from collections.abc import Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

from matchmaker.handout import cards, deliver
from matchmaker.handout.cards import Card
from matchmaker.handout.deliver import Handout, head_of
from matchmaker.handout.on_host import OnHost
from matchmaker.handout.push import push
from matchmaker.report import table
from matchmaker.report.session_file import HandedOut, Memory, Way
from matchmaker.report.times import local
from matchmaker.repositories.contained import contained, look
from matchmaker.repositories.output import Output
from matchmaker.session import FAILURES, Trainee, Wishes


@dataclass(frozen=True)
class Standing:
    """How much of a session is handed out."""

    counts: Sequence[str]
    """How many trainees out of all, in words."""
    rows: Sequence[tuple[str, str]]
    """Unusual facts, each with the slug of its trainee."""
    left_out: Sequence[str]
    """Trainees with failures or conflicts, whose repositories we don't hand out."""
    old_files: Sequence[str]
    """Bundles of repositories that have changed since, or that aren't on the roster."""
    other_branch: Sequence[tuple[str, HandedOut]]
    """Repositories, by slug, for which plain `git clone` would choose another branch, or none."""


def hand_out(
    output: Output,
    plan: Sequence[Trainee],
    wishes: Wishes,
    memory: Memory,
    host: OnHost,
) -> list[Handout]:
    """Bundle and push the good repositories, as the options say, and remember it."""
    trainees = [trainee for trainee in plan if trainee.did not in FAILURES]
    results: list[Handout] = []
    if wishes.bundle:
        results += deliver.bundle(output, trainees, with_keys=wishes.with_keys)
    if wishes.push:
        results += push(output, trainees, wishes.push, host)
    for one in results:
        if one.done:
            memory.note_handed_out(one.slug, one.done)
        for problem in filter(None, (one.problem, one.left)):
            memory.note_problem(one.slug, problem)
    return results


def cards_of(
    everyone: Sequence[Trainee], output: Output, memory: Memory, wishes: Wishes
) -> list[Card]:
    """Make a card for each trainee who can get their repository.

    If this session hands out repositories, a trainee without one gets no card, which would be
    wrong.
    """
    is_handed_out = _is_handed_out(everyone, output, memory, wishes)
    made = []
    for trainee in everyone:
        place = output.repository(trainee.slug)
        ways = list(_ways(trainee.slug, output, memory).values())
        is_there = contained(partial(look, place), lambda _: None) is not None
        if is_there and (ways or not is_handed_out):
            made.append(cards.card(trainee, str(place), ways[-1] if ways else None))
    return made


def page_of(session: str, made: Sequence[Card], pool: Executor, output: Output) -> str:
    """Make the page of cards, or take the existing one, if it shows the same."""
    texts = [card.page for card in made]
    shown = cards.cards_page(session, made, texts)
    if not any(texts):
        return shown
    there = output.text_of(output.cards_file)
    if cards.still_shows(there, shown):
        return there
    try:
        codes = list(pool.map(cards.qr_code, texts, chunksize=8))
    except BrokenProcessPool:  # a worker was killed, and the table already reports that
        codes = [cards.qr_code(text) for text in texts]
    return cards.with_mark(cards.cards_page(session, made, codes), shown)


def standing(
    plan: Sequence[Trainee],
    everyone: Sequence[Trainee],
    handouts: Sequence[Handout],
    output: Output,
    memory: Memory,
    wishes: Wishes,
) -> Standing:
    """Find out what is handed out, for every trainee in the plan.

    `everyone` is on the roster. We don't look at the repositories of those outside the plan.
    """
    tried = {(one.slug, one.way): one for one in handouts}
    wishes_of: dict[Way, bool] = {"push": bool(wishes.push), "bundle": wishes.bundle}
    wanted = {way for way, wish in wishes_of.items() if wish}
    bad = [trainee.slug for trainee in plan if trainee.did in FAILURES]
    is_handed_out = _is_handed_out(everyone, output, memory, wishes)
    good: dict[Way, set[str]] = {"push": set(), "bundle": set()}
    rows, other_branch = [], []
    for trainee in plan:
        ways = _ways(trainee.slug, output, memory)
        head = contained(partial(head_of, output, trainee.slug), lambda _: "") if ways else ""
        for way, known in ways.items():
            now = tried.get((trainee.slug, way))
            if known.commit == head and not (now and now.problem):
                good[way].add(trainee.slug)
            elif way not in wanted:
                when = f"{table.DONE[way]} on {local(known.at)}"
                rows.append((trainee.slug, f"has changed since it was {when}"))
            if way == "push" and known.branch and now and now.done:
                other_branch.append((trainee.slug, known))
        if is_handed_out and not ways and not wanted and trainee.slug not in bad:
            rows.append((trainee.slug, "is not handed out, unlike others, and has no card"))
    counted: list[Way] = [way for way in good if way in wanted or good[way]]
    counts = [table.count(plan, good[way], table.DONE[way]) for way in counted]
    others = {trainee.slug for trainee in everyone} - {trainee.slug for trainee in plan}
    bundled = good["bundle"] | {slug for slug in others if "bundle" in memory.handed_out(slug)}
    current = {f"{slug}{suffix}" for slug in bundled for suffix in (".zip", ".bundle")}
    files = sorted(path.name for path in output.bundles.glob("*"))
    return Standing(
        counts,
        rows,
        bad if wanted else [],
        [name for name in files if name not in current],
        other_branch,
    )


def _ways(slug: str, output: Output, memory: Memory) -> dict[Way, HandedOut]:
    """How a repository was handed out, with the latest way last, without zips that are gone."""
    known = memory.handed_out(slug)
    if "bundle" in known and not (output.bundles / f"{slug}.zip").is_file():
        del known["bundle"]
    return known


def _is_handed_out(plan: Sequence[Trainee], output: Output, memory: Memory, wishes: Wishes) -> bool:
    """Whether this session hands out repositories, instead of using them where they are."""
    if wishes.push or wishes.bundle:
        return True
    return any(_ways(trainee.slug, output, memory) for trainee in plan)
