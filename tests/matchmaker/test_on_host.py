"""`create` and `invite`: the instructor's commands, once for each trainee.

Those with `generate` go through the installed command, in its own process.
"""

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from matchmaker.handout import remote, run_command
from matchmaker.repositories.git import isolated
from matchmaker.repositories.limited import Limited
from tests.conftest import git
from tests.matchmaker.conftest import KEY, Ran, Session, first_commands, pattern

CREATE = "git init --quiet --bare --initial-branch=main remote/{slug}.git"
INVITE = "sh -c 'echo $1 >> invited' invite {email}"


def roster(session: Session, *names: str, create: str = CREATE, invite: str = "") -> None:
    """Write a roster whose trainees have an e-mail address each."""
    lines = [f"push = {json.dumps(pattern(session))}", f"create = {json.dumps(create)}"]
    lines += [f"invite = {json.dumps(invite)}"] if invite else []
    session.write(*names, session="\n".join(lines))
    text = session.roster.read_text()
    for name in names:
        address = f'notes = {{email = "{name.lower()}@example.org"}}'
        text = text.replace(f'trainee_name = "{name}"', f'trainee_name = "{name}"\n{address}')
    session.roster.write_text(text)


def ran(session: Session, slug: str) -> dict[str, Any]:
    content = json.loads((session.out / "session.json").read_text())
    found: dict[str, Any] = content["trainees"][slug].get("ran", {})
    return found


@pytest.fixture
def none_there(two: Session) -> Session:
    """Ada and Bob, whose repositories aren't on their host yet."""
    (two.folder / "remote" / "bob.git").rename(two.folder / "bob.git")
    (two.folder / "remote" / "ada.git").rename(two.folder / "ada.git")
    return two


@pytest.fixture
def here(none_there: Session, session: Session) -> Session:
    """The same, with the command in this process."""
    assert session.template == none_there.template
    return none_there


def test_each_runs_once(here: Session) -> None:
    session = here
    roster(session, "Ada", "Bob", invite=INVITE)
    dry = session.run("--dry-run")
    assert (
        "Would run, for a repository that is not there yet:\n"
        "    git init --quiet --bare --initial-branch=main remote/ada.git\n"
        "    git init --quiet --bare --initial-branch=main remote/bob.git\n"
        "Would run after the push:\n"
        "    sh -c 'echo $1 >> invited' invite ada@example.org\n"
    ) in dry.out
    assert list((session.folder / "remote").iterdir()) == []
    assert not (session.folder / "invited").exists()

    assert session.generate().code == 0
    invited = session.folder / "invited"
    assert sorted(invited.read_text().split()) == ["ada@example.org", "bob@example.org"]
    assert first_commands(session)["Ada"] == f"git clone {session.folder}/remote/ada.git"
    git(session.folder, "clone", "--quiet", "remote/ada.git", "clone")
    assert (session.folder / "clone" / "app.py").is_file()

    # Again, and after a reset: nobody is invited twice. A new address is another invitation.
    assert session.run().code == 0
    assert "Would run" not in session.run("--dry-run").out
    text = session.roster.read_text()
    session.roster.write_text(text.replace("bob@example.org", "bob@example.com"))
    assert session.run().code == 0
    assert sorted(invited.read_text().split()) == [
        *("ada@example.org", "bob@example.com", "bob@example.org"),
    ]
    before = ran(session, "bob")
    assert session.run("--only", "bob", "--fresh").code == 1  # its old commits are on the host
    assert ran(session, "bob") == before
    assert "example.org" not in (session.out / "cards.html").read_text()
    assert (session.out / "session.json").stat().st_mode & 0o077 == 0


