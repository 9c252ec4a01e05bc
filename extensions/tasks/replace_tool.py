"""Replace `workshop/`, the trainee's tool, with the one from this version of the template.

Copier runs this after an update, which merges every file. But nobody should merge the tool by hand:
a mix of two versions doesn't work, and its own commands couldn't even restore it. So this saves the
trainee's changes on a branch, and replaces the whole tool.

It also puts this version's template.bundle into the tool. That file is not in the template, so
Copier doesn't merge it.
"""

import os
import runpy
import shutil
import sys
import time
from pathlib import Path

KEEPS_NOTHING = True
"""`matchmaker` may call `main` for one workshop after the other, in a process of its own."""
TOOL_DOES_THIS = True
"""`workshop next` and `workshop update` do the same by themselves, so they need not run this."""

TOOL = "workshop"
# The only file that depends on the answers. Copier passes its text as an argument.
SETTINGS = "settings.toml"
# Parts of the trainee's tool. Loaded by path, because the tool may not be installed here.
MOVING = Path(__file__).parents[2] / "template" / "workshop" / "moving"
GIT = runpy.run_path(str(MOVING / "git_environment.py"))
BUNDLES = runpy.run_path(str(MOVING / "template_bundle.py"))
BUNDLE = BUNDLES["NAME"]


def git(*arguments: str) -> str:
    environment = GIT["alone"](os.environ)
    if arguments[0] == "reset":
        environment = GIT["without_filters"](Path.cwd(), environment)
    done = GIT["run"](Path.cwd(), *arguments, environment=environment)
    if done.returncode:
        reason = done.stderr.strip()
        raise SystemExit(f"{TOOL}/ could not be replaced: git {arguments[0]} says {reason}")
    return str(done.stdout)


def wanted(source: Path, settings: str) -> dict[str, bytes]:
    """The files of the tool, by their names in the workshop."""
    tool = source / "template" / TOOL
    files = {
        f"{TOOL}/{path.relative_to(tool).as_posix()}": path.read_bytes()
        for path in sorted(tool.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".jinja"
    }
    return {**files, f"{TOOL}/{SETTINGS}": settings.encode()}


def content(path: Path) -> bytes | None:
    """The content of a file. For a link, its target; this never follows links."""
    if path.is_symlink():
        return f"-> {path.readlink()}".encode("utf-8", "surrogateescape")
    if any(parent.is_symlink() for parent in path.parents):
        return None
    return path.read_bytes() if path.is_file() else None


def others(files: dict[str, bytes]) -> list[str]:
    """The names of files that are changed, missing, or not from the template."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", TOOL)
    names = sorted({*files, *filter(None, listed.split("\0"))})
    return [name for name in names if name != BUNDLE and content(Path(name)) != files.get(name)]


def remove(path: Path) -> None:
    """Remove a path, anything that blocks the way to it, and folders that are then empty."""
    for step in reversed(path.parents):
        if step.is_symlink() or step.is_file():
            step.unlink()
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()


def keep_template(source: Path, version: str) -> None:
    """Put this version of the template into the workshop, unless the workshop has it.

    Raises SystemExit if git can't.
    """
    there = content(Path(BUNDLE))
    found = BUNDLES["read"](there) if there else None
    if found and found.version == version:
        return  # another git would make other bytes of the same content
    try:
        wanted = BUNDLES["of"](source, version, GIT["run"], GIT["alone"](os.environ))
    except OSError as error:
        raise SystemExit(f"The template cannot be put into the workshop: {error}") from error
    write(Path(BUNDLE), wanted)


def write(path: Path, wanted: bytes) -> None:
    remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wanted)


def main(source: str, settings: str, quiet: str, version: str = "") -> None:
    if version:
        keep_template(Path(source), version)
    files = wanted(Path(source), settings)
    changed = others(files)
    unmerged = git("ls-files", "-z", "--unmerged", "--", TOOL)
    if not changed and not unmerged:
        return
    # Before an update, everything is committed, so that commit has the old files.
    branch = f"my/{TOOL}-{time.strftime('%Y%m%d-%H%M%S')}"
    git("update-ref", f"refs/heads/{branch}", "HEAD")
    for name in changed:
        if name in files:
            write(Path(name), files[name])
        else:
            remove(Path(name))
    if unmerged:
        git("reset", "--quiet", "--", TOOL)
    if quiet != "True":
        print(
            f"\nAn update replaces {TOOL}/ as a whole. You had changed something there. Your "
            f"changes are on the branch {branch}:\n  {', '.join(changed or [TOOL])}",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
