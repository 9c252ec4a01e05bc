"""Have `workshop/`, the trainee's tool, whole and as this version of the template has it.

Copier runs this after an update, which merges every file. In the tool nobody merges by hand: half
of one version and half of another is none, and could not even be put back by its own commands. So
what the trainee has changed there is kept on a branch, and the tool is replaced.
"""

import os
import runpy
import shutil
import sys
import time
from pathlib import Path

TOOL = "workshop"
# The one file that depends on the answers; Copier hands its text over.
SETTINGS = "settings.toml"
# How git runs, as in the trainee's tool. Not imported, since the tool need not be installed here.
GIT = runpy.run_path(
    str(Path(__file__).parents[2] / "template" / "workshop" / "moving" / "git_environment.py")
)


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
    """What a file holds; a link holds where it leads, and nothing is read through one."""
    if path.is_symlink():
        return f"-> {path.readlink()}".encode("utf-8", "surrogateescape")
    if any(parent.is_symlink() for parent in path.parents):
        return None
    return path.read_bytes() if path.is_file() else None


def others(files: dict[str, bytes]) -> list[str]:
    """The names of what is not as it should be: changed, missing, or not the template's."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", TOOL)
    names = sorted({*files, *filter(None, listed.split("\0"))})
    return [name for name in names if content(Path(name)) != files.get(name)]


def remove(path: Path) -> None:
    """Take away what is there, and what is in the way to it; folders that are empty then, too."""
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


def main(source: str, settings: str, quiet: str) -> None:
    files = wanted(Path(source), settings)
    changed = others(files)
    unmerged = git("ls-files", "-z", "--unmerged", "--", TOOL)
    if not changed and not unmerged:
        return
    # An update begins with everything committed: what was there is in that commit.
    branch = f"my/{TOOL}-{time.strftime('%Y%m%d-%H%M%S')}"
    git("update-ref", f"refs/heads/{branch}", "HEAD")
    for name in changed:
        path = Path(name)
        remove(path)
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
    if unmerged:
        git("reset", "--quiet", "--", TOOL)
    if quiet != "True":
        print(
            f"\n{TOOL}/ is replaced as a whole by an update. You had changed something there; "
            f"that is on the branch {branch}:\n  {', '.join(changed or [TOOL])}",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
