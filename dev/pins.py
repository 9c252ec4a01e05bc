"""Pin every package that a workshop and this repository install: `make pins`.

We choose the versions in `dependencies` and `dependency-groups` by hand, because the workshop shows
them. uv finds all the others, for each system and each Python that `requires-python` allows. This
writes them to `[tool.uv]` of both pyproject.toml files, which `uv run`, `uv sync`, and
`uv pip install` obey. They name no registry, so you can install them from a mirror.

This takes only releases of a certain age, so that you can install them with a cooldown (uv's
`exclude-newer`), too. A security release doesn't wait: `make pin PACKAGE=copier` takes the newest
release of one package, and records in `exclude-newer-package` that it has no cooldown.

`python -m dev.pins newest` takes the newest release of everything, including the versions that we
chose by hand, to find out what breaks. `.ci/newest` does that once a week.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from uv import find_uv_bin

from dev.checkout import REPOSITORY

OURS = REPOSITORY / "pyproject.toml"
WORKSHOP = REPOSITORY / "template" / "pyproject.toml"
AGE = timedelta(days=14)

SET, BUILD = "constraint-dependencies", "build-constraint-dependencies"
YOUNGER = "exclude-newer-package"
_BEFORE = re.compile(r"(?<=releases before )\d{4}-\d\d-\d\d")
_RESOLVED_FOR = "resolved"

ELSEWHERE = ("uv",)
"""Packages that other files pin by hand, too. `newest` doesn't change their versions."""


@dataclass(frozen=True)
class Pin:
    """One package of a set. `wheels` are the names of its files that need no compiler."""

    name: str
    version: str
    marker: str
    """The environments for this version, if others need another one; otherwise empty."""
    wheels: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")