def test_one_that_fails_does_not_stop_the_others(here: Session) -> None:
    session = here
    create = (
        "sh -c 'test $1 != bob || { echo token=abc123 >&2; echo https://me:pw@host/ >&2; cat; "
        "exit 3; }; git init -q --bare remote/$1.git' make {slug}"
    )
    roster(session, "Ada", "Bob", create=create, invite=INVITE)
    tried = session.run()
    assert tried.code == 1
    assert "1 of 2 pushed; not bob.\n" in tried.out
    assert "bob: not pushed to " in tried.err
    assert (
        "bob`: it ended with exit code 3. It said: token=(a key) / https://…@host/.\n" in tried.err
    )
    assert (session.folder / "invited").read_text() == "ada@example.org\n"
    assert list(first_commands(session)) == ["Ada"]
    problems = json.loads((session.out / "session.json").read_text())["trainees"]["bob"]["problems"]
    assert "exit code 3" in problems[0]

    # What failed is tried again.
    roster(session, "Ada", "Bob", invite="sh -c 'exit 4' invite {email}")
    tried = session.run()
    assert "2 of 2 pushed.\n" in tried.out
    assert re.search("^bob: not invited: .*: it ended with exit code 4\n", tried.err, re.MULTILINE)
    assert "ada: not invited" not in tried.err
    assert tried.code == 1
    roster(session, "Ada", "Bob", invite=INVITE)
    assert session.run().code == 0
    assert (session.folder / "invited").read_text() == "ada@example.org\nbob@example.org\n"


SAID = {
    "ssh: connect to host git.example.org port 22: Network is unreachable": "unknown",
    "ssh: Could not resolve hostname git.example.org: Name or service not known": "unknown",
    "git@git.example.org: Permission denied (publickey).": "unknown",
    "FATAL: R any team/ada me DENIED by fallthru": "unknown",
    "remote: HTTP Basic: Access denied. repository 'x' not found": "unknown",
    "": "unknown",
    "ERROR: Repository not found.": "absent",
    "remote: The project you were looking for could not be found": "absent",
    "fatal: 'team/ada.git' does not appear to be a git repository": "absent",
    "remote: Not found.\nfatal: repository 'https://host/team/ada.git/' not found": "absent",
    "Gitea: Repository does not exist": "absent",
}


