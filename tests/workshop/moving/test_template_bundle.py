"""`workshop/template.bundle`: what is in it, and that moving needs nothing else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import copier
import pytest
from workshop.moving import git_environment, moves, template_bundle, template_copy, versions
from workshop.moving.releases import Release

from tests.conftest import git
from tests.workshop.moving.conftest import CODE, CopyAt, branches, files, lost, step_of
from tests.workshop.moving.test_update import copy, publish

NAME = template_bundle.NAME
NOWHERE = "https://127.0.0.1:9/nowhere.git"


@pytest.fixture
def source(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "source"))


def make(repository: Path, version: str = "v1.0.0") -> bytes:
    environment = git_environment.alone(os.environ)
    return template_bundle.make(repository, version, git_environment.run, environment)


def test_it_has_what_rendering_needs_and_nothing_else(
    template: Path, at: CopyAt, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", str(at(3) / NAME), "unpacked")
    unpacked = tmp_path / "unpacked"
    assert git(unpacked, "describe", "--tags", "--always") == "v1.0.0\n"
    assert git(unpacked, "rev-list", "--count", "HEAD") == "1\n"
    parts = ["copier.yml", "extensions", "template"]
    assert git(unpacked, "ls-tree", "--name-only", "HEAD").split() == parts
    listed = git(template, "ls-tree", "-r", "HEAD", *parts)
    assert git(unpacked, "ls-tree", "-r", "HEAD") == listed
    assert git(template, "rev-parse", "HEAD").strip() in git(unpacked, "log", "-1", "--format=%B")


def test_it_is_the_same_for_everybody(at: CopyAt, template: Path, tmp_path: Path) -> None:
    workshop = at(3)
    bundle = (workshop / NAME).read_bytes()
    git(tmp_path, "clone", "--quiet", "--no-local", str(template), "packed")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{template}", "shallow")
    odd = Path(shutil.copytree(template, tmp_path / 'odd: "name\\'))
    for setting in ("pack.compression=0", "pack.window=0", "core.compression=1", "pack.depth=0"):
        git(odd, "config", *setting.split("="))
    git(odd, "repack", "-adFq")  # with what it is set to, which must not be taken over
    git(tmp_path, "clone", "--quiet", str(workshop / NAME), "again")
    for name in ("packed", "shallow", odd.name, "again"):
        assert make(tmp_path / name) == bundle, name


def test_half_a_bundle_is_none(at: CopyAt) -> None:
    whole = (at(3) / NAME).read_bytes()
    assert template_bundle.read(whole)
    lf, crlf = b"\n", b"\r\n"
    for other in (b"", whole[:-1], whole[:200], b"x" + whole, whole.replace(lf, crlf), b"\n\nPACK"):
        assert template_bundle.read(other) is None


def run(workshop: Path, *arguments: str, home: Path, wrap: list[str]) -> str:
    """Run the tool as a command, without a home and without a network."""
    home.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    none = {"https_proxy": "http://127.0.0.1:9", "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(home)}
    done = subprocess.run(
        [*wrap, sys.executable, "-m", "workshop", *arguments],
        cwd=workshop,
        env={**kept, **none},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_a_clone_moves_without_a_network(at: CopyAt, pristine: CopyAt, tmp_path: Path) -> None:
    workshop = at(2)
    answers = workshop / ".copier-answers.yml"
    lines = [line for line in answers.read_text().splitlines() if not line.startswith("_src")]
    answers.write_text("\n".join([*lines, f"_src_path: {NOWHERE}", ""]))
    git(workshop, "commit", "--all", "--quiet", "--message", "From nowhere")
    git(tmp_path, "clone", "--quiet", str(workshop), "clone")
    clone, home = tmp_path / "clone", tmp_path / "home"
    done = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    wrap = ["unshare", "--net"] if done.returncode == 0 else []
    assert "+@timing_decorator" in run(clone, "solution", home=home, wrap=wrap)
    assert "+@timing_decorator" in run(clone, "diff", home=home, wrap=wrap)
    said = run(clone, "next", "--force", home=home, wrap=wrap)
    assert "You are at step 3" in said
    run(clone, "goto", "8", home=home, wrap=wrap)
    (clone / "app.py").write_text("# mine\n")
    run(clone, "reset", home=home, wrap=wrap)
    assert step_of(clone) == 8
    wanted, found = files(pristine(8)), files(clone)
    assert {name for name in wanted if found.get(name) != wanted[name]} == {".copier-answers.yml"}
    assert NOWHERE in (clone / ".copier-answers.yml").read_text()


@pytest.mark.parametrize("what", ["missing", "broken", "other"])
@pytest.mark.sample(2)
def test_a_workshop_without_a_usable_one_fetches_it(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    path = workshop / NAME
    whole = path.read_bytes()
    path.unlink()
    if what == "broken":
        path.write_bytes(whole[:1000])
    if what == "other":
        path.write_bytes(make(source, "v0.9.0"))
    publish(source, "v1.1.0")
    moves.go_to(workshop, 5)
    assert f"{NAME} " in (said := capsys.readouterr().err)
    assert f"Fetching the template from {source}" in said
    assert what in said or "has version v0.9.0" in said
    assert path.read_bytes() == whole
    assert not (workshop / "news.md").exists()


def test_a_version_without_a_tag_is_fetched_too(source: Path, tmp_path: Path) -> None:
    publish(source)
    workshop = tmp_path / "mine"
    copier.run_copy(
        str(source), workshop, data={"step": 3}, vcs_ref="HEAD", defaults=True, unsafe=True
    )
    answers = (workshop / ".copier-answers.yml").read_text()
    assert "_commit: v1.0.0-1-g" in answers
    whole = (workshop / NAME).read_bytes()
    (workshop / NAME).unlink()
    moves.go_to(workshop, 4)
    assert (workshop / NAME).read_bytes() == whole
    assert "_commit: v1.0.0-1-g" in (workshop / ".copier-answers.yml").read_text()


def test_what_is_newer(source: Path, tmp_path: Path) -> None:
    """By the numbers; without them, another commit than those it was made from."""
    git(source, "commit", "--quiet", "--allow-empty", "--message", "Two")
    parent, commit = git(source, "rev-parse", "HEAD~1", "HEAD").split()
    other = "0" * 40
    workshop = tmp_path / "mine"
    (workshop / "workshop").mkdir(parents=True)
    for current, tag, of, is_newer in (
        ("v1.2.0", "v1.2.0", other, False),
        ("v1.2.0", "v1.10.0", other, True),
        ("v1.10.0", "v1.2.0", other, False),
        ("v1.2.0-5-gabc1234", "v1.2.0", other, False),
        ("v1.2.0-5-gabc1234", "v1.2.1", other, True),
        ("v2.0.0rc1", "v1.9.0", other, False),
        ("v2.0.0rc1", "v2.0.0", other, True),
        (commit[:7], "v1.0.0", other, True),
        (commit[:7], "v1.0.0", commit, False),
        (commit[:7], "v1.0.0", parent, False),
        (commit[:7], "", commit, False),
        (commit[:7], "", parent, False),
        (commit[:7], "", other, True),
        ("v1.0.0", "", other, True),
        ("latest", "v1.0.0", other, True),
    ):
        (workshop / NAME).write_bytes(make(source, current))
        assert template_copy.local(workshop, current)
        assert versions.is_newer(workshop, Release(tag, of), current) == is_newer, (current, tag)


def test_an_update_needs_no_history(source: Path, tmp_path: Path) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    publish(source, "v1.1.0")
    expected = copy(source, tmp_path / "theirs", 3)
    answers = workshop / ".copier-answers.yml"
    text = answers.read_text()
    answers.write_text(text.replace(str(source), f"file://{source}"))
    git(workshop, "commit", "--all", "--quiet", "--message", "By its address")
    assert moves.update(workshop)
    assert (workshop / NAME).read_bytes() == (expected / NAME).read_bytes()
    kept = workshop / template_copy.PATH
    assert git(kept, "tag").split() == ["v1.0.0", "v1.1.0"]
    assert git(kept, "rev-list", "--all", "--count") == "2\n"
    moves.advance(workshop, CODE)
    assert step_of(workshop) == 4


def test_copiers_own_update_brings_it_and_loses_nothing(source: Path, tmp_path: Path) -> None:
    """Even if another git made other bytes: Copier can't merge them, and must not stop there."""
    workshop = copy(source, tmp_path / "mine", 3)
    publish(source, "v1.1.0")
    expected = copy(source, tmp_path / "theirs", 3)
    bundle = workshop / NAME
    head, _, pack = bundle.read_bytes().partition(b"\n\n")
    bundle.write_bytes(head + b"\n\n" + pack[:-1] + b"\0")
    app, cli = workshop / "app.py", workshop / "workshop" / "cli.py"
    app.write_text(app.read_text() + "\n# mine, in the code\n")
    cli.write_text(cli.read_text() + "\n# mine, in the tool\n")
    (workshop / "workshop" / "stray.py").write_text("mine = 'beside the tool'\n")
    git(workshop, "add", "--all")
    git(workshop, "commit", "--quiet", "--message", "Mine")
    command = (Path(sys.executable).parent / "copier", "update", "--trust", "--defaults")
    done = subprocess.run(command, cwd=workshop, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "template.bundle" not in done.stderr.replace("stray.py", "")
    assert bundle.read_bytes() == (expected / NAME).read_bytes()
    assert app.read_text().endswith("\n# mine, in the code\n")
    assert (workshop / "news.md").exists()
    assert cli.read_bytes() == (expected / "workshop" / "cli.py").read_bytes()
    assert len(branches(workshop)) == 1
    assert lost(workshop, ["# mine, in the tool", "mine = 'beside the tool'"]) == []
    assert git(workshop, "ls-files", "--unmerged") == ""


def test_a_plain_folder_gives_none(bare_template: Path, tmp_path: Path) -> None:
    workshop = tmp_path / "mine"
    copier.run_copy(str(bare_template), workshop, defaults=True, unsafe=True, quiet=True)
    assert not (workshop / NAME).exists()
    assert git(workshop, "status", "--porcelain") == ""
