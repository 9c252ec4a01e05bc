"""What goes wrong around a run: disks, rights, other runs, templates and remotes that refuse."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from matchmaker.repositories import work
from matchmaker.repositories.copier_adapter import shared
from matchmaker.repositories.output import Output
from matchmaker.session import Trainee, Versions
from tests import needs
from tests.conftest import REPOSITORY, git
from tests.matchmaker.conftest import (
    KEY,
    Session,
    containing,
    let_through,
    next_version,
    tree,
    whole,
)


@contextlib.contextmanager
def mounted(place: Path, *options: str) -> Iterator[None]:
    """A small file system in a folder; the test is skipped where that is not allowed."""
    place.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(place)], capture_output=True, text=True)
    if done.returncode:
        needs.skip_without("the right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize(
    "room_for",  # it fills up at another command each time
    [3.2, *(pytest.param(room, marks=pytest.mark.thorough) for room in (1.9, 2.4, 3.5, 3.9))],
)
def test_a_full_disk(session: Session, room_for: float) -> None:
    session.write("Ada")
    assert session.run().code == 0
    one = sum(path.lstat().st_blocks * 512 for path in (session.out / "ada").rglob("*"))
    shutil.rmtree(session.out)

    names = [f"Trainee {number}" for number in range(8)]
    session.write(*names)
    with mounted(session.out, "-t", "tmpfs", "-o", f"size={int(one * room_for)}", "tmpfs"):
        ran = session.run()
        assert ran.code == 1
        assert "Traceback" not in ran.out + ran.err
        lines = ran.out.splitlines()
        failed = [f"trainee-{line.split()[1]}" for line in lines if "  failed  " in line]
        told = "\n".join(line for line in lines if "disk is full" in line)
        assert failed
        assert all(slug in told or " more: " in told for slug in failed)
        made = [path for path in session.out.glob("trainee-*") if whole(path)]
        assert 0 < len(made) < len(names)
        assert len(list(session.out.glob("trainee-*"))) == len(made)

        subprocess.run(["mount", "-o", f"remount,size={one * 12}", str(session.out)], check=True)
        before = {path: tree(path) for path in made}
        assert session.run().code == 0
        assert all(tree(path) == files for path, files in before.items())
        assert all(whole(session.out / f"trainee-{number}") for number in range(8))


def test_what_failed_is_said_where_the_folder_is_gone(tmp_path: Path) -> None:
    assert work.explain(OSError("no luck"), tmp_path / "gone") == "no luck"


def test_a_disk_without_room_for_anything(session: Session) -> None:
    session.write("Ada")
    with mounted(session.out, "-t", "tmpfs", "-o", "size=12k", "tmpfs"):
        ran = session.run()
        assert ran.code == 1
        assert "No space left on device" in ran.out + ran.err
        assert "Traceback" not in ran.out + ran.err
        assert not (session.out / "ada").exists()


def test_an_output_that_is_read_only(session: Session) -> None:
    session.write("Ada")
    session.out.mkdir()
    with mounted(session.out, "-t", "tmpfs", "-o", "ro", "tmpfs"):
        ran = session.run()
        assert ran.code == 1
        assert f"{session.out} cannot be written to: Read-only file system." in ran.err
        assert "--out" in ran.err


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_an_output_that_is_a_file(session: Session, options: tuple[str, ...]) -> None:
    session.write("Ada")
    session.out.write_text("mine")
    ran = session.run(*options)
    assert ran.code == 1
    assert f"{session.out} cannot be written to: Not a directory." in ran.err
    assert "--out" in ran.err
    assert session.out.read_text() == "mine"


def test_two_instructors_at_once(session: Session) -> None:
    session.write("Ada", "Bob", "Cy", "Dan")
    runs = [session.start(), session.start()]
    said = [run.communicate(timeout=300) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    table = "".join(out for out, _ in said)
    assert table.count("  created") == table.count("  unchanged") == 4
    for slug in ("ada", "bob", "cy", "dan"):
        assert whole(session.out / slug)
        assert git(session.out / slug, "log", "--format=%s") == "Start the workshop\n"


def test_one_that_waits_says_so(session: Session) -> None:
    holding = (
        "import sys, time; from pathlib import Path\n"
        "from matchmaker.repositories.output import Output\n"
        "with Output(Path(sys.argv[1])).opened(print):\n"
        "    print(flush=True); time.sleep(2); Path(sys.argv[1], 'done').touch()\n"
    )
    command = [sys.executable, "-c", holding, str(session.out)]
    holder = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    holder.stdout.readline()
    heard: list[str] = []
    with Output(session.out).opened(heard.append):
        assert (session.out / "done").exists()
    assert holder.wait() == 0
    assert heard[0].startswith("Another run is writing")


def test_a_run_that_is_killed_alone_leaves_no_process(session: Session) -> None:
    session.write(*(f"Trainee {number}" for number in range(40)))
    run = session.start()
    group: set[psutil.Process] = set()
    while not list(session.out.glob("trainee-*")):
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)
    group = set(psutil.Process(run.pid).children(recursive=True))
    assert group
    run.kill()
    run.wait()
    _, alive = psutil.wait_procs(group, timeout=20)
    for process in alive:
        process.kill()
    assert alive == []
    assert all(whole(path) for path in session.out.glob("trainee-*"))


def test_ctrl_c(session: Session) -> None:
    session.write(*(f"Trainee {number}" for number in range(40)))
    run = session.start()
    while not list(session.out.glob("trainee-*")):
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 130
    assert err.strip().splitlines()[-1].startswith("Stopped; nothing is half done.")
    assert "Traceback" not in err
    assert all(whole(path) for path in session.out.glob("trainee-*"))
    assert not (session.out / ".matchmaker" / "new").exists()


def test_what_is_done_is_recorded_before_the_handing_out(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("matchmaker.generate.hand_out", interrupted)
    monkeypatch.setattr("matchmaker.generate.SECONDS_BETWEEN", 1000.0)
    session.write("Ada", "Bob")
    assert session.run().code == 130
    assert session.did() == {"ada": "created", "bob": "created"}


def test_a_template_that_vanishes_after_the_clone(
    session: Session, own_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.template = own_template
    session.write("Ada", "Bob", "Cy")
    act = work._act

    def vanishing(*arguments: Any) -> Any:
        shutil.rmtree(own_template, ignore_errors=True)
        return act(*arguments)

    monkeypatch.setattr(work, "_act", vanishing)
    assert session.run().code == 0
    assert all(whole(session.out / slug) for slug in ("ada", "bob", "cy"))
    monkeypatch.undo()


def test_a_clone_that_vanishes_in_the_middle(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.write("Ada", "Bob", "Cy")
    act = work._act

    def vanishing(trainee: Trainee, output: Output, versions: Versions) -> Any:
        if trainee.slug == "bob":
            clone = shared()[versions.source, versions.version].local_abspath
            shutil.rmtree(clone / "template")
        return act(trainee, output, versions)

    with monkeypatch.context() as patch:
        patch.setattr(work, "_act", vanishing)
        assert session.run().code == 1
    assert session.did() == {"ada": "created", "bob": "failed", "cy": "failed"}
    assert [path.name for path in session.out.iterdir() if path.is_dir()].count("bob") == 0
    assert whole(session.out / "ada")
    assert session.run().code == 0
    assert session.did() == {"ada": "unchanged", "bob": "created", "cy": "created"}


def test_a_worker_that_is_killed(session: Session) -> None:
    session.write(*(f"Trainee {number}" for number in range(30)))
    run = session.start()
    while not list(session.out.glob("trainee-*")):
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)
    victim = next(c for c in psutil.Process(run.pid).children() if "python" in c.name())
    victim.kill()
    out, err = run.communicate(timeout=120)
    assert run.returncode == 1
    assert "the process that made it was killed; run the command again" in out
    assert "Traceback" not in err
    assert all(whole(path) for path in session.out.glob("trainee-*"))


def test_edits_made_while_an_update_runs_are_kept(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.write("Ada")
    session.run()
    session.write("Ada", step=3)
    swap = Output.swap

    def late(output: Output, slug: str) -> Path:
        (output.repository(slug) / "app.py").write_text("a late edit\n")
        return swap(output, slug)

    with monkeypatch.context() as patch:
        patch.setattr(Output, "swap", late)
        assert session.run().code == 0
    (kept,) = session.out.glob("_replaced/*/ada")
    assert str(kept) in session.detail("ada")
    assert (kept / "app.py").read_text() == "a late edit\n"
    assert whole(session.out / "ada")


def test_an_update_loses_nothing_that_is_in_no_commit(session: Session, own_template: Path) -> None:
    session.template = own_template
    session.write("Ada")
    assert session.run().code == 0
    ada = session.out / "ada"
    (ada / ".git" / "info" / "exclude").write_text("notes.md\n")
    (ada / "notes.md").write_text("mine, and git ignores it\n")
    (ada / "README.md").write_text("staged\n")
    git(ada, "add", "README.md")
    (ada / "README.md").write_text("changed again\n")
    nested = ada / "a clone [of mine]"
    git(ada, "init", "--quiet", str(nested))
    (nested / "inner.txt").write_text("in another repository\n")
    (ada / "a name\n\x1b[2J").touch()
    (own_template / "template" / "notes.md").write_text("the template's\n")
    git(own_template, "add", "--all")
    next_version(own_template, "v1.1.0")
    session.run()
    assert session.did() == {"ada": "conflict"}
    (kept,) = session.out.glob("_replaced/*/ada")
    assert (kept / "notes.md").read_text() == "mine, and git ignores it\n"
    said = f"replaced though git ignores it: notes.md; as it was: {kept}"
    assert said in session.detail("ada")
    assert r"committed first: README.md, a name\n\x1b[2J" in session.detail("ada")
    assert (ada / "notes.md").read_text() == "the template's\n"
    assert git(ada, "show", "HEAD~1:README.md") == "staged\n"
    assert git(ada, "show", "HEAD:README.md") == "changed again\n"
    assert (nested / "inner.txt").read_text() == "in another repository\n"
    assert "a clone" not in git(ada, "ls-tree", "--name-only", "HEAD")
    assert (ada / ".git" / "info" / "exclude").read_text() == "notes.md\n"


def test_a_stack_that_runs_is_not_updated_under_its_feet(session: Session) -> None:
    session.write("Ada", "Bob")
    session.run()
    session.write("Ada", "Bob", step=3, port_offset=100)
    service = subprocess.Popen(["sleep", "60"], cwd=session.out / "ada" / "steps")
    try:
        assert session.run().code == 1
        assert session.did() == {"ada": "failed", "bob": "updated"}
        assert f"sleep (pid {service.pid}) works in it" in session.detail("ada")
        # It is said to be what it is, not what the roster wants it to be.
        (line,) = re.findall("^Ada .*", session.run("--dry-run").out, re.MULTILINE)
        assert line.split()[:2] == ["Ada", "1"]
        assert re.search(r" 5000 5001 .*refuse", line)
        trainees = json.loads((session.out / "session.json").read_text())["trainees"]
        assert (trainees["ada"]["step"], trainees["ada"]["ports"]["web"]) == (1, 5000)
        assert (trainees["bob"]["step"], trainees["bob"]["ports"]["web"]) == (3, 5100)
        assert "step 1: " in (session.out / "cards.html").read_text()
    finally:
        service.kill()
        service.wait()
    assert session.run().code == 0
    assert session.did() == {"ada": "updated", "bob": "unchanged"}


def test_containers_that_run_are_not_updated_under_their_feet(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.write("Ada", "Bob")
    session.run()
    programs = session.folder / "bin"
    programs.mkdir()
    docker = programs / "docker"
    docker.write_text(
        "#!/bin/sh\n"
        f"""[ "$5" = '{{{{.Label "com.docker.compose.project.working_dir"}}}}' ] || exit 1\n"""
        f"echo {session.out}/ada\n"
    )
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    assert session.run("--fresh").code == 1
    assert session.did() == {"ada": "failed", "bob": "replaced"}
    assert "its containers are running" in session.detail("ada")


def test_a_command_that_was_started_in_a_repository(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.write("Ada")
    session.run()
    session.write("Ada", step=3)
    monkeypatch.chdir(session.out / "ada" / "steps")
    assert session.run().code == 1
    assert "started inside it; start it from another folder" in session.detail("ada")


def test_an_update_that_fails_leaves_the_step_as_it_was(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.write("Ada")
    session.run()
    session.write("Ada", step=3)

    def failing(*_: Any) -> Any:
        raise OSError("no luck")

    monkeypatch.setattr(work, "_act", failing)
    assert session.run().code == 1
    assert json.loads((session.out / "session.json").read_text())["trainees"]["ada"]["step"] == 1


# Handing out


def bare(folder: Path, slug: str) -> Path:
    place = folder / "remote" / f"{slug}.git"
    place.mkdir(parents=True)
    git(place, "init", "--bare", "--quiet", "--initial-branch=main")
    return place


@needs.only_root
@pytest.mark.parametrize("as_url", [False, True])
def test_a_template_of_another_user(session: Session, own_template: Path, as_url: bool) -> None:
    for path in (own_template, *own_template.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    session.template = f"git+{own_template.as_uri()}" if as_url else own_template  # type: ignore[assignment]
    session.write("Ada")
    ran = session.run()
    assert ran.code == 1
    trust = "git config --global --add safe.directory"
    assert f"{trust} {own_template}" in " ".join(ran.err.split())
    git(session.folder, "config", "--global", "--add", "safe.directory", str(own_template))
    git(session.folder, "config", "--global", "--add", "safe.directory", f"{own_template}/.git")
    assert session.run().code == 0


@needs.only_root
def test_a_trainee_keeps_the_files_on_a_shared_host(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.write("Ada", backend="datadog", session='api_key = "later"')
    session.run()
    ada = session.out / "ada"
    somebody = 12345
    for path in (ada, *ada.rglob("*")):
        os.chown(path, somebody, somebody, follow_symlinks=False)
    monkeypatch.setenv("DD_API_KEY", KEY)
    session.write("Ada", backend="datadog", session='api_key = {env = "DD_API_KEY"}')
    assert "chmod o+x /" in session.run().out  # pytest's folders are closed to others
    let_through(session.out, Path(tempfile.gettempdir()))
    monkeypatch.setenv("DD_API_KEY", KEY)
    session.write("Ada", backend="datadog", session='api_key = {env = "DD_API_KEY"}')
    said = session.run()
    assert session.did() == {"ada": "key set"}, said.out + said.err
    session.write("Ada", step=2)
    said = session.run()
    assert session.did() == {"ada": "updated"}, said.out
    assert {path.lstat().st_uid for path in (ada, *ada.rglob("*"))} == {somebody}


def test_pushes_of_which_one_is_refused(session: Session) -> None:
    session.write("Ada", "Bob", "Cy")
    remotes = {slug: bare(session.folder, slug) for slug in ("ada", "bob", "cy")}
    hook = remotes["bob"] / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'no room for bob' >&2\nexit 1\n")
    hook.chmod(0o755)
    pattern = str(session.folder / "remote" / "{slug}.git")
    ran = session.run("--push", pattern)
    assert ran.code == 1
    assert "bob: not pushed to" in ran.err
    assert "ada: " not in ran.err
    for slug in ("ada", "cy"):
        assert git(remotes[slug], "rev-parse", "main") == git(
            session.out / slug, "rev-parse", "HEAD"
        )
    assert "<i>ada.git</i>" in (session.out / "cards.html").read_text()

    hook.unlink()
    assert session.run("--push", pattern).code == 0
    assert set(session.did().values()) == {"unchanged"}
    assert git(remotes["bob"], "rev-parse", "main") == git(session.out / "bob", "rev-parse", "HEAD")


def test_a_push_never_overwrites(session: Session) -> None:
    session.write("Ada")
    remote = bare(session.folder, "ada")
    pattern = str(session.folder / "remote" / "{slug}.git")
    session.run("--push", pattern)
    before = git(remote, "rev-parse", "main")
    ran = session.run("--fresh", "--push", pattern)
    assert git(remote, "rev-parse", "main") == before or ran.code == 1
    git(session.out / "ada", "commit", "--quiet", "--amend", "--message", "Another history")
    assert session.run("--push", pattern).code == 1
    assert git(remote, "rev-parse", "main") == before


def test_nobody_is_asked_while_several_are_pushed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WhoAreYou(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            self.end_headers()

    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.delenv("GIT_ASKPASS", raising=False)
    session.write("Ada")
    with ThreadingHTTPServer(("127.0.0.1", 0), WhoAreYou) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ran = session.run("--push", f"http://127.0.0.1:{server.server_port}/{{slug}}.git")
        server.shutdown()
    assert ran.code == 1
    assert "terminal prompts disabled" in ran.err
    assert "a credential helper that stores what you type" in ran.err

    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    ran = session.run("--push", "git@localhost:{slug}.git")
    assert "(ssh-add)" in ran.err
    monkeypatch.delenv("GIT_SSH_COMMAND")
    git(session.folder, "init", "--quiet", "out")
    git(session.out, "config", "core.sshCommand", f"echo >{session.folder}/ssh")
    session.run("--push", "git@localhost:{slug}.git")
    assert (session.folder / "ssh").read_text().startswith("-o BatchMode=yes ")


@pytest.mark.parametrize(
    "url",
    [
        "git@host:team/all.git",
        "https://me:secret@host/{slug}.git",
        "https://secret@host/{slug}.git",  # the token alone
        "ssh://me:secret@host/{slug}.git",
    ],
)
def test_a_wrong_place_to_push_to(session: Session, url: str) -> None:
    session.write("Ada")
    ran = session.run("--push", url)
    assert ran.code == 1
    assert "secret" not in ran.err
    assert not session.out.exists()


def test_what_is_not_right_is_not_handed_out(session: Session) -> None:
    session.write("Ada", "Bob", "Cy", step=2)
    session.run()
    app = session.out / "ada" / "app.py"
    app.write_text(app.read_text().replace('@app.get("/pair/beer")', '@app.get("/pair/beer")  # !'))
    (session.out / "bob" / ".copier-answers.yml").unlink()
    session.write("Ada", "Bob", "Cy", step=3)
    for slug in ("ada", "bob", "cy"):
        bare(session.folder, slug)
    remote = session.folder / "remote"
    for _ in range(2):  # the update that leaves a conflict, and the run that finds it there
        ran = session.run("--bundle", "--push", str(remote / "{slug}.git"))
        assert ran.code == 1
        assert "Not handed out, for the reasons above: ada, bob\n" in ran.err
        assert {f.name for f in (session.out / "_bundles").iterdir()} == {"cy.zip", "cy.bundle"}
    pushed = {one.name for one in remote.iterdir() if git(one, "for-each-ref")}
    assert pushed == {"cy.git"}


@pytest.mark.parametrize("with_keys", [False, True])
def test_bundles(session: Session, monkeypatch: pytest.MonkeyPatch, with_keys: bool) -> None:
    monkeypatch.setenv("DD_API_KEY", KEY)
    session.write("Ada", session='api_key = {env = "DD_API_KEY"}', backend="datadog")
    assert session.run("--bundle", *(["--with-keys"] if with_keys else [])).code == 0
    page = (session.out / "cards.html").read_text()
    assert "<i>ada.zip</i>" in page
    assert ("uv run workshop key" in page) != with_keys
    bundles = session.out / "_bundles"
    unpacked = session.folder / "unpacked"
    with zipfile.ZipFile(bundles / "ada.zip") as archive:
        archive.extractall(unpacked)
    assert git(unpacked / "ada", "status", "--porcelain") == ""
    assert git(unpacked / "ada", "log", "--format=%s") == "Start the workshop\n"
    assert containing(unpacked, KEY) == (["ada/.key/datadog"] if with_keys else [])
    git(session.folder, "clone", "--quiet", str(bundles / "ada.bundle"), "cloned")
    assert git(session.folder / "cloned", "rev-parse", "HEAD") == git(
        session.out / "ada", "rev-parse", "HEAD"
    )
    assert containing(session.folder / "cloned", KEY) == []
    if with_keys:
        assert (bundles / "ada.zip").stat().st_mode & 0o077 == 0