def read(path: Path) -> dict[str, Any]:
    """The content of a pyproject.toml."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def before(path: Path) -> date:
    """The day before which all pinned packages of a pyproject.toml were released."""
    (found,) = _BEFORE.findall(path.read_text(encoding="utf-8"))
    return date.fromisoformat(found)


def written(project: dict[str, Any], kind: str = SET) -> list[str]:
    """The pins in `[tool.uv]` of a project."""
    pins: list[str] = project["tool"]["uv"][kind]
    return pins


def asked_for(project: dict[str, Any]) -> list[str]:
    """The requirements of a project and all its groups, as written."""
    groups = project.get("dependency-groups", {}).values()
    grouped = [one for group in groups for one in group if isinstance(one, str)]
    return [*project["project"]["dependencies"], *grouped]


def younger(project: dict[str, Any]) -> dict[str, str]:
    """The packages with a younger release, each with the time before which it was released."""
    packages: dict[str, str] = project.get("tool", {}).get("uv", {}).get(YOUNGER, {})
    return packages


def resolve(
    project: dict[str, Any], wanted: Iterable[str], until: date, given: Iterable[str] = ()
) -> list[Pin]:
    """All packages that `wanted` needs, on every system where the project can be installed.

    Takes only versions that were released before the day `until`, except for the `younger` ones,
    and only those in `given`. Raises SystemExit, with uv's message, if that is impossible.
    """
    # A separate project, because uv doesn't need the rest of the real one (version, build).
    table = {
        "project": [
            ("name", _RESOLVED_FOR),
            ("version", "0"),
            ("requires-python", project["project"]["requires-python"]),
            ("dependencies", list(wanted)),
        ],
        "tool.uv": [("package", False), (SET, list(given))],
    }
    with tempfile.TemporaryDirectory(prefix="matchmaker-pins-") as folder:
        Path(folder, "pyproject.toml").write_text(_toml(table), encoding="utf-8")
        done = subprocess.run(
            [
                *(find_uv_bin(), "lock", "--quiet", "--python", sys.executable),
                *("--exclude-newer", f"{until.isoformat()}T00:00:00Z"),
                *(f"--exclude-newer-package={name}={at}" for name, at in younger(project).items()),
            ],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(
                f"{done.stderr.strip()}\n\nNo pin has changed. This command takes only releases "
                f"before {until}, which are {AGE.days} days old. If pyproject.toml names a younger "
                "version, choose an older one. The index has to report when each file was "
                "uploaded."
            )
        lock = tomllib.loads(Path(folder, "uv.lock").read_text(encoding="utf-8"))
    return [
        Pin(
            package["name"],
            package["version"],
            " or ".join(package.get("resolution-markers", ())),
            tuple(wheel["url"].rpartition("/")[2] for wheel in package.get("wheels", ())),
        )
        for package in lock["package"]
        if package["name"] != _RESOLVED_FOR
    ]


def sets(until: date, *, keep: bool) -> dict[Path, dict[str, list[Pin]]]:
    """The pins to write to each pyproject.toml, by the names of the lists.

    With `keep`, the existing pins still apply. The result is the same, unless some are missing, or
    are for packages that nothing needs anymore.
    """
    found: dict[Path, dict[str, list[Pin]]] = {}
    shared: list[str] = []
    for path in (WORKSHOP, OURS):
        project = read(path)
        held = written(project) if keep else []
        pins = resolve(project, asked_for(project), until, [*shared, *held])
        held = written(project, BUILD) if keep else []
        build = resolve(project, project["build-system"]["requires"], until, held)
        # Both go into one .venv, so what a workshop needs has the version of the workshop.
        found[path] = {SET: [pin for pin in pins if str(pin) not in shared], BUILD: build}
        shared = [str(pin) for pin in pins]
    return found


def newest() -> dict[Path, dict[str, list[Pin]]]:
    """The pins for the newest release of everything, however young it is."""
    until = datetime.now(tz=UTC).date() + timedelta(days=1)
    found: dict[Path, dict[str, list[Pin]]] = {}
    shared: list[str] = []
    for path in (WORKSHOP, OURS):
        project = read(path)
        chosen = {f"{name}=={version}": name for name, version in direct(project).items()}
        wanted = [
            one if chosen.get(one, "") in ELSEWHERE else chosen.get(one, one)
            for one in asked_for(project)
        ]
        pins = resolve(project, wanted, until, shared)
        build = resolve(project, project["build-system"]["requires"], until)
        found[path] = {SET: [pin for pin in pins if str(pin) not in shared], BUILD: build}
        shared += [str(pin) for pin in pins]
    return found


def raise_direct(path: Path, lists: dict[str, list[Pin]], shared: list[Pin]) -> None:
    """Set what a pyproject.toml pins by hand to the versions in its list, or in a workshop's."""
    text = path.read_text(encoding="utf-8")
    known = {pin.name: pin.version for pin in (*shared, *lists[SET])}
    for name, version in direct(read(path)).items():
        new = known[re.sub(r"[-_.]+", "-", name).lower()]
        text = text.replace(f'"{name}=={version}"', f'"{name}=={new}"')
    path.write_text(text, encoding="utf-8")


def write(path: Path, lists: dict[str, list[Pin]], until: date) -> None:
    """Write the pins to a pyproject.toml, without changing anything else."""
    text = _BEFORE.sub(until.isoformat(), path.read_text(encoding="utf-8"))
    for kind, pins in lists.items():
        lines = "".join(f'  "{pin}",\n' for pin in pins)
        there = re.compile(rf"^{kind} = \[\n.*?^\]$", re.MULTILINE | re.DOTALL)
        text, count = there.subn(f"{kind} = [\n{lines}]", text)
        assert count == 1, f"{path} has no list {kind}"
    path.write_text(text, encoding="utf-8")


def direct(project: dict[str, Any]) -> dict[str, str]:
    """The packages that a project pins by hand with `==`, and their versions."""
    asked = map(Requirement, asked_for(project))
    return {
        one.name: version[0].version
        for one in asked
        if (version := [part for part in one.specifier if part.operator == "=="])
    }


