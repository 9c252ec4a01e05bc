"""Messages that have to be true: what the installed command says, in its own process."""

import subprocess
from pathlib import Path

import pytest

from matchmaker.problem import Problems
from matchmaker.roster.read import read_roster
from tests.conftest import git
from tests.matchmaker.conftest import MATCHMAKER, Session, next_version
from tests.matchmaker.test_trouble import mounted


@pytest.mark.parametrize("as_url", [False, True])
def test_a_version_that_is_none(session: Session, as_url: bool) -> None:
    session.write("Ada", session='version = "v9"')
    if as_url:
        url = f"git+file://{session.template}"
        session.roster.write_text(session.roster.read_text().replace(str(session.template), url))
    ran = session.run()
    assert ran.code == 1
    assert f"{session.roster}:4: The template " in ran.err
    assert "has no version v9.\n    It has v1.0.0.\n" in ran.err


def test_an_address_that_is_none(session: Session) -> None:
    session.write("Ada", session='version = "v9"')
    text = session.roster.read_text().replace(str(session.template), "git+file:///nowhere")
    session.roster.write_text(text)
    ran = session.run()
    assert ran.code == 1
    assert "The template git+file:///nowhere is not available: " in ran.err
    assert "Check its URL." in ran.err


@pytest.mark.parametrize(("as_url", "size"), [(False, "200k"), (True, "200k"), (True, "3m")])
def test_a_full_folder_for_temporary_files(session: Session, as_url: bool, size: str) -> None:
    session.write("Ada")
    if as_url:
        url = f"git+file://{session.template}"
        session.roster.write_text(session.roster.read_text().replace(str(session.template), url))
    full = session.folder / "full"
    with mounted(full, "-t", "tmpfs", "-o", f"size={size}", "tmpfs"):
        ran = session.generate(TMPDIR=str(full))
    assert ran.code == 1
    # With more room, the first files fit, and are removed again.
    assert f"cannot be copied: {full if size == '200k' else 'the disk'}" in ran.err
    assert " is full.\n    Make room there; TMPDIR can name another folder.\n" in ran.err
    assert "URL" not in ran.err


def test_no_folder_for_temporary_files(session: Session) -> None:
    session.write("Ada")
    place = session.folder / "read-only"
    with mounted(place, "-t", "tmpfs", "-o", "ro", "tmpfs"):
        ran = session.generate(TMPDIR=str(place))
        status = session.command("status", str(session.roster), TMPDIR=str(place))
    for one in (ran, status):  # Python takes /tmp then
        assert one.code == 0, one.err


@pytest.mark.parametrize(
    ("text", "line", "remedy"),
    [
        (
            "[trainee]\na = 1\n[trainee]\n",
            3,
            "Write [[trainee]], in two brackets, above each trainee.",
        ),
        ("[[trainee]]\na = 1\n[trainee]\n", 3, "Write [[trainee]], in two brackets"),
        ("[trainee]\na = 1\n[[trainee]]\n", 3, "Write [[trainee]], in two brackets"),
        ("[session]\na = 1\n[session]\n", 3, "Put all of it below one heading."),
        ("[session]\na = 1\na = 2\nb = 3\n", 3, "Remove one of the two."),
        ("[[trainee]\na = 1\n", 1, "Write [session], [answers], [[trainee]]."),
        ("[session\na = 1\n", 1, "Write [session], [answers], [[trainee]]."),
        ('[session]\nname: "a"\n', 2, "Write = there: name = "),
        ("[session]\nname = a\n", 2, "Put text in straight quotes: name = "),
    ],
)
def test_toml_that_is_none(tmp_path: Path, text: str, line: int, remedy: str) -> None:
    path = tmp_path / "roster.toml"
    path.write_text(text)
    with pytest.raises(Problems) as found:
        read_roster(path)
    (problem,) = found.value.problems
    assert remedy in problem.remedy
    assert problem.where == f"{path}:{line}"


def test_a_duplicate_in_csv_is_answered_in_csv(session: Session) -> None:
    session.file = "spring.csv"
    session.roster.write_text("trainee_name,trainee_slug\nAda,ada\nBob,ada\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "matchmaker.repositories.template._installed_from", lambda: str(session.template)
        )
        ran = session.run("--dry-run")
    assert ran.code == 1
    assert "give it another slug in a column trainee_slug.\n" in ran.err
    assert "=" not in ran.err


def test_a_downgrade_is_said_before_it_fails(session: Session, own_template: Path) -> None:
    session.template = own_template
    session.write("Ada")
    session.run()
    next_version(own_template, "v1.1.0")
    session.write("Ada", step=2)
    dry = session.run("--dry-run")
    assert (dry.code, "ada: step 1 → 2, v1.0.0 → v1.1.0\n" in dry.out) == (0, True)
    session.write("Ada", "Bob")
    assert session.run().code == 0
    session.write("Ada", "Bob", session='version = "v1.0.0"')
    said = "ada: it is at v1.1.0, and a downgrade to v1.0.0 is not possible; name a newer version"
    for arguments in (["--dry-run"], []):
        ran = session.run(*arguments)
        assert ran.code == 1
        assert said in ran.out
    assert session.did() == {"ada": "failed", "bob": "failed"}


def test_a_commit_that_an_amended_head_took_away(session: Session, own_template: Path) -> None:
    git(own_template, "tag", "--delete", "v1.0.0")
    git(own_template, "commit", "--allow-empty", "--quiet", "--message", "To be amended")
    session.template = own_template
    session.write("Ada")
    session.run()
    git(own_template, "commit", "--amend", "--allow-empty", "--quiet", "--message", "Amended")
    git(own_template, "reflog", "expire", "--expire=now", "--all")
    git(own_template, "gc", "--prune=now", "--quiet")
    session.write("Ada", "Bob")
    ran = session.run()
    assert ran.code == 1
    assert session.did() == {"ada": "failed", "bob": "created"}
    assert "the version that it was made from, " in session.detail("ada")
    assert "restore that tag or commit, or use --fresh" in session.detail("ada")
    assert session.run("--fresh").code == 0


def test_a_command_to_type_is_quoted(session: Session) -> None:
    path = session.folder / "my roster.toml"
    ran = session.command("new", str(path))
    assert f"matchmaker generate '{path}' --dry-run" in ran.out


def test_a_current_folder_that_is_gone(session: Session) -> None:
    session.write("Ada")
    gone = session.folder / "gone"
    script = f'mkdir "{gone}" && cd "{gone}" && rmdir "{gone}" && exec "$@"'
    words: list[str | Path] = [
        MATCHMAKER,
        "generate",
        str(session.roster),
        "--out",
        str(session.out),
    ]
    done = subprocess.run(["sh", "-c", script, "sh", *words], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "The folder that you are in is gone.\n    Go to another: cd\n"
