"""Where something is not as it should be: the work stays intact, and a sentence helps."""

import fcntl
import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import copier
import pytest
from workshop import inside
from workshop.moving import answers, glance, moves, template_bundle, template_copy
from workshop.moving.difference import of_trainee
from workshop.problem import Problem

from tests.conftest import copy_of, git, update
from tests.workshop.moving.conftest import CODE, CopyAt, branches, files, half_done, lost, step_of

Move = Callable[[Path], object]

MOVES: dict[str, Move] = {
    "next": lambda workshop: moves.advance(workshop, CODE),
    "goto": lambda workshop: moves.go_to(workshop, 7),
    "reset": lambda workshop: moves.reset(workshop, None),
    "update": moves.update,
}
every_move = pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
every_rewrite = pytest.mark.parametrize(  # `reset` and `goto` differ in the step alone
    "name", ["next", "goto", pytest.param("reset", marks=pytest.mark.thorough)]
)
one_rewrite = pytest.mark.parametrize(  # where all three do the same
    "name",
    [
        "goto",
        *(pytest.param(name, marks=pytest.mark.thorough) for name in ("next", "reset")),
    ],
)


def refused(workshop: Path, move: Move) -> str:
    """What a move says that does not begin; it must not have changed anything."""
    before = files(workshop) if (workshop / ".git").exists() else of_trainee(workshop, CODE)
    with pytest.raises(Problem) as caught:
        move(workshop)
    after = files(workshop) if (workshop / ".git").exists() else of_trainee(workshop, CODE)
    assert after == before
    assert caught.value.remedy
    return f"{caught.value.what}\n{caught.value.remedy}"


@every_move
def test_no_repository(at: CopyAt, move: Move) -> None:
    workshop = at(3)
    shutil.rmtree(workshop / ".git")
    (workshop / "app.py").write_text("# mine\n")
    lines = [line.strip() for line in refused(workshop, move).splitlines()]
    assert lines[-3:] == ["git init", "git add --all", 'git commit --message "My work"']
    assert (workshop / "app.py").read_text() == "# mine\n"


