"""Measures how fast `matchmaker generate` is, compared with the alternatives: `make bench`.

Each of several rounds measures everything on the same machine, so that other programs slow
everything down equally. The ratios are of medians.

What a session has written goes to the disk later, while something else is being measured. So each
measurement begins with an empty queue, every second round begins with the largest session, and
sessions of all sizes are also made in memory, where there is no disk to wait for.
"""

import contextlib
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dev.checkout import REPOSITORY
from matchmaker.repositories import copier_adapter
from matchmaker.repositories.clones import scratch

ROUNDS = 3
TRAINEES = 30
SIZES = (10, 30, 100, 300)
RISING = (10, 100, 300)
"""The sizes that tell what one more trainee costs, in a small session and in a large one."""
MEMORY = Path("/dev/shm")
"""A folder in memory, on Linux."""
ROOM = 4 << 30
"""In bytes. The largest session and the clone of the template fit into this."""
SAMPLE = 4
"""How many times a round repeats a slow command that takes the same time each time."""
CORES = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

# A child process reports its own peak, because ours would include processes from before.
CLI = (
    "import resource, sys; from matchmaker.cli import app; "
    "code = app(standalone_mode=False); "
    "print(max(resource.getrusage(who).ru_maxrss for who in "
    "(resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)), file=sys.stderr); sys.exit(code or 0)"
)

COPY_IN_PROCESS = (
    "import sys, time, copier\n"
    "source, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])\n"
    "start = time.perf_counter()\n"
    "for i in range(count):\n"
    "    copier.run_copy(source, f'{folder}/{i}', data={'trainee_name': f'Trainee {i}'},\n"
    "                    defaults=True, unsafe=True, quiet=True)\n"
    "print(time.perf_counter() - start)\n"
)


