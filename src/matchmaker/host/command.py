"""`matchmaker host`: checks what a cluster needs to know, and writes it."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml

from matchmaker.generate import prepared
from matchmaker.host import cards, passwords
from matchmaker.host.addresses import address_problems, addresses
from matchmaker.host.folder import File, locked, place, refuse_links, write
from matchmaker.host.limits import secret_problem
from matchmaker.host.rendering import Cluster, rendered
from matchmaker.host.settings import Hosting, hosting
from matchmaker.host.trainees import HostedTrainee, trainees_json
from matchmaker.problem import Problem, Problems
from matchmaker.report.session_file import other_session, read
from matchmaker.repositories.copier_adapter import template_at
from matchmaker.repositories.output import Output
from matchmaker.roster.keys import KeySource
from matchmaker.roster.read import Roster
from matchmaker.roster.validation import in_order
from matchmaker.session import Trainee

PASSWORDS = "passwords.csv"
HUB = "hub.yaml"


@dataclass(frozen=True)
class Hosted:
    """What was written."""

    folder: Path
    trainees: int
    has_cards: bool
    new_passwords: int
    kept: Sequence[Path]
    """Files that somebody had changed, where they are now."""
    unpushed: int
    """How many trainees have no repository yet, as far as we know."""


def host(roster: Roster, output: Output, out: Path | None, say: Callable[[str], None]) -> Hosted:
    """Write what a cluster needs to host a session. `say` gets what to tell while it waits.

    Raises Problems for everything that is wrong, before it writes anything.
    """
    memory = read(output)
    settings, problems = hosting(roster)
    problems += address_problems(roster, output, memory)
    if other := other_session(memory, roster, output):
        problems.append(other)
    try:
        folder = place(out, output)
        refuse_links(folder, [PASSWORDS, HUB])
        problems += passwords.read(folder / PASSWORDS)[1]
    except Problems as found:
        problems += found.problems
    trainees, packages = _checked(roster, output, problems)
    site = _site(roster, trainees)
    assert settings is not None  # or there were problems
    urls = addresses(roster, memory, [one.slug for one in trainees])
    has_passwords = settings.sign_in != "oidc"
    mails = {}
    if not has_passwords:
        mails = {one.notes["email"].strip().lower(): one.slug for one in trainees}

    def cluster(hashes: Mapping[str, str]) -> Cluster:
        hosted = [HostedTrainee(slug, url, hashes.get(slug, "")) for slug, url in urls.items()]
        return Cluster(roster.name, settings, hosted, mails, site)

    _require_room(cluster(dict.fromkeys(urls, passwords.ANY_HASH) if has_passwords else {}))
    with locked(folder, say):
        # Again, because we may have waited for another run.
        known, problems = passwords.read(folder / PASSWORDS)
        if problems:
            raise Problems(problems)
        theirs = passwords.with_new(urls, known) if has_passwords else {}
        texts = rendered(cluster(_hashes(theirs, list(urls), folder)))
        files = {
            **_people(roster.name, settings, trainees, theirs),
            **{name: File(text.encode(), name == HUB) for name, text in texts.items()},
            **dict(_image()),
            "image/pyproject.toml": File(packages),
        }
        refuse_links(folder, files)
        kept = write(folder, files, stays=PASSWORDS)
    return Hosted(
        folder,
        len(trainees),
        bool(theirs),
        sum(one.slug not in known for one in trainees) if theirs else 0,
        kept,
        sum("push" not in memory.handed_out(one.slug) for one in trainees),
    )


def _checked(
    roster: Roster, output: Output, problems: list[Problem]
) -> tuple[list[Trainee], bytes]:
    """The trainees of the roster, and the file that says which packages their workshops need.

    Raises Problems with these problems and all others of the roster.
    """
    later = KeySource("later")  # the cluster's administrator has the key, and we need none
    entries = tuple(replace(entry, api_key=later) for entry in roster.entries)
    roster = replace(roster, entries=entries, problems=(*roster.problems, *problems))
    with prepared(roster, output) as ready:
        template = template_at(ready.versions.source, ready.versions.version)
        packages = template.local_abspath / template.subdirectory / "pyproject.toml"
        return ready.trainees, packages.read_bytes()


def _site(roster: Roster, trainees: Sequence[Trainee]) -> str:
    """Datadog's site, if traces go there. Raises Problems if trainees differ in that."""
    pairs = list(zip(roster.entries, trainees, strict=True))
    sites = [str(one.answers["dd_site"]) if one.facts.to_datadog else "" for one in trainees]
    problems = []
    for (entry, one), site in zip(pairs, sites, strict=True):
        if site != sites[0]:
            there = f"go to {site}" if site else "stay in the workshop"
            others = f"go to {sites[0]}" if sites[0] else "stay in the workshop"
            what = f"The traces of {one.slug} {there}, and those of {trainees[0].slug} {others}."
            remedy = "On a cluster, they are all alike: answer backend and dd_site in [answers]."
            name = "dd_site" if site and sites[0] else "backend"
            problems.append(Problem(what, remedy, roster.where(entry.line_of(name)), remedy))
    if problems:
        raise Problems(in_order(problems))
    return sites[0]


def _require_room(cluster: Cluster) -> None:
    """Raise Problems if there are too many trainees for one hub."""
    trainees = trainees_json(cluster.trainees)
    if found := secret_problem(rendered(cluster), trainees, len(cluster.trainees)):
        raise Problems([found])


def _hashes(theirs: Mapping[str, str], slugs: Sequence[str], folder: Path) -> dict[str, str]:
    """The hash of each password: the same as before, if the password is."""
    if not theirs:
        return {}
    before = _hashes_in(folder / HUB)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = pool.map(lambda slug: passwords.hashed(theirs[slug], before.get(slug, "")), slugs)
        return dict(zip(slugs, made, strict=True))


def _hashes_in(path: Path) -> dict[str, str]:
    """The hashes in an earlier file; none if it can't be read."""
    try:
        content = yaml.safe_load(path.read_bytes())
        known = content["hub"]["extraFiles"]["trainees.json"]["stringData"]
        trainees = yaml.safe_load(known)["trainees"]
        return {slug: str(one["hash"]) for slug, one in trainees.items() if "hash" in one}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError):
        return {}


def _people(
    session: str, settings: Hosting, trainees: Sequence[Trainee], theirs: dict[str, str]
) -> dict[str, File]:
    """What has passwords in it: first of all, because nobody can make them again."""
    if not theirs:
        return {}
    link = f"https://{settings.domain}"
    texts = {
        PASSWORDS: passwords.as_csv(theirs),
        "cards.html": cards.cards_page(session, link, trainees, theirs),
        "handout.csv": cards.mail_merge(session, link, trainees, theirs),
    }
    return {name: File(text.encode(), is_private=True) for name, text in texts.items()}


def _image() -> Iterator[tuple[str, File]]:
    """The folder to build the image from."""
    yield from _files(resources.files("matchmaker.host") / "image", "image")


def _files(folder: Traversable, name: str) -> Iterator[tuple[str, File]]:
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        path = f"{name}/{one.name}"
        if one.is_dir() and one.name != "__pycache__":
            yield from _files(one, path)
        elif one.is_file() and one.name != "__init__.py":
            content = one.read_bytes()
            yield path, File(content, is_program=content.startswith(b"#!"))