@every_move
def test_no_git(at: CopyAt, move: Move, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop = at(3)
    shutil.move(workshop / ".git", tmp_path / "aside")  # what `refused` compares with needs no git
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git is not installed" in refused(workshop, move)


@one_rewrite
def test_inside_another_repository(at: CopyAt, tmp_path: Path, name: str) -> None:
    workshop = at(3)
    shutil.rmtree(workshop / ".git")
    git(tmp_path, "init", "--quiet")
    (tmp_path / "outside.txt").write_text("not the workshop's\n")
    lines = ["# mine, in another's repository", "mine and new"]
    (workshop / "app.py").write_text(lines[0])
    (workshop / "new.md").write_text(lines[1])
    MOVES[name](workshop)
    assert lost(workshop, lines) == []
    (branch,) = branches(tmp_path)
    saved = git(tmp_path, "ls-tree", "-r", "--name-only", branch).splitlines()
    assert {"workshop/app.py", "workshop/new.md"} <= set(saved)
    assert "outside.txt" not in saved
    assert (tmp_path / "outside.txt").exists()


@every_move
def test_inside_a_repository_that_ignores_it(at: CopyAt, tmp_path: Path, move: Move) -> None:
    workshop = at(3)
    shutil.rmtree(workshop / ".git")
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text("workshop/\n")
    (workshop / "app.py").write_text("# mine\n")
    assert "ignores it" in refused(workshop, move)
    assert (workshop / "app.py").read_text() == "# mine\n"


@one_rewrite
def test_a_detached_head(at: CopyAt, name: str) -> None:
    workshop = at(3)
    git(workshop, "checkout", "--quiet", "--detach")
    (workshop / "app.py").write_text("# mine, committed on no branch\n")
    git(workshop, "commit", "--quiet", "--all", "--message", "On no branch")
    head = git(workshop, "rev-parse", "HEAD")
    MOVES[name](workshop)
    assert git(workshop, "rev-parse", "HEAD") == head
    assert lost(workshop, ["# mine, committed on no branch"]) == []
    assert len(branches(workshop)) == 1


@one_rewrite
def test_no_commit_yet(at: CopyAt, name: str) -> None:
    workshop = at(3)
    shutil.rmtree(workshop / ".git")
    git(workshop, "init", "--quiet")
    (workshop / "app.py").write_text("# mine, never committed\n")
    MOVES[name](workshop)
    assert lost(workshop, ["# mine, never committed"]) == []
    assert len(branches(workshop)) == 1


@one_rewrite
def test_nobody_s_name(at: CopyAt, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop = at(3)
    lines = half_done(workshop)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    MOVES[name](workshop)
    (branch,) = branches(workshop)
    assert git(workshop, "log", "-1", "--format=%an", branch).strip() == "Matchmaker"
    assert lost(workshop, lines) == []


@pytest.mark.parametrize("name", ["goto", "reset"])
def test_a_file_that_git_ignores(at: CopyAt, name: str) -> None:
    workshop = at(3)
    (workshop / ".git" / "info" / "exclude").write_text(".devcontainer\n*.jpg\n")
    git(workshop, "rm", "--quiet", "-r", "--cached", ".devcontainer")
    git(workshop, "commit", "--quiet", "--message", "Without a dev container")
    (workshop / ".devcontainer" / "Dockerfile").write_text("# mine, and ignored\n")
    (workshop / "donut.jpg").write_text("large, and ignored\n")
    MOVES[name](workshop)
    assert lost(workshop, ["# mine, and ignored"]) == []
    (branch,) = branches(workshop)
    assert "donut.jpg" not in git(workshop, "ls-tree", "-r", "--name-only", branch)


@every_rewrite
def test_the_key_is_not_saved_where_git_does_not_ignore_it(at: CopyAt, name: str) -> None:
    workshop = at(3)
    (workshop / ".env").write_text("DD_API_KEY=mine\n")
    (workshop / ".key" / "datadog").write_text("mine\n")
    (workshop / ".key" / ".gitignore").write_text("# nothing\n")
    (workshop / ".gitignore").write_text("# nothing\n")
    (workshop / ".workshop" / ".gitignore").write_text("*\n")
    git(workshop, "add", "--all")
    MOVES[name](workshop)
    (branch,) = branches(workshop)
    assert git(workshop, "log", "--format=%h", branch, "--", ".env", ".key/datadog") == ""
    assert (workshop / ".env").read_text() == "DD_API_KEY=mine\n"
    assert (workshop / ".key" / "datadog").read_text() == "mine\n"


def test_code_that_is_missing_does_not_come_as_the_solution(at: CopyAt) -> None:
    workshop = at(3)
    (workshop / "app.py").unlink()
    assert "app.py" not in moves.advance(workshop, CODE).changed
    assert not (workshop / "app.py").exists()


@every_move
def test_a_merge_that_is_half_done(at: CopyAt, move: Move) -> None:
    workshop = at(3)
    lines = in_conflict(workshop)
    index = git(workshop, "ls-files", "--stage")
    said = refused(workshop, move)
    assert "git merge --abort" in said
    assert git(workshop, "ls-files", "--stage") == index
    assert lost(workshop, lines) == []


def in_conflict(workshop: Path) -> list[str]:
    """Begin a merge that cannot end by itself."""
    lines = ["# mine, on one side", "# mine, on the other side"]
    app = workshop / "app.py"
    git(workshop, "checkout", "--quiet", "-b", "side")
    for branch, line in zip(("side", "main"), lines, strict=True):
        git(workshop, "checkout", "--quiet", branch)
        app.write_text(f"{line}\n{app.read_text()}")
        git(workshop, "commit", "--quiet", "--all", "--message", branch)
    done = subprocess.run(["git", "merge", "side"], cwd=workshop, capture_output=True, check=False)
    assert done.returncode == 1
    return lines


def conflicts_of_an_update(workshop: Path) -> str:
    """What `copier update` alone leaves behind when both changed a line."""
    app = workshop / "app.py"
    line = '@app.get("/pair/beer")  # mine'
    app.write_text(app.read_text().replace('@app.get("/pair/beer")', line))
    git(workshop, "commit", "--quiet", "--all", "--message", "Mine")
    update(workshop, step=3)
    assert git(workshop, "ls-files", "--unmerged")
    return line


@pytest.mark.parametrize("name", ["next", "update"])
@pytest.mark.sample(2)
def test_conflicts_are_to_be_resolved_before_a_merge(at: CopyAt, name: str) -> None:
    workshop = at(2)
    line = conflicts_of_an_update(workshop)
    said = refused(workshop, MOVES[name])
    (first,) = [
        number
        for number, text in enumerate((workshop / "app.py").read_text().splitlines(), 1)
        if text.startswith("<<<<<<<")
    ]
    assert f"app.py, lines {first} to " in said
    assert lost(workshop, [line]) == []


@pytest.mark.parametrize("name", ["goto", "reset"])
@pytest.mark.sample(2)
def test_the_reference_is_a_way_out_of_conflicts(at: CopyAt, pristine: CopyAt, name: str) -> None:
    workshop = at(2)
    line = conflicts_of_an_update(workshop)
    MOVES[name](workshop)
    assert git(workshop, "ls-files", "--unmerged") == ""
    assert files(workshop) == files(pristine(7 if name == "goto" else 3))
    (branch,) = branches(workshop)
    assert "<<<<<<< before updating" in git(workshop, "show", f"{branch}:app.py")
    assert lost(workshop, [line]) == []


@pytest.fixture
def source(template: Path, tmp_path: Path) -> Path:
    """A template that can be moved."""
    return Path(shutil.copytree(template, tmp_path / "source"))


@pytest.fixture
def workshop(source: Path, tmp_path: Path) -> Path:
    return copy_of(source, tmp_path / "mine", step=3)


@every_rewrite
def test_a_template_that_has_moved(source: Path, workshop: Path, name: str) -> None:
    source.rename(source.with_name("elsewhere"))
    lines = half_done(workshop)
    MOVES[name](workshop)
    assert step_of(workshop) == {"next": 4, "goto": 7, "reset": 3}[name]
    assert f"_src_path: {source}" in (workshop / ".copier-answers.yml").read_text()
    assert lost(workshop, lines) == []


def test_an_update_from_a_template_that_has_moved(source: Path, workshop: Path) -> None:
    source.rename(source.with_name("elsewhere"))
    said = refused(workshop, moves.update)
    assert f"{source} cannot be reached" in said
    assert "_src_path" in said
    assert glance.newer(workshop) is None

    answers = workshop / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(source), f"{source.parent}/elsewhere"))
    assert moves.update(workshop) is None


