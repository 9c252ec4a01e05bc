"""URLs of repositories: what they can contain, and where they lead."""

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from matchmaker.problem import Problem

NO_SECRET = "Remove everything before the @; git's credential helpers can store it for you."
SLUG = "{slug}"
_OF_GITHUB = re.compile(r"https://github\.com(?::443)?/([\w.-]+)/([\w.-]+)", re.ASCII)


def has_secret(url: str) -> bool:
    """Whether a URL may contain a password or a token.

    Over HTTP, a token can take the place of the user name, and nobody can distinguish the two. So a
    user name counts as a secret there.
    """
    try:
        parts = urlsplit(url.removeprefix("git+"))
        is_http = parts.scheme in ("http", "https")
        return parts.password is not None or (is_http and parts.username is not None)
    except ValueError:
        return False


def push_problem(pattern: str, where: str = "") -> Problem | None:
    """What is wrong with the URL to push to. `where` is the place that it comes from."""
    if SLUG not in pattern:
        return Problem(
            f"All repositories would be pushed to the same place, {_bare(pattern)}.",
            f"Put {SLUG} where the trainee's slug belongs: git@host:team/{SLUG}.git",
            where,
        )
    others = re.findall(r"\{[^{}]*\}?|\}", pattern.replace(SLUG, ""))
    if others:
        return Problem(
            f"`{others[0]}` in the URL to push to has no meaning.",
            f"Only {SLUG} has one: it stands for each trainee's slug.",
            where,
        )
    if has_secret(pattern):
        what = "The URL to push to has a user name or a password in it, which cards would show."
        return Problem(what, NO_SECRET, where)
    return None


def _bare(url: str) -> str:
    return url if not has_secret(url) else "whose URL has a password in it, too"


def url_for(pattern: str, slug: str) -> str:
    """The URL to which we push one trainee's repository."""
    return pattern.replace(SLUG, slug)


def from_folder(url: str, folder: Path) -> str:
    """Make a repository's path, relative to `folder`, absolute; return any other URL as it is.

    For git, a path has no scheme, and no colon before the first slash.
    """
    is_path = "://" not in url and ":" not in url.partition("/")[0]
    return str(folder.absolute() / Path(url).expanduser()) if is_path else url


def local_path(url: str) -> Path | None:
    """The path on this machine that a URL names; None if it names another machine."""
    url = url.removeprefix("git+")
    if url.startswith("file://"):
        return Path(url.removeprefix("file://"))
    return Path(url) if Path(url).is_absolute() else None


def host_of(url: str) -> str:
    """The host to which a URL leads. Empty for a path on this machine."""
    url = url.removeprefix("git+")
    if "://" in url:
        try:
            parts = urlsplit(url)
            return parts.hostname or f"{parts.scheme}://"
        except ValueError:
            return url
    before, colon, _ = url.partition(":")
    return before.rpartition("@")[2] if colon and "/" not in before else ""


def web_page(url: str) -> str:
    """The page of a repository on its host; empty if its URL doesn't contain that."""
    if url.startswith("https://"):
        return url.removesuffix(".git")
    # Without a scheme, there is no port: in git@host:22/x, 22 is a folder.
    for start in (r"ssh://git@([^:/]+)(?::\d+)?/+", r"git@([^:/]+):/*"):
        if over_ssh := re.fullmatch(rf"{start}(.+?)(?:\.git)?", url):
            return f"https://{over_ssh[1]}/{over_ssh[2]}"
    return ""


def page_for_a_phone(url: str) -> str:
    """The page of a repository, if another machine can open it; empty if it can't."""
    page = web_page(url)
    try:
        host = urlsplit(page).hostname or ""
    except ValueError:
        return ""
    is_here = host.rstrip(".") == "localhost" or host.startswith("127.") or host == "::1"
    return "" if is_here else page


def codespace(url: str, branch: str = "") -> str:
    """The page that opens a repository in GitHub Codespaces; empty if it's not on github.com.

    GitHub's servers in companies and its subdomains of ghe.com have no codespaces. With a
    `branch`, the codespace has that branch and not the repository's default one.
    """
    scheme, _, rest = web_page(url).partition("://")
    host, _, path = rest.partition("/")
    path = path.strip("/").removesuffix(".git")
    found = _OF_GITHUB.fullmatch(f"{scheme}://{host.lower()}/{path}")
    if not found or found[2] in (".", ".."):
        return ""
    there = f"/tree/{quote(branch)}" if branch else ""
    return f"https://codespaces.new/{found[1]}/{found[2]}{there}?quickstart=1"


def are_of_one_repository(one: str, other: str) -> bool:
    """Whether two URLs seem to lead to the same repository, whatever their protocols."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> str:
    url = url.removeprefix("git+").rstrip("/")
    plain = url.removeprefix("file://").removesuffix(".git")
    return web_page(url) or (plain if "://" not in url or url.startswith("file://") else url)