def main() -> None:
    """Measure, and print the ratios."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _quiet_git(), _memory() as memory:
        bench = Bench(Path(folder))
        in_memory = Bench(memory) if memory else None
        rounds = []
        for number in range(ROUNDS):
            found = bench.round(number)
            if in_memory:
                found |= in_memory.only_sessions()
            rounds.append(found)
    seconds = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}
    _print(seconds)


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    seconds: float
    cpu: float
    """The time of the processor, in seconds, of all processes."""
    peak: float
    """The memory of its largest process, in kilobytes."""


class Bench:
    """One template, and folders to write to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template"
        _run("git", "clone", "--quiet", str(REPOSITORY), str(self.template))
        _run("git", "-C", str(self.template), "tag", "v1.0.0")

    def round(self, number: int) -> dict[str, float]:
        """Measure everything once; return seconds, kilobytes, or megabytes, by name."""
        here = self.folder / f"round{number}"
        here.mkdir()
        found: dict[str, float] = {}
        found["loop"] = _seconds(lambda: self._loop(here / "loop")) / SAMPLE
        for size in SIZES if number % 2 == 0 else reversed(SIZES):
            print(f"round {number + 1} of {ROUNDS}: {size} trainees", file=sys.stderr)
            cost = self._session(here / str(size), size, 1)
            found |= {f"{size}": cost.seconds, f"cpu {size}": cost.cpu, f"peak {size}": cost.peak}
            if size == TRAINEES:
                found["disk"] = _megabytes(here / str(size)) / size
                found["floor"] = _seconds(lambda: self._floor(here / "floor", TRAINEES))
            if size in (10, 100):  # the difference is the cost of 90 more trainees
                found[f"floor {size}"] = _seconds(partial(self._floor, here / f"floor{size}", size))
        found["in-process"] = self._in_process(here / "in-process") / SAMPLE
        found["unchanged"] = self._session(here / f"{TRAINEES}", TRAINEES, 1).seconds
        found["unchanged 300"] = self._session(here / "300", 300, 1).seconds
        found["finished folder"] = _seconds(partial(_copies, here / "10", here / "copies")) / 10
        for index in range(SAMPLE):
            shutil.copytree(
                here / f"{TRAINEES}" / f"trainee-{index}", here / "by-hand" / str(index)
            )
        found["update loop"] = _seconds(lambda: self._update_loop(here / "by-hand")) / SAMPLE
        found["update"] = self._session(here / f"{TRAINEES}", TRAINEES, 2).seconds
        # To a new version, with the same steps: the loop, and the session.
        tag = f"v1.{number + 1}.0"
        self._publish(tag)
        by_hand = here / "by-hand"
        found["version loop"] = _seconds(lambda: self._update_loop(by_hand, tag)) / SAMPLE
        found["version"] = self._session(here / f"{TRAINEES}", TRAINEES, 2).seconds
        shutil.rmtree(here)
        return found

    def only_sessions(self) -> dict[str, float]:
        """Measure sessions of several sizes, in memory; return seconds by name."""
        found = {}
        for size in RISING:
            out = self.folder / str(size)
            found[f"in memory {size}"] = self._session(out, size, 1).seconds
            shutil.rmtree(out)
        return found

    def _loop(self, folder: Path) -> None:
        """What a user would do in a shell instead."""
        for index in range(SAMPLE):
            _run(
                *(str(Path(sys.executable).parent / "copier"), "copy", "--trust", "--defaults"),
                *("--quiet", "--data", f"trainee_name=Trainee {index}"),
                *(str(self.template), str(folder / str(index))),
            )

    def _publish(self, tag: str) -> None:
        """Publish a version of the template in which a page and a part of the tool are new."""
        for name in ("README.md.jinja", "workshop/terminal.py"):
            with (self.template / "template" / name).open("a") as file:
                file.write(f"\n# {tag}\n")
        _run("git", "-C", str(self.template), "commit", "--quiet", "--all", "--message", tag)
        _run("git", "-C", str(self.template), "tag", tag)

    def _update_loop(self, folder: Path, version: str = ":current:") -> None:
        for repository in folder.iterdir():
            _run(
                *(str(Path(sys.executable).parent / "copier"), "update", "--trust", "--defaults"),
                *("--quiet", f"--vcs-ref={version}", "--data", "step=2"),
                cwd=repository,
            )
            _run("git", "commit", "--quiet", "--all", "--message", "Update", cwd=repository)

    def _session(self, out: Path, size: int, step: int) -> Cost:
        roster = self.folder / "roster.toml"
        lines = ["[session]", 'name = "bench"', f"template = {json.dumps(str(self.template))}"]
        lines += ["[answers]", f"step = {step}"]
        for index in range(size):
            lines += ["[[trainee]]", f'trainee_name = "Trainee {index}"']
        roster.write_text("\n".join(lines))
        command = [sys.executable, "-c", CLI, "generate", str(roster), "--out", str(out)]
        os.sync()
        start, before = time.perf_counter(), _cpu()
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env={**os.environ, "TMPDIR": str(self.folder)},
            capture_output=True,
            text=True,
        )
        took, cpu = time.perf_counter() - start, _cpu() - before
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        return Cost(took, cpu, float(done.stderr.split()[-1]))

    def _in_process(self, folder: Path) -> float:
        """The seconds for Copier in one process, without its imports."""
        command = [sys.executable, "-c", COPY_IN_PROCESS, str(self.template), str(folder)]
        done = subprocess.run([*command, str(SAMPLE)], capture_output=True, text=True, check=True)
        return float(done.stdout)

    def _floor(self, folder: Path, count: int) -> None:
        """Render and commit the same files without Copier, in a new Python, on as many cores."""
        _run(
            *(sys.executable, "-m", "dev.benchmarks.session", "--floor"),
            *(str(self.template), str(folder), str(count)),
            cwd=REPOSITORY,
        )


