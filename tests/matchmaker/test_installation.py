"""What is installed is what is used: a tag, a commit, a wheel, a checkout, really installed."""

import json
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from matchmaker.repositories import installation
from matchmaker.urls import are_of_one_repository
from tests.conftest import git
from tests.matchmaker.conftest import Ran, next_version

UV = Path(sys.executable).parent / "uv"
ROSTER = '[session]\nname = "spring"\n{more}\n[[trainee]]\ntrainee_name = "Ada"\n'

PAGES_OF_THE_BOARD = """
import matchmaker.cli
from matchmaker.board.feed import Feed
from matchmaker.board.serve import catalog
from matchmaker.board.server import CONSOLE, create_app

asking = create_app(Feed(None, catalog(), "spring"), 8880, "token").test_client()
host = {"Host": "127.0.0.1:8880"}
asking.set_cookie("matchmaker-board-8880", "token", domain="127.0.0.1")
for path in ("/", "/projector", "/static/app.js", "/static/board.css", "/static/views/steps.js"):
    print(asking.get(path, headers=host).status_code)
for name in ("console.css", "vendor/preact/preact.js"):
    print(asking.get(f"{CONSOLE}/{name}", headers=host).status_code)
"""


class Installed:
    """The command in an environment of its own, with the packages of the one that tests run in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._uv("venv", "--quiet", "--python", sys.executable, str(folder))
        library = next(folder.glob("lib/python*/site-packages"))
        # Behind its own packages: what is installed here wins over this checkout's.
        (library / "others.pth").write_text(sysconfig.get_path("purelib"))

    def install(self, what: str, *options: str) -> None:
        python = str(self.folder / "bin" / "python")
        offline = ("--offline", "--no-deps", "--no-build-isolation", "--reinstall", "--no-cache")
        self._uv("pip", "install", "--quiet", "--python", python, *offline, *options, what)

    def _uv(self, *words: str) -> None:
        done = subprocess.run([UV, *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def run(self, *words: str, cwd: Path | None = None) -> Ran:
        return self.program("matchmaker", *words, cwd=cwd)

    def python(self, script: str, cwd: Path | None = None) -> str:
        ran = self.program("python", "-c", script, cwd=cwd)
        assert ran.code == 0, ran.err
        return ran.out

    def program(self, name: str, *words: str, cwd: Path | None = None) -> Ran:
        command: list[str | Path] = [self.folder / "bin" / name, *words]
        done = subprocess.run(command, cwd=cwd or self.folder, capture_output=True, text=True)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def version_of_a_session(self, more: str = "") -> str:
        """The version of the template from which a session is made."""
        (self.folder / "spring.toml").write_text(ROSTER.format(more=more))
        shutil.rmtree(self.folder / "spring", ignore_errors=True)
        ran = self.run("generate", "spring.toml")
        assert ran.code == 0, ran.out + ran.err
        return str(json.loads((self.folder / "spring" / "session.json").read_text())["version"])


@pytest.fixture
def published(template: Path, tmp_path: Path) -> Path:
    """A repository with v1.0.0, v1.1.0, one more commit, and a tag that is no version."""
    folder = Path(shutil.copytree(template, tmp_path / "matchmaker"))
    next_version(folder, "v1.1.0")
    next_version(folder, "december", readme="\nNot yet.\n")
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed") / "venv")


def test_a_tag(installed: Installed, published: Path) -> None:
    url = f"git+file://{published}"
    installed.install(f"matchmaker @ {url}@v1.0.0")
    assert installed.run("--version").out == "matchmaker v1.0.0\n"
    assert installed.version_of_a_session() == "v1.0.0"
    assert installed.version_of_a_session(f'template = "{published}"') == "v1.0.0"
    assert installed.version_of_a_session('version = "v1.1.0"') == "v1.1.0"
    next_version(published, "v1.2.0")  # on the morning of the session
    assert installed.run("generate", "spring.toml", "--dry-run").code == 0
    assert installed.version_of_a_session() == "v1.0.0"
    status = installed.run("status", "spring.toml")
    assert "now" not in status.out.splitlines()[1]

    # Somebody else's template is no version of this command's.
    other = Path(shutil.copytree(published, installed.folder / "other"))
    assert installed.version_of_a_session(f'template = "{other}"') == "v1.2.0"


@pytest.mark.thorough  # the same as a tag, but for what the version is called
def test_a_commit_between_two_tags(installed: Installed, published: Path) -> None:
    commit = git(published, "rev-parse", "december").strip()
    installed.install(f"matchmaker @ git+file://{published}@{commit}")
    told = installed.run("--version").out.strip()
    assert told.startswith("matchmaker 1.1.1.dev1+g")
    assert commit.startswith(told.partition("+g")[2])
    described = git(published, "describe", "--tags", commit).strip()
    assert installed.version_of_a_session() == described

    # The template lost that commit: it is not blamed on the address.
    direct = next(installed.folder.glob("lib/*/site-packages/matchmaker-*/direct_url.json"))
    direct.write_text(direct.read_text().replace(commit, "0123456789" * 4))
    (installed.folder / "spring.toml").write_text(ROSTER.format(more=""))
    ran = installed.run("generate", "spring.toml")
    assert ran.code == 1
    assert "no longer has 0123456789" in ran.err
    assert "Install the command again. It has december, v1.0.0, v1.1.0.\n" in ran.err


def test_a_wheel_and_an_archive(installed: Installed, published: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    tar = subprocess.run(
        ["git", "archive", "v1.0.0"], cwd=published, capture_output=True, check=True
    )
    subprocess.run(["tar", "x"], cwd=archive, input=tar.stdout, check=True)
    offline = ("--offline", "--no-build-isolation", "--python", sys.executable, "--no-cache")
    for folder, out in ((archive, tmp_path / "one"), (tmp_path / "source", tmp_path / "two")):
        build: list[str | Path] = [UV, "build", "--quiet", *offline, "--out-dir", out, folder]
        done = subprocess.run(build, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        names = sorted(path.name for path in out.iterdir() if path.suffix in (".whl", ".gz"))
        assert names == ["matchmaker-1.0.0-py3-none-any.whl", "matchmaker-1.0.0.tar.gz"]
        if folder == archive:  # then from the source distribution, which has no git either
            shutil.unpack_archive(out / names[1], tmp_path)
            (tmp_path / "matchmaker-1.0.0").rename(tmp_path / "source")

    wheel = tmp_path / "one" / "matchmaker-1.0.0-py3-none-any.whl"
    with ZipFile(wheel) as opened:
        content = opened.namelist()
        about = opened.read("matchmaker-1.0.0.dist-info/METADATA").decode()
    with ZipFile(tmp_path / "two" / wheel.name) as opened:
        assert sorted(opened.namelist()) == sorted(content)
    assert {name.partition("/")[0] for name in content} == {
        "matchmaker",
        "matchmaker-1.0.0.dist-info",
    }
    assert {"matchmaker/py.typed", "matchmaker/_workshop/py.typed"} <= set(content)
    assert "\nLicense-Expression: MIT\n" in about
    assert "\nClassifier: Typing :: Typed\n" in about

    installed.install(str(wheel))
    assert installed.run("--version").out == "matchmaker v1.0.0\n"
    assert installed.python(PAGES_OF_THE_BOARD).split() == ["200"] * 7
    (installed.folder / "spring.toml").write_text(ROSTER.format(more=""))
    ran = installed.run("generate", "spring.toml")
    assert "this command does not know its own" in ran.err
    assert installed.version_of_a_session(f'template = "{published}"') == "v1.0.0"

    # Nor does a folder without git say more than it knows.
    (archive / ".git_archival.txt").unlink()
    installed.install(str(archive))
    assert installed.run("--version").out == "matchmaker of an unknown version\n"


def test_the_wheel_and_a_trainee_s_folder_each_have_their_own_tool(
    installed: Installed, published: Path
) -> None:
    """In one environment, and in the trainee's folder: nothing there is run by the instructor."""
    installed.install(str(published))
    version = installed.version_of_a_session(f'template = "{published}"')
    ada = installed.folder / "spring" / "ada"
    ran = ada / "ran"
    script = f"open({str(ran)!r}, 'a').write(__name__ + ' ')\n"
    for path in (ada / "workshop").rglob("*.py"):
        if path.name in ("__init__.py", "problem.py", "git_environment.py", "inside.py"):
            future = "from __future__ import annotations\n"
            text = path.read_text()
            text = text.replace(future, future + script, 1) if future in text else script + text
            path.write_text(text)
    installed.install(str(ada), "--editable")

    trainees = installed.program("workshop", "status", cwd=ada)
    assert "workshop up" in trainees.out
    assert "workshop.problem" in ran.read_text()
    theirs = installed.python("import workshop; print(workshop.__file__)", cwd=ada)
    assert theirs == f"{ada / 'workshop' / '__init__.py'}\n"

    ran.unlink()
    roster = str(installed.folder / "spring.toml")
    assert version in installed.run("status", roster, cwd=ada).out
    more = installed.folder / "spring.toml"
    more.write_text(more.read_text() + '[[trainee]]\ntrainee_name = "Grace"\n')
    assert installed.run("generate", roster, cwd=ada).code == 0
    ours = installed.python("import matchmaker, workshop; print(workshop.__file__)", cwd=ada)
    assert ours.endswith("/site-packages/matchmaker/_workshop/__init__.py\n")
    assert not ran.exists()


