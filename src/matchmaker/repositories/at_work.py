"""Who works in a trainee's repository now: nothing is pulled away from under a running stack."""

import os
import shutil
import subprocess
from functools import cached_property
from pathlib import Path

import psutil

# How long Docker may think about which containers run; one that does not answer runs none.
_SECONDS = 5


class AtWork:
    """Processes and containers as they are at the first question, in the folders they run in."""

    def reason_in(self, place: Path) -> str:
        """Why a repository cannot be moved now, and what to do; empty if nobody works there."""
        if place in self._composed:
            return "its containers are running; stop them there with `workshop down`"
        for folder, process in self._processes:
            if not folder.is_relative_to(place):
                continue
            if process.pid in self._ours:
                return "this command was started inside of it; start it from another folder"
            return (
                f"{process.info['name']} (pid {process.pid}) works in it; end that, with "
                "`workshop down` there if it is its stack"
            )
        return ""

    @cached_property
    def _processes(self) -> list[tuple[Path, psutil.Process]]:
        """Those that we may look at."""
        listed = psutil.process_iter(["cwd", "name"])
        return [(Path(one.info["cwd"]), one) for one in listed if one.info["cwd"]]

    @cached_property
    def _ours(self) -> set[int]:
        """This process and what started it, such as the shell that it was typed in."""
        return {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}

    @cached_property
    def _composed(self) -> set[Path]:
        """The folders of the Compose projects that have running containers."""
        if not shutil.which("docker"):
            return set()
        label = "com.docker.compose.project.working_dir"
        command = ["docker", "ps", "--filter", f"label={label}"]
        command += ["--format", f'{{{{.Label "{label}"}}}}']
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired):
            return set()
        return {Path(line).resolve() for line in done.stdout.splitlines() if line.strip()}
