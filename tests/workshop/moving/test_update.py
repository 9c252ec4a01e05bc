"""`workshop update`: a new version of the template, at the same step."""

import random
import re
import shutil
from pathlib import Path

import copier
import pytest
from workshop.moving import answers, glance, moves, releases, template_bundle

from tests.conftest import copy_of, git
from tests.workshop.moving.conftest import CODE, branches, files, half_done, lost, step_of


@pytest.fixture
def source(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "source"))


def publish(source: Path, tag: str = "") -> None:
    """A new version: other code, another page, a new file."""
    app = source / "template" / "app.py.jinja"
    app.write_text(app.read_text().replace("def ping():", 'def ping():\n    """Says hello."""'))
    page = source / "template" / "steps" / "05-step-back.md.jinja"
    page.write_text(page.read_text() + "\nNews.\n")
    (source / "template" / "news.md").write_text("What is new\n")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "News")
    if tag:
        git(source, "tag", "--annotate", tag, "--message", tag)


@pytest.mark.parametrize(
    "tags",
    [
        "v1.9.0 v1.10.0 v1.2.0",  # no library reads these
        "v1.01.0 v1.1.0",
        "v0.0.0",
        "v1.0.0 v1.1.0rc1 latest",
        "v1.0.0 2.0.0 v2.0 v2.0.1.dev1",
        "v1.0.0 v2024",
        "latest v1.0.0rc1",
    ],
)
def test_the_highest_tag_is_the_newest_as_for_copier(tags: str) -> None:
    listed = "".join(f"{'b' * 40}\trefs/tags/{tag}\n" for tag in tags.split())
    found = releases.newest_in(f"{'a' * 40}\tHEAD\n{listed}")
    versions = [
        (version, tag)
        for tag in tags.split()
        if (version := releases.parsed(tag)) and not version.is_prerelease
    ]
    assert str(found) == (max(versions)[1] if versions else "a" * 7)


def copy(source: Path, folder: Path, step: int) -> Path:
    return copy_of(source, folder, step=step)


@pytest.mark.parametrize("step", [1, 4, 9])
@pytest.mark.sample(2)
def test_the_new_version_comes_and_the_step_stays(source: Path, tmp_path: Path, step: int) -> None:
    workshop = copy(source, tmp_path / "mine", step)
    assert glance.newer(workshop) is None
    assert moves.update(workshop) is None
    publish(source, "v1.1.0")
    assert str(glance.newer(workshop)) == "v1.1.0"

    expected = copy(source, tmp_path / "theirs", step)
    updated = moves.update(workshop)
    assert updated
    moved, release = updated
    assert (str(release), moved.saved, moved.conflicts) == ("v1.1.0", None, [])
    assert files(workshop) == files(expected)
    assert step_of(workshop) == step
    assert glance.newer(workshop) is None
    assert moves.update(workshop) is None


def test_where_the_folder_of_the_key_is_hidden_nothing_is_written_there(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    ignore = source / "template" / ".key" / ".gitignore.jinja"
    ignore.write_text(f"# News.\n{ignore.read_text()}")
    publish(source, "v1.1.0")
    before = (workshop / ".key" / ".gitignore").read_text()
    with monkeypatch.context() as patch:
        patch.setenv("WORKSHOP_CONTAINER", "console")
        updated = moves.update(workshop)
        assert updated
        assert ".key/.gitignore" not in updated[0].changed
        assert (workshop / "news.md").exists()
        moves.go_to(workshop, 4)
        assert (workshop / ".key" / ".gitignore").read_text() == before
    moves.reset(workshop, None)
    assert "# News." in (workshop / ".key" / ".gitignore").read_text()


def test_my_lines_are_merged_and_saved(source: Path, tmp_path: Path) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    lines = half_done(workshop)
    publish(source, "v1.1.0")
    updated = moves.update(workshop)
    assert updated
    assert updated[0].conflicts == []
    app = (workshop / "app.py").read_text()
    assert "mine, in the middle of it all" in app
    assert '"""Says hello."""' in app
    assert len(branches(workshop)) == 1
    assert lost(workshop, lines) == []
    # And on from there, with the new version's files.
    shutil.rmtree(source)
    moves.advance(workshop, CODE)
    moves.go_to(workshop, 6)
    assert '"""Says hello."""' in (workshop / "app.py").read_text()
    assert "_commit: v1.1.0" in (workshop / ".copier-answers.yml").read_text()


def test_a_line_that_both_changed_has_both(source: Path, tmp_path: Path) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    app = workshop / "app.py"
    app.write_text(app.read_text().replace("def ping():", "def ping():  # mine"))
    publish(source, "v1.1.0")
    updated = moves.update(workshop)
    assert updated
    (conflict,) = updated[0].conflicts
    assert conflict.path == "app.py"
    text = "\n".join(app.read_text().splitlines()[conflict.first - 1 : conflict.last])
    assert "def ping():  # mine" in text
    assert '"""Says hello."""' in text
    assert "step: 3" in (workshop / ".copier-answers.yml").read_text()


def test_a_template_without_tags_is_followed_by_its_commits(source: Path, tmp_path: Path) -> None:
    git(source, "tag", "--delete", "v1.0.0")
    workshop = copy(source, tmp_path / "mine", 3)
    assert moves.update(workshop) is None
    publish(source)
    head = git(source, "rev-parse", "--short=7", "HEAD").strip()
    assert str(glance.newer(workshop)) == head
    assert moves.update(workshop)
    assert (workshop / "news.md").exists()


@pytest.mark.parametrize("like", [r"\d+e\d", r"\d+[abc]\d"])
@pytest.mark.sample(2)
def test_a_commit_whose_name_looks_like_a_number_is_moved_to_and_from(
    source: Path, tmp_path: Path, like: str
) -> None:
    def name() -> str:
        """Of the newest commit, which is made again until its name looks that way."""
        while not re.match(like, head := git(source, "rev-parse", "--short=7", "HEAD").strip()):
            git(source, "commit", "--quiet", "--amend", "--message", str(random.random()))
        return head

    git(source, "tag", "--delete", "v1.0.0")
    old = name()
    workshop = copy(source, tmp_path / "mine", 3)
    assert answers.read(workshop).commit == old
    moved = moves.advance(workshop, CODE)
    assert (moved.step, template_bundle.NAME in moved.changed) == (4, False)
    assert answers.read(workshop).commit == old
    publish(source)
    new = name()
    assert moves.update(workshop)
    assert answers.read(workshop).commit == new
    bundle = template_bundle.read((workshop / template_bundle.NAME).read_bytes())
    assert bundle
    assert bundle.version == new
    shutil.rmtree(source)  # nothing else is needed from here on
    shutil.rmtree(workshop / ".workshop" / "template.git")
    assert moves.advance(workshop, CODE).step == 5
    assert (workshop / "news.md").exists()


def test_a_commit_after_the_last_tag_is_not_taken_back(source: Path, tmp_path: Path) -> None:
    publish(source)
    copier.run_copy(
        str(source), tmp_path / "mine", vcs_ref="HEAD", defaults=True, unsafe=True, quiet=True
    )
    assert glance.newer(tmp_path / "mine") is None
    assert moves.update(tmp_path / "mine") is None
    git(source, "tag", "v2.0.0a1")  # not for everybody yet
    assert glance.newer(tmp_path / "mine") is None
    git(source, "tag", "v10.0.0")
    assert glance.newer(tmp_path / "mine") is None  # the same commit under another name
    publish(source, "v10.1.0")
    git(source, "tag", "v9.0.0")
    assert str(glance.newer(tmp_path / "mine")) == "v10.1.0"
