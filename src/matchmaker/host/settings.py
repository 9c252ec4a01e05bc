"""What the roster says about the cluster, and what a cluster can't do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from matchmaker.problem import Problem
from matchmaker.roster.guesses import closest
from matchmaker.roster.masking import masked
from matchmaker.roster.read import Roster

SignIn = Literal["password", "oidc"]
_SIGN_INS = ("password", "oidc")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
_LONGEST_DOMAIN = 200
"""A host name has at most 253 characters, and each trainee's begins with their slug."""
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"((?:[a-z0-9.-]+(?::\d{{1,5}})?/)?{_PART}(?:/{_PART})*):(\w[\w.-]{{0,127}})", re.A
)
_DOMAIN_FORM = "Write the bare name, in lowercase, such as workshop.example.com."
_IMAGE_FORM = "Write it with a registry and a tag, such as registry.example.com/tracing:1."


@dataclass(frozen=True)
class Hosting:
    """`[host]` of a roster, checked."""

    domain: str
    """Where the hub is. Each server has a name below it."""
    image: str
    """The image without its tag."""
    tag: str
    sign_in: SignIn


def hosting(roster: Roster) -> tuple[Hosting | None, list[Problem]]:
    """Read `[host]`. The problems are its mistakes, and what a cluster can't do.

    There is no Hosting if there are problems with `[host]` itself.
    """
    problems = list(_faults(roster))
    image = _IMAGE.fullmatch(roster.host.get("image", ""))
    found = None
    if not problems and image:
        sign_in = cast(SignIn, roster.host.get("sign_in", "password"))
        found = Hosting(roster.host["domain"], image[1], image[2], sign_in)
    return found, [*problems, *_elsewhere(roster)]


def _faults(roster: Roster) -> Iterator[Problem]:
    if roster.is_text:
        what = "A roster in CSV cannot say where the session is hosted."
        remedy = f"Write a roster in TOML (matchmaker roster {roster.path.name}), and add [host]."
        yield Problem(what, remedy, str(roster.path))
        return
    where = roster.where_hosted()
    if missing := [name for name in ("domain", "image") if name not in roster.host]:
        lines = {"domain": '"workshop.example.com"', "image": '"registry.example.com/tracing:1"'}
        remedy = "; ".join(f"{name} = {lines[name]}" for name in missing)
        if "" in roster.host_lines:
            what = f"[host] has no {' and no '.join(f'`{name}`' for name in missing)}."
            yield Problem(what, f"Add {remedy}.", where)
        else:
            what = "The roster has no [host], which says where the session is hosted."
            yield Problem(what, f"Add [host] with {remedy}.", where)
    if "domain" in roster.host and (fault := _domain_fault(roster.host["domain"])):
        yield Problem(*fault, roster.where_hosted("domain"))
    if "image" in roster.host and (fault := _image_fault(roster.host["image"])):
        yield Problem(*fault, roster.where_hosted("image"))
    sign_in = roster.host.get("sign_in", "password")
    if sign_in not in _SIGN_INS:
        meant = closest(sign_in, _SIGN_INS)
        what = f"There is no sign_in `{_shown(sign_in)}`."
        remedy = f"Did you mean {meant}?" if meant else "Write password or oidc."
        yield Problem(what, remedy, roster.where_hosted("sign_in"))


def _domain_fault(domain: str) -> tuple[str, str] | None:
    if len(domain) > _LONGEST_DOMAIN:
        what = f"`domain` has {len(domain)} characters, and each trainee's name goes before it."
        return what, f"Choose one with at most {_LONGEST_DOMAIN}."
    if domain.startswith("*."):
        return "`domain` begins with *.", f"Leave that out: {_shown(domain[2:])}"
    if not domain.isascii():
        what = f"`{_shown(domain)}` has letters that certificates write in another way."
        return what, "Write it as in the certificate, such as xn--bcher-kva.example."
    if not _DOMAIN.fullmatch(domain):
        return f"`{_shown(domain)}` is not a domain.", _DOMAIN_FORM
    return None


def _image_fault(image: str) -> tuple[str, str] | None:
    shown = _shown(image)
    if "@" in image:
        what = f"`{shown}` names an image by its contents, which aren't made yet."
        return what, _IMAGE_FORM
    if not image or ":" not in image.rpartition("/")[2]:
        return f"The image `{shown}` has no tag.", _IMAGE_FORM
    if not _IMAGE.fullmatch(image):
        return f"`{shown}` is not the name of an image.", _IMAGE_FORM
    if "/" not in image:
        what = f"`{shown}` names no registry, so no node of the cluster can get it."
        return what, _IMAGE_FORM
    return None


def _elsewhere(roster: Roster) -> Iterator[Problem]:
    """What the rest of the roster asks for, and a cluster doesn't have."""
    if roster.distinct_ports:
        what = "`ports` is for one machine that all share, and on a cluster, each has their own."
        yield Problem(what, "Remove `ports`, and run generate.", roster.where_set("ports"))
    for entry in roster.entries:
        if entry.answers.get("database") == "postgresql":
            what = "PostgreSQL runs in a container of its own, which a trainee's pod can't start."
            remedy = 'Write database = "sqlite".'
            yield Problem(what, remedy, roster.where(entry.line_of("database")))
        if entry.answers.get("shared_host") is True:
            what = (
                "`shared_host` makes the console ask for a token, where the hub asks who you are."
            )
            remedy = "Remove `shared_host`."
            yield Problem(what, remedy, roster.where(entry.line_of("shared_host")))
    if roster.host.get("sign_in") == "oidc":
        yield from _without_mail(roster)


def _without_mail(roster: Roster) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for entry in roster.entries:
        mail = entry.notes.get("email", "").strip().lower()
        where = roster.where(entry.line_of("notes"))
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", mail):
            what = "This trainee has no e-mail address to sign in with."
            if mail:
                what = f"`{_shown(mail)}` is not an e-mail address to sign in with."
            remedy = 'Add notes = {email = "…"}, as in your company\'s sign-in.'
            yield Problem(what, remedy, where, what if not mail else "")
        elif mail in first:
            what = f"The trainee on line {first[mail]} has the same e-mail address."
            yield Problem(what, "Correct one of them.", where)
        else:
            first[mail] = entry.line


def _shown(text: str) -> str:
    return masked(text[:60])