def test_what_it_imports_is_what_it_declares(installed: Installed, published: Path) -> None:
    """The tool needs more packages than the command: what the command imports of it needs none."""
    installed.install(str(published))
    imported = installed.python(
        "import sys, matchmaker.cli, matchmaker.board.serve, workshop.moving.identity\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    declared, wanted = set(), {"matchmaker"}
    while wanted:
        name = wanted.pop()
        declared.add(name)
        requirements = map(Requirement, metadata.requires(name) or ())
        needed = {r.name for r in requirements if not r.marker or r.marker.evaluate({"extra": ""})}
        wanted |= {canonicalize_name(name) for name in needed} - declared
    packages = metadata.packages_distributions()
    optional = {"re2"}  # pathspec takes it where it is
    third_party = {name: packages[name] for name in imported.split() if name in packages}
    assert {"copier", "rich", "typer"} <= third_party.keys()
    assert {
        name: distributions
        for name, distributions in third_party.items()
        if name not in optional and not declared & set(map(canonicalize_name, distributions))
    } == {}


def test_a_checkout(installed: Installed, published: Path, tmp_path: Path) -> None:
    checkout = Path(shutil.copytree(published, tmp_path / "checkout"))
    next_version(checkout, "v1.2.0")
    git(checkout, "switch", "--quiet", "--detach", "v1.1.0")
    installed.install(str(checkout), "--editable")
    assert installed.run("--version").out == "matchmaker v1.1.0\n"
    assert installed.version_of_a_session() == "v1.1.0"
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "Mine")
    said = installed.run("--version").out
    assert said.startswith("matchmaker v1.1.0-1-g")
    assert installed.version_of_a_session() == "v1.2.0"  # the newest tag, as ever


