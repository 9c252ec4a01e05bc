"""Folders that belong to trainees, on a host where root prepares them, and trainees mean harm.

Everything goes through the installed command, in a process of its own, as real users.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from matchmaker.repositories import owner
from matchmaker.repositories.git import GitError
from tests import nasty, needs
from tests.conftest import git
from tests.matchmaker.conftest import KEY, OTHER_KEY

MATCHMAKER = Path(sys.executable).parent / "matchmaker"
SECRET = "what only root may read"

pytestmark = [needs.only_root, pytest.mark.xdist_group("others")]  # one session is copied


@dataclass
class Host:
    """A folder that everybody gets to, a session in it, and a trainee with an account."""

    folder: Path
    trainee: str

    @property
    def out(self) -> Path:
        return self.folder / "spring"

    @property
    def zoe(self) -> Path:
        return self.out / "zoe"

    @property
    def roster(self) -> Path:
        return self.folder / "spring.toml"

    def write(self, *, step: int = 1, key: str = "") -> None:
        """The roster, and the file of keys."""
        keys = self.folder / "keys.env"
        keys.write_text(f"zoe={key}\nada={OTHER_KEY}\n")
        keys.chmod(0o600)
        backend = 'backend = "datadog"' if key else ""
        source = 'api_key = {file = "keys.env"}' if key else ""
        self.roster.write_text(
            f'[session]\nname = "spring"\ntemplate = "template"\n{source}\n'
            f'[answers]\nstep = {step}\n{backend}\n[[trainee]]\ntrainee_name = "Ada"\n'
            f'[[trainee]]\ntrainee_name = "Zoe"\n'
        )

    def run(self, *arguments: str, user: str = "") -> tuple[int, str]:
        """Run `matchmaker` as root, or as somebody else; gives its exit code, and what it said."""
        command = [str(MATCHMAKER), arguments[0], str(self.roster), *arguments[1:]]
        if user:  # who may read where this Python is, which can be a place of root's, and no more
            reading = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
            command = [
                *("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *reading),
                *command,
            ]
        variables = {"TMPDIR": str(self.folder / "tmp"), "COLUMNS": "400", "HOME": "/root"}
        if user:
            variables["HOME"] = str(self.folder)
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
        )
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        return done.returncode, said

    def as_trainee(self, command: str, folder: Path | None = None) -> None:
        """Run a line of shell as the trainee."""
        subprocess.run(
            ["sh", "-euc", command],
            cwd=folder or self.zoe,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder / "home")},
            user=self.trainee,
            group=self.trainee,
            extra_groups=[],
            check=True,
            capture_output=True,
        )

    def did(self) -> dict[str, str]:
        trainees = json.loads((self.out / "session.json").read_text())["trainees"]
        return {slug: entry["did"] for slug, entry in trainees.items()}


@pytest.fixture(scope="module")
def begun(template: Path) -> Iterator[tuple[Host, Path]]:
    """The session is generated; `zoe` belongs to a user of their own. And a copy, to be kept."""
    name = f"mm-{os.getpid() % 100000}"
    folder = Path(tempfile.mkdtemp(prefix="matchmaker-test-", dir="/var/tmp"))
    kept = folder.with_name(f"{folder.name}-kept")
    folder.chmod(0o755)
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o1777)
    subprocess.run(
        ["useradd", "--create-home", "--home-dir", str(folder / "home"), name], check=True
    )
    try:
        shutil.copytree(template, folder / "template")
        (folder / "secret").write_text(f"DD_API_KEY={SECRET}\n")
        (folder / "secret").chmod(0o600)
        found = Host(folder, name)
        found.write()
        code, said = found.run("generate")
        assert code == 0, said
        subprocess.run(["chown", "-R", f"{name}:", str(found.zoe)], check=True)
        folder.rename(kept)
        yield found, kept
    finally:
        subprocess.run(["userdel", name], check=True)
        for path in (folder, kept):
            shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def host(begun: tuple[Host, Path]) -> Iterator[Host]:
    """That session, in the same place for each test."""
    found, kept = begun
    subprocess.run(["cp", "--archive", str(kept), str(found.folder)], check=True)
    yield found
    shutil.rmtree(found.folder)


def readable(folder: Path, secret: str) -> list[str]:
    """The files below a folder with a secret in them; links are not followed."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and secret.encode() in path.read_bytes()
    ]


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}


