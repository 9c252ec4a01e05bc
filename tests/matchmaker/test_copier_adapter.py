"""A session comes out as Copier itself makes it, whatever the template does, to the byte."""

import ast
import json
import os
import pickle
import random
import shutil
import stat
import subprocess
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extensions.steps import STEPS
from matchmaker.roster.questions import Facts
from matchmaker.session import Trainee
from tests import needs
from tests.conftest import REPOSITORY, git
from tests.matchmaker.conftest import Installed, Ran, next_version

PACKAGE = REPOSITORY / "src" / "matchmaker"
INSIDE = PACKAGE / "repositories" / "inside_copier.py"
KEY = "0123456789abcdef0123456789abcdef"

QUESTIONS = """
_answers_file: ".made/<< trainee_slug >>.yml"
_subdirectory: files
_preserve_symlinks: true
_jinja_extensions:
  - copier_template_extensions.TemplateExtensionLoader
  - ext/state.py:Counting
_envops:
  {block_start_string: "<%", block_end_string: "%>",
   variable_start_string: "<<", variable_end_string: ">>"}
_tasks:
  - "echo shell $STAGE << _copier_operation >> >> log.txt"
  - ["<< _copier_python >>", "<< _copier_conf.src_path >>/tasks/main.py", "<< _copier_operation >>"]
  - {command: "pwd | sed 's|.*/||' >> ../log.txt", working_directory: "kinds"}
  - {command: "git init -q -b main && git add -A && git commit -qm Start",
     when: "<< _copier_operation == 'copy' and not '/copier' in _copier_conf.dst_path | string >>"}
_migrations:
  - "echo migrated $STAGE $VERSION_FROM $VERSION_TO >> log.txt"
  - {command: ["<< _copier_python >>", "<< _copier_conf.src_path >>/tasks/main.py", "<< _stage >>"],
     when: "<< _stage in ['before', 'after'] >>", version: v2.0.0}
trainee_name: {type: str, default: Trainee}
trainee_slug: {type: str, default: "<< trainee_name | lower >>"}
color: {type: str, validator: "<% if not color %>No color.<% endif %>"}
kinds: {type: yaml, default: [beer, donut]}
session: {type: str, default: self-paced}
backend: {type: str, default: local}
trainee:
  {type: yaml, when: false,
   default: "{env: x, ports: {web: 5000}, datadog_url: ''}"}
current: {type: yaml, when: false, default: "{title: Any, number: 1}"}
"""
FILES = {
    "files/kinds/<% yield kind from kinds %><< kind >><% endyield %>.txt.jinja": "<< kind >> {{\n",
    "files/<% yield kind from kinds %><< kind >>-plain<% endyield %>": "{{ kind }}\n",
    "files/zz-plain.txt": "plain\n",
    "files/counted.txt.jinja": "<< 'a' | counted >> << color >> << 'a' | counted >> << hooks >>\n",
    "files/more.txt.jinja": "<< 'b' | counted >> << color | upper >> << seen >>\n",
    "files/<< trainee_name >>.txt.jinja": "<< trainee_name >> {{ trainee_name }}\n",
    "files/<% if color == 'red' %>red.txt<% endif %>": "",
    "files/run.sh": "#!/bin/sh\n",
    "files/<< _copier_conf.answers_file >>.jinja": "<< _copier_answers | to_nice_yaml >>",
    "tasks/main.py": (
        "import os, pathlib, sys\nimport sibling\n"
        "def main():\n"
        "    with open('log.txt', 'a') as log:\n"
        "        print(sibling.NAME, sys.argv[1:], os.environ.get('LEAK'), file=log)\n"
        "    os.environ['LEAK'] = 'yes'\n"
        "    pathlib.Path('log.txt').chmod(0o640)\n"
        "sys.exit(main())\n"
    ),
    "tasks/sibling.py": "NAME = 'sibling'\n",
    "ext/state.py": (
        "from copier_template_extensions import ContextHook\n"
        "class Counting(ContextHook):\n"
        "    def __init__(self, environment):\n"
        "        super().__init__(environment)\n"
        "        self.count = self.hooks = 0\n"
        "        self.seen = []\n"
        "        environment.filters['counted'] = self.counted\n"
        "    def counted(self, text):\n"
        "        self.count += 1\n"
        "        return f'{text}{self.count}'\n"
        "    def hook(self, context):\n"
        "        self.hooks += 1\n"
        "        context['hooks'] = self.hooks\n"
        "        context['seen'] = len(self.seen), sorted(set(self.seen))[:3]\n"
        "    def preprocess(self, source, name, filename=None):\n"
        "        self.seen.append(source.partition('\\n')[0])\n"
        "        return source\n"
    ),
}
COLORS = {"ada": "red", "bob": "green"}


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A template that has little in common with ours, and uses what Copier offers."""
    folder = tmp_path / "foreign"
    for name, text in {"copier.yml": QUESTIONS, **FILES}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "files" / "run.sh").chmod(0o755)
    (folder / "files" / "link").symlink_to("zz-plain.txt")
    (folder / "files" / "<< color >>-link.jinja").symlink_to("<< color >>-nowhere")
    git(folder, "init", "--quiet")
    publish(folder, "v1.0.0")
    return folder


def publish(template: Path, tag: str) -> None:
    git(template, "add", "--all")
    git(template, "commit", "--quiet", "--message", tag)
    git(template, "tag", tag)


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file below a folder, with its mode: but of git only what the index says."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if name.partition("/")[0] in (".git", ".workshop"):
            continue
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            content = os.fsencode(path.readlink())
        else:
            content = path.read_bytes() if path.is_file() else b""
        found[name] = (mode, content)
    found["the index"] = (0, git(folder, "ls-files", "--stage").encode())
    return found


def plainly(folder: Path, *words: str, data: Mapping[str, Any], **variables: str) -> None:
    """Run `copier` as somebody would who has no roster."""
    pairs = [
        word
        for name, value in data.items()
        for word in ("--data", f"{name}={value if isinstance(value, str) else json.dumps(value)}")
    ]
    command = [sys.executable, "-m", "copier", words[0], "--trust", "--defaults", "--quiet"]
    done = subprocess.run(
        [*command, *pairs, *words[1:]],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def commit(repository: Path) -> None:
    git(repository, "add", "--all")
    if git(repository, "status", "--porcelain"):
        git(repository, "commit", "--quiet", "--message", "Edits")


def write_roster(
    folder: Path, template: Path, trainees: Mapping[str, Mapping[str, Any]], extra: str = ""
) -> None:
    lines = ["[session]", 'name = "s"', f"template = {json.dumps(str(template))}", extra]
    for name, answers in trainees.items():
        lines += ["[[trainee]]", f'trainee_name = "{name}"']
        lines += [f"{key} = {json.dumps(value)}" for key, value in answers.items()]
    (folder / "s.toml").write_text("\n".join(lines) + "\n")


def generated(installed: Installed, **variables: str) -> Ran:
    ran = installed.run("generate", "s.toml", **variables)
    assert "Traceback" not in ran.out + ran.err, ran.err
    assert ran.code == 0, ran.out + ran.err
    return ran


def compare_foreign(
    foreign: Path, installed: Installed, colors: Mapping[str, str], **variables: str
) -> Ran:
    """Make and update repositories of a foreign template in both ways, and compare them.

    Ada, if there is one, edits a line that the template has changed, too.
    """
    here = installed.folder
    theirs = here / "theirs"
    theirs.mkdir()
    trainees = {name: {"color": color} for name, color in colors.items()}
    write_roster(here, foreign, trainees)
    said = generated(installed, **variables)
    for name, answers in trainees.items():
        data = {"trainee_name": name, "session": "s", **answers}
        plainly(theirs, "copy", str(foreign), name, data=data)
        assert everything(here / "s" / name) == everything(theirs / name), name
    log = (theirs / "bob" / "log.txt").read_text()
    assert "shell task copy\nsibling ['copy'] None\nkinds\n" in log
    there = {path.name for path in (theirs / "bob").iterdir()}
    assert {"beer-plain", "donut-plain", "kinds", "run.sh", "link", "green-link"} <= there

    plain = foreign / "files" / "zz-plain.txt"
    plain.write_text("plainer\n")
    (foreign / "files" / "run.sh").chmod(0o644)
    (foreign / "files" / "more.txt.jinja").write_text("more << 'b' | counted >>\n")
    publish(foreign, "v2.0.0")
    for place in (here / "s" / "ada", theirs / "ada") if "ada" in colors else ():
        (place / "more.txt").write_text("mine\n")
        commit(place)
    ran = installed.run("generate", "s.toml", **variables)
    assert "Traceback" not in ran.out + ran.err
    for name in trainees:
        file = f".made/{name}.yml"
        plainly(theirs / name, "update", f"--answers-file={file}", data={})
        if not git(theirs / name, "ls-files", "--unmerged"):
            commit(theirs / name)
        assert everything(here / "s" / name) == everything(theirs / name), name
    if "ada" in colors:
        assert "<<<<<<<" in (theirs / "ada" / "more.txt").read_text()
    assert "migrated after v1.0.0 v2.0.0" in (theirs / "bob" / "log.txt").read_text()
    assert "sibling ['after']" in (theirs / "bob" / "log.txt").read_text()
    unmerged = [name for name in trainees if git(theirs / name, "ls-files", "--unmerged")]
    assert ran.code == int(bool(unmerged)), ran.out
    return said


def test_a_foreign_template_comes_out_as_with_plain_copier(
    foreign: Path, installed: Installed
) -> None:
    said = compare_foreign(foreign, installed, COLORS)
    assert "Copier" not in said.err


def test_what_a_foreign_template_requires_is_asked_of_the_roster(
    foreign: Path, installed: Installed
) -> None:
    write_roster(installed.folder, foreign, {"ada": {"color": "red"}, "bob": {}})
    ran = installed.run("generate", "s.toml")
    assert ran.code == 1
    assert "The template asks for `color`, and the roster has no answer." in ran.err
    assert "Add color = …" in ran.err
    assert ran.err.count("color") == 2, "it is said once, of bob"
    assert "Traceback" not in ran.err


def test_an_error_in_a_template_is_said_of_each_whom_it_concerns(
    foreign: Path, installed: Installed
) -> None:
    (foreign / "files" / "zz.txt.jinja").write_text(
        "<% if color == 'red' %><< nobody.x >><% endif %>"
    )
    publish(foreign, "v1.1.0")
    trainees = {name: {"color": color} for name, color in COLORS.items()}
    write_roster(installed.folder, foreign, trainees)
    ran = installed.run("generate", "s.toml")
    assert ran.code == 1
    assert "Traceback" not in ran.out + ran.err
    did = json.loads((installed.folder / "s" / "session.json").read_text())["trainees"]
    assert {slug: one["did"] for slug, one in did.items()} == {
        "ada": "failed",
        "bob": "created",
    }
    assert "nobody" in did["ada"]["detail"]


def test_a_task_gets_no_key(template: Path, installed: Installed, tmp_path: Path) -> None:
    own = shutil.copytree(template, tmp_path / "own")
    text = (own / "copier.yml").read_text()
    task = "  - \"env > seen.txt; tr '\\\\0' ' ' < /proc/$PPID/cmdline >> seen.txt\"\n"
    (own / "copier.yml").write_text(text.replace("_tasks:\n", f"_tasks:\n{task}"))
    publish(own, "v1.9.0")
    source = 'api_key = {env = "SOME_KEY"}'
    write_roster(installed.folder, own, {"Ada": {"backend": "datadog"}}, source)
    generated(installed, SOME_KEY=KEY, DD_API_KEY=KEY)
    place = installed.folder / "s" / "ada"
    seen = (place / "seen.txt").read_text()
    assert "STAGE=task" in seen
    assert KEY not in seen
    assert (place / ".key" / "datadog").read_text() == f"{KEY}\n"


def test_a_trainee_does_not_show_the_key() -> None:
    facts = Facts("spring-ada", {"web": 5000}, "", "Explore", True)
    trainee = Trainee("ada", "Ada", 1, facts, {}, key=KEY, data={"step": 1})
    assert KEY not in repr(trainee.done("failed", "said"))
    with pytest.raises(Exception, match="pickle") as raised:
        pickle.dumps(replace(trainee, asked={"step": lambda: 1}))
    assert KEY not in "".join(traceback.format_exception(raised.value))


# Ours, with answers and edits by chance


def chosen(chance: random.Random) -> dict[str, Any]:
    return {
        "step": chance.choice(STEPS).number,
        "log_to_stdout": chance.choice([True, False]),
        "inject_errors": chance.choice([True, False]),
        "shared_host": chance.choice([True, False]),
        "share_progress": chance.choice([True, False]),
        "database": chance.choice(["sqlite", "postgresql"]),
        "port_offset": chance.choice([0, 10, 250]),
    }


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(2, 6))]
)
def test_any_answers_edits_and_updates_come_out_as_with_plain_copier(
    seed: int, own_template: Path, installed: Installed
) -> None:
    chance = random.Random(seed)
    here, theirs = installed.folder, installed.folder / "theirs"
    theirs.mkdir()
    trainees = {"ada": chosen(chance)}
    write_roster(here, own_template, trainees)
    generated(installed)
    for name, answers in trainees.items():
        data = {"trainee_name": name, "session": "s", **answers}
        plainly(theirs, "copy", str(own_template), name, data=data)
        assert everything(here / "s" / name) == everything(theirs / name), (name, data)
    for name in trainees:
        file = chance.choice(["app.py", "README.md", "timing.py", "steps/03-drill-down.md"])
        at = chance.random()
        for place in (here / "s" / name, theirs / name):
            lines = (place / file).read_text().splitlines()
            lines[int(at * len(lines))] = "# mine"
            (place / file).write_text("\n".join(lines) + "\n")
            commit(place)
    next_version(own_template, "v9.0.0", readme=f"\nNews {seed}.\n")
    trainees = {name: chosen(chance) for name in trainees}
    write_roster(here, own_template, trainees)
    ran = installed.run("generate", "s.toml")
    assert "Traceback" not in ran.out + ran.err, ran.err
    for name, answers in trainees.items():
        plainly(theirs / name, "update", data=answers)
        if not git(theirs / name, "ls-files", "--unmerged"):
            commit(theirs / name)
        assert everything(here / "s" / name) == everything(theirs / name), (name, answers)


# Another Copier


def told_as(version: str, folder: Path) -> str:
    """A folder for PYTHONPATH in which the installed Copier says that it is another version."""
    metadata = folder / f"copier-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Metadata-Version: 2.1\nName: copier\nVersion: {version}\n")
    return str(folder)


def test_another_copier_makes_the_repositories_by_itself(
    foreign: Path, installed: Installed, tmp_path: Path
) -> None:
    path = told_as("9.99.0", tmp_path / "newer")
    path = os.pathsep.join([path, installed.environment["PYTHONPATH"]])
    said = compare_foreign(foreign, installed, {"bob": "green"}, PYTHONPATH=path)
    assert said.err.count("This command was tested with Copier 9.19, and 9.99.0 is installed.") == 1


@pytest.mark.thorough
def test_an_older_copier_that_is_really_installed(
    foreign: Path, installed: Installed, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    command = ["uv", "pip", "install", "--quiet", "--no-deps", "--target", str(older)]
    uv = Path(sys.executable).parent / command[0]
    done = subprocess.run([uv, *command[1:], "copier==9.18.2"], capture_output=True, text=True)
    if done.returncode:
        needs.skip_without("an index of packages")
    path = os.pathsep.join([str(older), installed.environment["PYTHONPATH"]])
    said = compare_foreign(foreign, installed, {"bob": "green"}, PYTHONPATH=path)
    assert "9.18.2 is installed" in said.err


def test_a_copier_that_lacks_what_is_needed_is_said_to(
    installed: Installed, tmp_path: Path
) -> None:
    path = Path(told_as("9.98.0", tmp_path / "newest"))
    (path / "sitecustomize.py").write_text("import copier._vcs as vcs\ndel vcs._get_cache_dir\n")
    ran = installed.run("--version", PYTHONPATH=str(path))
    assert ran.code == 1
    assert "cannot work with Copier 9.98.0" in ran.err
    assert "Traceback" not in ran.err


def test_one_module_knows_what_is_inside_copier() -> None:
    found = {
        path
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported(node)
        if name.startswith("copier._")
    }
    assert found == {INSIDE}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{one.name}" for one in node.names]
    return [one.name for one in node.names] if isinstance(node, ast.Import) else []
