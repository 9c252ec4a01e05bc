"""An update for everybody replaces the trainees' tool as a whole; what they changed is kept."""

from pathlib import Path

from tests.conftest import git
from tests.matchmaker.conftest import Session


def test_what_a_trainee_changed_in_the_tool_is_on_a_branch(
    session: Session, own_template: Path
) -> None:
    session.template = own_template
    session.write("Ada", "Bob", step=2)
    session.run()
    show = session.out / "ada" / "workshop" / "commands" / "tables.py"
    show.write_text(show.read_text().replace("def status(", "def status(  # mine"))
    (show.parent / "stray.py").write_text("mine\n")
    theirs = own_template / "template" / "workshop" / "commands" / "tables.py"
    theirs.write_text(theirs.read_text().replace("def status(", "def status(  # theirs"))
    git(own_template, "commit", "--all", "--quiet", "--message", "News")
    git(own_template, "tag", "v1.1.0")

    process = session.start()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    assert "Traceback" not in out + err
    assert session.did() == {"ada": "updated", "bob": "updated"}
    ada = session.out / "ada"
    assert show.read_text() == theirs.read_text()
    assert not (show.parent / "stray.py").exists()
    assert git(ada, "status", "--porcelain") == ""
    branch = git(ada, "for-each-ref", "--format=%(refname:short)", "refs/heads/my").strip()
    assert f"edits in workshop/ are on the branch {branch}" in session.detail("ada")
    assert "def status(  # mine" in git(ada, "show", f"{branch}:workshop/commands/tables.py")
    assert git(ada, "show", f"{branch}:workshop/commands/stray.py") == "mine\n"
    assert "branch" not in session.detail("bob")
