"""Whoever has an odd git gets the same: nobody's configuration changes what we write."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import nasty
from tests.conftest import REPOSITORY, git
from tests.matchmaker.conftest import next_version
from tests.workshop.moving.conftest import CopyAt, at, branches, half_done, lost, pristine

__all__ = ["at", "pristine"]  # fixtures

BIN = Path(sys.executable).parent
BUNDLE = "workshop/template.bundle"


def ran(*command: object, folder: Path, variables: Mapping[str, str]) -> str:
    """Run a command in a process of its own; it has to succeed."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def content(workshop: Path) -> dict[str, object]:
    """Every file to the byte, with its rights, and what git has of it."""
    found: dict[str, object] = {
        str(path.relative_to(workshop)): (path.lstat().st_mode, path.read_bytes())
        for path in sorted(workshop.rglob("*"))
        if path.is_file() and not {".git", ".workshop", "__pycache__"} & set(path.parts)
    }
    head = git(workshop, "cat-file", "commit", "HEAD")
    found["HEAD"] = [line.split("> ")[0] for line in head.splitlines() if "parent" not in line]
    found["branch"] = git(workshop, "symbolic-ref", "HEAD")
    found["status"] = git(workshop, "status", "--porcelain")
    found["staged"] = git(workshop, "ls-files", "--stage")
    found["hooks"] = sorted(
        path.name for path in (workshop / ".git" / "hooks").iterdir() if path.suffix != ".sample"
    )
    return found


def comparable(content: dict[str, object]) -> dict[str, object]:
    """The same, without what depends on where the template lies, and when it was committed."""
    del content[".copier-answers.yml"], content["HEAD"], content[BUNDLE]
    staged = str(content["staged"]).splitlines()
    others = [line for line in staged if not line.endswith((".copier-answers.yml", BUNDLE))]
    return {**content, "staged": others}


def copier(template: Path, workshop: Path, variables: Mapping[str, str]) -> None:
    command = (BIN / "copier", "copy", "--trust", "--defaults", "--quiet", template, workshop)
    ran(*command, folder=workshop.parent, variables=variables)


@pytest.mark.thorough  # `generate` makes the same repository below, with more of an odd git
def test_a_copy(template: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    copier(template, tmp_path / "plain" / "mine", {})
    config = nasty.configuration(tmp_path / "odd", for_copier=True)
    (tmp_path / "nasty").mkdir()
    names = ("GIT_AUTHOR_DATE", "GIT_DEFAULT_HASH", "GIT_TEMPLATE_DIR", "LANGUAGE")
    variables = {name: nasty.ENVIRONMENT[name] for name in names}
    copier(template, tmp_path / "nasty" / "mine", {**variables, "GIT_CONFIG_GLOBAL": str(config)})
    assert content(tmp_path / "nasty" / "mine") == content(tmp_path / "plain" / "mine")
    assert not (tmp_path / "odd" / "ran").exists()


@pytest.mark.parametrize(
    "setting",
    [
        "[user]\n\tname =\n",
        "[user]\n\tname = .,;\n\temail = <>\n",
        "[user]\n\tuseConfigOnly = true\n",
        "[commit]\n\tgpgSign = true\n",
    ],
)
def test_a_commit_by_nobody(tmp_path: Path, setting: str) -> None:
    (tmp_path / "config").write_text(setting)
    (tmp_path / "workshop").mkdir()
    (tmp_path / "workshop" / "app.py").write_text("\n")
    ran(
        *(sys.executable, REPOSITORY / "extensions" / "tasks" / "finish.py", "copy", tmp_path),
        folder=tmp_path / "workshop",
        variables={"GIT_CONFIG_GLOBAL": str(tmp_path / "config")},
    )
    author = git(tmp_path / "workshop", "log", "--format=%an %ae %cn %ce").strip()
    assert author == " ".join(["Matchmaker matchmaker@localhost"] * 2)


def test_a_session(template: Path, tmp_path: Path) -> None:
    """`generate`, an edit, a new version, `generate` again, and `status`."""
    found = []
    config = nasty.configuration(tmp_path / "odd")
    for kind, variables in (
        ("plain", {}),
        ("nasty", {**nasty.ENVIRONMENT, "GIT_CONFIG_GLOBAL": str(config)}),
    ):
        folder = tmp_path / kind
        folder.mkdir()
        git(folder, "clone", "--quiet", str(template), "template")
        roster = folder / "spring.toml"
        start = '[session]\nname = "spring"\ntemplate = "template"\n[[trainee]]\ntrainee_name = '
        roster.write_text(f'{start}"Ada"\n')
        ran(BIN / "matchmaker", "generate", roster, folder=folder, variables=variables)
        ada = folder / "spring" / "ada"
        first = content(ada)
        (ada / "app.py").write_text((ada / "app.py").read_text() + "# mine\r\n")
        (ada / "notes.md").write_text("mine\r\n")
        next_version(folder / "template", "v1.1.0")
        said = ran(BIN / "matchmaker", "generate", roster, folder=folder, variables=variables)
        assert "updated" in said
        kept = git(ada, "diff-tree", "-r", "HEAD~1", "--", "app.py").split()[4]
        assert kept == git(ada, "hash-object", "--no-filters", "app.py").strip()
        said = ran(BIN / "matchmaker", "status", roster, folder=folder, variables=variables)
        table = " ".join(said.split()).replace(str(folder), "")
        found.append((comparable(first), comparable(content(ada)), table))
    assert found[0] == found[1]
    assert not (tmp_path / "odd" / "ran").exists()


def test_moves(template: Path, at: CopyAt, tmp_path: Path) -> None:
    """`goto` with work in every state, `next --force`, and `update`."""
    source = tmp_path / "source"
    git(tmp_path, "clone", "--quiet", str(template), "source")
    found = []
    config = nasty.configuration(tmp_path / "odd")
    for kind, variables in (
        ("plain", {}),
        ("nasty", {**nasty.ENVIRONMENT, "GIT_CONFIG_GLOBAL": str(config)}),
    ):
        workshop = at(3).rename(tmp_path / kind)
        answers = workshop / ".copier-answers.yml"
        answers.write_text(answers.read_text().replace(str(template), str(source)))
        git(workshop, "commit", "--all", "--quiet", "--message", "Moved")
        lines = half_done(workshop)
        (workshop / "crlf.md").write_bytes(b"mine, with CRLF\r\n")
        tool = (sys.executable, "-m", "workshop")
        ran(*tool, "goto", 4, folder=workshop, variables=variables)
        assert lost(workshop, [*lines, "mine, with CRLF\r\n"]) == []
        ran(*tool, "next", "--force", folder=workshop, variables=variables)
        if kind == "plain":
            next_version(source, "v1.1.0")
        ran(*tool, "update", folder=workshop, variables=variables)
        saved = [git(workshop, "rev-parse", f"{name}^{{tree}}") for name in branches(workshop)]
        one = content(workshop)
        del one["HEAD"]
        found.append((one, saved))
    assert found[0] == found[1]
    assert not (tmp_path / "odd" / "ran").exists()