@every_rewrite
def test_a_clone_of_the_workshop_needs_no_template(
    source: Path, workshop: Path, tmp_path: Path, name: str
) -> None:
    source.rename(source.with_name("elsewhere"))
    git(tmp_path, "clone", "--quiet", str(workshop), "clone")
    clone = tmp_path / "clone"
    assert not (clone / template_copy.PATH).exists()
    MOVES[name](clone)
    assert step_of(clone) == {"next": 4, "goto": 7, "reset": 3}[name]
    assert (clone / template_copy.PATH).exists()


@every_move
@pytest.mark.sample(2)
def test_a_template_that_is_nowhere(source: Path, workshop: Path, move: Move) -> None:
    source.rename(source.with_name("elsewhere"))
    half_done(workshop)
    bundle = workshop / template_bundle.NAME
    whole = bundle.read_bytes()
    for content, what in ((whole[:-9], "is broken"), (None, "is missing")):
        bundle.unlink()
        if content:
            bundle.write_bytes(content)
        said = refused(workshop, move)
        assert f"{template_bundle.NAME} {what}" in said
        assert f"{source} cannot be reached" in said
        assert f"git restore {template_bundle.NAME}" in said
        assert {path.name for path in (workshop / ".workshop").iterdir()} <= {
            ".keep",
            "moving.lock",
        }
    git(workshop, "restore", template_bundle.NAME)
    MOVES["goto"](workshop)
    assert step_of(workshop) == 7


