"""`workshop doctor`: each fault is found, and has a remedy."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from workshop import doctor
from workshop.doctor import Finding

from tests.conftest import git

from .conftest import Workshop

GOOD, APPLICATION = "0123456789abcdef" * 2, "01234567" * 5


def findings(workshop: Workshop, **changes: str) -> list[Finding]:
    """All findings that are not "ok"; each must say what to do."""
    every = doctor.examine(replace(workshop.settings, **changes))  # type: ignore[arg-type]
    # Whether this machine has uv is no business of these tests.
    found = [f for f in every if f.level != "ok" and not f.what.startswith("uv ")]
    assert all(finding.remedy for finding in found)
    return found


def test_a_fresh_workshop_is_well(workshop: Workshop) -> None:
    assert findings(workshop) == []


@pytest.mark.parametrize(
    ("backend", "key", "level", "says"),
    [
        ("local", "", None, ""),
        ("local", GOOD, None, ""),
        ("local", "x", "warning", "API key"),
        ("datadog", "", "problem", "no API key"),
        ("datadog", GOOD, None, ""),
        ("datadog", APPLICATION, "problem", "application key"),
        ("datadog", "x" * 32, "problem", "32 hexadecimal digits"),
    ],
)
def test_the_key_is_judged_by_its_form(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    backend: str,
    key: str,
    level: str | None,
    says: str,
) -> None:
    monkeypatch.delenv("DD_API_KEY", raising=False)
    (workshop.root / ".env").write_text(f"DD_API_KEY={key}\n")
    found = findings(workshop, backend=backend, site="datadoghq.eu")
    assert [finding.level for finding in found] == ([level] if level else [])
    assert all(says in finding.what for finding in found)
    every = list(doctor.examine(replace(workshop.settings, backend=backend, site="datadoghq.eu")))
    assert not key or key == "x" or not any(key in f.what + f.remedy for f in every)
    if backend == "datadog" and key == GOOD:
        assert any("403" in f.what and "datadoghq.eu" in f.what for f in every)


def _readable(workshop: Workshop) -> None:
    (workshop.root / ".env").write_text(f"DD_API_KEY={GOOD}\n")
    (workshop.root / ".env").chmod(0o644)


def _tracked(workshop: Workshop) -> None:
    git(workshop.root, "add", "--force", ".env")


def _not_ignored(workshop: Workshop) -> None:
    workshop.edit(".gitignore", ".env\n", "")


def _other_pin(workshop: Workshop) -> None:
    workshop.edit("pyproject.toml", "ddtrace==", "ddtrace==0.")


def _missing_package(workshop: Workshop) -> None:
    workshop.edit("pyproject.toml", '"flask==', '"no-such-flask==')


def _syntax_error(workshop: Workshop) -> None:
    workshop.edit("taster.py", "def ping():", "def ping(:")


def _old_api(workshop: Workshop) -> None:
    with (workshop.root / "app.py").open("a") as app:
        app.write('\n\ndef tag(span):\n    span.set_meta("beer", "ipa")\n')


def _late(workshop: Workshop) -> None:
    workshop.edit("app.py", "import ddtrace.auto\n", "")
    with (workshop.root / "app.py").open("a") as app:
        app.write("\nimport ddtrace.auto\n")


@pytest.mark.parametrize(
    ("spoil", "level", "says", "remedy"),
    [
        (_readable, "problem", "others can read .env", "chmod 600"),
        (_tracked, "problem", ".env is in git", "git rm --cached"),
        (_not_ignored, "problem", "git does not ignore .env", ".gitignore"),
        (_other_pin, "warning", "ddtrace is ", "uv sync"),
        (_missing_package, "problem", "no-such-flask is not installed", "uv sync"),
        (_syntax_error, "problem", "taster.py line ", "mend"),
        (_old_api, "problem", "set_meta()", "set_tag"),
        (_late, "problem", "comes after Flask", "first import"),
    ],
)
def test_a_fault_is_found_with_its_remedy(
    workshop: Workshop, spoil: Callable[[Workshop], None], level: str, says: str, remedy: str
) -> None:
    spoil(workshop)
    found = findings(workshop)
    assert found
    for finding in found:
        assert finding.level == level
        assert says in finding.what
        assert remedy in finding.remedy


def test_only_a_problem_makes_it_fail(workshop: Workshop) -> None:
    workshop.edit("pyproject.toml", "ddtrace==", "ddtrace==0.")
    warned = workshop.run("doctor")
    assert warned.returncode == 0, warned.stdout
    assert "uv sync" in warned.stdout
    _syntax_error(workshop)
    assert workshop.run("doctor").returncode == 1
