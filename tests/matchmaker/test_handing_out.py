"""Who got what, and how: in the table, on the cards, and in the next run's memory.

The first of these goes through the installed command, in its own process, as does all of
tests/across/test_session.py; it takes three times as long.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from matchmaker.repositories.git import GitError
from matchmaker.repositories.hosts import Hosts
from tests.conftest import git
from tests.matchmaker.conftest import Session, first_commands, pattern


def refuse(session: Session, slug: str) -> None:
    hook = session.folder / "remote" / f"{slug}.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'no room' >&2\nexit 1\n")
    hook.chmod(0o755)


def test_a_push_that_is_refused_has_no_card(two: Session) -> None:
    refuse(two, "bob")
    ran = two.generate("--push", pattern(two))
    assert ran.code == 1
    assert re.search("^Ada .* unchanged, pushed", ran.out, re.MULTILINE)
    assert re.search("^Bob .* unchanged, not pushed", ran.out, re.MULTILINE)
    assert "1 of 2 pushed; not bob.\n" in ran.out
    assert "bob: not pushed to " in ran.err
    assert "The host has a rule against it" in ran.err
    assert first_commands(two) == {"Ada": f"git clone {two.folder}/remote/ada.git"}
    content = json.loads((two.out / "session.json").read_text())
    assert content["ok"] is False
    assert "handed_out" not in content["trainees"]["bob"]

    # A plain run remembers it.
    ran = two.generate()
    assert ran.code == 0
    assert "1 of 2 pushed; not bob.\n" in ran.out
    assert "bob: is not handed out, unlike others, and has no card\n" in ran.out
    assert first_commands(two) == {"Ada": f"git clone {two.folder}/remote/ada.git"}


def test_a_later_plain_run_keeps_the_cards(two: Session) -> None:
    assert "2 of 2 pushed.\n" in two.run("--push", pattern(two)).out
    before = (two.out / "cards.html").read_text()
    two.write("Ada")  # Bob is away for a run
    assert "1 of 1 pushed.\n" in two.run().out
    two.write("Ada", "Bob")
    ran = two.run()
    assert "2 of 2 pushed.\n" in ran.out
    assert (two.out / "cards.html").read_text() == before

    two.write({"trainee_name": "Ada", "step": 2}, "Bob")
    ran = two.run()
    assert "1 of 2 pushed; not ada.\n" in ran.out
    assert "ada: has changed since it was pushed on 20" in ran.out
    assert first_commands(two)["Ada"].startswith("git clone ")
    assert "2 of 2 pushed.\n" in two.run("--push", pattern(two)).out

    # Whoever starts over has not been handed the new one.
    ran = two.run("--fresh")
    assert first_commands(two) == {name: f"cd {two.out}/{name.lower()}" for name in ("Ada", "Bob")}


def test_the_roster_says_how(two: Session) -> None:
    two.write("Ada", "Bob", session='push = "remote/{slug}.git"\nbundle = true')
    dry = two.generate("--dry-run")
    assert f"Would be pushed to {pattern(two)}\n" in dry.out
    elsewhere = two.folder / "elsewhere"
    elsewhere.mkdir()
    ran = two.command("generate", str(two.roster), "--out", str(two.out), PWD=str(elsewhere))
    assert ran.code == 0
    assert "2 of 2 pushed.\n2 of 2 bundled.\n" in ran.out
    assert {path.name for path in (two.out / "_bundles").iterdir()} == {
        f"{slug}.{kind}" for slug in ("ada", "bob") for kind in ("zip", "bundle")
    }
    assert first_commands(two)["Ada"] == f"git clone {two.folder}/remote/ada.git"


def test_old_bundles_are_named(two: Session) -> None:
    two.run("--bundle")
    assert first_commands(two)["Bob"] == "unzip bob.zip"
    two.write("Ada", {"trainee_name": "Bob", "step": 2})
    ran = two.run()
    assert "1 of 2 bundled; not bob.\n" in ran.out
    assert "bob: has changed since it was bundled on 20" in ran.out
    assert "_bundles: bob.bundle, bob.zip. Do not hand them out" in ran.out
    two.write("Ada")
    assert "_bundles: bob.bundle, bob.zip. Do not hand them out" in two.run("--bundle").out
    shutil.rmtree(two.out / "_bundles")  # so that the session is used where it is
    assert "1 trainee: 1 unchanged.\n" in two.run().out
    assert first_commands(two) == {"Ada": f"cd {two.out}/ada"}


def test_a_host_whose_default_is_another_branch(two: Session) -> None:
    place = two.folder / "remote" / "ada.git"
    git(place, "symbolic-ref", "HEAD", "refs/heads/trunk")
    ran = two.run("--push", pattern(two))
    assert ran.code == 0
    assert "or an empty folder: ada. The cards name the branch." in ran.out
    command = first_commands(two)["Ada"]
    assert command == f"git clone --branch main {place}"
    cloned = two.folder / "cloned"
    cloned.mkdir()
    subprocess.run(["sh", "-c", command], cwd=cloned, check=True, capture_output=True)
    assert (cloned / "ada" / "app.py").is_file()
    remedy = ran.out.partition("on the host: ")[2].partition("\n")[0]
    subprocess.run(["sh", "-c", remedy], check=True)
    assert "an empty folder" not in two.run("--push", pattern(two)).out
    assert first_commands(two)["Ada"] == f"git clone {place}"


def test_what_a_trainee_has_pushed_stays(two: Session) -> None:
    two.run("--push", pattern(two))
    clone = two.folder / "clone"
    git(two.folder, "clone", "--quiet", "remote/ada.git", "clone")
    git(clone, "commit", "--allow-empty", "--quiet", "--message", "Mine")
    git(clone, "push", "--quiet")
    two.write({"trainee_name": "Ada", "step": 2}, "Bob")
    ran = two.run("--push", pattern(two))
    assert ran.code == 1
    assert "[rejected]" in ran.err
    assert "Somebody has pushed there, probably the trainee, and that stays." in ran.err
    remedy = ran.err.partition("To merge both: ")[2].partition(";")[0]
    subprocess.run(["sh", "-c", f"{remedy} --no-edit"], check=True, capture_output=True)
    assert "2 of 2 pushed.\n" in two.run("--push", pattern(two)).out


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("git@host:team/all.git", "would be pushed to the same place"),
        ("git@host:team/{name}.git", "would be pushed to the same place"),
        ("git@host:team/{Slug}.git", "would be pushed to the same place"),
        ("git@host:{name}/{slug}.git", "`{name}` in the URL to push to has no meaning."),
        ("git@host:team/{{slug}}.git", "`{}` in the URL to push to has no meaning."),
        ("git@host:team/{slug}}.git", "`}` in the URL to push to has no meaning."),
        ("git@host:team/{slug}-{.git", "`{.git` in the URL to push to has no meaning."),
        ("https://me:secret@host/{slug}.git", "a user name or a password in it"),
        ("https://secret@host/all.git", "would be pushed to the same place"),
    ],
)
@pytest.mark.parametrize("where", ["the command line", "the roster"])
def test_a_wrong_url_to_push_to(session: Session, url: str, sentence: str, where: str) -> None:
    if where == "the command line":
        session.write("Ada")
        ran = session.run("--push", url)
    else:
        session.write("Ada", session=f'push = "{url}"')
        ran = session.run()
        assert f"{session.roster}:4: " in ran.err
    assert ran.code == 1
    assert sentence in ran.err
    assert "secret" not in ran.err
    assert not session.out.exists()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda two: shutil.rmtree(two.folder / "remote" / "bob.git"),
            "Create the empty repository first; a push does not create it.",
        ),
        (
            lambda two: git(two.out / "bob", "switch", "--quiet", "--detach"),
            "it is on no branch; run git switch main in it",
        ),
        (
            lambda two: git(two.folder / "remote/bob.git", "config", "core.bare", "false"),
            "push to a bare one (git init --bare).",
        ),
    ],
)
def test_what_to_do_about_a_push(
    two: Session, spoil: Callable[[Session], object], sentence: str
) -> None:
    spoil(two)
    ran = two.run("--push", pattern(two))
    assert ran.code == 1
    assert "1 of 2 pushed; not bob.\n" in ran.out
    assert sentence in ran.err


@pytest.mark.parametrize("as_url", [False, True])
def test_a_template_that_nobody_else_has(two: Session, as_url: bool) -> None:
    if as_url:
        url = f"git+file://{two.template}"
        two.roster.write_text(two.roster.read_text().replace(str(two.template), url))
    ran = two.run("--push", pattern(two), "--dry-run")
    assert "The template is a path on this machine, " in ran.out


SHORT = (
    "import sys; from matchmaker.cli import main; from matchmaker.handout import push, remote; "
    "push.SECONDS = remote.SECONDS = 2; sys.argv[0] = 'matchmaker'; main()"
)


def test_a_host_that_never_answers(two: Session) -> None:
    """One never answers, and the other does. The command says so, and leaves nothing behind."""
    waiting = f"sleep 600.{os.getpid()}"  # which no other test on this machine does
    ssh = two.folder / "ssh"
    ssh.write_text(
        f'#!/bin/sh\nfor c do :; done\ncase "$c" in *bob*) {waiting};; esac\n'
        f'cd {two.folder}/remote && eval "$c"\n'
    )
    ssh.chmod(0o755)
    words = [sys.executable, "-c", SHORT, "generate", str(two.roster), "--out", str(two.out)]
    ran = subprocess.run(
        [*words, "--push", "git@host.example:{slug}.git"],
        env={**os.environ, "GIT_SSH_COMMAND": str(ssh)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert "1 of 2 pushed; not bob.\n" in ran.stdout
    said = "bob: not pushed to git@host.example:bob.git: no answer within 2 seconds. Run this again"
    assert said in ran.stderr
    assert waiting not in subprocess.run(["ps", "ax"], capture_output=True, text=True).stdout


def test_many_do_not_each_wait_for_a_host_that_never_answers() -> None:
    hosts = Hosts(2)
    with pytest.raises(GitError, match="no answer"), hosts.asked("git@slow:ada.git"):
        raise GitError("no answer within 300 seconds")
    with pytest.raises(GitError, match="not tried, because slow did not answer"):
        hosts.asked("git@slow:bob.git").__enter__()
    # One repository whose hook hangs is no reason to give up its host.
    for times in (1, 2):
        with hosts.asked("git@quick:cy.git"):
            pass
        for _ in range(times):
            with pytest.raises(GitError, match="Operation too slow"), hosts.asked("git@quick:dee"):
                raise GitError("fatal: unable to access 'x': Operation too slow.")
    with pytest.raises(GitError, match="not tried"):
        hosts.asked("git@quick:cy.git").__enter__()


def test_a_host_that_takes_a_connection_and_says_nothing(two: Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/{{slug}}.git"
        ran = two.generate("--push", url, GIT_HTTP_LOW_SPEED_TIME="1")
    assert ran.code == 1
    assert "0 of 2 pushed" in ran.out
    assert "Operation too slow" in ran.err
    assert "Run this again when the host answers" in ran.err
