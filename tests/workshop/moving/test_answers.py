"""Where the template is, read with and without YAML."""

from pathlib import Path

import pytest
import yaml
from workshop.moving import answers
from workshop.problem import Problem

FILE = "# Changes here will be overwritten by Copier\n{version}\n{source}\nstep: 2\nname: {name}\n"
VERSIONS = ["v1.0.0", "v2.0-3-gab12cd3", "1.10", "'1.10'", "1e5", "0b1", "2026-11-26", "v1 # one"]
SOURCES = [
    *("/home/zoë/template", "/srv/a template", "https://git.example.com:8443/a/b.git", "gh:a/b"),
    *("git@example.com:a/b.git", "~/template", "1/2", "'/it''s'", '"/a\\tb"', "/a: b", "/a #b"),
    *("template", "/a/b:", ">-\n  /far/\n  away", "&a /b/c", "on", "!!binary aGk="),
]


@pytest.mark.parametrize("name", ["Zed", "'two\n  lines'", "{a: b", "*no"])
def test_the_template_is_the_same_without_yaml(tmp_path: Path, name: str) -> None:
    quick = 0
    for version in VERSIONS:
        for source in SOURCES:
            text = FILE.format(
                version=f"_commit: {version}", source=f"_src_path: {source}", name=name
            )
            (tmp_path / answers.FILE).write_text(text, encoding="utf-8")
            try:
                given = answers.read(tmp_path)
            except Problem:
                continue  # broken, and the quick way may do with what it needs
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(yaml, "safe_load", lambda _: pytest.fail("it is not needed"))
                try:
                    found = answers.of_template(tmp_path)
                    quick += 1
                except pytest.fail.Exception:
                    found = None
            assert found in (None, (given.commit, given.source))
            assert answers.of_template(tmp_path) == (given.commit, given.source)
    assert quick == (8 if name == "Zed" else 0)


@pytest.mark.parametrize("text", ["", "<<<<<<< a\n_commit: v1.0.0\n_src_path: /a/b\n", "- a\n"])
def test_a_broken_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / answers.FILE).write_text(text)
    with pytest.raises(Problem):
        answers.of_template(tmp_path)
