"""Which template a session is made from, and whether it can be."""

import json
import re
import shlex
import subprocess
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from copier._template import Template
from copier.errors import CopierError
from plumbum import ProcessExecutionError

from session.git import asking
from session.problem import Problem, Problems
from session.rendering import template_at
from session.repository import reason_in
from session.roster import Roster

NO_SECRET = "Take out what stands before the @; git's credential helpers keep it for you."


def source_of(roster: Roster) -> str:
    """The roster's template, or where this command was installed from.

    A path counts from the roster's folder, and is made absolute: an update of a workshop looks for
    it from elsewhere. Raises Problems if there is none, or a password or a token in it.
    """
    written = roster.template or _installed_from()
    if not written:
        raise Problems(
            [
                Problem(
                    "The roster names no template, and this command does not know its own.",
                    'Add template = "…", a URL or a path, to [session].',
                    roster.where_set("template"),
                )
            ]
        )
    if has_secret(written):
        raise Problems(
            [
                Problem(
                    "The template's URL has a user name or a password in it, which every workshop "
                    "would record.",
                    NO_SECRET,
                    roster.where_set("template"),
                )
            ]
        )
    try:
        local = roster.path.parent / Path(written).expanduser()
        return str(local.resolve()) if local.exists() else written
    except (OSError, RuntimeError):  # a name that is too long, or ~somebody who is not known here
        return written


def has_secret(url: str) -> bool:
    """Whether a URL may carry a password or a token; over HTTP, a token stands as the user's name.

    So there no name is let through: nobody can tell one from the other.
    """
    try:
        parts = urlsplit(url.removeprefix("git+"))
        is_http = parts.scheme in ("http", "https")
        return parts.password is not None or (is_http and parts.username is not None)
    except ValueError:
        return False


def _installed_from() -> str:
    """Where the installer found this command; empty if it was a package index."""
    try:
        written = metadata.distribution("matchmaker").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return ""
    direct = json.loads(written or "{}")
    url = str(direct.get("url", ""))
    if "vcs_info" in direct:
        return url if url.endswith(".git") else f"git+{url}"
    where = urlsplit(url)
    return url2pathname(where.path) if where.scheme == "file" else url


def open_template(roster: Roster, source: str) -> Template:
    """Clone the template that a roster asks for.

    Raises Problems when it cannot be had, is none of ours, or could not be updated from later.
    """
    where = roster.where_set("version" if roster.version else "template")

    def refuse(what: str, remedy: str) -> Problems:
        return Problems([Problem(what, remedy, where)])

    try:
        template = template_at(source, roster.version or None)
        questions = template.questions_data
    except ProcessExecutionError as error:
        said = reason_in(str(error.stderr))
        raise refuse(f"The template {source} cannot be had: {said}", "Check its URL.") from error
    except ValueError as error:
        if "Unknown revision" in str(error):
            what = f"The template {source} has no version {roster.version}."
            raise refuse(what, _versions(source)) from error
        raise refuse(f"There is no template {source}.", "Check its URL or path.") from error
    except RuntimeError as error:  # of somebody unknown, ~ is no home
        what = f"The template {source} cannot be had: {error}"
        raise refuse(what, "Check its URL or path.") from error
    except (CopierError, OSError) as error:
        raise refuse(f"The template {source} cannot be used: {error}", "Try another.") from error
    if "trainee_name" not in questions:
        raise refuse(f"{source} is not a template of this workshop.", "Name one that is.")
    if template.commit is None and _is_distrusted(source):
        trust = shlex.join(["git", "config", "--global", "--add", "safe.directory", source])
        raise refuse(f"{source} is another user's.", f"If you trust it: {trust}")
    if template.commit is None:
        raise refuse(
            f"The template {source} is not in git, so its workshops could not be updated.",
            "Name its repository, or run git init and commit there.",
        )
    if Path(source).is_dir() and not _has_commit(Path(source), template.commit_hash):
        raise refuse(
            f"The template {source} has changes that are not committed, and no tag.",
            "Commit them, or an update could not find what the workshops were made from.",
        )
    return template


def _is_distrusted(source: str) -> bool:
    """Whether git does not read a repository, since it belongs to another user."""
    if not Path(source).is_dir():
        return False
    command = ["git", "rev-parse", "--git-dir"]
    done = subprocess.run(command, cwd=source, env=asking(), capture_output=True, text=True)
    return "dubious ownership" in done.stderr


def _has_commit(repository: Path, commit: str | None) -> bool:
    command = ["git", "cat-file", "-e", f"{commit}^{{commit}}"]
    done = subprocess.run(command, cwd=repository, env=asking(), capture_output=True)
    return done.returncode == 0


def _versions(source: str) -> str:
    command = ["git", "ls-remote", "--tags", "--refs", "--", source.removeprefix("git+")]
    listed = subprocess.run(command, env=asking(), capture_output=True, text=True).stdout
    tags = re.findall(r"refs/tags/(\S+)", listed)
    return f"It has {', '.join(tags[-5:])}." if tags else "It has no tags; leave the version out."