@pytest.mark.parametrize("says", SAID)
def test_what_hosts_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text('#!/bin/sh\nprintf "%s\n" "$SAYS" >&2\nexit 128\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("SAYS", says)
    variables = {"GIT_SSH_COMMAND": str(ssh)}
    with isolated(tmp_path), Limited(1) as limited:
        found = remote.look("git@host:team/ada.git", tmp_path, variables, limited)
    assert found.state == SAID[says]


def test_nothing_is_created_while_the_network_is_away(here: Session) -> None:
    roster(here, "Ada", create="sh -c 'touch created-$1; exit 1' make {slug}")
    text = here.roster.read_text()
    here.roster.write_text(text.replace(pattern(here), "https://127.0.0.1:9/{slug}.git"))
    tried = here.run()
    assert tried.code == 1
    assert "; nothing is created, because the repository may be there." in tried.err
    assert not (here.folder / "created-ada").exists()


@pytest.mark.parametrize("what", ["a file", "a folder", "a repository", "nothing"])
def test_what_is_in_a_repository_s_place(tmp_path: Path, what: str) -> None:
    place = tmp_path / "there"
    if what == "a file":
        place.write_text("mine")
    elif what == "a folder":
        place.mkdir()
        (place / "thesis.txt").write_text("mine")
    elif what == "a repository":
        git(tmp_path, "init", "--quiet", "--bare", "there")
    with isolated(tmp_path), Limited(1) as limited:
        found = remote.look(str(place), tmp_path, {}, limited)
    expected = {"nothing": "absent", "a repository": "there"}
    assert found.state == expected.get(what, "unknown")


def test_it_ran_but_makes_something_else(here: Session) -> None:
    session = here
    roster(session, "Ada", create="sh -c 'echo x >> ran' make {slug}")
    tried = session.run()
    assert "Does `create` make the repository that `push` names?" in tried.err
    tried = session.run()
    assert re.search(r"ran on 20[-\d]+ \d\d:\d\d \w+, but the repository is not there", tried.err)
    assert (session.folder / "ran").read_text() == "x\n"


def test_a_killed_run_invites_nobody_twice(here: Session) -> None:
    session = here
    script = "echo $1 >> invited; touch begun; until [ -e end ]; do sleep 0.1; done"
    invite = f"sh -c '{script}' invite {{email}}"
    roster(session, "Ada", invite=invite)
    run = session.start()
    while not (session.folder / "begun").exists():
        assert run.poll() is None
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    (session.folder / "end").touch()
    assert ran(session, "ada")["invite"]["is_certain"] is False
    again = session.run()
    assert again.code == 1
    assert "while it invited this trainee, and it invites only once. If the host" in again.err
    assert (session.folder / "invited").read_text() == "ada@example.org\n"
    again = session.run()
    assert (again.code, again.err) == (0, "")
    assert (session.folder / "invited").read_text() == "ada@example.org\n"


def test_what_takes_too_long_is_stopped(here: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_command, "SECONDS", 0.5)
    two = here
    roster(two, "Ada", invite="sh -c 'touch $2; sleep 600' invite {email} " + str(two.folder / "i"))
    tried: Ran = two.run()
    assert tried.code == 1
    assert "ada: perhaps not invited, and the next run does not repeat it: " in tried.err
    assert "it took longer than 0 seconds, and was stopped" in tried.err
    assert two.run().code == 0


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ('create = "gh create {mail}"', "`{mail}` in `create` has no meaning."),
        ('create = "gh create {owner}/{slug}"', "`{owner}` in `create` has no meaning."),
        ('create = "gh create team/all"', "`create` would do the same for everyone."),
        ('create = "  "', "`create` has no words."),
        ('create = "gh \'create {slug}"', "`create` cannot be split into words"),
        ('invite = "{email} {slug}"', "`invite` begins with {email}, so a trainee's data would"),
        ("invite = \"sh -c 'mail {email}'\"", "`invite` puts {email} into a script, so a trainee"),
        ("invite = \"env bash -ec 'mail {email}'\"", "`invite` puts {email} into a script, so a"),
        ("invite = \"python3.12 -c 'mail({email})'\"", "`invite` puts {email} into a script, so a"),
        (
            'invite = "ssh git@host invite {email}"',
            "`invite` hands {email} to a program that puts it",
        ),
    ],
)
def test_a_wrong_command(session: Session, setting: str, sentence: str) -> None:
    session.write(
        {"trainee_name": "Ada", "step": 1},
        session=f'push = "git@host:{{slug}}.git"\n{setting}',
    )
    session.roster.write_text(session.roster.read_text() + 'notes = {email = "ada@example.org"}\n')
    tried = session.run()
    assert tried.code == 1
    assert f"{session.roster}:5: {sentence}" in tried.err
    assert not session.out.exists()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("-rf", "The note `email` of Ada begins with -, like an option of a program."),
        ("../../orgs/team", "The note `email` of Ada has .. in it, which leads to another place."),
        ("@/etc/passwd", "The note `email` of Ada begins with @, like the name of a file in some"),
        ("a\\nb", "The note `email` of Ada has a control character in it."),
        ("a\\u001b[2Jb", "The note `email` of Ada has a control character in it."),
        ("a\\u2028b", "The note `email` of Ada has a control character in it."),
        (" ", "Ada has no note `email`, which `invite` needs."),
    ],
)
def test_a_value_that_could_do_harm(session: Session, value: str, sentence: str) -> None:
    session.write("Ada", session='push = "git@host:{slug}.git"\ninvite = "mail {email}"')
    session.roster.write_text(session.roster.read_text() + f'notes = {{email = "{value}"}}\n')
    tried = session.run()
    assert tried.code == 1
    assert sentence in tried.err
    assert not session.out.exists()


def test_a_value_stays_one_word(here: Session) -> None:
    session = here
    hostile = "a b; touch pwned; $(touch pwned) `touch pwned` {slug} * \\\\ '\\\""
    roster(session, "Ada", invite='sh -c \'echo "$#" "$1" > got\' invite {email}')
    text = session.roster.read_text().replace("ada@example.org", hostile)
    session.roster.write_text(text)
    assert session.run().code == 0
    got = (session.folder / "got").read_text()
    assert got.startswith("1 a b; touch pwned; $(touch pwned) `touch pwned` {slug} * ")
    assert not list(session.folder.rglob("pwned"))


def test_without_a_push_nothing_runs(here: Session) -> None:
    two = here
    two.write("Ada", "Bob", session=f'create = "{CREATE}"')
    assert '`create` runs only with a push: add push = "…" to [session]' in two.run().out
    assert KEY not in (two.out / "session.json").read_text()
