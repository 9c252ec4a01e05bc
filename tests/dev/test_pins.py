"""Everybody installs the same packages, on each system and each Python that is promised."""

import os
import re
import shutil
import subprocess
import tomllib
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging import tags
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import parse_wheel_filename
from uv import find_uv_bin
from workshop.doctor import examine

from dev import image_pins, pins
from tests import needs
from tests.conftest import REPOSITORY, Render

PROJECTS = [pins.WORKSHOP, pins.OURS]
OLDEST, NEWEST = examine.PYTHONS
PYTHONS = [f"3.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]
SPOKEN = f"{PYTHONS[0]} to {PYTHONS[-1]}"
PLATFORMS = {
    "a Mac": list(tags.mac_platforms((14, 0), "arm64")),  # as old as ddtrace's
    "an older Mac": list(tags.mac_platforms((14, 0), "x86_64")),
    **{
        f"Linux, {machine}": [
            *(f"manylinux_2_{glibc}_{machine}" for glibc in range(35, 16, -1)),  # Ubuntu 22.04
            f"manylinux2014_{machine}",
            f"linux_{machine}",
        ]
        for machine in ("x86_64", "aarch64")
    },
}


def uv(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find_uv_bin(), *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )


pytestmark = pytest.mark.xdist_group("pins")  # resolved once for all


@pytest.fixture(scope="module")
def _index() -> None:
    """Resolving wants the index of packages; on a train there is none."""
    command = ("pip", "compile", "--quiet", "--no-cache", "--no-deps", "-")
    done = subprocess.run(
        [find_uv_bin(), *command], input="iniconfig", capture_output=True, text=True
    )
    if done.returncode:
        needs.skip_without("an index of packages")


@pytest.fixture(scope="module")
def resolved(_index: None) -> dict[Path, dict[str, list[pins.Pin]]]:
    """The sets, resolved anew with the pins that there are.

    uv leaves out what was released on the day that the files name, or later.
    """
    days = {pins.before(path) for path in PROJECTS}
    assert len(days) == 1, "make pins writes both files"
    (until,) = days
    assert datetime.now(tz=UTC).date() - until >= pins.AGE
    return pins.sets(until, keep=True)


@pytest.mark.parametrize("kind", [pins.SET, pins.BUILD])
@pytest.mark.parametrize("path", PROJECTS, ids=["workshop", "ours"])
def test_nothing_is_missing_in_the_lists_nor_too_much(
    resolved: dict[Path, dict[str, list[pins.Pin]]], path: Path, kind: str
) -> None:
    found = [str(pin) for pin in resolved[path][kind]]
    assert pins.written(pins.read(path), kind) == found, "run `make pins`"


@pytest.mark.usefixtures("_index")
def test_the_image_of_a_hosted_trainee_installs_one_set_without_a_compiler() -> None:
    found = image_pins.resolve(keep=True)
    assert image_pins.written() == [str(pin) for pin in found], "run `make pins`"
    for machine in ("x86_64", "aarch64"):
        systems = [f"manylinux_2_{glibc}_{machine}" for glibc in range(41, 16, -1)]  # Debian 13
        runs = tags_of([*systems, f"manylinux2014_{machine}"], "3.13")
        for pin in found:
            if any("-win" not in wheel for wheel in pin.wheels):  # else it is for Windows alone
                built_for = {tag for wheel in pin.wheels for tag in parse_wheel_filename(wheel)[3]}
                assert built_for & runs, pin


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_nobody_needs_a_compiler(
    resolved: dict[Path, dict[str, list[pins.Pin]]], platform: str, python: str
) -> None:
    """Each package of a workshop has a file that is built for this system, or for every one."""
    runs = tags_of(PLATFORMS[platform], python)
    for pin in resolved[pins.WORKSHOP][pins.SET]:
        if any("-win" not in wheel for wheel in pin.wheels):  # else it is for Windows alone
            built_for = {tag for wheel in pin.wheels for tag in parse_wheel_filename(wheel)[3]}
            assert built_for & runs, pin


def tags_of(systems: list[str], python: str) -> set[tags.Tag]:
    """What pip and uv would install with this Python."""
    major, minor = map(int, python.split("."))
    return {
        *tags.cpython_tags((major, minor), platforms=systems),
        *tags.compatible_tags((major, minor), f"cp{major}{minor}", systems),
    }


@pytest.mark.parametrize("path", PROJECTS, ids=["workshop", "ours"])
def test_what_is_pinned_by_hand_is_pinned_alike_in_the_list(path: Path) -> None:
    project = pins.read(path)
    listed = pins.written(pins.read(pins.WORKSHOP)) + pins.written(project)
    by_hand = pins.direct(project)
    assert by_hand
    for name, pinned in by_hand.items():
        assert f"{name}=={pinned}" in listed, f"{path}: run `make pins`"


@pytest.mark.parametrize("path", PROJECTS, ids=["workshop", "ours"])
def test_the_pins_name_no_registry(path: Path) -> None:
    for kind in (pins.SET, pins.BUILD):
        for pin in map(Requirement, pins.written(pins.read(path), kind)):
            assert not pin.url
            assert re.fullmatch(r"==[^*,]+", str(pin.specifier))


def test_what_is_installed_is_what_is_pinned() -> None:
    """`make` obeys the pins of both files; the tests run on what everybody gets."""
    looked = 0
    for path in PROJECTS:
        for pin in map(Requirement, pins.written(pins.read(path))):
            if pin.marker and not pin.marker.evaluate():
                continue
            try:
                found = version(pin.name)
            except PackageNotFoundError:
                continue  # of another system, or another Python
            assert pin.specifier.contains(found), f"{pin.name} {found}: rm -r .venv; make"
            looked += 1
    assert looked > 100


@pytest.mark.usefixtures("_index")
@pytest.mark.parametrize("cooldown", [None, "14 days"])
def test_uv_locks_exactly_these_in_a_workshop(
    render: Render, tmp_path: Path, cooldown: str | None
) -> None:
    """As `uv run` does, also of somebody who takes no release that is younger."""
    shutil.copy(render() / "pyproject.toml", tmp_path)
    (tmp_path / "workshop").mkdir()
    (tmp_path / "workshop" / "__init__.py").touch()
    done = uv(tmp_path, "lock", **({"UV_EXCLUDE_NEWER": cooldown} if cooldown else {}))
    assert done.returncode == 0, done.stderr
    lock = tomllib.loads((tmp_path / "uv.lock").read_text())
    found = [f"{one['name']}=={one['version']}" for one in lock["package"]]
    found.remove("matchmaker-workshop==1.0.0")
    assert found == pins.written(pins.read(pins.WORKSHOP))


def test_a_younger_version_is_refused_with_what_to_do() -> None:
    project: dict[str, Any] = {"project": {"requires-python": ">=3.11"}}
    with pytest.raises(SystemExit) as stopped:
        pins.resolve(project, ["flask==3.1.3"], datetime(2026, 2, 19, tzinfo=UTC).date())
    said = str(stopped.value)
    assert "flask" in said
    assert "No pin has changed" in said
    assert "choose an older one" in said


@pytest.mark.usefixtures("_index")
def test_one_command_takes_a_security_release_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_text() for path in PROJECTS}
    for name in ("WORKSHOP", "OURS"):
        path = tmp_path / f"{name}.toml"
        path.write_text(re.sub(r'"copier==[^"]+"', '"copier==9.19.0"', before[getattr(pins, name)]))
        monkeypatch.setattr(pins, name, path)
    raised = pins.raise_one("copier")
    assert tuple(map(int, raised.split("."))) > (9, 19, 0)
    for name in ("WORKSHOP", "OURS"):
        project = pins.read(tmp_path / f"{name}.toml")
        assert pins.younger(project).keys() == {"copier"}
    text = (tmp_path / "WORKSHOP.toml").read_text()
    assert text.count(f'"copier=={raised}"') == 2, "as asked for by hand, and in the list"
    assert "copier==9.19.0" not in text
    old, new = (set(re.findall(r'"(\S+==[^"]+)"', one)) for one in (before[PROJECTS[0]], text))
    assert {pin for pin in old ^ new if not pin.startswith("copier==")} == set()


