"""The API key is in `.key/datadog`, for the agent to read, and nowhere else."""

import stat
import subprocess
import sys
from pathlib import Path

import copier
import pytest

from tests.conftest import Render, git, update

KEY = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "fedcba9876543210fedcba9876543210"
KEY_FILE = ".key/datadog"


@pytest.fixture
def workshop(copy: Render) -> Path:
    return copy(backend="datadog", dd_api_key=KEY, step=2)


def holders(folder: Path, secret: str) -> list[str]:
    """The files, git's own among them, that contain a secret; in packed ones, too."""
    found = [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    objects = git(folder, "cat-file", "--batch", "--batch-all-objects")
    return found + (["a git object"] if secret in objects else [])


def test_the_key_is_in_one_file_that_only_its_owner_reads(workshop: Path) -> None:
    assert holders(workshop, KEY) == [".key/datadog"]
    assert stat.S_IMODE((workshop / KEY_FILE).stat().st_mode) == 0o600
    assert git(workshop, "check-ignore", KEY_FILE) == f"{KEY_FILE}\n"
    assert stat.S_IMODE((workshop / ".key").stat().st_mode) == 0o700


def test_the_key_is_not_in_an_archive(workshop: Path, tmp_path: Path) -> None:
    git(workshop, "archive", "--output", str(tmp_path / "a.tar"), "HEAD")
    git(workshop, "bundle", "create", "--quiet", str(tmp_path / "a.bundle"), "--all")
    git(tmp_path, "clone", "--quiet", str(tmp_path / "a.bundle"), "clone")
    assert KEY.encode() not in (tmp_path / "a.tar").read_bytes()
    assert holders(tmp_path / "clone", KEY) == []
    assert not (tmp_path / "clone" / KEY_FILE).exists()
    assert [path.name for path in (tmp_path / "clone" / ".key").iterdir()] == [".gitignore"]


def test_an_update_keeps_the_key(workshop: Path) -> None:
    before = (workshop / KEY_FILE).read_text()
    update(workshop, step=5)
    git(workshop, "commit", "--all", "--quiet", "--message", "Step 5")
    update(workshop, dd_site="datadoghq.eu")
    assert (workshop / KEY_FILE).read_text() == before
    assert stat.S_IMODE((workshop / KEY_FILE).stat().st_mode) == 0o600
    assert holders(workshop, KEY) == [".key/datadog"]


def test_an_update_of_a_clone_writes_the_key_for_its_owner_only(copy: Render) -> None:
    clone = copy().with_name("clone")
    git(clone.parent, "clone", "--quiet", "workshop", "clone")
    update(clone, backend="datadog", dd_api_key=KEY)
    assert holders(clone, KEY) == [".key/datadog"]
    assert stat.S_IMODE((clone / KEY_FILE).stat().st_mode) == 0o600


def test_an_update_with_another_key_keeps_the_one_that_is_there(
    workshop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answers = {"dd_api_key": OTHER_KEY, "step": 3}
    copier.run_update(workshop, data=answers, defaults=True, overwrite=True, unsafe=True)
    said = "".join(capfd.readouterr())
    assert "has not changed. To replace it, run: uv run workshop key" in said
    assert OTHER_KEY not in said
    assert holders(workshop, KEY) == [".key/datadog"]
    assert holders(workshop, OTHER_KEY) == []


def test_a_recopy_keeps_the_key(workshop: Path) -> None:
    before = (workshop / KEY_FILE).read_text()
    copier.run_recopy(workshop, defaults=True, overwrite=True, unsafe=True, quiet=True)
    assert (workshop / KEY_FILE).read_text() == before
    assert git(workshop, "log", "--format=%s").splitlines() == ["Start the workshop"]


def test_a_backend_that_changes_keeps_the_key(workshop: Path) -> None:
    update(workshop, backend="local")
    assert holders(workshop, KEY) == [".key/datadog"]


def test_copier_does_not_print_the_key(template: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yml"
    answers.write_text(f"backend: datadog\ndd_api_key: {KEY}\n")
    done = subprocess.run(
        [
            Path(sys.executable).parent / "copier",
            *("copy", "--trust", "--defaults", "--data-file", str(answers)),
            *(str(template), str(tmp_path / "workshop")),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert KEY not in done.stdout + done.stderr
    assert (tmp_path / "workshop" / KEY_FILE).read_text() == f"{KEY}\n"


def test_git_takes_no_key_even_without_one_of_the_two_rules(workshop: Path) -> None:
    for name in (".gitignore", ".key/.gitignore"):
        (workshop / name).unlink()
        assert git(workshop, "check-ignore", KEY_FILE) == f"{KEY_FILE}\n"
        git(workshop, "restore", name)


def test_without_datadog_no_key_is_written(copy: Render) -> None:
    workshop = copy(backend="local", dd_api_key=KEY)
    assert holders(workshop, KEY) == []
    assert not (workshop / KEY_FILE).exists()
    assert (workshop / ".key" / ".gitignore").is_file()


@pytest.mark.parametrize("key", ["two words", "line\nline", "\N{SNOWMAN}" * 32])
def test_what_cannot_be_a_key_is_refused(copy: Render, key: str) -> None:
    with pytest.raises(copier.errors.UserMessageError) as refused:
        copy(backend="datadog", dd_api_key=key)
    assert key not in str(refused.value)
