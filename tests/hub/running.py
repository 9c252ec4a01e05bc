"""Installs a JupyterHub and runs it with what `matchmaker host` wrote for a cluster.

It has the chart's version of JupyterHub, and the image's packages, at the same places as there.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml
from uv import find_uv_bin
from workshop.settings import Ports, port_variable

from tests.conftest import REPOSITORY
from tests.stack import until
from tests.workshop.conftest import free_port

IMAGE = REPOSITORY / "src" / "matchmaker" / "host" / "image"
CONFIG = Path(__file__).with_name("config.py")
IN_HUB = "/usr/local/etc/jupyterhub"
"""Where the chart has the hub's configuration."""
PROXY = "configurable-http-proxy@5.3.0"
"""The chart's version of the proxy, in npm."""
DOMAIN = "hub.localhost"
"""Browsers resolve all names below localhost to this machine."""


@dataclass(frozen=True)
class Installed:
    """What a hub needs."""

    jupyter: Path
    """A virtual environment with JupyterHub and what a server runs."""
    proxy: Path
    """The command of the proxy."""


def install(folder: Path, jupyterhub: str = "") -> Installed:
    """Install everything, with the image's pins. `jupyterhub` is another version of JupyterHub."""
    jupyter = folder / "jupyter"
    asked = dict(re.findall(r"ARG (\w+)_VERSION=(\S+)", (IMAGE / "Dockerfile").read_text()))
    if jupyterhub:
        asked["JUPYTERHUB"] = jupyterhub
    packages = [f"{name.lower().replace('_', '-')}=={version}" for name, version in asked.items()]
    uv = find_uv_bin()
    _run(uv, "venv", "--quiet", "--python", sys.executable, str(jupyter))
    _run(
        *(uv, "pip", "install", "--quiet", "--python", str(jupyter / "bin" / "python")),
        *("--constraints", str(IMAGE / "constraints.txt"), *packages),
    )
    for line in re.findall(r"^COPY --chmod=\d+ (.+) /opt/jupyter/(.+)$", dockerfile(), re.M):
        names, place = line
        (jupyter / place).mkdir(parents=True, exist_ok=True)
        for name in names.split():
            if (IMAGE / name).is_dir():  # Docker copies what is in it
                shutil.copytree(IMAGE / name, jupyter / place, dirs_exist_ok=True)
            else:
                shutil.copy(IMAGE / name, jupyter / place)
    _run(*("npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), PROXY))
    return Installed(jupyter, folder / "node_modules" / ".bin" / "configurable-http-proxy")


def dockerfile() -> str:
    """The image's file."""
    return (IMAGE / "Dockerfile").read_text()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True)
class Hub:
    """A hub that runs, its folder, and the ports of each trainee's services."""

    folder: Path
    port: int
    token: str
    ports: Mapping[str, Ports]

    def url(self, path: str = "/hub/", slug: str = "") -> str:
        """An address for a browser: on the hub, or at a trainee's own origin."""
        return f"http://{f'{slug}.' if slug else ''}{DOMAIN}:{self.port}{path}"

    def console(self, slug: str, path: str = "") -> str:
        """An address of a trainee's console."""
        return self.url(f"/user/{slug}/proxy/{self.ports[slug].console}/{path}", slug)

    def home(self, slug: str) -> Path:
        """A trainee's home."""
        return self.folder / "homes" / slug

    def ask(self, method: str, path: str, slug: str = "", **options: Any) -> requests.Response:
        """Make a request as whoever runs the hub, who may do everything."""
        headers = {"Authorization": f"token {self.token}"}
        # Not every resolver knows the names below localhost.
        headers["Host"] = f"{f'{slug}.' if slug else ''}{DOMAIN}:{self.port}"
        url = f"http://127.0.0.1:{self.port}{path}"
        return requests.request(
            method, url, headers=headers, timeout=60, allow_redirects=False, **options
        )

    def said(self) -> str:
        """What the hub and all servers printed."""
        return (self.folder / "hub.log").read_text(errors="replace")


@contextmanager
def running(
    installed: Installed,
    folder: Path,
    written: Path,
    slugs: list[str],
    *,
    secret: Mapping[str, Mapping[str, str]] | None = None,
    **variables: str,
) -> Iterator[Hub]:
    """Run the hub for as long as the block takes, with the folder that `matchmaker host` wrote.

    The trainees of `slugs` get ports of their own. `secret` has the content of Secrets, by name.
    Each server gets the `variables`.
    """
    folder.mkdir()
    values: dict[str, Any] = {}
    for name in ("values.yaml", "hub.yaml"):
        values = _merged(values, yaml.safe_load((written / name).read_text()))
    for file in values["hub"]["extraFiles"].values():
        path = folder / Path(file["mountPath"]).relative_to(IN_HUB)
        path.parent.mkdir(exist_ok=True)
        path.write_text(file["stringData"])
    (folder / "values.json").write_text(json.dumps(values))
    programs = folder / "bin"
    programs.mkdir()
    (programs / "start-workshop").symlink_to(IMAGE / "start-workshop")
    (programs / "jupyterhub-singleuser").symlink_to(
        installed.jupyter / "bin" / "jupyterhub-singleuser"
    )
    ports = {slug: Ports(*(free_port() for _ in range(5))) for slug in slugs}
    public, internal, api = (free_port() for _ in range(3))
    hub = Hub(folder, public, secrets.token_hex(16), ports)
    local = {
        "url": hub.url(""),
        "ports": {"public": public, "hub": internal, "proxy": api},
        "proxy": str(installed.proxy),
        "token": hub.token,
        "secrets": secret or {},
        "arguments": ["--allow-root"] if os.getuid() == 0 else [],
        "variables": {
            # The workshop's packages, and then what the image has
            "PATH": f"{Path(sys.executable).parent}:{programs}:{os.environ['PATH']}",
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
            **variables,
        },
        "own": {
            slug: {port_variable(name): str(port) for name, port in vars(own).items()}
            for slug, own in ports.items()
        },
    }
    (folder / "local.json").write_text(json.dumps(local))
    environment = {
        **os.environ,
        "LOCAL_HUB": str(folder),
        "WORKSHOP_TRAINEES": str(folder / "workshop" / "trainees.json"),
    }
    command = [str(installed.jupyter / "bin" / "jupyterhub"), "--config", str(CONFIG)]
    with (folder / "hub.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        until(lambda: process.poll() is not None or _answers(hub), "the hub", hub.said)
        assert process.poll() is None, hub.said()
        yield hub
    finally:
        process.terminate()  # it stops the proxy and all servers
        process.wait()
        for home in (folder / "homes").glob("*/workshop"):
            down = [sys.executable, "-m", "workshop", "down"]
            subprocess.run(down, cwd=home, capture_output=True, check=True)


def _answers(hub: Hub) -> bool:
    try:
        return hub.ask("GET", "/hub/health").ok
    except requests.RequestException:
        return False


def _merged(below: Any, above: Any) -> Any:
    """What helm makes of two files with values."""
    if isinstance(below, dict) and isinstance(above, dict):
        keys = {**below, **above}
        return {
            key: _merged(below[key], above[key])
            if key in below and key in above
            else (above if key in above else below)[key]
            for key in keys
        }
    return above
