"""Restores the tool's own files if Python can't read them, for example after a merge.

It imports nothing from the tool, because any part of it may be broken.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

TOOL = Path(os.path.abspath(__file__)).parent.parent
ROOT = TOOL.parent
PREFIX = "template/workshop/"
SETTINGS = "settings.toml"
"""The one file that depends on the answers. The command that follows restores it."""
BUNDLE = "template.bundle"
"""The one file that isn't in the template: it contains the template."""
COMMANDS = ("reset", "goto", "update", "next")
HEALED = "WORKSHOP_HEALED"
MOST_COMMITS = 50
# A copy from git_environment.py, which may be broken: git reads only the repository's own
# configuration, and nothing in it can run a program.
ALONE = {
    "LC_ALL": "C",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}
QUIETLY = (
    *("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false"),
    *("-c", f"core.attributesFile={os.devnull}", "-c", f"core.excludesFile={os.devnull}"),
    *("-c", "i18n.commitEncoding=utf-8", "-c", "gc.auto=0"),
    # The user already runs this folder's code, so its owner doesn't matter.
    *("-c", "safe.directory=*"),
)
NO_FILTER = {"clean": "", "smudge": "", "process": "", "required": "false"}
PLAIN, LINK = "100644", "120000"
SHORTEST_SECRET = 16

Files = dict[str, bytes]
"""The contents of files, by their names below workshop/."""
Blobs = dict[str, tuple[str, str]]
"""Each file's mode and blob in git, by the file's name in the workshop."""


def heal(error: Exception) -> None:
    """Exit with what is wrong with the tool's files, or restore them for a command that does that.

    Returns if something else is wrong.
    """
    where = _where(error)
    if not where:
        return
    what = f"The tool cannot be read: {where}: {error.args[0] if error.args else error}."
    command = next((one for one in sys.argv[1:] if not one.startswith("-")), "")
    if command not in COMMANDS or HEALED in os.environ:
        _end(what, "To save it, and restore the template's version, run: workshop reset")
    if TOOL.is_symlink():
        _end(
            f"{what}\nworkshop/ is a symbolic link, not a folder. Nothing was changed.",
            "Replace the link with the folder, then try again.",
        )
    for source, files in _sources():
        if _is_whole(files):
            branch, saved = _save(_there(files))
            _replace(files, saved)
            said = f"{what}\nworkshop/ matches {source} again. What it contained is on {branch}."
            print(said, file=sys.stderr, flush=True)
            os.environ[HEALED] = "1"
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    _end(what, "Find a commit in which it was intact, then run: git checkout COMMIT -- workshop")


def _where(error: Exception) -> str:
    """The tool's file and line at which an import failed. Empty for any other error."""
    if isinstance(error, SyntaxError):
        path, line = error.filename or "", error.lineno or 0
    else:
        frames = traceback.extract_tb(error.__traceback__)
        if not any(frame.name == "<module>" for frame in frames[1:]):
            return ""  # Python could read it, and ran it
        path, line = frames[-1].filename, frames[-1].lineno or 0
    # Python may use another name of the folder, for example if /var is a link.
    for name, tool in ((Path(path), TOOL), (Path(path).resolve(), TOOL.resolve())):
        if name.is_relative_to(tool):
            return f"{name.relative_to(tool.parent)} line {line}"
    return ""


def _sources() -> Iterator[tuple[str, Files]]:
    """Versions of the tool that may be intact, the best one first."""
    kept = ROOT / ".workshop" / "template.git"
    answers = ROOT / ".copier-answers.yml"
    text = answers.read_text(encoding="utf-8", errors="replace") if answers.is_file() else ""
    commit = re.search(r"^_commit: *['\"]?([^\s'\"-][^\s'\"]*)", text, re.MULTILINE)
    if not kept.is_dir() and (TOOL / BUNDLE).is_file():
        _git("clone", "--quiet", "--bare", "--template=", "--", str(TOOL / BUNDLE), str(kept))
    if commit and kept.is_dir():
        yield f"version {commit[1]}", _files(commit[1], PREFIX, f"--git-dir={kept}")
    commits = _git("rev-list", f"--max-count={MOST_COMMITS}", "HEAD", "--", "workshop")
    for name in ["HEAD", *commits.decode().split()]:
        yield f"your commit {name[:7]}", _files(name, "workshop/")