# Which Pythons there are.


def test_the_newest_python_is_the_newest_of_ddtrace() -> None:
    """Where ddtrace has no release, uv would look for one that there is not."""
    for path in PROJECTS:
        allowed = SpecifierSet(pins.read(path)["project"]["requires-python"])
        assert [minor for minor in range(30) if f"3.{minor}.0" in allowed] == [
            int(python.split(".")[1]) for python in PYTHONS
        ]
    theirs = SpecifierSet(metadata("ddtrace")["Requires-Python"])
    assert f"3.{NEWEST[1]}.0" in theirs
    assert f"3.{NEWEST[1] + 1}.0" not in theirs


def test_all_that_name_a_range_name_this_one(render: Render) -> None:
    pages = [
        REPOSITORY / "README.md",
        REPOSITORY / "CONTRIBUTING.md",
        render() / "README.md",
    ]
    for page in pages:
        text = " ".join(page.read_text().split())
        assert re.findall(r"\b3\.\d+ (?:to 3\.\d+|or newer)", text), page
        assert set(re.findall(r"\b3\.\d+ (?:to 3\.\d+|or newer)", text)) == {SPOKEN}, page
    setup = (REPOSITORY / "dev" / "setup.sh").read_text()
    below = f"(3, {OLDEST[1]}) <= sys.version_info < (3, {NEWEST[1] + 1})"
    assert below in setup
    assert re.findall(r"python(3\.\d+)\b", setup.partition("done")[0]) == PYTHONS[::-1]


def test_ci_and_the_containers_run_pythons_of_the_range() -> None:
    jobs = yaml.safe_load((REPOSITORY / ".github/workflows/ci.yml").read_text())["jobs"]
    matrix = jobs["test"]["strategy"]["matrix"]["python"]
    assert {PYTHONS[0], PYTHONS[-1]} <= set(matrix) <= set(PYTHONS)
    assert f"--no-project {PYTHONS[-1]} " in (REPOSITORY / ".ci" / "elsewhere").read_text()
    images = [jobs["bare"]["container"]]
    for name in ("template/Dockerfile", "template/.devcontainer/Dockerfile", ".ci/bare"):
        text = (REPOSITORY / name).read_text()
        stages = set(re.findall(r"^FROM \S+ AS (\S+)", text, re.MULTILINE))
        images += set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) - stages
    assert len(set(images)) == 1
    assert images[0].removeprefix("python:").removesuffix("-slim") in matrix


def test_uv_has_the_same_version_everywhere() -> None:
    places = (
        "pyproject.toml",
        "dev/setup.sh",
        *(f"template/{name}" for name in ("Dockerfile", ".devcontainer/Dockerfile")),
    )
    found = {
        place: set(re.findall(r"\buv==([\w.]+)", (REPOSITORY / place).read_text()))
        for place in places
    }
    assert set().union(*found.values()) == {version("uv")}, found
    assert all(found.values()), found