def test_no_program_of_a_trainee_runs(host: Host) -> None:
    """Hooks, fsmonitor, filters, drivers, pagers, helpers and submodules, all at once."""
    traps = host.folder / "home" / "traps"
    host.as_trainee(f"mkdir {traps}", host.folder)
    nasty.configuration(traps)
    (traps / "ran").touch()
    subprocess.run(["chmod", "-R", "a+rwX", str(traps)], check=True)
    host.as_trainee(
        f"""
        cat {traps}/config >> .git/config
        printf '[core]\\n\\tsshCommand = {traps}/canary\\n\\talternateRefsCommand = {traps}/canary
        [credential]\\n\\thelper = {traps}/canary\\n[include]\\n\\tpath = {traps}/config
        [submodule "sub"]\\n\\turl = ./sub\\n\\tupdate = !{traps}/canary\\n' >> .git/config
        cp {traps}/hooks/* .git/hooks/
        echo '*.py filter=canary diff=canary merge=canary' > .gitattributes
        echo '* filter=canary diff=canary merge=canary' > .git/info/attributes
        mkdir sub && cd sub && git init -q && git -c user.name=Z -c user.email=z@z \
            commit -q --allow-empty -m Sub
        cat {traps}/config >> .git/config
        cd .. && printf '160000 %s\\tsub\\n' $(GIT_DIR=sub/.git git -c core.fsmonitor=false \
            rev-parse HEAD) | git -c core.fsmonitor=false -c core.hooksPath=/dev/null \
            update-index --index-info
        echo '# mine' >> app.py
        """
    )
    (traps / "ran").write_text("")
    for arguments in (("status",), ("generate",), ("generate", "--bundle")):
        host.write(step=2 if arguments[0] == "generate" else 1)
        code, said = host.run(*arguments)
        assert (traps / "ran").read_text() == "", said
    assert code == 0, said
    assert host.did()["zoe"] == "unchanged"
    assert "# mine" in (host.zoe / "app.py").read_text()
    assert (host.zoe / ".git" / "config").read_text().count("fsmonitor") >= 1  # theirs again
    remote = host.folder / "zoe.git"
    for slug in ("ada", "zoe"):
        git(host.folder, "init", "--quiet", "--bare", f"{slug}.git")
    code, said = host.run("generate", "--push", f"{host.folder}/{{slug}}.git")
    assert code == 0, said
    assert (traps / "ran").read_text() == ""
    assert "Update the workshop" in git(remote, "log", "--all", "--format=%s")
    assert owners(host.zoe) == {host.zoe.stat().st_uid} != {0}


def test_an_update_leaves_the_files_to_their_owner(host: Host) -> None:
    host.as_trainee("echo mine > notes.md")
    host.write(step=3, key=KEY)
    code, said = host.run("generate")
    assert code == 0, said
    assert host.did() == {"ada": "updated", "zoe": "updated"}
    assert "committed first: notes.md" in said
    assert owners(host.zoe) == {host.zoe.stat().st_uid} != {0}
    assert readable(host.zoe, KEY) == [".key/datadog"]
    assert (host.zoe / ".key" / "datadog").stat().st_mode & 0o077 == 0
    host.write(step=3, key=KEY[::-1])
    assert host.run("generate")[0] == 0
    assert host.did() == {"ada": "unchanged", "zoe": "key set"}
    assert owners(host.zoe) == {host.zoe.stat().st_uid} != {0}
    host.as_trainee("test -w app.py && git status")
    assert host.run("generate", "--fresh")[0] == 0
    assert owners(host.zoe) == {host.zoe.stat().st_uid} != {0}
    assert list((host.folder / "tmp").iterdir()) == []


