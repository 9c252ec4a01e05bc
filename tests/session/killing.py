"""Kills runs at random moments, and looks at what is there after each: for test_kills.py.

A process of its own, which has everything imported and the template compiled, and forks: 200 runs
would spend most of their time on that, where a kill shows little. Every fifth run starts cold.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from session import rendering
from session.generate import Wishes, generate
from session.output import Output
from session.roster import read_roster


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{folder}: git {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def start(roster: Path, out: Path, *, cold: bool) -> int:
    """A run in a process group of its own; `cold` if it is to clone the template itself."""
    pid = os.fork()
    if pid:
        return pid
    if cold:
        rendering._templates.clear()
        rendering._environments.clear()
    os.setsid()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    code = 1
    try:
        code = 0 if generate(read_roster(roster), Output(out), Wishes()) else 1
    finally:
        os._exit(code)


def finish(roster: Path, out: Path) -> float:
    """A run to its end; gives its seconds."""
    began = time.monotonic()
    _, status = os.waitpid(start(roster, out, cold=False), 0)
    assert status == 0, "a run that nobody killed failed"
    return time.monotonic() - began


def killed_after(seconds: float, roster: Path, out: Path, *, cold: bool) -> bool:
    """Start a run and kill its whole group after a time; False if it was done by then."""
    pid = start(roster, out, cold=cold)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return False
        time.sleep(0.002)
    while True:
        try:
            os.killpg(pid, signal.SIGKILL)
            break
        except ProcessLookupError:  # it has not come to make its group yet
            time.sleep(0.001)
    os.waitpid(pid, 0)
    return True


def state(repository: Path) -> tuple[str, str, str]:
    """The content of a whole repository: commits, edits, and the file that git does not have."""
    assert (repository / ".env").is_file(), f"{repository} has no .env"
    assert not list(repository.rglob("*.lock")), f"{repository} has a lock of git's"
    git(repository, "fsck", "--full", "--no-progress")
    note = repository / "mine.txt"
    return (
        git(repository, "rev-parse", "HEAD^{tree}").strip(),
        git(repository, "diff", "HEAD", "--stat"),
        note.read_text() if note.exists() else "",
    )


def repositories(out: Path) -> dict[str, Path]:
    """Whatever looks like a trainee's repository; and what a kill in the middle of a swap left."""
    found = [path for path in out.glob("*") if path.name[0] not in "._" and path.is_dir()]
    swapped = [p for p in out.glob(".matchmaker/old/*") if not (out / p.name).exists()]
    return {path.name: path for path in [*found, *swapped]}


def leftovers(out: Path) -> list[str]:
    """What no run may leave when it has come to its end."""
    ours = {"lock", ".gitignore"}
    return [
        p.name for p in out.glob(".matchmaker/*") if p.name not in ours and any(p.iterdir())
    ] + [path.name for path in Path(tempfile.gettempdir()).glob("*")]


def main(folder: Path, mode: str, kills: int, seed: int) -> None:
    """Kill `kills` runs that create, or that update, until each session is there."""
    tempfile.tempdir = str(folder / "warm")
    Path(tempfile.tempdir).mkdir()
    chance = random.Random(seed)
    before, roster = folder / "before.toml", folder / "roster.toml"
    source = read_roster(roster).template
    rendering.template_at(source, None)
    rendering.warm(source, None)
    tempfile.tempdir = str(folder / "tmp")
    Path(tempfile.tempdir).mkdir()
    start_from = folder / "start"
    if mode == "update":
        finish(before, start_from)
        for repository in repositories(start_from).values():
            (repository / "mine.txt").write_text("mine\n")
            with (repository / "app.py").open("a") as app:
                app.write("\n# mine\n")
    else:
        start_from.mkdir()
    old = {slug: state(path) for slug, path in repositories(start_from).items()}

    out = folder / "out"
    shutil.copytree(start_from, out)
    took = finish(roster, out)
    new = {slug: state(path) for slug, path in repositories(out).items()}
    assert all("mine" in state[2] for state in new.values()) or mode == "create"

    done = sessions = 0
    while done < kills:
        shutil.rmtree(out)
        shutil.copytree(start_from, out)
        tries = 0
        began = time.monotonic()
        # The longer it does not come to its end, the more time it gets: others may slow it down.
        while killed_after(
            chance.uniform(0, took * (1 + tries / 10)), roster, out, cold=done % 5 == 0
        ):
            done += 1
            tries += 1
            for slug, path in repositories(out).items():
                assert state(path) in (old.get(slug), new[slug]), f"{path} after kill {done}"
            assert mode == "create" or repositories(out).keys() == old.keys(), "one is lost"
            began = time.monotonic()
        took = time.monotonic() - began
        sessions += 1
        assert {slug: state(p) for slug, p in repositories(out).items()} == new
        assert leftovers(out) == [], leftovers(out)
    print(f"{done} kills in {sessions} sessions of {took:.2f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
