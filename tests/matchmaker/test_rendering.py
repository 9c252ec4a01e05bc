"""What a session makes quick comes out as Copier itself makes it, of whatever template."""

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import copier
import pytest
from workshop.moving import template_bundle

from matchmaker.repositories import clones
from matchmaker.repositories.clones import scratch
from matchmaker.repositories.copier_adapter import render, template_at
from matchmaker.repositories.plain_files import PlainFile
from tests.conftest import git
from tests.matchmaker.conftest import Session

FILES = {
    "<% yield kind from kinds %><< kind >><% endyield %>.txt": "{{ name }}\n",
    "zz-plain.txt": "plain\n",  # after the one that yields, in the order of the names
    "<< name >>.txt.jinja": "<< name >> {{ name }}\n",
    "<% if name == 'Bob' %>bob.txt<% endif %>": "",
}
QUESTIONS = """
name: {type: str, default: Ada}
kinds: {type: yaml, default: [beer, donut]}
_envops:
  {block_start_string: "<%", block_end_string: "%>",
   variable_start_string: "<<", variable_end_string: ">>"}
"""


@pytest.fixture
def other_template(tmp_path: Path) -> str:
    """A template that has little in common with ours."""
    folder = tmp_path / "template"
    folder.mkdir()
    (folder / "copier.yml").write_text(QUESTIONS)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Start")
    return str(folder)


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_names_of_files_are_rendered_as_copier_does(other_template: str, tmp_path: Path) -> None:
    with scratch():
        for name in ("Ada", "Bob"):
            data = {"name": name}
            render(other_template, None, tmp_path / f"our-{name}", data)
            copy = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet"]
            theirs = [other_template, str(tmp_path / f"their-{name}")]
            subprocess.run([*copy, "--data", f"name={name}", *theirs], check=True)
            ours = content(tmp_path / f"our-{name}")
            assert ours == content(tmp_path / f"their-{name}")
            assert {"beer.txt", "donut.txt", f"{name}.txt"} <= ours.keys()
            assert ("bob.txt" in ours) == (name == "Bob")


def test_the_template_in_a_repository_is_made_once_and_as_copier_makes_it(
    session: Session, own_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.template = own_template
    copied = session.folder / "copied"
    copier.run_copy(str(own_template), copied, defaults=True, unsafe=True, quiet=True)
    before = git(own_template, "count-objects", "-v"), git(own_template, "status", "--porcelain")
    made: list[object] = []
    make = template_bundle.make

    def make_and_count(*given: Any) -> bytes:
        made.append(given)
        return make(*given)

    monkeypatch.setattr(template_bundle, "make", make_and_count)
    session.write("Ada", "Bob")
    assert session.run().code == 0
    assert len(made) == 1
    for name in ("ada", "bob"):
        bundle = session.out / name / template_bundle.NAME
        assert bundle.read_bytes() == (copied / template_bundle.NAME).read_bytes()
        # A `chown -R` of a folder reaches nothing of the template's, or of another trainee's.
        assert bundle.stat().st_nlink == 1
        assert git(session.out / name, "status", "--porcelain") == ""
        assert not (session.out / name / ".workshop" / "template.git").exists()
    assert session.run().code == 0
    assert len(made) == 1, "nobody needs it if there is nothing to do"
    after = git(own_template, "count-objects", "-v"), git(own_template, "status", "--porcelain")
    assert after == before, "the template itself is left alone"


def test_what_cannot_be_prepared_for_all_is_done_for_each(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(clones, "add_bundle", fail)
    session.write("Ada")
    assert session.run().code == 0
    assert template_bundle.read((session.out / "ada" / template_bundle.NAME).read_bytes())


def test_the_clone_of_another_template_gets_nothing(other_template: str) -> None:
    with scratch():
        clone = template_at(other_template, None).local_abspath
        assert {path.name for path in clone.iterdir()} == {".git", "copier.yml", *FILES}
        link = clone / template_bundle.IN_CLONE
        (clone / "template" / "workshop" / "moving").mkdir(parents=True)
        (clone / "template" / "workshop" / "moving" / "template_bundle.py").touch()
        link.symlink_to(clone.parent / "elsewhere")
        clones.add_bundle(clone, "v1")  # a link of somebody's is not followed
        assert not (clone.parent / "elsewhere").exists()


def test_a_file_for_which_there_is_no_room_is_an_error(tmp_path: Path) -> None:
    """The first write takes as much as fits, and only the next one fails."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, most))
    try:
        with pytest.raises(OSError, match="too large"):
            PlainFile("file", 0o100644, b"x" * 200).write(str(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
