"""The part of the template that moving between steps needs, in one file: `template.bundle`.

It is a git bundle (https://git-scm.com/docs/gitformat-bundle) with a single commit, which has only
PARTS and no parents. Its tag is the version that Copier recorded, so what is rendered from it
records the same version. Everybody's commit for a version is the same. With the same git, the whole
file is the same.

The template's tasks and the instructor's command make the file too. The tasks load this module by
its path, so it imports nothing from the tool.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "workshop/template.bundle"
"""Its name in a workshop. Git tracks it."""
IN_CLONE = "template.bundle"
"""Its name in a clone of the template whose bundle was made in advance."""
PARTS = ("copier.yml", "extensions", "template")
"""What Copier needs of the template's repository."""

TAGS = "refs/tags/"
NOBODY = "Matchmaker <matchmaker@localhost> 946684800 +0000"
FORMATS = {"sha1": "# v2 git bundle\n", "sha256": "# v3 git bundle\n@object-format=sha256\n"}

# More threads, or deltas from the template's own packs, would change the bytes.
PACKING = (
    *("pack-objects", "--quiet", "--stdout", "--revs", "--threads=1", "--window=10", "--depth=50"),
    *("--compression=6", "--window-memory=0", "--no-reuse-delta", "--no-reuse-object"),
)

Run = Callable[..., "subprocess.CompletedProcess[str]"]
"""The function `run` of git_environment.py."""


@dataclass(frozen=True)
class Bundle:
    """What a bundle contains."""

    version: str
    commit: str
    """The whole name of its commit, which is not the one in the template's repository."""


@dataclass(frozen=True)
class Origin:
    """The commit of the template's repository from which a bundle's commit was made."""

    commit: str
    parents: tuple[str, ...]


def make(
    repository: Path,
    version: str,
    run: Run,
    environment: Mapping[str, str],
    commit: str = "HEAD",
) -> bytes:
    """The bundle of a repository's `commit`, under the name `version`. Writes nothing there.

    Raises OSError with git's reason if it can't.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        # An empty repository, because the settings and the tags of the template's one would also
        # change the bytes. It only borrows the objects.
        ours = {**environment}

        def git(*arguments: str, given: str = "", where: str | Path = folder) -> str:
            text = given.encode("utf-8", "surrogateescape")
            done = run(Path(where), *arguments, environment=ours, given=text)
            if done.returncode:
                said = done.stderr.strip() or f"exit code {done.returncode}"
                raise OSError(f"git {arguments[0]} says: {said}")
            return done.stdout

        asked = (
            "rev-parse",
            "--show-object-format",
            "--git-path",
            "objects",
            f"{commit}^{{commit}}",
        )
        kind, objects, head = git(*asked, where=repository).splitlines()
        git("init", "--quiet", "--bare", "--template=", f"--object-format={kind}")
        borrowed = str((repository / objects).resolve())
        quoted = borrowed.replace("\\", "\\\\").replace('"', '\\"')
        ours["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = f'"{quoted}"'
        commit, text = head, git("cat-file", "commit", head)
        if origin_in(text) is None:
            tree = git("mktree", "-z", given=git("ls-tree", "-z", head, "--", *PARTS)).strip()
            written = _commit(tree, version, Origin(head, _parents_in(text)))
            commit = git("hash-object", "-t", "commit", "-w", "--stdin", given=written).strip()
        pack = git(*PACKING, given=f"{commit}\n")
    return f"{FORMATS[kind]}{commit} HEAD\n{commit} {TAGS}{version}\n\n{pack}".encode(
        "utf-8", "surrogateescape"
    )


def read(content: bytes) -> Bundle | None:
    """What a bundle contains, or None if it isn't one, or isn't whole."""
    import hashlib  # it loads OpenSSL, which `workshop status` has no other use for

    head, _, pack = content.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").splitlines()
    kind = next((k for k, begin in FORMATS.items() if content.startswith(begin.encode())), "")
    tags = [line.partition(f" {TAGS}") for line in lines if f" {TAGS}" in line]
    if not kind or len(tags) != 1:
        return None
    end = hashlib.new(kind).digest_size  # git ends a pack with its checksum
    if not pack.startswith(b"PACK") or hashlib.new(kind, pack[:-end]).digest() != pack[-end:]:
        return None
    commit, _, version = tags[0]
    return Bundle(version, commit)


def prepared(clone: Path, version: str) -> bytes | None:
    """The bundle that somebody made in advance in a clone of the template. None without one."""
    path = clone / IN_CLONE
    content = path.read_bytes() if path.is_file() else b""
    found = read(content)
    return content if found and found.version == version else None


def of(clone: Path, version: str, run: Run, environment: Mapping[str, str]) -> bytes:
    """The bundle of a clone of the template: the prepared one, or a new one. Raises OSError."""
    found = prepared(clone, version)
    return make(clone, version, run, environment) if found is None else found


def origin_in(text: str) -> Origin | None:
    """Where a bundle's commit comes from, by its text. None if it isn't such a commit."""
    head, _, message = text.partition("\n\n")
    found = re.fullmatch(r"The template, .*\n\nCommit: (\w+)\nParents:((?: \w+)*)\n", message)
    if found is None or f"\nauthor {NOBODY}" not in head or _parents_in(text):
        return None
    return Origin(found[1], tuple(found[2].split()))


def _commit(tree: str, version: str, origin: Origin) -> str:
    """The text of a bundle's commit."""
    about = f"tree {tree}\nauthor {NOBODY}\ncommitter {NOBODY}\n"
    parents = "".join(f" {parent}" for parent in origin.parents)
    return f"{about}\nThe template, {version}\n\nCommit: {origin.commit}\nParents:{parents}\n"


def _parents_in(text: str) -> tuple[str, ...]:
    head = text.partition("\n\n")[0]
    return tuple(re.findall(r"^parent (\w+)$", head, re.MULTILINE))
