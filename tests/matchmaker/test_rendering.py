"""What a session makes quick comes out as Copier itself makes it, of whatever template."""

import subprocess
import sys
from pathlib import Path

import pytest

from matchmaker.repositories.clones import scratch
from matchmaker.repositories.copier_adapter import render
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


def test_the_kept_copy_of_the_template_is_packed(session: Session, own_template: Path) -> None:
    session.template = own_template
    assert git(own_template, "count-objects").split()[0] != "0"
    (own_template / "README.md").write_text("that nothing names any more")
    git(own_template, "stash")
    git(own_template, "stash", "drop")
    session.write("Ada", "Bob")
    assert session.run().code == 0
    kept = session.out / "ada" / ".workshop" / "template.git"
    assert git(kept, "count-objects").startswith("0 ")
    # A `chown -R` of a trainee's folder reaches nothing of the template's, or of another trainee's.
    assert {path.stat().st_nlink for path in kept.rglob("*") if path.is_file()} == {1}
    assert git(own_template, "fsck", "--lost-found").strip(), "the template itself is left alone"
