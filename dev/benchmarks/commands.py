"""Measures what a trainee waits for: `make bench`.

Each round measures everything on the same machine, so that other programs slow everything down
equally. The ratios are of medians.
"""

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import copier
import psutil
from rich.console import Console
from rich.table import Table

from dev.checkout import tagged_clone

ROUNDS = 5
SHORT = 3
"""How often a round measures what takes so little time that anything disturbs it."""
STEP = 2
"""Where the check, `next`, and `goto` are measured. Its solution is in one file."""
TRACED_STEP = 8
"""Where a stack needs the most memory."""
OFFSET = 8000
SETTLE_SECONDS = 3.0
UV = str(Path(sys.executable).with_name("uv"))
PASS = "python -c pass"
LIBRARIES = "import the app's libraries"
"""What `web` can't start without. No change of ours makes it quicker."""
CODE = "app.py"
WORKSHOP = ("-m", "workshop")

# What is compared with what, and how many times as long it may take. Before the check started its
# stack early, it took 3.8 times as long as its libraries.
GOALS = (
    ("uv run workshop status", PASS, 12.0),
    ("import workshop.cli", PASS, 8.0),
    ("workshop check", LIBRARIES, 2.5),
    ("workshop next, when the check is green", "workshop goto", 1.2),
)
MEMORY_GOAL = 230.0
"""Mebibytes of a stack at rest: of each process, its share of the memory that it shares (PSS)."""


def main() -> None:
    """Measure, and print the ratios. Exits with 1 if one of them misses its goal."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _a_name_for_git(Path(folder)):
        trainee = Trainee(Path(folder))
        rounds = [trainee.round() for _ in range(ROUNDS)]
        traced = trainee.memory_at(TRACED_STEP)
    medians = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("what", "takes", "against", "times", "goal"):
        table.add_column(heading, justify="left" if heading in ("what", "against") else "right")
    missed = False
    for what, other, goal in GOALS:
        ratio = medians[what] / medians[other]
        missed |= ratio > goal
        row = (what, f"{medians[what] * 1e3:.0f} ms", other, f"{ratio:.1f}", f"<= {goal:g}")
        table.add_row(*row)
    for step, memory in ((STEP, medians["memory"]), (TRACED_STEP, traced)):
        missed |= memory > MEMORY_GOAL
        what = f"a stack at rest, step {step}"
        table.add_row(what, f"{memory:.0f} MiB", "", "", f"<= {MEMORY_GOAL:.0f} MiB")
    console = Console()
    console.print(table)
    load = os.getloadavg()[0]
    console.print(
        f"Medians of {ROUNDS} rounds, on {os.cpu_count()} cores with a load of {load:.1f}."
    )
    if missed:
        raise SystemExit(1)


class Trainee:
    """A workshop whose packages are installed, and somebody who types its commands."""

    def __init__(self, folder: Path) -> None:
        template = tagged_clone(folder / "template")
        self.root, self.solved = folder / "workshop", folder / "solved"
        for root, step in ((self.root, STEP), (self.solved, STEP + 1)):
            data = {"step": step, "port_offset": OFFSET}
            copier.run_copy(str(template), root, data=data, defaults=True, unsafe=True, quiet=True)
        self._seconds(UV, "sync", "--quiet")
        self._workshop("up", "--detach")  # and compile what the services import
        self._workshop("down")

    def round(self) -> dict[str, float]:
        """Measure everything once. Returns seconds, and the memory in mebibytes."""
        found = {PASS: statistics.median(self._python("-c", "pass") for _ in range(SHORT))}
        found[LIBRARIES] = self._python("-c", "import flask_sqlalchemy, redis, requests")
        found["import workshop.cli"] = self._python("-c", "import workshop.cli")
        found["workshop up --detach"] = self._workshop("up", "--detach")
        time.sleep(SETTLE_SECONDS)
        found["memory"] = self._memory()
        # The first one after a start reads files that the system has let go of meanwhile.
        times = [self._seconds(UV, "run", "workshop", "status") for _ in range(SHORT)]
        found["uv run workshop status"] = statistics.median(times)
        self._workshop("down")
        shutil.copy(self.solved / CODE, self.root / CODE)
        found["workshop check"] = self._workshop("check")
        found["workshop next, when the check is green"] = self._workshop("next")
        found["workshop goto"] = self._workshop("goto", str(STEP))
        return found

    def memory_at(self, step: int) -> float:
        """Go to a step, and measure the memory of its stack at rest, in mebibytes."""
        self._workshop("goto", str(step))
        self._workshop("up", "--detach")
        time.sleep(SETTLE_SECONDS)
        memory = self._memory()
        self._workshop("down")
        return memory

    def _memory(self) -> float:
        bytes_ = 0
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if Path(process.cwd()).is_relative_to(self.root):
                    bytes_ += process.memory_full_info().pss
        return bytes_ / 2**20

    def _workshop(self, *arguments: str) -> float:
        return self._python(*WORKSHOP, *arguments)

    def _python(self, *arguments: str) -> float:
        return self._seconds(str(self.root / ".venv" / "bin" / "python"), *arguments)

    def _seconds(self, *command: str) -> float:
        """How long a command takes. Raises CalledProcessError if it fails."""
        start = time.perf_counter()
        subprocess.run(command, cwd=self.root, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


@contextlib.contextmanager
def _a_name_for_git(folder: Path) -> Iterator[None]:
    """Keep the user's settings of git out of it, and the user's Python as well."""
    config = folder / "gitconfig"
    config.write_text("[user]\n\tname = Trainee\n\temail = trainee@localhost\n")
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        del os.environ[name]
    os.environ |= {"GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_SYSTEM": os.devnull}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


if __name__ == "__main__":
    main()
