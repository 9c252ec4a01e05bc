"""A quick update comes out as Copier's own, whatever a trainee and a template have changed."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import git
from tests.matchmaker.conftest import Installed
from tests.matchmaker.test_copier_adapter import (
    commit,
    everything,
    generated,
    plainly,
    publish,
    write_roster,
)

QUESTIONS = """
_subdirectory: files
_skip_if_exists: [kept.txt, also-kept.txt]
_exclude: ["*.never"]
_tasks:
  - {command: "git init -q -b main && git add -A && git commit -qm Start",
     when: "{{ _copier_operation == 'copy' and not '/copier' in _copier_conf.dst_path | string }}"}
  - "echo task $STAGE {{ _copier_operation }} >> log.txt"
_migrations: ["echo migrated $STAGE >> log.txt"]
trainee_name: {type: str, default: Trainee}
trainee_slug: {type: str, default: "{{ trainee_name | lower }}"}
session: {type: str, default: self-paced}
backend: {type: str, default: local}
trainee: {type: yaml, when: false, default: "{env: x, ports: {web: 5000}, datadog_url: ''}"}
current: {type: yaml, when: false, default: "{title: Any, number: 1}"}
"""
LINES = "".join(f"line {number}\n" for number in range(40))
FILES: dict[str, bytes] = {
    "{{ _copier_conf.answers_file }}.jinja": b"{{ _copier_answers | to_nice_yaml }}",
    ".gitignore": b"log.txt\nignored.txt\n",
    "ignored.txt": b"in the template, but not in git\n",
    "excluded.never": b"never\n",
    "named.txt.jinja": b"{{ trainee_name }}\n",
    "dos.txt": LINES.replace("\n", "\r\n").encode(),
    "picture.png": bytes(range(256)),
    "deep/er/binary": b"\0\1\2",
    "deep/er/text.txt": LINES.encode(),
    "run.sh": b"#!/bin/sh\n",
    **{
        f"{name}.txt": LINES.encode()
        for name in (
            *("same", "edited", "edited-by-both", "conflict", "deleted", "deleted-but-new"),
            *("renamed", "removed", "removed-but-edited", "kept", "also-kept", "mode", "link"),
            "moved-by-template",
        )
    },
}


def fill(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def new_version(template: Path) -> None:
    """Change the template in every way."""
    files = template / "files"
    for name in ("edited-by-both", "conflict", "deleted-but-new", "kept", "mode"):
        (files / f"{name}.txt").write_text(LINES.replace("line 30\n", "theirs\n"))
    (files / "dos.txt").write_bytes(FILES["dos.txt"].replace(b"line 30\r", b"theirs\r"))
    (files / "picture.png").write_bytes(bytes(range(255, -1, -1)))
    (files / "also-kept.txt").unlink()
    (files / "removed.txt").unlink()
    (files / "removed-but-edited.txt").unlink()
    (files / "run.sh").chmod(0o755)
    (files / "moved-by-template.txt").rename(files / "deep" / "moved.txt")
    fill(files, {"brand/new": b"new\n", "both-new": b"a\n"})
    publish(template, "v2.0.0")


def edit(place: Path, *, conflicts: bool) -> None:
    """Change a repository in every way that an update has to keep."""
    for name in ("edited", "edited-by-both", "removed-but-edited", "kept", "also-kept"):
        (place / f"{name}.txt").write_text(LINES.replace("line 3\n", "mine\n"))
    (place / "dos.txt").write_bytes(FILES["dos.txt"].replace(b"line 3\r", b"mine\r"))
    (place / "deep/er/binary").write_bytes(b"\0mine")
    for name in ("deleted", "deleted-but-new"):
        (place / f"{name}.txt").unlink()
    (place / "renamed.txt").rename(place / "deep" / "my-name.txt")
    (place / "mode.txt").chmod(0o755)
    (place / "link.txt").unlink()
    (place / "own").mkdir()
    (place / "own" / "photo.png").write_bytes(bytes(range(100)))
    (place / "own" / "ü.txt").write_text("my own\n")
    (place / "ignored.txt").write_text("mine, and not in git\n")
    if conflicts:
        (place / "conflict.txt").write_text(LINES.replace("line 30\n", "mine\n"))
        (place / "both-new").write_text("b\n")
    commit(place)


@pytest.mark.parametrize("conflicts", [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_an_update_comes_out_as_with_plain_copier(
    conflicts: bool, installed: Installed, tmp_path: Path
) -> None:
    template = tmp_path / "plain"
    template.mkdir()
    (template / "copier.yml").write_text(QUESTIONS)
    fill(template / "files", FILES)
    git(template, "init", "--quiet")
    publish(template, "v1.0.0")
    write_roster(installed.folder, template, {"ada": {}})
    generated(installed)
    ours, theirs = installed.folder / "s" / "ada", tmp_path / "theirs"
    edit(ours, conflicts=conflicts)
    shutil.copytree(ours, theirs, symlinks=True)
    new_version(template)
    ran = installed.run("generate", "s.toml")
    assert ran.code == int(conflicts), ran.out + ran.err
    plainly(theirs, "update", data={})
    if not conflicts:
        commit(theirs)
    assert everything(ours) == everything(theirs)
    assert ("<<<<<<<" in (ours / "conflict.txt").read_text()) == conflicts
    assert "mine" in (ours / "edited-by-both.txt").read_text()
    assert (ours / "log.txt").read_text().count("migrated after") == 1
    git(ours, "fsck", "--strict")
