"""Puts the tool's own files back when they cannot be read, as after a merge.

It imports nothing of the tool, which may be what is broken.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

TOOL = Path(__file__).resolve().parent
ROOT = TOOL.parent
PREFIX = "template/workshop/"
SETTINGS = "settings.toml"
"""The one file that depends on the answers: the command that follows puts it back."""
COMMANDS = ("reset", "goto", "update", "next")
HEALED = "WORKSHOP_HEALED"
MOST_COMMITS = 50
# No program that somebody's configuration of git names is run for this.
QUIETLY = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")

Files = dict[str, bytes]
"""By their names below workshop/."""


def heal(error: Exception) -> None:
    """End with what is wrong with the tool's files; put them back where a command asked for that.

    Returns when something else is wrong.
    """
    where = _where(error)
    if not where:
        return
    what = f"The tool cannot be read: {where}: {error.args[0] if error.args else error}."
    command = next((one for one in sys.argv[1:] if not one.startswith("-")), "")
    if command not in COMMANDS or HEALED in os.environ:
        _end(what, "Put it back as the template has it; what is there is saved: workshop reset")
    for source, files in _sources():
        if _is_whole(files):
            saved = _save()
            _replace(files)
            said = f"{what}\nworkshop/ is as {source} has it again; what was there is on {saved}."
            print(said, file=sys.stderr, flush=True)
            os.environ |= {HEALED: "1", "PYTHONPATH": str(ROOT)}
            os.execv(sys.executable, [sys.executable, "-m", "workshop", *sys.argv[1:]])
    _end(what, "Find a commit in which it was whole, then: git checkout COMMIT -- workshop")


def _where(error: Exception) -> str:
    """The file and line of the tool at which an import of it failed; empty for any other error."""
    if isinstance(error, SyntaxError):
        path, line = error.filename or "", error.lineno or 0
    else:
        frames = traceback.extract_tb(error.__traceback__)
        if not any(frame.name == "<module>" for frame in frames[1:]):
            return ""  # it was read, and ran
        path, line = frames[-1].filename, frames[-1].lineno or 0
    if not Path(path).is_relative_to(TOOL):
        return ""
    return f"{Path(path).relative_to(ROOT)} line {line}"


def _sources() -> Iterator[tuple[str, Files]]:
    """Where the tool may be whole, best first."""
    kept = ROOT / ".workshop" / "template.git"
    answers = ROOT / ".copier-answers.yml"
    text = answers.read_text(encoding="utf-8", errors="replace") if answers.is_file() else ""
    commit = re.search(r"^_commit: *['\"]?([^\s'\"]+)", text, re.MULTILINE)
    if commit and kept.is_dir():
        archive = _git(f"--git-dir={kept}", "archive", "--format=tar", commit[1], PREFIX)
        yield f"version {commit[1]}", _unpacked(archive, PREFIX)
    commits = _git("rev-list", f"--max-count={MOST_COMMITS}", "HEAD", "--", "workshop")
    for name in ["HEAD", *commits.decode().split()]:
        archive = _git("archive", "--format=tar", name, "workshop/")
        yield f"your commit {name[:7]}", _unpacked(archive, "workshop/")


def _unpacked(archive: bytes, prefix: str) -> Files:
    if not archive:
        return {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            member.name.removeprefix(prefix): file.read()
            for member in tar
            if member.isfile() and not member.name.endswith(".jinja")
            if (file := tar.extractfile(member))
        }


def _is_whole(files: Files) -> bool:
    if "cli.py" not in files or "__main__.py" not in files:
        return False
    try:
        for name, content in files.items():
            if name.endswith(".py"):
                compile(content, name, "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _save() -> str:
    """Keep all that is in workshop/ now on a branch; gives its name."""
    names = [path.relative_to(ROOT).as_posix() for path in _there()]
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        own_index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        blobs = _git("hash-object", "-w", "--no-filters", "--", *names, check=True).decode().split()
        below = _git("rev-parse", "--show-prefix", check=True).decode().strip("\n")
        entries = "".join(
            f"100644 {blob}\t{below}{name}\0" for blob, name in zip(blobs, names, strict=True)
        )
        _git("read-tree", "HEAD", variables=own_index, check=True)
        _git(
            *("update-index", "-z", "--index-info"),
            text=entries.encode("utf-8", "surrogateescape"),
            variables=own_index,
            check=True,
        )
        tree = _git("write-tree", variables=own_index, check=True).decode().strip()
    nobody = ("-c", "user.name=Matchmaker", "-c", "user.email=matchmaker@localhost")
    commit = _git(*nobody, "commit-tree", "-p", "HEAD", "-m", "The tool, broken", tree, check=True)
    branch = f"my/workshop-{time.strftime('%Y%m%d-%H%M%S')}"
    _git("update-ref", f"refs/heads/{branch}", commit.decode().strip(), check=True)
    return f"the branch {branch}"


def _replace(files: Files) -> None:
    for path in _there():
        name = path.relative_to(TOOL).as_posix()
        if name not in files and name != SETTINGS:
            path.unlink()
    for name, content in files.items():
        path = TOOL / name
        if path.is_dir():
            shutil.rmtree(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # not through a link
        path.write_bytes(content)
    _git("reset", "--quiet", "--", "workshop")


def _there() -> list[Path]:
    """The files in workshop/, but for what Python keeps there."""
    return [
        path
        for path in sorted(TOOL.rglob("*"))
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
    ]


def _git(
    *arguments: str,
    text: bytes = b"",
    variables: dict[str, str] | None = None,
    check: bool = False,
) -> bytes:
    """What git prints; nothing where it fails, unless that is to end everything."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", *QUIETLY, *arguments],
            cwd=ROOT,
            env={**environment, "LC_ALL": "C", **(variables or {})},
            input=text,
            capture_output=True,
            check=False,
        )
    except OSError:
        _end("git is not installed, or not on the PATH.", "https://git-scm.com says how.")
    if done.returncode and check:
        said = done.stderr.decode("utf-8", "replace").strip()
        _end(f"What is in workshop/ cannot be saved: {said}", "Nothing was changed.")
    return b"" if done.returncode else done.stdout


def _end(what: str, remedy: str) -> None:
    sys.exit(f"{what}\n{remedy}")