@every_move
def test_a_template_without_the_version(source: Path, workshop: Path, move: Move) -> None:
    (workshop / template_bundle.NAME).unlink()
    git(source, "tag", "--delete", "v1.0.0")
    assert "no longer has the version v1.0.0" in refused(workshop, move)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.git", "gh:/no/where", "git@localhost:x"])
@pytest.mark.sample(2)
def test_no_network(
    workshop: Path, address: str, monkeypatch: pytest.MonkeyPatch, pristine: CopyAt
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody answers there
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    answers = workshop / ".copier-answers.yml"
    lines = [line for line in answers.read_text().splitlines() if not line.startswith("_src")]
    answers.write_text("\n".join([*lines, f"_src_path: {address}", ""]))
    assert f"{address} cannot be reached" in refused(workshop, moves.update)
    assert glance.newer(workshop) is None
    moves.go_to(workshop, 5)
    assert files(workshop)["app.py"] == files(pristine(5))["app.py"]


def test_status_does_not_wait_for_a_server_that_says_nothing(workshop: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        answers = workshop / ".copier-answers.yml"
        address = f"git://127.0.0.1:{silent.getsockname()[1]}/a.git"
        text = answers.read_text()
        (before,) = [line for line in text.splitlines() if line.startswith("_src_path")]
        answers.write_text(text.replace(before, f"_src_path: {address}"))
        assert glance.newer(workshop) is None


@pytest.mark.filterwarnings("ignore::copier.errors.DirtyLocalWarning")
def test_a_copy_of_a_checkout_with_changes_moves_too(source: Path, tmp_path: Path) -> None:
    page = source / "template" / "models.py"
    page.write_text(page.read_text() + "\n# a contributor's change, not committed\n")
    workshop = tmp_path / "theirs"
    copier.run_copy(
        str(source),
        workshop,
        data={"step": 3},
        vcs_ref="HEAD",
        defaults=True,
        unsafe=True,
        quiet=True,
    )
    moves.advance(workshop, CODE)
    moves.go_to(workshop, 8)
    assert "a contributor's change" in (workshop / "models.py").read_text()
    assert step_of(workshop) == 8


def test_a_file_that_cannot_be_written_leaves_the_way_open(at: CopyAt, pristine: CopyAt) -> None:
    workshop = at(3)
    lines = half_done(workshop)
    blocking = workshop / "timing.py"
    blocking.unlink()
    blocking.mkdir()
    (blocking / "mine").write_text("a folder where a file belongs\n")
    with pytest.raises(Problem, match=r"timing\.py is a folder") as caught:
        moves.go_to(workshop, 7)
    assert "try again" in caught.value.remedy
    assert lost(workshop, [*lines, "a folder where a file belongs"]) == []
    shutil.rmtree(blocking)
    moves.go_to(workshop, 7)
    assert files(workshop)["timing.py"] == files(pristine(7))["timing.py"]


def test_whoever_stops_it_halfway_is_told_where_the_work_is(
    at: CopyAt,
    pristine: CopyAt,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workshop = at(2)
    (workshop / "app.py").write_text("# mine\n")
    write = inside.write

    def stopped(root: Path, name: str, content: bytes) -> None:
        write(root, name, content)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(inside, "write", stopped)
        with pytest.raises(KeyboardInterrupt):
            moves.go_to(workshop, 7)
    (branch,) = branches(workshop)
    said = capsys.readouterr().err
    assert f"saved on the branch {branch}.\nRun the same command again" in said
    assert git(workshop, "show", f"{branch}:app.py") == "# mine\n"
    moves.go_to(workshop, 7)
    assert files(workshop) == files(pristine(7))


def test_the_template_keeps_its_copy_where_the_commands_look(workshop: Path) -> None:
    bundle = template_bundle.read((workshop / template_bundle.NAME).read_bytes())
    assert bundle
    assert bundle.version == answers.read(workshop).commit == "v1.0.0"


@every_move
def test_two_at_the_same_time(workshop: Path, move: Move) -> None:
    half_done(workshop)
    with (workshop / ".workshop" / "moving.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "is changing the files" in refused(workshop, move)
    move(workshop)
