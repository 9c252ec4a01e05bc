"""Rosters, and the instructor's command to run on them."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from workshop.moving import template_bundle

from matchmaker import cli, generate
from matchmaker.repositories.git import isolated
from matchmaker.repositories.output import Output
from tests.conftest import REPOSITORY, git

MATCHMAKER = Path(sys.executable).parent / "matchmaker"
KEY = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "fedcba9876543210fedcba9876543210"


class Here(Executor):
    """Works in this process, at once: quicker than starting others, and as good for most tests."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


@contextmanager
def one_process(output: Output, _count: int) -> Iterator[Executor]:
    """What stands in for the pool of workers."""
    with isolated(output.drafts):
        yield Here()


_make_bundle = template_bundle.make
_bundles: dict[tuple[str, str], bytes] = {}


def make_bundle_once(
    repository: Path,
    version: str,
    run: template_bundle.Run,
    environment: Mapping[str, str],
    commit: str = "HEAD",
) -> bytes:
    """A commit's bundle, which is the same for everybody, as its own tests show."""
    known = git(repository, "rev-parse", f"{commit}^{{commit}}"), version
    if known not in _bundles:
        _bundles[known] = _make_bundle(repository, version, run, environment, commit)
    return _bundles[known]


@contextmanager
def _alone() -> Iterator[None]:
    """Have the command work in this process alone."""
    if vars(generate)["workers"] is one_process:  # a test may have replaced more
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "workers", one_process)
        # It saves time only where several processes work. The installed command does both.
        patch.setattr(generate, "warm", lambda *_: None)
        patch.setattr(template_bundle, "make", make_bundle_once)
        patch.setenv("GIT_CEILING_DIRECTORIES", "")
        patch.delenv("COLUMNS", raising=False)
        yield


@dataclass
class Ran:
    """What the command said; `code` is its exit code."""

    code: int
    out: str
    err: str


