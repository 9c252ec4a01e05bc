"""Measures how long a whole session takes to start on a hub, and its memory: `make bench-hub`.

A real JupyterHub starts a server for each trainee at the same moment, as when everybody signs in at
once. They are processes on this machine instead of pods. So the figures are of this machine, with
its hub, its servers, and its repositories at once. `python -m dev.benchmarks.hub 10` takes as many
trainees as you say, and otherwise 30, or as many as there is memory for.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterable
from compileall import compile_dir
from contextlib import suppress
from pathlib import Path

import psutil
import requests

from dev.checkout import tagged_clone
from extensions.steps import STEPS
from tests.hub.running import Hub, install, running
from tests.hub.session import create
from tests.workshop.conftest import processes_in

TRAINEES = 30
FOR_ONE = 512 * 2**20
"""Bytes that a server asks for in a cluster."""
KEPT = 2 * 2**30
"""Bytes that this machine keeps for everything else."""
DEADLINE_SECONDS = 1800


def main() -> None:
    """Start them all, and print what it took. Exits with 1 if a console doesn't answer in time."""
    available = psutil.virtual_memory().available
    fit = max(int((available - KEPT) / FOR_ONE), 1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else min(TRAINEES, fit)
    print(
        f"{count} trainees: there is memory for {fit} ({available / 2**30:.1f} GiB available, "
        f"{FOR_ONE / 2**20:.0f} MiB for each, and {KEPT / 2**30:.0f} GiB for the rest)"
    )
    slugs = [f"trainee-{number}" for number in range(1, count + 1)]
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        installed = install(folder / "installed")
        compile_dir(installed.jupyter, quiet=2, workers=0)  # as in the image
        tagged_clone(folder / "template")
        session = create(folder, folder / "template", slugs, STEPS[-1].number)
        settings = str(session.git_settings)
        load = os.getloadavg()[0]
        with running(
            *(installed, folder / "hub", session.cluster, slugs),
            GIT_CONFIG_GLOBAL=settings,
            GIT_CONFIG_SYSTEM=os.devnull,
        ) as hub:
            measure(hub, slugs)
    print(f"{os.cpu_count()} cores, with a load of {load:.1f} before it began")


def measure(hub: Hub, slugs: list[str]) -> None:
    """Start a server for each trainee, and wait for the last console."""
    begun = time.monotonic()
    for slug in slugs:
        assert hub.ask("POST", f"/hub/api/users/{slug}/server").status_code in (201, 202)
    waiting = list(slugs)
    seconds = []
    again = 0
    while waiting and time.monotonic() - begun < DEADLINE_SECONDS:
        for slug in [slug for slug in waiting if answers(hub, slug)]:
            waiting.remove(slug)
            seconds.append(time.monotonic() - begun)
        for slug in waiting:  # the hub may have given up, and a trainee tries again
            user = hub.ask("GET", f"/hub/api/users/{slug}").json()
            if not user["servers"] and not user["pending"]:
                again += 1
                hub.ask("POST", f"/hub/api/users/{slug}/server")
        time.sleep(1)
    if waiting:
        sys.exit(f"No answer from the consoles of {', '.join(waiting)}.\n{hub.said()[-4000:]}")
    print(f"{seconds[0]:.0f} s until the first console answers, {seconds[-1]:.0f} s until the last")
    print(f"{again} times, the hub had given up on a server that was slow to start")
    of_servers = memory(processes_in(hub.folder / "homes"))
    of_hub = memory(one for one in processes_in(hub.folder) if one.cwd() == str(hub.folder))
    print(f"{of_servers / len(slugs):.0f} MiB for each trainee, {of_hub:.0f} for the hub")


def answers(hub: Hub, slug: str) -> bool:
    """Whether a trainee's console answers through the hub."""
    try:
        path = f"/user/{slug}/proxy/{hub.ports[slug].console}/"
        return hub.ask("GET", path, slug).status_code == 200  # before, the hub redirects
    except requests.RequestException:
        return False


def memory(processes: Iterable[psutil.Process]) -> float:
    """MiB of some processes. What they share with others counts in parts."""
    found = 0
    for process in processes:
        with suppress(psutil.Error):  # it has ended
            found += process.memory_full_info().pss
    return found / 2**20


if __name__ == "__main__":
    main()