def floor(source: str, folder: Path, count: int) -> None:
    """With a clone and its compiled templates, only render, write, and commit."""
    folder.mkdir()
    with scratch():
        answers = {"trainee_name": "Trainee 1"}
        copier_adapter.warm(source, None, answers)
        root, environment, context = copier_adapter.rendered_from(source, None, folder, answers)
        names = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]

        def make(index: int) -> None:
            place = folder / str(index)
            for name in names:
                path = place / name.with_name(name.name.removesuffix(".jinja"))
                path.parent.mkdir(parents=True, exist_ok=True)
                if name.suffix == ".jinja":
                    template = environment.get_template(f"template/{name.as_posix()}")
                    path.write_bytes(template.render(**context).encode())
                else:
                    path.write_bytes((root / name).read_bytes())
            _run("git", "init", "--quiet", "--initial-branch=main", cwd=place)
            _run("git", "add", "--all", cwd=place)
            _run("git", "commit", "--quiet", "--message", "Start", cwd=place)

        def make_every(first: int) -> None:
            for index in range(first, count, CORES):
                make(index)

        processes = [
            multiprocessing.get_context("fork").Process(target=make_every, args=(first,))
            for first in range(CORES)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        if any(process.exitcode for process in processes):
            raise SystemExit("A process of the floor failed.")


def _print(s: dict[str, float]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, justify in (("what", "left"), ("ratio", "right"), ("goal", "left")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    session = s[f"{TRAINEES}"]

    def row(what: str, ratio: float, goal: str = "") -> None:
        table.add_row(what, f"{ratio:.2f}", goal)

    row(f"loop of `copier copy` / session of {TRAINEES}", s["loop"] * TRAINEES / session, "≥ 20")
    row(f"Copier in one process / session of {TRAINEES}", s["in-process"] * TRAINEES / session)
    row(f"session of {TRAINEES} / floor without Copier", session / s["floor"], "≤ 1.5")
    rise = (s["100"] - s["10"]) / (s["floor 100"] - s["floor 10"])
    row("one more trainee / one more of the floor", rise, "≤ 1.5")
    each = (s["100"] - s["10"]) / 90
    row("one more trainee / copying a finished folder", each / s["finished folder"], "≤ 2")
    row("one more trainee at 300 / at 30", _rise(s, ""), "about 1")
    row("the same, in the processor's time", _rise(s, "cpu "), "about 1")
    if "in memory 300" in s:
        row("the same, without a disk", _rise(s, "in memory "), "about 1")
    row("peak memory of 300 / of 10", s["peak 300"] / s["peak 10"], "about 1")
    ratio = s["update loop"] * TRAINEES / s["update"]
    row(f"loop of `copier update` / {TRAINEES} to another step", ratio, "≥ 15")
    ratio = s["version loop"] * TRAINEES / s["version"]
    row(f"loop of `copier update` / {TRAINEES} to a new version", ratio, "≥ 15")
    row(f"session of {TRAINEES} / again, unchanged", session / s["unchanged"])
    row("seconds with nothing to do, 300 trainees", s["unchanged 300"], "≤ 2")
    row("megabytes on disk for one trainee, without packages", s["disk"], "≤ 1.5")
    console = Console()
    console.print(table)
    console.print(
        f"{CORES} cores, medians of {ROUNDS} rounds. Here, a session of {TRAINEES} took "
        f"{session:.1f} s, and a session of 300 took {s['300']:.1f} s."
    )


def _rise(s: dict[str, float], kind: str) -> float:
    """What one more trainee takes in a large session, compared with a small one."""
    small, middle, large = RISING
    each = [s[f"{kind}{size}"] for size in RISING]
    return (each[2] - each[1]) / (large - middle) / ((each[1] - each[0]) / (middle - small))


def _cpu() -> float:
    """The time of the processor that ended processes of ours took, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")


def _copies(session: Path, folder: Path) -> None:
    """Copy each finished repository of a session."""
    for repository in session.glob("trainee-*"):
        shutil.copytree(repository, folder / repository.name, symlinks=True)


def _megabytes(folder: Path) -> float:
    """What a folder takes on disk, in whole blocks, as `du` counts it."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*")) / 1e6


def _seconds(work: Callable[[], None]) -> float:
    os.sync()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextlib.contextmanager
def _memory() -> Iterator[Path | None]:
    """A folder in memory during the block. None if there is none that is large enough."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="bench-", dir=MEMORY) as folder:
        yield Path(folder)


@contextlib.contextmanager
def _quiet_git() -> Iterator[None]:
    """Set an author for commits, so that this works without one."""
    os.environ |= {"GIT_AUTHOR_NAME": "Bench", "GIT_AUTHOR_EMAIL": "bench@localhost"}
    os.environ |= {"GIT_COMMITTER_NAME": "Bench", "GIT_COMMITTER_EMAIL": "bench@localhost"}
    yield


if __name__ == "__main__":
    if sys.argv[1:2] == ["--floor"]:
        floor(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
