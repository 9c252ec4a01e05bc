"""A folder in which to run the commands that a page shows."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from workshop.problem import Problem

from dev.checkout import tagged_clone

# What a reader sees instead of folders that differ in each build.
HOME = "/home/you"
TEMPLATE = "https://git.example/matchmaker.git"
HOST = "git@github.com:team/"

# Replacements for commands on the pages, to use what is installed here. They download nothing, and
# `uv` would make an environment like this one.
STAND_INS = {
    "uv": '[ "$1" = run ] && shift; exec "$@"',
    "uvx": 'while [ "${1#--}" != "$1" ]; do shift 2; done; exec "$@"',
    "workshop": f'exec {shlex.quote(sys.executable)} -m workshop "$@"',
    # On the host, a repository is created, and somebody is invited to it.
    "gh": '[ "$1" = api ] || git init --quiet --bare --initial-branch=main "HOST/${3#*/}.git"',
}
# What we say to an instructor who has the template as a path. Readers have a URL.
OUR_PATH = rf"(?m)^The template is a path on this machine, {re.escape(TEMPLATE)}:.*\n"
# For `matchmaker`, as if it was installed from the clone, not from a checkout with edits.
INSTALLED = {
    "METADATA": "Metadata-Version: 2.1\nName: matchmaker\nVersion: 0\n",
    "direct_url.json": '{{"url": "{template}", "dir_info": {{}}}}',
}
LIMIT_SECONDS = 120
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Scratch:
    """The home of an imaginary instructor, with this checkout as the template's newest version.

    Each page gets its own folder in it. Repositories at `HOST` are in a folder, too.
    """

    def __init__(self, root: Path) -> None:
        """Prepare `root`, an empty folder."""
        self.home = root / "home"
        self.template = tagged_clone(root / "matchmaker")
        self.home.mkdir()
        host = root / "host"
        (self.home / ".gitconfig").write_text(
            f'[user]\nname = You\nemail = you@git.example\n[url "{host}/"]\ninsteadOf = {HOST}\n'
        )
        self._temporary = root / "tmp"
        self._temporary.mkdir()
        self._bin = root / "bin"
        self._bin.mkdir()
        for name, script in STAND_INS.items():
            path = self._bin / name
            script = script.replace("HOST", str(host))
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        self._lib = root / "lib"
        installed = self._lib / "matchmaker-0.dist-info"
        installed.mkdir(parents=True)
        for name, content in INSTALLED.items():
            (installed / name).write_text(content.format(template=self.template.as_uri()))

    def run(self, folder: Path, command: str, *, exit_code: int = 0) -> str:
        """Run a command of a page in `folder`; return its output as a reader sees it.

        `folder` is relative to the home. It begins with the page's own folder, which readers see
        as their home. In the command, TEMPLATE is the URL of the template. Raises Problem if the
        exit code isn't `exit_code`, or if the command takes too long.
        """
        where = self.home / folder
        where.mkdir(parents=True, exist_ok=True)
        path = os.pathsep.join(
            [str(self._bin), str(Path(sys.executable).parent), os.environ["PATH"]]
        )
        try:
            done = subprocess.run(
                ["bash", "-c", command.replace("TEMPLATE", str(self.template))],
                cwd=where,
                env={
                    "PATH": path,
                    "HOME": str(self.home),
                    "TMPDIR": str(self._temporary),
                    "PYTHONPATH": str(self._lib),
                    "GIT_CONFIG_NOSYSTEM": "1",
                    "LANG": "C.UTF-8",
                    "COLUMNS": "96",
                    "TERM": "dumb",
                    "NO_COLOR": "1",
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=LIMIT_SECONDS,
            )
        except subprocess.TimeoutExpired as late:
            raise Problem(f"`{command}` took more than {LIMIT_SECONDS} seconds.") from late
        if done.returncode != exit_code:
            raise Problem(
                f"`{command}` ended with {done.returncode}, not {exit_code}, and printed:\n"
                f"{done.stdout}"
            )
        return self._as_read(done.stdout, self.home / folder.parts[0])

    def _as_read(self, printed: str, page: Path) -> str:
        for path, shown in (
            (page, HOME),
            (self.home, HOME),
            (self._temporary, "/tmp"),
            (self.template, TEMPLATE),
            (Path(sys.executable), "python3"),
        ):
            printed = printed.replace(str(path), shown)
        printed = re.sub(OUR_PATH, "", COLOURS.sub("", printed))
        return re.sub(r"(?m)[ \t]+$", "", printed)
