"""The image for hosted trainees: a JupyterHub starts a container of it, as a cluster would.

The container has no more rights than Pod Security's `restricted` gives. Its network reaches only
the hub and the server of the repositories.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import copier
import psutil
import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect
from uv import find_uv_bin
from workshop import settings

from tests import git_server, needs
from tests.conftest import REPOSITORY, git
from tests.stack import until
from tests.workshop.conftest import free_port

from .conftest import HERE, run

FOLDER = REPOSITORY / "src" / "matchmaker" / "host" / "image"
DEV_CONTAINER = REPOSITORY / "template" / ".devcontainer" / "Dockerfile"
IMAGE = NAME = "matchmaker-test-hosted"
HUB = ("dockerspawner==14.0.0", "docker==7.2.0")
PROXY = "configurable-http-proxy@5.3.0"
MILLISECONDS = 120_000.0
"""How long the browser waits for anything, at most: much longer than it ever takes."""
REQUESTED = 512
"""MiB that a server asks for."""
MEMORY = r"""
import pathlib, re
total = 0
for path in pathlib.Path("/proc").glob("[0-9]*/smaps_rollup"):
    try:
        total += int(re.search(r"^Pss: +(\d+)", path.read_text(), re.M)[1])
    except (OSError, TypeError):
        pass
