"""What somebody typed into docs/ as a command works, though the site's build does not run it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, git

DOCS = REPOSITORY / "docs"
ADD_A_STEP = DOCS / "write-a-step" / "add-a-step.md"
RELEASING = DOCS / "write-a-step" / "releasing.md"
PYTEST = ".venv/bin/pytest "
ELSEWHERE = ("uv tool install git+URL", "ssh -L ", ".venv/bin/uv pip list", "make pin")
"""What needs a network or another machine. tests/dev/test_pins.py checks the pins."""


def typed(page: Path) -> list[str]:
    """The commands of a page that are written down there, and not asked for."""
    blocks = re.findall(r"(?ms)^ *```console\n(.*?)^ *```$", page.read_text(encoding="utf-8"))
    return [line for block in blocks for line in re.findall(r"(?m)^ *\$ (.*)$", block)]


def release() -> list[str]:
    """The commands that publish a release."""
    return [line for line in typed(RELEASING) if line.startswith("git ")]


def test_what_is_typed_is_run_by_the_build_or_here() -> None:
    left = []
    for page in DOCS.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        run = re.findall(r"\{\{ (?:run|console)\((.*)\) \}\}", text)
        left += [line for line in typed(page) if not any(line in one for one in run)]
    here = [line for line in typed(ADD_A_STEP) if line.startswith(PYTEST)] + release()
    assert len(here) == 5
    assert [line for line in left if line not in here and not line.startswith(ELSEWHERE)] == []


@pytest.fixture
def checkout(template: Path, tmp_path: Path) -> Path:
    """A contributor's clone."""
    git(tmp_path, "clone", "--quiet", "--bare", str(template), "hub.git")
    git(tmp_path, "clone", "--quiet", "hub.git", "matchmaker")
    return tmp_path / "matchmaker"


def test_a_release_is_published(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").write_text("## 1.2.0, 2026-12-01\n")
    subprocess.run(["bash", "-ec", "\n".join(release())], cwd=checkout, check=True)
    published = git(checkout.parent / "hub.git", "show", "v1.2.0:CHANGELOG.md")
    assert published == "## 1.2.0, 2026-12-01\n"


def test_a_tag_is_that_of_the_newest_release() -> None:
    """Where a tag is checked out, the changelog begins with it: the tag is the one version."""
    changes = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"(?m)^## (\d+\.\d+\.\d+)\b", changes)[:1]
    tags = git(REPOSITORY, "tag", "--points-at", "HEAD", "v*").split()
    assert {tag[1:] for tag in tags} <= {*released}


def test_the_patch_that_adds_a_step_fits(checkout: Path) -> None:
    subprocess.run(shlex.split(typed(ADD_A_STEP)[0]), cwd=checkout, check=True)
    assert git(checkout, "status", "--porcelain", "--", "template/steps")


@pytest.mark.thorough  # whether the patch fits is above; this runs others' tests on what comes out
def test_a_step_can_be_added(checkout: Path) -> None:
    """As the page says, and then the tests that look at each step are green."""
    (apply, *lines) = typed(ADD_A_STEP)
    subprocess.run(shlex.split(apply), cwd=checkout, check=True)
    slug = "tag-the-match"

    def tests(*arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=checkout,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr  # 5 if there are none such

    for line in lines:
        tests("--collect-only", *shlex.split(line)[1:])
    tests(
        "tests/template/test_pages.py",
        "tests/across/test_guide.py",
        "-k",
        f"{slug} or hour_is or its_part",
    )
