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
import zipfile
from pathlib import Path

from matchmaker.generate import generate
from matchmaker.repositories import copier_adapter, copies_of_template, renderer
from matchmaker.repositories.output import Output
from matchmaker.roster.read import read_roster
from matchmaker.session import Wishes


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{folder}: git {' '.join(arguments)}: {done.stderr}"
    return done.stdout


WISHES = {"fresh": Wishes(fresh=True), "bundle": Wishes(bundle=True)}


def start(roster: Path, out: Path, wishes: Wishes, *, cold: bool) -> int:
    """A run in a process group of its own; `cold` if it is to clone the template itself."""
    pid = os.fork()
    if pid:
        return pid
    if cold:
        copies_of_template._templates.clear()
        renderer._known.clear()
    os.setsid()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    code = 1
    try:
        code = 0 if generate(read_roster(roster), Output(out), wishes) else 1
    finally:
        os._exit(code)


def finish(roster: Path, out: Path, wishes: Wishes) -> float:
    """A run to its end; gives its seconds."""
    began = time.monotonic()
    _, status = os.waitpid(start(roster, out, wishes, cold=False), 0)
    assert status == 0, "a run that nobody killed failed"
    return time.monotonic() - began


def killed_after(seconds: float, roster: Path, out: Path, wishes: Wishes, *, cold: bool) -> bool:
    """Start a run and kill its whole group after a time; False if it was done by then."""
    pid = start(roster, out, wishes, cold=cold)
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


def state(repository: Path) -> tuple[str, str, str, str]:
    """The content of a whole repository: commits, edits, and the file that git does not have."""
    assert (repository / ".key/datadog").is_file(), f"{repository} has no key"
    assert not list(repository.rglob("*.lock")), f"{repository} has a lock of git's"
    git(repository, "fsck", "--full", "--no-progress")
    note = repository / "mine.txt"
    return (
        git(repository, "rev-parse", "HEAD^{tree}").strip(),
        git(repository, "diff", "HEAD", "--stat"),
        note.read_text() if note.exists() else "",
        (repository / ".key/datadog").read_text(),
    )


def bundles(out: Path) -> set[str]:
    """What --bundle has written; each of it has to be whole."""
    for path in out.glob("_bundles/*"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                assert archive.testzip() is None
        else:
            git(out / path.stem, "bundle", "verify", "--quiet", str(path))
    return {path.name for path in out.glob("_bundles/*")}


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
    """Kill `kills` runs that create, update, start over and so on, until each session is there."""
    wishes = WISHES.get(mode, Wishes())
    has_before = mode in ("update", "fresh", "key")
    tempfile.tempdir = str(folder / "warm")
    Path(tempfile.tempdir).mkdir()
    chance = random.Random(seed)
    before, roster = folder / "before.toml", folder / "roster.toml"
    source = read_roster(roster).template
    copier_adapter.template_at(source, None)
    copier_adapter.warm(source, None, {"trainee_name": "Ada"})
    tempfile.tempdir = str(folder / "tmp")
    Path(tempfile.tempdir).mkdir()
    start_from = folder / "start"
    if has_before:
        finish(before, start_from, Wishes())
        for repository in repositories(start_from).values():
            (repository / "mine.txt").write_text("mine\n")
            with (repository / "app.py").open("a") as app:
                app.write("\n# mine\n")
    else:
        start_from.mkdir()
    old = {slug: state(path) for slug, path in repositories(start_from).items()}

    out = folder / "out"
    shutil.copytree(start_from, out)
    took = finish(roster, out, wishes)
    new = {slug: state(path) for slug, path in repositories(out).items()}
    handed_out = bundles(out)
    assert all(bool(state[2]) == (mode in ("update", "key")) for state in new.values())
    assert bool(handed_out) == (mode == "bundle")

    done = sessions = 0
    while done < kills:
        shutil.rmtree(out)
        shutil.copytree(start_from, out)
        tries = 0
        began = time.monotonic()
        # The longer it does not come to its end, the more time it gets: others may slow it down.
        while killed_after(
            chance.uniform(0, took * (1 + tries / 10)), roster, out, wishes, cold=done % 5 == 0
        ):
            done += 1
            tries += 1
            for slug, path in repositories(out).items():
                assert state(path) in (old.get(slug), new[slug]), f"{path} after kill {done}"
            aside = {path.name: path for path in out.glob("_replaced/*/*")}
            there = repositories(out).keys() | aside.keys()
            assert there == old.keys() or not has_before, "one is lost"
            for slug, path in aside.items():
                assert state(path) in (old[slug], new[slug])
            bundles(out)
            began = time.monotonic()
        took = time.monotonic() - began
        sessions += 1
        assert {slug: state(p) for slug, p in repositories(out).items()} == new
        assert bundles(out) == handed_out
        assert leftovers(out) == [], leftovers(out)
    print(f"{done} kills in {sessions} sessions of {took:.2f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