def _toml(table: dict[str, list[tuple[str, object]]]) -> str:
    """Write strings, booleans, and lists of strings, which are the same in TOML as in JSON."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entries)
        for name, entries in table.items()
    )


def raise_one(name: str) -> str:
    """Pin the newest release of one package, without a cooldown, and return its version.

    Everything else stays as it is. Raises SystemExit if that is impossible.
    """
    tomorrow = datetime.now(tz=UTC).date() + timedelta(days=1)
    texts: dict[Path, str] = {}
    lists: dict[Path, dict[str, list[Pin]]] = {}
    shared: list[str] = []
    version = ""
    for path in (WORKSHOP, OURS):
        project = read(path)
        held = [pin for pin in [*shared, *written(project)] if Requirement(pin).name != name]
        wanted = [
            f"{name}>={direct(project)[name]}"
            if Requirement(one).name == name and name in direct(project)
            else one
            for one in asked_for(project)
        ]
        given = [pin for pin in shared if Requirement(pin).name == name]
        table = {**younger(project), name: f"{tomorrow}T00:00:00Z"}
        project.setdefault("tool", {}).setdefault("uv", {})[YOUNGER] = table
        pins = resolve(project, wanted, before(path), [*held, *given])
        version = next((pin.version for pin in pins if pin.name == name), version)
        fresh = [pin for pin in pins if str(pin) not in shared]
        lists[path] = {SET: fresh}
        texts[path] = _with_younger(path.read_text(encoding="utf-8"), table)
        texts[path] = re.sub(rf'"{re.escape(name)}==[^" ;]+', f'"{name}=={version}', texts[path])
        shared = [str(pin) for pin in pins]
    if not version:
        raise SystemExit(f"Neither this repository nor a workshop needs {name}.")
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
        write(path, lists[path], before(path))
    return version


def _with_younger(text: str, packages: dict[str, str]) -> str:
    """A pyproject.toml with a table of exceptions, or without the table if there are none."""
    text = re.sub(rf"^{YOUNGER} = .*\n", "", text, flags=re.MULTILINE)
    if not packages:
        return text
    entries = ", ".join(f'{name} = "{at}"' for name, at in sorted(packages.items()))
    line = f"{YOUNGER} = {{ {entries} }}\n"
    return text.replace("\n[tool.uv]\n", f"\n[tool.uv]\n{line}", 1)


def main(names: Sequence[str]) -> None:
    """Pin everything again, only `names`, or with "newest" the newest of everything.

    Raises SystemExit if there is no such set.
    """
    if names == ["newest"]:
        _write(newest(), datetime.now(tz=UTC).date() + timedelta(days=1), everything=True)
        return
    for name in names:
        print(f"{name} {raise_one(name)}")
    if names:
        return
    until = datetime.now(tz=UTC).date() - AGE
    for path in (WORKSHOP, OURS):  # exceptions are old enough by now, or uv refuses them
        text = path.read_text(encoding="utf-8")
        left = {name: at for name, at in younger(read(path)).items() if at[:10] > f"{until}"}
        path.write_text(_with_younger(text, left), encoding="utf-8")
    _write(sets(until, keep=False), until)


def _write(
    found: dict[Path, dict[str, list[Pin]]], until: date, *, everything: bool = False
) -> None:
    """Write both files and list what is new. `everything` includes what we chose by hand."""
    for path, lists in found.items():
        old = set(written(read(path)))
        if everything:
            raise_direct(path, lists, found[WORKSHOP][SET])
        write(path, lists, until)
        count = len(lists[SET])
        print(f"{path.relative_to(REPOSITORY)}: {count} packages, released before {until}")
        for pin in lists[SET]:
            if str(pin) not in old:
                print(f"  {pin}")


if __name__ == "__main__":
    main(sys.argv[1:])