LINKS = {
    ".key": ("rm -r .key && ln -s {folder}/elsewhere .key", ".key is a symbolic link"),
    ".key/datadog": (
        "rm -f .key/datadog && ln -s {folder}/secret .key/datadog",
        ".key/datadog is a symbolic link",
    ),
    ".env": ("rm -f .env && ln -s {folder}/secret .env", ".env is a symbolic link"),
    "answers": (
        "rm .copier-answers.yml; ln -s ../zoe-answers.yml .copier-answers.yml",
        ".copier-answers.yml is not a file of answers",
    ),
    "steps": (
        "rm -r steps; ln -s {folder}/elsewhere steps",
        "steps is a symbolic link",
    ),
    ".git": ("rm -rf .git && ln -s {folder}/template/.git .git", ".git is not a folder"),
    "a .git that is a file": (
        "rm -rf .git && echo 'gitdir: {folder}/template/.git' > .git",
        ".git is not a folder",
    ),
    "alternates": (
        "echo {folder}/template/.git/objects > .git/objects/info/alternates",
        "takes objects from elsewhere",
    ),
    "index": ("rm .git/index && ln -s {folder}/secret .git/index", ".git/index is a symbolic link"),
    "a pipe": ("rm .git/config && mkfifo .git/config", ".git/config is a pipe"),
    "a pipe for ignoring": ("rm .gitignore && mkfifo .gitignore", ".gitignore is not a plain file"),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.thorough] if number % 8 else [])
        for number, name in enumerate(LINKS)
    ],
)
def test_what_leads_out_of_a_folder_is_refused(host: Host, name: str) -> None:
    elsewhere = host.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "01-explore.md").write_text("not the workshop's\n")
    shutil.chown(elsewhere, host.trainee)
    shutil.chown(elsewhere / "01-explore.md", host.trainee)
    command, sentence = LINKS[name]
    (host.folder / "secret").chmod(0o600)
    host.as_trainee(command.format(folder=host.folder))
    host.write(step=3, key=KEY)
    host.run("status")
    code, said = host.run("generate", "--bundle", "--with-keys")
    assert code == 1
    assert host.did() == {"ada": "updated", "zoe": "failed"}
    assert sentence in said, said
    assert SECRET not in said
    assert readable(host.zoe, SECRET) == readable(host.out, SECRET) == []
    assert (elsewhere / "01-explore.md").read_text() == "not the workshop's\n"
    assert [path.name for path in elsewhere.iterdir()] == ["01-explore.md"]
    assert (host.folder / "secret").read_text() == f"DD_API_KEY={SECRET}\n"


def test_a_bundle_has_nothing_from_elsewhere(host: Host) -> None:
    """Links in git's own files, to another trainee's key and to the instructor's files."""
    host.write(key=KEY)
    assert host.run("generate")[0] == 0
    host.as_trainee(
        "ln -s ../ada/.key/datadog key && ln -s ../../secret secret && ln -s .. around && "
        "git add --all && git -c user.name=Z -c user.email=z@z commit -qm Links"
    )
    # The same of a folder that is root's: nobody's rights protect anything there.
    for name, target in (("key", "../zoe/.key/datadog"), ("secret", "../../secret")):
        (host.out / "ada" / name).symlink_to(target)
    git(host.out / "ada", "add", "--all")
    git(host.out / "ada", "commit", "--quiet", "--message", "Links")
    code, said = host.run("generate", "--bundle")
    assert code == 0, said
    for slug in ("ada", "zoe"):
        with zipfile.ZipFile(host.out / "_bundles" / f"{slug}.zip") as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        assert content[f"{slug}/secret"] == b"../../secret"
        for text in (KEY, OTHER_KEY, SECRET):
            assert [name for name, one in content.items() if text.encode() in one] == []
    unpacked = host.folder / "unpacked"
    with zipfile.ZipFile(host.out / "_bundles" / "zoe.zip") as archive:
        archive.extractall(unpacked)
    assert git(unpacked / "zoe", "log", "-1", "--format=%s") == "Links\n"


