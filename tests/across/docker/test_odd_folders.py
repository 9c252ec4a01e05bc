"""Folders that came in an odd way: with CRLF, owned by root, or with a new version of the workshop.

They share one stack, whose folder each test makes odd.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import copier
import pytest
import requests
from workshop.moving import answers

from extensions.steps import STEPS, Step
from tests import needs
from tests.conftest import Render, git
from tests.stack import until
from tests.template.test_pages import free_offset

from .conftest import KEY, compose, console, give_away, inside, remove, run, stack

# Each of these has a test without Docker, where a folder is as odd.
pytestmark = [needs.only_root, pytest.mark.thorough]
PAIRING = "/pair/beer?name=ipa"
SOURCE = ".workshop/template"
"""Where the template's repository is, in the folder, so that the containers can get an update."""
CRLF = "* text=auto eol=crlf\npyproject.toml eol=lf\n*.bundle binary\n"
"""Attributes as on Windows, but the packages' layer of the image need not be built for it again."""


@pytest.fixture(scope="module")
def root(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("odd")
    given = {"trainee_name": "Zoë", "port_offset": free_offset(), "step": 2}
    copier.run_copy(
        str(template), folder / "made", data=given, defaults=True, unsafe=True, quiet=True
    )
    clone = ("clone", "--quiet", "-c", "core.autocrlf=true", "--no-checkout", "made", "clone")
    git(folder, *clone)
    root = folder / "clone"
    git(root, "checkout", "--quiet")
    script = root / "workshop" / "stack" / "as-owner.sh"
    assert b"\r\n" not in script.read_bytes()  # .gitattributes sees to that, on Windows too
    # Without it, and with an editor that changes line ends:
    (root / ".git" / "info" / "attributes").write_text(CRLF)
    for path in root.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    git(root, "checkout", "--force", "--quiet", "HEAD", "--", ".")
    assert b"\r\n" in script.read_bytes()
    git(root, "config", "user.email", "zoe@example.com")
    (root / ".workshop").mkdir(exist_ok=True)
    shutil.copytree(template, root / SOURCE)
    give_away(root)
    try:
        compose(root, "up", "--detach", "--wait", "--build")
        yield root
    finally:
        remove(root)


def git_inside(root: Path, *arguments: str) -> str:
    """Run git as a person without git does."""
    done = run(root, "docker", "compose", "exec", "-T", "console", "git", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_the_code(root: Path, render: Render) -> Step:
    """Do the step in an editor that keeps line ends; gives the step."""
    here = STEPS[answers.read(root).step - 1]
    following = render(step=here.number + 1)
    for name in here.files:
        whole = (following / name).read_bytes()
        is_crlf = b"\r\n" in (root / name).read_bytes()
        (root / name).write_bytes(whole.replace(b"\n", b"\r\n") if is_crlf else whole)
    return here


def assert_commits(root: Path, step: Step) -> None:
    """Everything can be committed in the container, and all of it belongs to the same person."""
    assert answers.read(root).step == step.number + 1
    git_inside(root, "add", "--all")
    git_inside(root, "commit", "--quiet", "--message", f"Step {step.number}")
    assert git_inside(root, "log", "-1", "--format=%an: %s") == f"Zoë: Step {step.number}\n"
    assert git_inside(root, "status", "--porcelain") == ""
    assert {path.lstat().st_uid for path in root.rglob("*")} == {root.stat().st_uid}


def test_a_checkout_with_crlf(root: Path, render: Render) -> None:
    assert stack(root).get(PAIRING).ok
    assert git_inside(root, "status", "--porcelain") == ""
    step = write_the_code(root, render)
    for command, said in (("check", "is done"), ("next", f"You are at step {step.number + 1}:")):
        done = inside(root, command)
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout
    assert b"\r\n" in (root / "app.py").read_bytes()
    assert_commits(root, step)


def test_a_key_in_the_code_is_not_saved_by_a_container(root: Path) -> None:
    app = root / "app.py"
    whole = app.read_bytes()
    app.write_bytes(whole + f'DD_API_KEY = "{KEY}"\n'.encode())
    refused = inside(root, "goto", "3")
    app.write_bytes(whole)
    assert refused.returncode == 1
    assert "app.py: your API key is in there" in refused.stdout + refused.stderr
    assert KEY not in git_inside(root, "cat-file", "--batch", "--batch-all-objects")


def test_a_folder_of_root(root: Path, render: Render) -> None:
    compose(root, "down", "--timeout", "2")
    for path in (root, *root.rglob("*")):
        os.chown(path, 0, 0, follow_symlinks=False)
    try:
        compose(root, "up", "--detach", "--wait")
        assert stack(root).get(PAIRING).ok
        status = inside(root, "status")
        assert (status.returncode, "Traceback" in status.stderr) == (0, False)
        step = write_the_code(root, render)
        for command in ("check", "diff"):
            done = inside(root, command)
            assert done.returncode == 0, done.stdout + done.stderr
        # What the console does in processes of its own.
        url = console(root)
        done_there = {
            action: requests.post(
                f"{url}/api/{action}", json={}, headers={"Origin": url}, timeout=600
            ).json()
            for action in ("diff", "next")
        }
        assert done_there["next"].get("step") == step.number + 1, done_there
        assert "error" not in done_there["diff"], done_there
        assert_commits(root, step)
    finally:
        compose(root, "down", "--timeout", "2")
        give_away(root)
        compose(root, "up", "--detach", "--wait")


def test_an_update_while_everything_runs(root: Path) -> None:
    source = root / SOURCE
    app, tool = source / "template" / "app.py.jinja", source / "template" / "workshop" / "cli.py"
    app.write_text(app.read_text().replace('{"status": "ok"}', '{"status": "updated"}'))
    app.write_text(app.read_text().replace('status="ok"', 'status="updated"'))
    tool.write_text(tool.read_text() + "\nNEWS = True\n")
    ignore = source / "template" / ".key" / ".gitignore.jinja"
    ignore.write_text(f"# News.\n{ignore.read_text()}")
    identity = ("-c", "safe.directory=*", "-c", "user.name=M", "-c", "user.email=m@localhost")
    git(source, *identity, "commit", "--quiet", "--all", "--message", "News")
    git(source, *identity, "tag", "--annotate", "v1.1.0", "--message", "v1.1.0")
    recorded = root / answers.FILE
    recorded.write_bytes(answers.with_source(recorded.read_text(), f"/workshop/{SOURCE}").encode())
    give_away(root)
    git_inside(root, "commit", "--quiet", "--all", "--message", "Another source")

    updated = inside(root, "update")
    said = updated.stdout + updated.stderr
    assert updated.returncode == 0, said
    assert "You now have version v1.1.0" in said
    assert "workshop/cli.py" in git_inside(root, "status", "--porcelain")
    assert "Traceback" not in said
    until(lambda: says_updated(root), "the new version of the code")
    until(lambda: "NEWS" in (root / "workshop" / "cli.py").read_text())

    def all_ready() -> bool:
        status = inside(root, "status")
        ready = [line.split()[0] for line in status.stdout.splitlines() if " ready " in line]
        return set(ready) == {"web", "taster", "redis", "agent", "console"}

    until(all_ready, "all services")
    trace = stack(root).trace_of(PAIRING) if answers.read(root).step > 6 else None
    assert trace is None or trace.roots
    assert requests.get(console(root), timeout=10).ok
    assert inside(root, "update").returncode == 0


def says_updated(root: Path) -> bool:
    """Whether web runs the new code."""
    try:
        return bool(stack(root).get("/ping").json() == {"status": "updated"})
    except (OSError, ValueError):
        return False