@pytest.mark.parametrize(
    ("direct", "source", "revision"),
    [
        (
            {"url": "file:///home/ada/matchmaker", "dir_info": {"editable": True}},
            "/home/ada/matchmaker",
            "",
        ),
        ({"url": "file:///home/ada/my%20templates/Zo%C3%AB"}, "/home/ada/my templates/Zoë", ""),
        (
            {"url": "https://host/m", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
            "git+https://host/m",
            "c0ffee",
        ),
        ({"url": "https://host/m.git", "vcs_info": {"vcs": "git"}}, "https://host/m.git", ""),
        ({"url": "https://host/m-1.0.0-py3-none-any.whl", "archive_info": {}}, "", ""),
        ({"url": "file:///m.whl", "archive_info": {}}, "", ""),
        (None, "", ""),
    ],
)
def test_what_the_installer_leaves(
    monkeypatch: pytest.MonkeyPatch, direct: dict[str, Any] | None, source: str, revision: str
) -> None:
    class Distribution:
        def read_text(self, _name: str) -> str | None:
            return None if direct is None else json.dumps(direct)

    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Distribution())
    assert (installation.source(), installation.revision()) == (source, revision)


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        ("git+https://host/team/m", "https://host/team/m.git", True),
        ("git@host:team/m.git", "https://host/team/m", True),
        ("ssh://git@host:2222/team/m.git", "git@host:team/m", True),
        ("git+file:///srv/m", "/srv/m", True),
        ("/srv/m.git", "/srv/m/", True),
        ("https://host/team/m", "https://host/me/m", False),
        ("https://host/team/m", "https://other/team/m", False),
        ("/srv/m", "/home/m", False),
    ],
)
def test_addresses_of_one_repository(one: str, other: str, are: bool) -> None:
    assert are_of_one_repository(one, other) == are
    assert are_of_one_repository(other, one) == are