def test_an_instructor_who_is_not_root(host: Host) -> None:
    """Is refused for the trainees whose folders are not theirs, each with a sentence."""
    name = f"{host.trainee}-i"
    subprocess.run(["useradd", "--no-create-home", name], check=True)
    try:
        for path in (host.out, host.roster, host.folder / "keys.env", host.folder):
            shutil.chown(path, name)
        for folder in ("ada", ".matchmaker"):
            subprocess.run(["chown", "-R", name, str(host.out / folder)], check=True)
        for file in ("session.json", "cards.html"):
            shutil.chown(host.out / file, name)
        subprocess.run(["chown", "-R", name, str(host.folder / "template")], check=True)
        host.write(step=2)
        shutil.chown(host.folder / "keys.env", name)
        code, said = host.run("generate", user=name)
        assert code == 1
        assert host.did() == {"ada": "updated", "zoe": "failed"}
        assert f"the folder belongs to {host.trainee}: run this as root" in said
        code, said = host.run("status", user=name)
        assert code == 0
        assert f"the folder belongs to {host.trainee}" in said
    finally:
        subprocess.run(["userdel", name], check=True)


def test_a_folder_that_is_root_s_with_something_of_somebody_s(host: Host) -> None:
    subprocess.run(["chown", "root:", str(host.zoe), str(host.zoe / ".git")], check=True)
    host.write(step=2)
    code, said = host.run("generate")
    assert code == 1
    assert "the folder belongs to root, but" in said
    assert f"belongs to {host.trainee}" in said


def test_a_folder_of_root_s_is_looked_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one run. Another folder in its place is looked through again, and so is the next run."""
    place = tmp_path / "ada"
    place.mkdir()
    with owner.seen_once():
        owner.owner_of(place)
        with monkeypatch.context() as patched:
            patched.setattr(owner, "_require_roots", lambda _: pytest.fail("again"))
            owner.owner_of(place)
        place.rename(tmp_path / "before")
        place.mkdir()
        (place / "file").touch()
        (place / "file").chmod(0o666)
        with pytest.raises(GitError, match="file in it is writable by others"):
            owner.owner_of(place)
        with pytest.raises(GitError, match="writable by others"):
            owner.owner_of(place)
    with pytest.raises(GitError, match="writable by others"):
        owner.owner_of(place)


def test_a_folder_that_its_owner_cannot_get_to(host: Host) -> None:
    host.folder.chmod(0o700)
    host.write(step=2)
    code, said = host.run("generate")
    assert code == 1
    assert f"chmod o+x {host.folder}" in said
    assert host.did() == {"ada": "updated", "zoe": "failed"}


def test_a_version_that_the_template_does_not_publish(host: Host) -> None:
    """A proposal of anybody's is in a host's repository; its code must not run here."""
    source = host.folder / "template"
    ran = host.folder / "ran"
    path = source / "extensions" / "steps.py"
    before = git(source, "rev-parse", "HEAD").strip()
    path.write_text(f"open({str(ran)!r}, 'w').close()\n" + path.read_text())
    git(source, "commit", "--all", "--quiet", "--message", "A proposal")
    proposed = git(source, "rev-parse", "HEAD").strip()
    git(source, "update-ref", "refs/pull/1/head", proposed)
    git(source, "reset", "--quiet", "--hard", before)
    host.as_trainee(f"sed -i 's/^_commit: .*/_commit: {proposed}/' .copier-answers.yml")
    host.write(step=2)
    code, said = host.run("generate")
    assert code == 1
    assert f"made from, {proposed}, is not available from the template (it does not publish" in said
    assert not ran.exists()
    assert host.did() == {"ada": "updated", "zoe": "failed"}
