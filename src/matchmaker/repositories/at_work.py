"""Who works in a trainee's repository now, so that we don't replace it under a running stack."""

import os
import shutil
import subprocess
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

# How long to wait for Docker's list of containers. If it doesn't answer, we assume that none run.
_SECONDS = 5


class AtWork:
    """The processes and containers at the time of the first call, by the folders they run in."""

    def reason_in(self, place: Path) -> str:
        """Why a repository can't be moved now, and what to do; empty if nobody works there."""
        if place in self._composed:
            return "its containers are running; stop them there with `workshop down`"
        for folder, process in self._processes:
            if not folder.is_relative_to(place):
                continue
            if process.pid in self._ours:
                return "this command was started inside it; start it from another folder"
            return (
                f"{process.info['name']} (pid {process.pid}) works in it; end that, with "
                "`workshop down` there if it is its stack"
            )
        return ""

    @cached_property
    def _processes(self) -> list[tuple[Path, "psutil.Process"]]:
        """The processes that we are allowed to see."""
        import psutil  # a run with nothing to do doesn't need it

        listed = psutil.process_iter(["cwd", "name"])
        return [(Path(one.info["cwd"]), one) for one in listed if one.info["cwd"]]

    @cached_property
    def _ours(self) -> set[int]:
        """This process and its parents, such as the shell that you typed the command in."""
        import psutil

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
