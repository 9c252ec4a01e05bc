"""The process that pushes the record, in the background of a command.

It runs alone, and pushes at most once in INTERVAL_SECONDS: the newest record, and not each one. It
works in a repository of its own, which it deletes. So the trainee's repository gets no objects, and
none of its settings count: they can name programs to run, and somebody else can have written them.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from workshop import state_file
from workshop.moving import git_environment
from workshop.moving.git_environment import NOBODY
from workshop.problem import Problem
from workshop.record import form, share
from workshop.settings import load

INTERVAL_SECONDS = 10
LONGEST_SECONDS = 60
"""How long a push may take."""
REMOTE = "workshop-progress"
"""The remote's name in our own repository. Nobody's settings have one of that name."""
PROTOCOLS = "file:git:http:https:ssh"
"""Others, such as `ext`, run what an address says."""
SSH = "ssh -oBatchMode=yes -oConnectTimeout=20"
SETTINGS = (("core.askPass", ""), ("credential.interactive", "false"))
"""They keep git and its helpers from asking on a screen."""
PASSWORD = "WORKSHOP_PASSWORD_{}"
"""A variable for git alone, with the password of one address."""
HELPER = """!f() { [ "$1" != get ] || printf 'password=%s\\n' "$VARIABLE"; }; f"""
"""A credential helper that knows the password in a variable."""
WITH_PASSWORD = re.compile(r"(https?://)([^/@:\s]+):([^/@\s]*)@([^/?#\s]+)(.*)")
ROLES = ("AUTHOR", "COMMITTER")
TELLING = ("fatal:", "remote:", "! [")
"""How the lines of git's output that explain a failure begin."""
LOGIN = (
    "could not read Username",
    "could not read Password",
    "Authentication failed",
    "(publickey",
)
READ_ONLY = re.compile(
    r"returned error: 403|permission to \S+ denied|marked as read.only|not allowed to push",
    re.IGNORECASE,
)
NO_SSH = re.compile(r"cannot run ssh|\bssh\b.*: (?:command )?not found")
LONGEST_REASON = 200


def main() -> None:
    """Push until the newest record has arrived, or an attempt with it has failed."""
    run_dir = load().run_dir
    tried = b""
    while (content := _content(run_dir)) != tried:
        lock = state_file.lock(run_dir / share.LOCK)
        if lock is None:  # the process that has it sees this record, too
            return
        with lock:
            wait = share.read(run_dir).tried + INTERVAL_SECONDS - time.time()
            time.sleep(min(max(wait, 0), INTERVAL_SECONDS))
            settings = load()  # the trainee may have switched it off meanwhile
            addresses = share.addresses_of(settings)
            tried = content = _content(run_dir)
            if not addresses or not content:
                return
            share.note(run_dir, tried=time.time())
            problem = push(content, addresses)
            if not run_dir.is_dir():  # the workshop is gone, and nothing may make its folder again
                return
            share.note(run_dir, problem=problem, **({} if problem else {"at": _now()}))


def push(content: bytes, addresses: Sequence[str]) -> str:
    """Replace the record at these addresses. Returns why that failed, in a sentence, or nothing."""
    try:
        with tempfile.TemporaryDirectory(prefix="workshop-share-") as folder:
            return _push(Path(folder), content, addresses)
    except subprocess.TimeoutExpired:
        return f"origin took more than {LONGEST_SECONDS} seconds."
    except OSError as error:
        return f"{error.strerror or error}."


def _push(folder: Path, content: bytes, addresses: Sequence[str]) -> str:
    own = {
        **git_environment.alone(os.environ),
        **{f"GIT_{role}_{part}": text for role in ROLES for part, text in NOBODY.items()},
    }

    def git(*arguments: str, given: bytes = b"") -> str:
        done = git_environment.run(folder, *arguments, environment=own, given=given)
        if done.returncode:
            raise OSError(f"git failed: {share.tame(done.stderr.strip())}")
        return done.stdout.strip()

    git("init", "--quiet", "--bare", "--template=")
    blob = git("hash-object", "-w", "--stdin", given=content)
    tree = git("mktree", given=f"100644 blob {blob}\t{form.FILE}\n".encode())
    commit = git("commit-tree", tree, "-m", "The progress of a trainee of the workshop")
    environment = _asking(folder, addresses)
    options = ("--quiet", "--no-verify", "--no-signed")
    command = ["git", "push", *options, REMOTE, f"+{commit}:{share.REF}"]
    with (folder / "said").open("w+b") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            process_group=0,
        )
        try:
            failed = process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # and ssh, or whatever else it waits for
            process.wait()
            raise
        said.seek(0)
        return _reason(said.read().decode("utf-8", "replace")) if failed else ""


def _asking(folder: Path, addresses: Sequence[str]) -> dict[str, str]:
    """The environment for a push with the user's settings, which never asks anybody anything."""
    remote, passwords = _remote(addresses)
    asking = git_environment.asking(os.environ)
    environment = {
        **git_environment.with_settings(asking, [*SETTINGS, *remote]),
        **passwords,
        "GIT_ALLOW_PROTOCOL": PROTOCOLS,
        "GIT_ASKPASS": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
    }
    own = git_environment.run(folder, "config", "--get", "core.sshCommand", environment=asking)
    if not (own.stdout.strip() or {"GIT_SSH", "GIT_SSH_COMMAND"} & {*environment}):
        environment["GIT_SSH_COMMAND"] = SSH
    return environment


def _remote(addresses: Sequence[str]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """The settings of the remote, and the variables with its passwords.

    Git gives an address to its helper for HTTP as an argument, which everyone on the machine can
    read. So an address with a user and a password has only the user there.
    """
    settings, variables = [], {}
    for number, address in enumerate(addresses):
        found = WITH_PASSWORD.fullmatch(address)
        if found and (password := unquote(found[3])).isprintable():
            scheme, user, _, host, path = found.groups()
            variable = PASSWORD.format(number)
            variables[variable] = password
            helper = f"credential.{scheme}{host}.helper"
            # Without the user's own helpers, which might know another password.
            settings += [(helper, ""), (helper, HELPER.replace("VARIABLE", variable))]
            address = f"{scheme}{user}@{host}{path}"
        settings.append((f"remote.{REMOTE}.url", address))
    return settings, variables


def _reason(said: str) -> str:
    """Why a push failed, in a sentence."""
    lines = [" ".join(share.tame(line).split()) for line in said.splitlines()]
    telling = [line for line in lines if line.startswith(TELLING)] or lines[-1:]
    words = " ".join(telling)
    if any(one in said for one in LOGIN):  # ssh says it on a line of its own
        return "origin asks who you are, and nobody can answer that in the background."
    if READ_ONLY.search(said):
        return (
            "origin doesn't let you write to it. Ask your instructor for write access to your "
            "repository."
        )
    if NO_SSH.search(said):
        return "origin needs ssh, which isn't installed here."
    if "Host key verification failed" in said:
        return "ssh doesn't know the host of origin yet."
    return f"{words[:LONGEST_REASON].rstrip('.') or 'git does not say why'}."


def _content(run_dir: Path) -> bytes:
    """The record, if it is one and nothing else. Empty if not."""
    try:
        content = (run_dir / form.FILE).read_bytes()
        form.parse(content)
    except (OSError, form.Unusable):
        return b""
    return content


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


if __name__ == "__main__":
    with contextlib.suppress(Problem):  # nobody reads what this says
        main()
