"""Renderings share what is the same, and what comes out is what a copy and an update write."""

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from copier._jinja_ext import SandboxedEnvironment
from workshop.moving import answers, merging, quick_worker, reference, template_copy

from extensions.steps import STEPS
from tests.conftest import git
from tests.workshop.moving.conftest import CODE, CopyAt, files, half_done


def workshop(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "workshop", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_step_is_rendered_as_a_copy_is(at: CopyAt, pristine: CopyAt) -> None:
    root = at(2)
    given = answers.read(root)
    template = template_copy.template(root, given.source, given.commit)
    of_copy = files(pristine(7))
    with reference.copier_in_words(), quick_worker.renderings(template) as renderings:
        for step in (STEPS[1].number, 7):
            found = renderings.at(given.commit, {**given.given, "step": step}).files
    assert {name for name, text in found.items() if of_copy.get(name) != text} == {
        answers.FILE,  # it has the address of the copy of the template
        ".env",  # git ignores it
    }
    assert of_copy.keys() - found.keys() == {"workshop/template.bundle"}


def test_a_trainee_who_goes_to_a_step_has_what_a_copy_of_it_has(
    at: CopyAt, pristine: CopyAt
) -> None:
    root = at(2)
    workshop(root, "goto", "7")
    assert files(root) == files(pristine(7))
    for name in files(root):
        assert (root / name).stat().st_mode == (pristine(7) / name).stat().st_mode, name


def test_two_steps_need_the_version_once(at: CopyAt, monkeypatch: pytest.MonkeyPatch) -> None:
    root = at(2)
    given = answers.read(root)
    check_out, calls = quick_worker.Renderings._checked_out, []

    def counted(renderings: quick_worker.Renderings, version: str) -> Path:
        calls.append(version)
        return check_out(renderings, version)

    monkeypatch.setattr(quick_worker.Renderings, "_checked_out", counted)
    start, end = reference.rendered_at(root, given, [2, 3])
    assert start["app.py"] == (root / "app.py").read_bytes() != end["app.py"]
    assert calls == [given.commit]


def test_two_steps_compile_a_text_once(at: CopyAt, monkeypatch: pytest.MonkeyPatch) -> None:
    root = at(2)
    compile_, compiled = SandboxedEnvironment.compile, Counter[str]()

    def counted(environment: SandboxedEnvironment, source: Any, *named: Any, **options: Any) -> Any:
        if isinstance(source, str) and not any(named):  # a text, and no file
            compiled[source] += 1
        return compile_(environment, source, *named, **options)

    monkeypatch.setattr(SandboxedEnvironment, "compile", counted)
    reference.rendered_at(root, answers.read(root), [2, 3])
    assert len(compiled) > 10
    assert {source: count for source, count in compiled.items() if count > 1} == {}


def test_another_copier_renders_without_it(
    at: CopyAt, pristine: CopyAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = at(2)
    monkeypatch.setattr(reference, "TESTED", ("9.18",))
    monkeypatch.delattr(quick_worker, "renderings")
    found = reference.rendered(root, answers.read(root), 7)
    of_copy = files(pristine(7))
    del of_copy[answers.FILE], found[answers.FILE]
    assert found == of_copy


def test_a_merge_is_the_one_that_copier_makes_in_a_copy(at: CopyAt) -> None:
    root = at(2)
    half_done(root)
    (root / "checks" / "conftest.py").unlink(missing_ok=True)
    given = answers.read(root)
    template = template_copy.template(root, given.source, given.commit)
    readme = (root / "README.md").read_text().splitlines()
    changed = (f"{line} and mine" if "tep" in line else line for line in readme)
    (root / "README.md").write_text("\n".join(changed))
    found = merging._merged_here(root, template, given.commit, 5, CODE)
    assert found == merging._merged_by_copier(root, template, given.commit, 5, CODE)
    assert b"<<<<<<< before updating" in (found["README.md"] or b"")


def test_a_migration_of_somebody_s_own_runs(template: Path, tmp_path: Path) -> None:
    own_template = Path(shutil.copytree(template, tmp_path / "own"))
    settings = own_template / "copier.yml"
    own = '_migrations:\n  - "echo by our own migration >> README.md"\n'
    settings.write_text(settings.read_text().replace("_migrations:\n", own))
    git(own_template, "commit", "--quiet", "--all", "--message", "Our own")
    git(own_template, "tag", "v3.0.0")
    place = tmp_path / "workshop"
    command = ["-m", "copier", "copy", "--trust", "--defaults", "--quiet"]
    subprocess.run([sys.executable, *command, str(own_template), str(place)], check=True)
    workshop(place, "next", "--force")
    assert (place / "README.md").read_text().endswith("by our own migration\n")