def _files(commit: str, prefix: str, *where: str) -> Files:
    """The files of a commit, unchanged. `git archive` would apply filters and settings to them.

    Empty if git can't read them.
    """
    blobs = {
        name.removeprefix(prefix): blob
        for name, (mode, blob) in _blobs(commit, prefix, *where).items()
        if mode != LINK and not name.endswith(".jinja")
    }
    asked = "".join(f"{blob}\n" for blob in blobs.values())
    answer = memoryview(_git(*where, "cat-file", "--batch", text=asked.encode()))
    files, at = {}, 0
    for name, blob in blobs.items():
        head = bytes(answer[at : at + 200]).partition(b"\n")[0]
        found, _, size = head.decode().partition(" blob ")
        if found != blob or not size.isdecimal():
            return {}
        at += len(head) + 1
        files[name] = bytes(answer[at : at + int(size)])
        at += int(size) + 1
    return files


def _blobs(commit: str, folder: str, *where: str) -> Blobs:
    """The files of a folder in a commit."""
    listed = _git(*where, "ls-tree", "-r", "-z", commit, "--", folder)
    found = {}
    for entry in os.fsdecode(listed).split("\0"):
        about, _, name = entry.partition("\t")
        if name:
            mode, _, blob = about.split()
            found[name] = (mode, blob)
    return found


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