print(total // 1024)
"""
ENVIRONMENTS = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'"


def docker(*arguments: str) -> str:
    """Run docker; gives what it prints, or fails."""
    done = run(Path(), "docker", *arguments)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image, from the folder as `matchmaker host` writes it."""
    folder = tmp_path_factory.mktemp("image")
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__py*"))
    shutil.copy(REPOSITORY / "template" / "pyproject.toml", folder)
    done = run(folder, "docker", "build", "--tag", IMAGE, ".", DOCKER_BUILDKIT="1")
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    size = int(docker("image", "inspect", "--format", "{{.Size}}", IMAGE))
    print(f"The image has {size / 1e6:.0f} MB.")
    return IMAGE


@dataclass
class Hosted:
    """A hub with a container for each trainee, and a trainee's browser."""

    port: int
    password: str
    token: str
    root: Path
    """Ada's repository."""
    context: BrowserContext
    log: Path

    def url(self, path: str, slug: str = "ada") -> str:
        return f"http://{slug}.hub.localhost:{self.port}{path}"

    def inside(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run something as in a terminal of Ada's JupyterLab, which begins in her workshop."""
        in_workshop = ("exec", "--workdir", "/home/trainee/workshop", f"{NAME}-ada")
        return run(self.root, "docker", *in_workshop, "bash", "-c", command)

    def lab(self) -> Page:
        """JupyterLab, after the sign-in and the start of the server that it may take."""
        page = self.context.new_page()
        page.goto(f"http://hub.localhost:{self.port}/hub/login?next=/hub/spawn")
        if page.get_by_label("Username").is_visible():
            page.get_by_label("Username").fill("ada")
            page.get_by_label("Password").fill(self.password)
            page.get_by_role("button", name="Sign in").click(no_wait_after=True)
        page.wait_for_url("**/user/ada/lab/**")
        return page

    def stop_server(self) -> None:
        """Stop Ada's server, and so its container, as a hub does when nobody uses it."""
        hub = f"http://127.0.0.1:{self.port}/hub"
        headers = {"Host": f"hub.localhost:{self.port}", "Authorization": f"token {self.token}"}
        server = f"{hub}/api/users/ada/server"
        done = requests.delete(server, headers=headers, timeout=60)
        assert done.status_code in (202, 204), done.text
        until(
            lambda: not docker("ps", "--all", "--quiet", "--filter", f"name={NAME}-ada"),
            "the container to be gone",
        )
        user = f"{hub}/api/users/ada"
        until(
            lambda: not requests.get(user, headers=headers, timeout=60).json()["pending"],
            "the hub to know it",
        )


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JupyterHub of the image's version with a spawner for containers, and a proxy from npm."""
    if not shutil.which("npm"):
        needs.skip_without("npm")
    folder = tmp_path_factory.mktemp("hub")
    (version,) = re.findall(r"JUPYTERHUB_VERSION=(\S+)", (FOLDER / "Dockerfile").read_text())
    uv, python = find_uv_bin(), str(folder / "venv" / "bin" / "python")
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, "venv"],
        [
            *(uv, "pip", "install", "--quiet", "--python", python),
            *("--constraints", str(FOLDER / "constraints.txt"), f"jupyterhub=={version}", *HUB),
        ],
        ["npm", "install", "--no-audit", "--no-fund", "--prefix", ".", PROXY],
    ):
        done = run(folder, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def hosted(
    image: str,
    programs: Path,
    template: Path,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Hosted]:
    """A hub, and a private repository whose console has another port and asks for a token."""
    folder = tmp_path_factory.mktemp("hosted")
    root = folder / "ada"
    answers = {"step": 8, "port_offset": 7, "shared_host": True}
    copier.run_copy(str(template), root, data=answers, defaults=True, unsafe=True, quiet=True)
    git(folder, "clone", "--quiet", "--bare", "ada", "served/ada.git")
    git(folder / "served" / "ada.git", "update-server-info")
    remove()
    docker("network", "create", "--internal", NAME)
    address = docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", NAME)
    port, password, token = free_port(), secrets.token_hex(8), secrets.token_hex(16)
    told = {
        "port": port,
        "hub_port": free_port(),
        "api_port": free_port(),
        "gateway": address.strip(),
        "proxy": str(programs / "node_modules" / ".bin" / "configurable-http-proxy"),
        "password": password,
        "token": token,
        "image": image,
        "name": NAME,
        "repository": "http://git:8080/ada.git",
        "credentials": f"http://{git_server.USER}:{git_server.PASSWORD}@git:8080",
    }
    log = folder / "hub.log"
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(MILLISECONDS)
    context.set_default_navigation_timeout(MILLISECONDS)
    files = (f"{folder / 'served'}:/served:ro", f"{git_server.__file__}:/git_server.py:ro")
    mounts = [word for file in files for word in ("--volume", file)]
    docker(
        *("run", "--detach", "--name", f"{NAME}-git", "--network", NAME, "--network-alias", "git"),
        *(*mounts, image, "python", "/git_server.py", "/served", "8080"),
    )
    with log.open("w") as output:
        process = psutil.Popen(
            [programs / "venv" / "bin" / "jupyterhub", "--config", HERE / "hub_config.py"],
            cwd=folder,
            env={**os.environ, "HUB_OF_TEST": json.dumps(told)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    hub = Hosted(port, password, token, root, context, log)
    try:
        until(
            lambda: process.poll() is not None or "JupyterHub is now running" in log.read_text(),
            "the hub",
            log.read_text,
        )
        assert process.poll() is None, log.read_text()
        yield hub
    finally:
        process.terminate()
        process.wait()
        context.close()
        remove()


def remove() -> None:
    """Leave no container, volume, or network."""
    mine = ("--quiet", "--filter", f"name={NAME}")
    if containers := docker("ps", "--all", *mine).split():
        docker("rm", "--force", *containers)
    if volumes := docker("volume", "ls", *mine).split():
        docker("volume", "rm", *volumes)
    if networks := docker("network", "ls", *mine).split():
        docker("network", "rm", *networks)


def test_the_tile_leads_to_the_console_and_its_traces(hosted: Hosted) -> None:
    ports = settings.load(hosted.root).ports
    page = hosted.lab()
    expect(page.locator(".jp-DirListing")).to_contain_text("app.py", timeout=MILLISECONDS)
    with page.expect_popup() as opened:
        page.locator(".jp-LauncherCard", has_text="Console").click()
    console = opened.value
    # The address that the workshop says, without the token that it asks for
    expect(console).to_have_url(
        hosted.url(f"/user/ada/proxy/{ports.console}/"), timeout=MILLISECONDS
    )
    console.get_by_role("link", name="Try it", exact=True).click()
    console.get_by_role("button", name="Find a donut").click()
    expect(console.locator(".results li").first).to_contain_text(
        "boston-cream", timeout=MILLISECONDS
    )
    console.get_by_role("link", name=re.compile("See its trace")).click()
    for service in ("matchmaker", "taster", "redis", "sqlite"):
        expect(console.get_by_role("treegrid")).to_contain_text(service, timeout=MILLISECONDS)
    console.close()
    page.close()


@pytest.mark.thorough
def test_a_terminal_begins_in_the_workshop(hosted: Hosted) -> None:
    page = hosted.lab()
    page.locator(".jp-LauncherCard", has_text="Terminal").click()
    page.locator(".jp-Terminal .xterm-helper-textarea").wait_for(state="attached")
    page.keyboard.type("uv run workshop status >~/said; pwd >>~/said\n")
    said = until(lambda: hosted.inside("tail -n 1 ~/said | grep ^/").stdout, "the terminal")
    assert said == "/home/trainee/workshop\n"
    assert "Step 8 of 9" in hosted.inside("cat ~/said").stdout
    page.close()


def test_the_image_is_the_dev_container_and_more() -> None:
    """So that it has what the workshop needs, and shares a layer."""
    (common,) = re.findall(r"(?ms)^RUN .*?[^\\]$", DEV_CONTAINER.read_text())
    assert common in (FOLDER / "Dockerfile").read_text()


def test_it_has_few_rights_and_shows_no_password(hosted: Hosted) -> None:
    hosted.lab().close()
    assert hosted.inside("id -u; id -g").stdout.split() == ["1000", "1000"]
    status = hosted.inside("cat /proc/1/status").stdout
    assert re.search(r"^CapEff:\s*0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s*1$", status, re.MULTILINE)
    seen = docker("logs", f"{NAME}-ada") + hosted.log.read_text()
    processes = run(
        hosted.root,
        "docker",
        "exec",
        "--env",
        "GIT_CREDENTIALS=",
        f"{NAME}-ada",
        "bash",
        "-c",
        ENVIRONMENTS,
    ).stdout
    assert "jupyterhub-singleuser" in processes
    assert "TRACES_TO=http://datadog-agent.invalid:8126" in processes
    assert git_server.PASSWORD not in seen + processes
    # Git has it all the same.
    assert hosted.inside("env -u GIT_CREDENTIALS git -C ~/workshop config --get credential.helper")


def test_nothing_needs_the_network_after_the_clone(hosted: Hosted) -> None:
    hosted.lab().close()
    docker("stop", "--time", "1", f"{NAME}-git")
    try:
        checked = hosted.inside("uv run workshop check")
        assert "is not done" in checked.stdout or checked.returncode == 1, checked.stderr
        for command, step in (("next --force", 9), ("goto 8", 8)):
            done = hosted.inside(f"uv run workshop {command}")
            assert done.returncode == 0, done.stdout + done.stderr
            assert f"Step {step} of 9" in hosted.inside("uv run workshop status").stdout
        examined = hosted.inside("uv run workshop doctor").stdout
        assert "packages as pinned" in examined
        assert "UV_NO_SYNC" not in examined
        assert not re.search("^problem", examined, re.MULTILINE), examined
        # From another folder, and without uv
        assert "Step 8 of 9" in hosted.inside("cd /tmp && workshop status").stdout
        assert hosted.inside("git status --short").stdout == ""
        used = int(hosted.inside(f"python -c '{MEMORY}'").stdout)
        print(f"A server with JupyterLab and the services takes {used} MiB.")
        assert used < REQUESTED
    finally:
        docker("start", f"{NAME}-git")


def test_a_second_start_keeps_everything(hosted: Hosted) -> None:
    hosted.lab().close()
    assert hosted.inside("echo '# mine' >>app.py; echo x >~/note").returncode == 0
    hosted.stop_server()
    docker("stop", "--time", "1", f"{NAME}-git")  # it isn't needed anymore
    try:
        hosted.lab().close()
        assert hosted.inside("tail -n 1 app.py; cat ~/note").stdout == "# mine\nx\n"
        until(
            lambda: "ready" in hosted.inside("uv run workshop status").stdout,
            "the services",
        )
    finally:
        docker("start", f"{NAME}-git")


@pytest.mark.parametrize(
    "user",
    ["1000710000:0", pytest.param("1000:1000", marks=pytest.mark.thorough)],
)
def test_anybody_gets_jupyterlab_and_the_reason_for_no_workshop(image: str, user: str) -> None:
    """As a cluster may choose the user's number. The repository is nowhere."""
    name = f"{NAME}-nowhere"
    uid = user.partition(":")[0]
    docker(
        *("run", "--detach", "--name", name, "--user", user, "--network", "none", "--read-only"),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--tmpfs", "/tmp:mode=1777", "--tmpfs", f"/home/trainee:uid={uid},mode=0700"),
        *("--env", "REPOSITORY_URL=http://git.invalid/ada.git"),
        # What a hub would tell; there is none, but JupyterLab starts before it asks.
        *("--env", "JUPYTERHUB_API_TOKEN=x", "--env", "JUPYTERHUB_CLIENT_ID=x"),
        *("--env", "JUPYTERHUB_API_URL=http://127.0.0.1:1/hub/api"),
        *("--env", "JUPYTERHUB_SERVICE_PREFIX=/user/ada/"),
        *("--env", "JUPYTERHUB_SERVICE_URL=http://0.0.0.0:8888/user/ada/"),
        image,
    )
    try:
        said = until(
            lambda: run(Path(), "docker", "logs", name).stderr.partition("user config: ")[2],
            "JupyterLab",
        )
        assert said.startswith("/lab/tree/workshop-trouble.md")
        told = docker("exec", name, "cat", "/home/trainee/workshop-trouble.md")
        assert "http://git.invalid/ada.git" in told
        assert "Could not resolve host" in told
    finally:
        docker("rm", "--force", name)