@dataclass
class Session:
    """A roster, the folder of its output, and the command to run on both."""

    folder: Path
    template: Path
    file: str = "roster.toml"

    @property
    def roster(self) -> Path:
        return self.folder / self.file

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def write(self, *trainees: str | dict[str, Any], session: str = "", **answers: Any) -> None:
        """Write the roster: names, or answers; `session` is more TOML for that table."""
        lines = ["[session]", 'name = "spring"', f"template = {json.dumps(str(self.template))}"]
        lines += [*session.splitlines(), "[answers]", *_pairs(answers)]
        for trainee in trainees:
            own = {"trainee_name": trainee} if isinstance(trainee, str) else trainee
            lines += ["[[trainee]]", *_pairs(own)]
        self.roster.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(self, *arguments: str, command: str = "generate") -> Ran:
        """Run the command in this process, which stays as it was."""
        words = [command, str(self.roster), "--out", str(self.out), *arguments]
        before = dict(os.environ)
        try:
            with _alone():
                result = CliRunner().invoke(cli.app, words)
        finally:
            os.environ.clear()
            os.environ.update(before)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return Ran(result.exit_code, result.stdout, result.stderr)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start the command as an instructor does, in processes and a process group of its own."""
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "matchmaker.cli", "generate", str(self.roster)),
                *("--out", str(self.out), *arguments),
            ],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def command(self, *words: str, **environment: str) -> Ran:
        """Run the installed command in its own process, with its real pool of processes."""
        inherited = dict(os.environ)
        inherited.pop("COLUMNS", None)  # readline sets it for what pytest-xdist starts
        done = subprocess.run(
            [MATCHMAKER, *words],
            cwd=self.folder,
            env={**inherited, **environment},
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def generate(self, *arguments: str, **environment: str) -> Ran:
        """Generate with the installed command, which takes three times as long as `run`."""
        words = ("generate", str(self.roster), "--out", str(self.out), *arguments)
        return self.command(*words, **environment)

    def did(self) -> dict[str, str]:
        """What session.json says was done, by slug."""
        trainees = json.loads((self.out / "session.json").read_text())["trainees"]
        return {slug: entry["did"] for slug, entry in trainees.items()}

    def detail(self, slug: str) -> str:
        """What session.json adds to that."""
        trainees = json.loads((self.out / "session.json").read_text())["trainees"]
        return str(trainees[slug]["detail"])


def _pairs(answers: dict[str, Any]) -> list[str]:
    return [
        f"{name} = {value if name == 'api_key' else _in_toml(value)}"
        for name, value in answers.items()
    ]


def _in_toml(value: Any) -> str:
    # JSON's text, numbers, true and false are TOML's. An API key's source is given as TOML.
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name} = {_in_toml(one)}' for name, one in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)


@pytest.fixture
def session(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session whose command runs in this process, which stays as it was."""
    before = dict(os.environ)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "")
    monkeypatch.delenv("COLUMNS", raising=False)
    with _alone():
        yield Session(tmp_path, template)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def made(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Ada's and Bob's repositories."""
    session = Session(tmp_path_factory.mktemp("handing-out"), template)
    session.write("Ada", "Bob")
    assert session.generate().code == 0
    return session


@pytest.fixture
def two(made: Session, tmp_path: Path) -> Session:
    """Ada and Bob, and an empty repository for each to be pushed to."""
    session = Session(tmp_path, made.template)
    shutil.copytree(made.out, session.out, symlinks=True)
    session.write("Ada", "Bob")
    for slug in ("ada", "bob"):
        git(tmp_path, "init", "--bare", "--quiet", "--initial-branch=main", f"remote/{slug}.git")
    return session


def pattern(session: Session) -> str:
    """Where to push the repositories of a session."""
    return str(session.folder / "remote" / "{slug}.git")


def first_commands(session: Session) -> dict[str, str]:
    """The first command of each card, by the trainee's name."""
    page = (session.out / "cards.html").read_text()
    cards = re.findall(r"<h2[^>]*>(.*?)</h2>.*?<code><span>(.*?)</span>", page, re.DOTALL)
    return {name: html.unescape(re.sub("<[^>]*>", "", command)).strip() for name, command in cards}


@dataclass
class Installed:
    """The command as it is installed, in its own processes; `folder` is empty."""

    folder: Path
    environment: dict[str, str]

    def run(self, *words: str, **environment: str) -> Ran:
        """Run the command, and wait for it to end."""
        done = subprocess.run(
            [str(Path(sys.executable).parent / "matchmaker"), *words],
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def installed(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """The installed command, which takes the tests' template for the one that it came from."""
    monkeypatch.delenv("COLUMNS", raising=False)
    metadata = tmp_path / "site" / "matchmaker-0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: matchmaker\nVersion: 0\n")
    direct = {"url": template.as_uri(), "dir_info": {}}
    (metadata / "direct_url.json").write_text(json.dumps(direct))
    folder = tmp_path / "folder"
    folder.mkdir()
    return Installed(folder, {"PYTHONPATH": str(metadata.parent)})


@dataclass
class Host:
    """A host that is reached over ssh, and makes a repository of whatever is pushed to it."""

    folder: Path

    def repository(self, path: str) -> Path:
        return self.folder / path


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Stands in for every host that is named in a URL over ssh."""
    made = Host(tmp_path / "host")
    made.folder.mkdir()
    ssh = tmp_path / "ssh"
    # Git gives it the command to run there, such as: git-receive-pack 'team/ada.git'
    ssh.write_text(
        "#!/bin/sh\n"
        'for command do :; done; path="${command#*\\\'}"; path="${path%\\\'}"\n'
        f'cd {made.folder} && mkdir -p "$path" || exit\n'
        '[ -e "$path/HEAD" ] || git init --quiet --bare --initial-branch=main "$path"\n'
        'eval "$command"\n'
    )
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))
    return made


@pytest.fixture
def own_template(template: Path, tmp_path: Path) -> Path:
    """The template, to be changed."""
    return shutil.copytree(template, tmp_path / "template")


def let_through(*folders: Path) -> None:
    """Open the way to folders for other users: pytest's own are closed to them."""
    for folder in folders:
        for path in (folder, *folder.parents):
            if path.stat().st_uid == os.geteuid():
                path.chmod(path.stat().st_mode | 0o011)


def next_version(template: Path, tag: str, *, readme: str = "\nNews.\n") -> None:
    """Publish a new version of a template, with more in its README."""
    path = template / "template" / "README.md.jinja"
    path.write_text(path.read_text() + readme)
    git(template, "commit", "--all", "--quiet", "--message", tag)
    git(template, "tag", tag)


def whole(repository: Path) -> bool:
    """Whether a repository has everything of its last commit, and nothing else."""
    git(repository, "fsck", "--full", "--no-progress")
    return git(repository, "status", "--porcelain") == "" and (repository / ".env").is_file()


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file below a folder: inode, time of writing, content."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_ino,
            path.stat().st_mtime_ns,
            path.read_bytes(),
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def containing(folder: Path, secret: str) -> list[str]:
    """The files below a folder that contain a secret; git's objects are unpacked."""
    found = [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    found += [
        f"{repository.name}: a git object"
        for repository in {path.parent for path in folder.rglob(".git")}
        if secret in git(repository, "cat-file", "--batch", "--batch-all-objects")
    ]
    return found