def _there(files: Iterable[str]) -> list[str]:
    """The files in workshop/ now, except key files and ignored files that nothing overwrites."""
    listed = _git(
        *("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "workshop/"),
        check=True,
    )
    names = {*os.fsdecode(listed).split("\0")}
    for name in files:
        if (TOOL / name).is_dir() and not (TOOL / name).is_symlink():
            what = f"workshop/{name} is a folder, where a file has to be. Nothing was changed."
            _end(what, "Move it away, then try again.")
    ways = {f"workshop/{way}" for name in files for way in (name, *map(str, Path(name).parents))}
    return sorted(
        name
        for name in names | ways
        if name.startswith("workshop/") and not Path(name).name.startswith(".env")
        if _content(name) is not None
    )


def _content(name: str) -> bytes | None:
    """A file's content, or a link's target. None for anything else, or anything behind a link."""
    path = ROOT / name
    if any(parent.is_symlink() for parent in path.parents if parent.is_relative_to(TOOL)):
        return None
    try:
        if path.is_symlink():
            return os.fsencode(path.readlink())
        return path.read_bytes() if path.is_file() else None
    except OSError as error:
        _end(f"{name} cannot be read, so it cannot be saved: {error}.", "Nothing was changed.")


def _save(there: Iterable[str]) -> tuple[str, Blobs]:
    """Save the files on a branch, and return its name and what was saved."""
    contents = {name: content for name in there if (content := _content(name)) is not None}
    keys = _keys()
    is_hidden = "WORKSHOP_CONTAINER" in os.environ
    if found := [
        name
        for name, text in contents.items()
        if any(key in text for key in keys) or (is_hidden and _has_named_key(text))
    ]:
        _end(
            f"{', '.join(found)}: your API key is in there, and git would keep it.",
            "Delete the key there, because it belongs only in .key/datadog. Then try again.",
        )
    blobs: Blobs = {}
    for name, content in contents.items():
        blob = _git("hash-object", "-w", "--stdin", text=content, check=True).decode().strip()
        blobs[name] = (LINK if (ROOT / name).is_symlink() else PLAIN, blob)
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        own_index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        _git("read-tree", "HEAD", variables=own_index, check=True)
        _change(_blobs("HEAD", "workshop/"), blobs, own_index)
        tree = _git("write-tree", variables=own_index, check=True).decode().strip()
    nobody = ("-c", "user.name=Matchmaker", "-c", "user.email=matchmaker@localhost")
    commit = _git(*nobody, "commit-tree", "-p", "HEAD", "-m", "The tool, broken", tree, check=True)
    branch = f"my/workshop-{time.strftime('%Y%m%d-%H%M%S')}"
    new = ("update-ref", f"refs/heads/{branch}", commit.decode().strip())
    _git(*new, "", check=True)  # "": fail if the name exists
    return f"the branch {branch}", blobs


def _change(old: Iterable[str], new: Blobs, variables: dict[str, str] | None = None) -> None:
    """Replace the entries `old` of workshop/ in an index with `new`.

    This writes entry by entry, because other ways would read the files and run filters. Even so,
    git reads files that are as new as the index, so the variables turn the filters off.
    """
    below = os.fsdecode(_git("rev-parse", "--show-prefix", check=True)).rstrip("\n")
    nothing = "0" * len(_git("rev-parse", "HEAD", check=True).strip())
    lines = [f"0 {nothing}\t{below}{name}\0" for name in old]
    lines += [f"{mode} {blob}\t{below}{name}\0" for name, (mode, blob) in new.items()]
    entries = os.fsencode("".join(lines))
    variables = {**_no_filters(), **(variables or {})}
    _git("update-index", "-z", "--index-info", text=entries, variables=variables, check=True)


def _no_filters() -> dict[str, str]:
    """Does the same as `without_filters` in git_environment.py."""
    listed = os.fsdecode(_git("config", "--name-only", "-z", "--get-regexp", r"^filter\."))
    drivers = sorted({name.rpartition(".")[0] for name in listed.split("\0") if name})
    settings = [f"{driver}.{what}" for driver in drivers for what in NO_FILTER]
    values = [*NO_FILTER.values()] * len(drivers)
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(zip(settings, values, strict=True)):
        variables |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def _replace(files: Files, saved: Blobs) -> None:
    for name, (_, blob) in saved.items():
        content = _content(name)
        if content is not None and _hash(content, len(blob)) != blob:
            _end(f"{name} was changed while it was being saved.", "Run the same command again.")
        if name not in (f"workshop/{SETTINGS}", f"workshop/{BUNDLE}"):
            (ROOT / name).unlink(missing_ok=True)
    for name, content in files.items():
        path = TOOL / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    index = {
        entry.partition("\t")[2]
        for entry in os.fsdecode(_git("ls-files", "-z", "--stage", "workshop/")).split("\0")
        if entry
    }
    _change(index, _blobs("HEAD", "workshop/"))


def _hash(content: bytes, length: int) -> str:
    """The name that git gives to a content, with `length` digits."""
    kind = hashlib.sha256 if length > hashlib.sha1().digest_size * 2 else hashlib.sha1
    return kind(b"blob %d\0" % len(content) + content).hexdigest()


def _keys() -> list[bytes]:
    """The API key, in each encoding that a file may have."""
    own, settings = _text(ROOT / ".key" / "datadog"), _text(ROOT / ".env")
    assigned = r"^\s*(?:export\s+)?DD_API_KEY\s*=\s*['\"]?([^\s'\"#]+)"
    found = re.findall(assigned, f"{own}\n{settings}", re.MULTILINE)
    keys = {*found, *re.split(r"[\s'\"]+", own), os.environ.get("DD_API_KEY", "")}
    return [
        key.encode(coding, "surrogateescape" if coding == "utf-8" else "ignore")
        for key in keys
        if len(key) >= SHORTEST_SECRET
        for coding in ("utf-8", "utf-16-le")
    ]


def _has_named_key(content: bytes) -> bool:
    """Does nearly the same as in key_form.py, in a container that hides the key."""
    name, key = rb"(?i:api[_-]?key)", rb"\b[0-9a-fA-F]{32}\b"
    near = rb"[\s\S]{0,80}?"
    pattern = name + near + key + rb"|" + key + near + name
    return bool(re.search(pattern, content.replace(b"\0", b"")))


def _text(path: Path) -> str:
    """The text of a file. Empty if it can't be read."""
    try:
        content = path.read_bytes() if path.is_file() else b""
    except OSError:
        content = b""
    coding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return content.decode(coding, "surrogateescape" if coding == "utf-8-sig" else "replace")


def _git(
    *arguments: str,
    text: bytes = b"",
    variables: dict[str, str] | None = None,
    check: bool = False,
) -> bytes:
    """Git's output. If git fails, empty, or with `check` exits."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name == "GIT_CEILING_DIRECTORIES"
    }
    try:
        done = subprocess.run(
            ["git", *QUIETLY, *arguments],
            cwd=ROOT,
            env={**environment, **ALONE, **(variables or {})},
            input=text,
            capture_output=True,
            check=False,
        )
    except OSError:
        _end("git is not installed, or not on the PATH.", "Install it from https://git-scm.com.")
    if done.returncode and check:
        said = done.stderr.decode("utf-8", "replace").strip()
        _end(f"What is in workshop/ cannot be saved: {said}", "Nothing was changed.")
    return b"" if done.returncode else done.stdout


def _end(what: str, remedy: str) -> NoReturn:
    if os.environ.get("WORKSHOP_CONTAINER"):  # as workshop/how_to_run.py, which may be broken
        remedy = re.sub(
            r"\b(?=git checkout|workshop reset)", "docker compose exec console ", remedy
        )
    sys.exit(f"{what}\n{remedy}")
