"""Where a server in a cluster clones a trainee's repository from."""

from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Address
from urllib.parse import urlsplit

from matchmaker.problem import Problem
from matchmaker.report.session_file import Memory
from matchmaker.repositories.output import Output
from matchmaker.roster.masking import masked
from matchmaker.roster.read import Roster
from matchmaker.urls import (
    NO_SECRET,
    SLUG,
    has_secret,
    local_path,
    page_for_a_phone,
    url_for,
    web_page,
)

_PUSH = f'Write push = "https://git.example.com/team/{SLUG}.git" in [session], and run generate.'


def address_problems(roster: Roster, output: Output, memory: Memory) -> list[Problem]:
    """What is wrong with the addresses: in the roster, and where the session was pushed."""
    problems = []
    names = {str(entry.answers.get("trainee_name")) for entry in roster.entries}
    given = {str(entry.answers.get("trainee_slug")) for entry in roster.entries}
    pushed = {
        slug: handed.url
        for slug, one in memory.trainees.items()
        if (slug in given or str(one.get("name")) in names)
        and (handed := memory.handed_out(slug).get("push"))
        and handed.url
    }
    for url in pushed.values():
        if fault := _fault(url):
            remedy = f"Push it to another place: {_PUSH}"
            problems.append(Problem(fault, remedy, str(output.session_file)))
    if roster.push and (fault := _fault(url_for(roster.push, "ada"), roster.push)):
        remedy = NO_SECRET if has_secret(roster.push) else _PUSH
        problems.append(Problem(fault, remedy, roster.where_set("push")))
    if not roster.push and len(pushed) < len(roster.entries):
        what = "The roster doesn't say where the repositories are, so no server could clone one."
        problems.append(Problem(what, _PUSH, roster.where_set("push")))
    return problems


def addresses(roster: Roster, memory: Memory, slugs: list[str]) -> Mapping[str, str]:
    """The address to clone from, for each slug: as `status` gets it, over HTTP.

    There are no problems with them (see `address_problems`).
    """
    found = {}
    for slug in slugs:
        handed = memory.handed_out(slug).get("push")
        found[slug] = _over_http(
            handed.url if handed and handed.url else url_for(roster.push, slug)
        )
    return found


def ports(urls: list[str]) -> list[int]:
    """The ports of the addresses."""
    parts = [urlsplit(url) for url in urls]
    return sorted({one.port or {"http": 80, "https": 443}[one.scheme] for one in parts})


def private_hosts(urls: list[str]) -> list[str]:
    """The hosts that are an IPv4 address of a private network."""
    found = []
    for host in {urlsplit(url).hostname or "" for url in urls}:
        with suppress(ValueError):
            if IPv4Address(host).is_private:
                found.append(host)
    return sorted(found)


def _over_http(url: str) -> str:
    """The address over HTTP, since a server has no ssh key; empty if there is none."""
    url = url.removeprefix("git+")
    if url.startswith(("http://", "https://")):
        return url
    page = web_page(url)
    return f"{page}.git" if page else ""


def _fault(url: str, pattern: str = "") -> str:
    """Why no server can clone from there; empty if it can."""
    shown = masked(pattern or url)
    if has_secret(url):
        return "The address of the repositories has a user name or a password in it."
    if local_path(url):
        return f"{shown} is a folder on this machine, which no server in a cluster can reach."
    address = _over_http(url)
    try:
        is_odd = not address or urlsplit(address).port == 0 or not urlsplit(address).hostname
    except ValueError:
        is_odd = True
    if is_odd or not all(sign.isprintable() and sign != " " for sign in address):
        return f"{shown} is not an address for HTTP, and a server in a cluster has no ssh key."
    if address.startswith("https://") and not page_for_a_phone(address):
        return f"{shown} is on this machine, which no server in a cluster can reach."
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        return f"{shown} is on this machine, which no server in a cluster can reach."
    return ""
