"""Gets the record from one trainee's remote, without cloning the remote.

The trainee can push anything there, so what comes from there is a stranger's. Git gets it into an
empty folder of its own, which we then remove, with limits for its time, its files, and its memory.
It runs none of it, and we read one file.
"""

import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workshop.record import form

from matchmaker.repositories.git import GitError, reason_in
from matchmaker.repositories.groups import Groups

REF = "refs/workshop/progress"
FILE = form.FILE

SECONDS = 20
"""How long git may take for one request, and how much of a processor's time it may use."""
LARGEST = 4 << 20
"""How large a file that git writes may be, in bytes. A record with its pack is much smaller."""
_ALLOCATION = 32 << 20
_PROTOCOLS = "file:git:http:https:ssh"
_SETTINGS = {
    "core.bigFileThreshold": "1m",
    "core.deltaBaseCacheLimit": "16m",
    "fetch.fsckObjects": "true",
    "fetch.showForcedUpdates": "false",
    "fetch.unpackLimit": "1",
    "fetch.writeCommitGraph": "false",
    "pack.threads": "1",
    "transfer.bundleURI": "false",
}
# `ulimit -f` counts blocks of 512 bytes.
_LIMITED = 'ulimit -c 0; ulimit -f "$1"; ulimit -t "$2"; shift 2; exec "$@"'

# What git and ssh say if they can't reach a host, or if the host is too busy for us.
_UNREACHED = re.compile(
    r"could not resolve|temporary failure in name|name or service not known|connection refused|"
    r"connection reset|connection timed out|connection closed|operation timed out|timed out|"
    r"no route to host|network is unreachable|failed to connect|couldn't connect|"
    r"returned error: (429|5\d\d)|too many requests|rate limit|early eof",
    re.IGNORECASE,
)
_TOO_MUCH = re.compile(
    r"died of signal|over limit|File too large|File size limit|Out of memory|"
    r"invalid index-pack output"
)


class Unreached(GitError):
    """The host didn't answer, or not in time. The text says why."""


@dataclass(frozen=True)
class Found:
    """What a remote has."""

    commit: str = ""
    """What the reference points to. Empty if the remote doesn't have it."""
    content: bytes | None = None
    """The file. None if we already know it, or if it can't be used."""
    why: str = ""
    """Why it can't be used. Empty if it can."""


class Remotes:
    """Asks remotes, from several threads at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment` is for git to reach other machines, without prompting."""
        count = int(environment.get("GIT_CONFIG_COUNT", "0"))
        settings = {
            f"GIT_CONFIG_{part}_{number}": text
            for number, pair in enumerate(_SETTINGS.items(), count)
            for part, text in zip(("KEY", "VALUE"), pair, strict=True)
        }
        self._environment = {
            **environment,
            **settings,
            "GIT_CONFIG_COUNT": str(count + len(_SETTINGS)),
            "GIT_ALLOW_PROTOCOL": _PROTOCOLS,
            "GIT_ALLOC_LIMIT": str(_ALLOCATION),
            "GCM_INTERACTIVE": "never",
            "SSH_ASKPASS_REQUIRE": "never",
        }
        self._lock = threading.Lock()
        self._groups = Groups()
        self.requests = 0
        """How many requests it has sent."""

    def tip(self, url: str) -> str:
        """What the reference points to; empty if there is none. Raises GitError."""
        with tempfile.TemporaryDirectory(prefix="matchmaker-") as temporary:
            listed = self._ask(Path(temporary), "ls-remote", "--", url, REF)
        # Git lists every reference whose name ends like that.
        for line in listed.decode(errors="replace").splitlines():
            commit, _, name = line.partition("\t")
            if name == REF and re.fullmatch(r"[0-9a-f]{40,64}", commit):
                return commit
        return ""

    def get(self, url: str) -> Found:
        """What the remote has now. Raises GitError if that can't be found out."""
        with tempfile.TemporaryDirectory(prefix="matchmaker-") as temporary:
            folder = Path(temporary)
            for name in ("objects", "refs"):
                (folder / name).mkdir()
            (folder / "HEAD").write_text("ref: refs/heads/none\n")
            (folder / "config").write_text("[core]\nrepositoryformatversion = 0\nbare = true\n")
            fetch = ("fetch", "--quiet", "--no-tags", "--depth=1", "--no-recurse-submodules")
            try:
                self._ask(folder, *fetch, "--", url, REF)
            except GitError as error:
                if f"couldn't find remote ref {REF}" in str(error):
                    return Found()
                raise
            line = (folder / "FETCH_HEAD").read_text(encoding="utf-8", errors="replace")
            if f"\t'{REF}' of " not in line:  # it's a branch whose name ends like that
                return Found()
            commit = line.split()[0]
            try:
                return Found(commit, self._content(folder, commit))
            except (GitError, form.Unusable) as error:
                return Found(commit, None, str(error))

    def close(self) -> None:
        """End everything that still runs. After that, every question fails."""
        self._groups.close()

    def _content(self, folder: Path, commit: str) -> bytes:
        try:
            listed = self._git(folder, "ls-tree", "-z", "-l", commit, "--", FILE)
        except GitError as error:
            raise form.Unusable(f"{REF} is not a commit with {FILE}") from error
        entry = re.fullmatch(rb"(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t[^\0]+\0", listed)
        if not entry:
            raise form.Unusable(f"{REF} has no {FILE}")
        mode, kind, blob, size = (part.decode() for part in entry.groups())
        if kind != "blob" or mode not in ("100644", "100755"):
            raise form.Unusable(f"{FILE} is not a plain file")
        if int(size) > form.LARGEST:
            raise form.Unusable(f"it has more than {form.LARGEST:,} bytes")
        return self._git(folder, "cat-file", "blob", blob)

    def _ask(self, folder: Path, *arguments: str) -> bytes:
        """Run git with one request to another machine. Raises GitError."""
        with self._lock:
            self.requests += 1
        return self._git(folder, *arguments)

    def _git(self, folder: Path, *arguments: str) -> bytes:
        """Run git with our limits. Raises GitError, and Unreached if it takes too long."""
        limited = ["sh", "-c", _LIMITED, "sh", str(LARGEST // 512), str(SECONDS)]
        environment = {**self._environment, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
        command = [*limited, "git", *arguments]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                code = self._groups.run(command, folder, environment, out, err, SECONDS)
            except subprocess.TimeoutExpired:
                raise Unreached(f"no answer within {SECONDS} seconds") from None
            if code:
                raise _error(_start_of(err).decode(errors="replace"), code)
            return _start_of(out)


def _start_of(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(LARGEST)


def _error(said: str, code: int) -> GitError:
    """Git's error in one short line. The host can put anything into it."""
    if _TOO_MUCH.search(said) or code in (-signal.SIGXFSZ, -signal.SIGXCPU):
        return GitError("it sends more than a record can have")
    unreached = [line for line in said.splitlines() if _UNREACHED.search(line)]
    reason = unreached[0].strip() if unreached else reason_in(said)
    reason = "".join(sign if sign.isprintable() else " " for sign in reason)[:300]
    return (Unreached if unreached else GitError)(reason)
