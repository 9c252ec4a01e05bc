"""Which template a session is made from, and whether that works."""

import contextlib
import errno
import io
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from copier.errors import ConfigFileError, CopierError
from plumbum import ProcessExecutionError

from matchmaker.problem import Problem, Problems
from matchmaker.repositories import installation
from matchmaker.repositories.copier_adapter import (
    Template,
    cache_folder,
    questions,
    repository_url,
    template_at,
)
from matchmaker.repositories.git import asking, reason_in, said_by
from matchmaker.roster.read import Roster
from matchmaker.urls import NO_SECRET, are_of_one_repository, has_secret

_SECONDS = 60
"""How long to wait for the host of a template."""

# In bytes. If less than this is free, no clone of a template fits.
_NO_ROOM = 1 << 20


def source_of(roster: Roster) -> str:
    """The roster's template, or where this command was installed from.

    A path is relative to the roster's folder. This makes it absolute, because an update runs in
    another folder. Raises Problems if there is no template, or if it has a password or a token.
    """
    written = roster.template or _installed_from()
    if not written:
        raise Problems(
            [
                Problem(
                    "The roster names no template, and this command does not know its own.",
                    "Name it: --template, with a URL or a path."
                    if roster.is_text
                    else 'Add template = "…", a URL or a path, to [session].',
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
    except (OSError, RuntimeError):  # the name is too long, or has an unknown ~user
        return written


def _installed_from() -> str:
    return installation.source()


def version_of(roster: Roster, source: str) -> str | None:
    """The version of the template that a session gets; None for its newest tag.

    If the roster names no version, a session gets the version of this command, so that a tag from
    this morning changes nobody's repository. That is the commit that the command was installed
    from, if it is from the same repository. For a checkout that isn't at a tag, it is the newest
    tag. A wheel doesn't record its repository, so for a wheel it is the tag of its version, if
    there is one.
    """
    if roster.version:
        return roster.version
    ours = _installed_from()
    if not ours:
        tag = installation.tag()
        return tag if tag and tag in _tags(source) else None
    if not are_of_one_repository(ours, source):
        return None
    checkout = Path(ours)
    return (installation.tag_at(checkout) if checkout.is_dir() else installation.revision()) or None


def open_template(roster: Roster, source: str, version: str | None) -> Template:
    """Clone the template of a session, at the version that `version_of` names.

    Raises Problems if it isn't available, isn't a template of ours, or would make later updates
    impossible.
    """
    where = roster.where_set("version" if roster.version else "template")

    def refuse(what: str, remedy: str) -> Problems:
        return Problems([Problem(what, remedy, where)])

    try:
        with contextlib.redirect_stderr(io.StringIO()):  # Copier's own words; ours say what matters
            template = template_at(source, version)
            asked = questions(template)
    except (ProcessExecutionError, CopierError, OSError, ValueError, RuntimeError) as error:
        raise Problems([_why_not(roster, source, version, error, where)]) from error
    if "trainee_name" not in asked:
        raise refuse(f"{source} is not a template of this workshop.", "Name one that is.")
    if template.commit is None and _is_distrusted(source):
        trust = shlex.join(["git", "config", "--global", "--add", "safe.directory", source])
        raise refuse(f"{source} belongs to another user.", f"If you trust it: {trust}")
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
    """Whether git refuses to read a repository because it belongs to another user."""
    if not Path(source).is_dir():
        return False
    command = ["git", "rev-parse", "--git-dir"]
    done = subprocess.run(command, cwd=source, env=asking(), capture_output=True, text=True)
    return "dubious ownership" in done.stderr


def _has_commit(repository: Path, commit: str | None) -> bool:
    command = ["git", "cat-file", "-e", f"{commit}^{{commit}}"]
    done = subprocess.run(command, cwd=repository, env=asking(), capture_output=True)
    return done.returncode == 0


def _why_not(
    roster: Roster, source: str, version: str | None, error: Exception, where: str
) -> Problem:
    """Why a template isn't available: its address, its version, or this machine's disk."""
    full = _full_folder()
    # Git's words, if some of the files still fit. Copier has removed them by now.
    if full or os.strerror(errno.ENOSPC) in str(error) or "unable to write file" in str(error):
        what = f"The template {source} cannot be copied: {full or 'the disk'} is full."
        return Problem(what, "Make room there; TMPDIR can name another folder.", where)
    unknown = "Unknown revision" in str(error)
    if version and (unknown or (isinstance(error, ProcessExecutionError) and _answers(source))):
        if roster.version:
            what = f"The template {source} has no version {version}."
            return Problem(what, _versions(source), where)
        what = f"The template {source} no longer has {version}, which this command was made from."
        return Problem(what, f"Install the command again. {_versions(source)}", where)
    distrusted = re.search(r"dubious ownership in repository at '(.+?)'", str(error))
    if distrusted:
        trust = ["git", "config", "--global", "--add", "safe.directory", distrusted[1]]
        what = f"The template {source} belongs to another user."
        return Problem(what, f"If you trust it: {shlex.join(trust)}", where)
    if isinstance(error, ProcessExecutionError):
        what = f"The template {source} is not available: {reason_in(str(error.stderr))}"
        return Problem(what, "Check its URL.", where)
    if isinstance(error, ConfigFileError):
        what = f"The template {source} has a copier.yml that Copier cannot read."
        return Problem(what, "Correct it there, or name another template.", where)
    if unknown:  # not even HEAD
        return Problem(f"The template {source} has no commits.", "Commit it there.", where)
    if isinstance(error, ValueError) and "://" in source:
        what = f"{source} does not look like the URL of a git repository."
        return Problem(what, f"If it is one, say so: git+{source}", where)
    if isinstance(error, ValueError):
        return Problem(f"There is no template {source}.", "Check its URL or path.", where)
    if isinstance(error, OSError) and error.errno != errno.ENAMETOOLONG:
        what = f"The template {source} cannot be copied: {said_by(error)}."
        return Problem(what, "Make that folder writable; TMPDIR can name another.", where)
    if isinstance(error, RuntimeError):  # an unknown ~user has no home
        what = f"The template {source} is not available: {error}"
        return Problem(what, "Check its URL or path.", where)
    return Problem(f"The template {source} cannot be used: {error}", "Try another.", where)


def _full_folder() -> str:
    """The folder for temporary files, or Copier's cache, if it is full; empty if neither is."""
    for folder in (Path(tempfile.gettempdir()), cache_folder()):
        there = next((one for one in (folder, *folder.parents) if one.is_dir()), folder)
        with contextlib.suppress(OSError):
            if shutil.disk_usage(there).free < _NO_ROOM:
                return str(folder)
    return ""


def _list(source: str, *options: str) -> subprocess.CompletedProcess[str]:
    """List what the template's repository has, without asking anybody for a password."""
    command = ["git", "ls-remote", *options, "--", repository_url(source)]
    try:
        return subprocess.run(
            command,
            env={**asking(), "GIT_TERMINAL_PROMPT": "0"},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", "")


def _answers(source: str) -> bool:
    return _list(source).returncode == 0


def _tags(source: str) -> list[str]:
    listed = _list(source, "--tags", "--refs", "--sort=version:refname").stdout
    return re.findall(r"refs/tags/(\S+)", listed)


def _versions(source: str) -> str:
    tags = _tags(source)
    return f"It has {', '.join(tags[-5:])}." if tags else "It has no tags; leave the version out."
