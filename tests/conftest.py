"""The template as its users get it: a clean, tagged clone; and workshops made from it."""

import contextlib
import hashlib
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import copier
import plumbum
import psutil
import pytest
from _pytest.nodeid import coerce_node_id
from copier._jinja_ext import SandboxedEnvironment
from copier._main import Worker
from playwright.sync_api import Browser, sync_playwright

from dev import chromium
from dev.checkout import REPOSITORY as REPOSITORY  # tests import it from here
from dev.checkout import tagged_clone
from extensions.steps import STEPS
from tests import needs, second_tries
from tests.watched import WATCHED

# Every answer that changes what is generated, besides names and ports; and the other database,
# which changes no code, with both backends and with and without faults.
COMBINATIONS = [
    {"step": step.number, "log_to_stdout": to_stdout, "inject_errors": faults, "backend": backend}
    for step, to_stdout, faults, backend in itertools.product(
        STEPS, (False, True), (False, True), ("local", "datadog")
    )
] + [
    {
        "step": 8,
        "log_to_stdout": False,
        "inject_errors": faults,
        "backend": backend,
        "database": "postgresql",
    }
    for faults, backend in itertools.product((False, True), ("local", "datadog"))
]

MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 8e9
"""Bytes."""

Render = Callable[..., Path]


def name_of(answers: dict[str, Any]) -> str:
    """A short name of a combination, for the list of tests."""
    switches = ("log_to_stdout", "inject_errors")
    return "-".join(
        [
            f"step{answers['step']}",
            *(s for s in switches if answers[s]),
            answers["backend"],
            *([answers["database"]] if "database" in answers else []),
        ]
    )


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, and give what it prints."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        capture_output=True,
        check=True,
        encoding="utf-8",
        errors="replace",  # what git stores in its objects is not all text
    )
    return done.stdout


def pytest_configure() -> None:
    """Keep the tests' files in memory where there is enough: git and Copier write very many."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before pytest leaves out what is not asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Leave rows of a `sample` to `make test-all`, and start with the tests that take minutes."""
    second_tries.allow(items)
    rows: dict[str, int] = {}
    for item in items:
        if sample := item.get_closest_marker("sample"):
            test = item.nodeid.partition("[")[0]
            rows[test] = rows.get(test, -1) + 1
            if rows[test] % sample.args[0]:
                item.add_marker("thorough")
    # At the end, two processes would wait for a third.
    items.sort(key=lambda item: item.get_closest_marker("first") is None)
    yield
    # xdist 3.8 writes a test's group into `_nodeid`, but pytest 9.2 has its name elsewhere. Without
    # this, tests that share a stack would start one in each process.
    for item in items:
        if grouped := vars(item).get("_nodeid"):
            item._id = coerce_node_id(grouped)


def pytest_runtest_logstart() -> None:
    """Watch the pages of one try of a test, and no others."""
    WATCHED.begin()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what the pages of a test said to a report of its failure."""
    report = yield
    if report.failed:
        report.sections += WATCHED.sections()
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say at the very end what needed a second try, and what this machine lacks."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    for said in (
        second_tries.needed(terminalreporter.stats.get("rerun", [])),
        needs.missing(report.longrepr[2] for report in skipped),
    ):
        if said:
            terminalreporter.write_line(said, yellow=True)


@pytest.fixture(scope="session", autouse=True)
def _copier_works_once() -> Iterator[None]:
    """Copier compiles the same Jinja for each copy, and asks git about each file: once will do."""
    compiled: dict[tuple[Any, ...], Any] = {}
    compile_anew = SandboxedEnvironment.compile
    sync_mode = Worker._sync_git_index_executable_bit

    def compile(
        jinja: Any, source: Any, name: Any = None, filename: Any = None, **more: Any
    ) -> Any:
        # Where a source is stands in tracebacks only, and is another clone each time.
        key = (source, name, *jinja.extensions, *more.items())
        if key not in compiled:
            compiled[key] = compile_anew(jinja, source, name, filename, **more)
        return compiled[key]

    def sync(worker: Any, path: Path, mode: int) -> None:
        config = worker.subproject.local_abspath / ".git" / "config"
        if config.is_file() and "filemode = false" in config.read_text().lower():
            sync_mode(worker, path, mode)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SandboxedEnvironment, "compile", compile)
        patch.setattr(Worker, "_sync_git_index_executable_bit", sync)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobodys_git_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the settings of whoever runs the tests out of them."""
    config = tmp_path_factory.mktemp("git") / "config"
    # In a container the checkout may be another user's, and whoever tests it trusts it.
    trusted = "".join(f'\tdirectory = "{path}"\n' for path in (REPOSITORY, REPOSITORY / ".git"))
    config.write_text(f"[user]\n\tname = Test\n\temail = test@localhost\n[safe]\n{trusted}")
    ours = {"GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_SYSTEM": os.devnull}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ours.items():
            patch.setenv(name, value)
        patch.delenv("DD_API_KEY", raising=False)
        # Copier runs git with the environment that plumbum found when it was imported.
        with plumbum.local.env(**ours):
            yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_stays_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """When all tests are over, no process of theirs runs, and no temporary folder is left."""
    temporary = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", str(temporary))
        yield
    base = tmp_path_factory.getbasetemp()
    deadline = time.monotonic() + 15  # the last ones may be ending just now
    while time.monotonic() < deadline and any(runs_in(base, p) for p in psutil.process_iter()):
        time.sleep(0.1)
    assert [process for process in psutil.process_iter() if runs_in(base, process)] == []
    # Tools that the tests run have files of their own there; these are Copier's and ours.
    ours = ("copier", "matchmaker", "session", "workshop")
    assert [path for path in temporary.iterdir() if path.name.startswith(ours)] == []


def runs_in(folder: Path, process: psutil.Process) -> bool:
    """Whether a process has a folder, or one below it, as its own."""
    try:
        return Path(process.cwd()).is_relative_to(folder)
    except (psutil.Error, OSError):
        return False


def made_once(
    factory: pytest.TempPathFactory, what: str, make: Callable[[Path], object], name: str
) -> Path:
    """A folder that the first test that needs it makes, for all processes. Nobody may change it."""
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # how xdist names them
    kept = shared / "made-once" / hashlib.sha256(what.encode()).hexdigest()[:16]
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        draft = factory.mktemp("draft")
        make(draft / name)
        with contextlib.suppress(OSError):  # another process was quicker
            draft.rename(kept)
    return kept / name


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of this checkout, as a clean repository with one tag."""
    return made_once(tmp_path_factory, "template", tagged_clone, "matchmaker")


@pytest.fixture(scope="session")
def bare_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files without git, which Copier renders several times as fast."""

    def copy(folder: Path) -> None:
        shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".git"))

    return made_once(tmp_path_factory, "bare template", copy, "matchmaker")


@pytest.fixture(scope="session")
def render(bare_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Write a workshop's files for some answers, without making a repository of them."""

    def render(**answers: Any) -> Path:
        def write(folder: Path) -> None:
            copier.run_copy(
                str(bare_template),
                folder,
                data=answers,
                defaults=True,
                unsafe=True,
                quiet=True,
                skip_tasks=True,
            )

        what = f"rendered {sorted(answers.items())}"
        kept = made_once(tmp_path_factory, what, write, "workshop")
        folder = tmp_path_factory.mktemp("rendered") / "workshop"
        return Path(shutil.copytree(kept, folder, symlinks=True))

    return render


def copied_once(template: Path, step: int, factory: pytest.TempPathFactory) -> Path:
    """The repository that `copier copy` makes at a step. Nobody may change it."""

    def copy(folder: Path) -> None:
        copier.run_copy(
            str(template), folder, data={"step": step}, defaults=True, unsafe=True, quiet=True
        )

    return made_once(factory, f"copied at {step}", copy, "workshop")


_copies: dict[str, Path] = {}


def copy_of(source: Path, folder: Path, **answers: Any) -> Path:
    """What `copier copy` makes of a template, for tests of what comes after that.

    Each process runs Copier once for the same versions and answers. Two copies of one version
    differ only in where their template is.
    """
    what = git(source, "show-ref", "--head") + repr(sorted(answers.items()))
    if what not in _copies:
        made = Path(tempfile.mkdtemp(prefix="copied-")) / "workshop"
        copier.run_copy(str(source), made, data=answers, defaults=True, unsafe=True, quiet=True)
        _copies[what] = made
    shutil.copytree(_copies[what], folder, symlinks=True)
    path = folder / ".copier-answers.yml"
    text = path.read_text(encoding="utf-8")
    here, count = re.subn(r"(?m)^_src_path: .*$", lambda _: f"_src_path: {source}", text)
    assert count == 1
    if here != text:
        path.write_text(here, encoding="utf-8")
        git(folder, "commit", "--quiet", "--all", "--amend", "--no-edit")
        git(folder, "reflog", "expire", "--expire=now", "--all")
    return folder


@pytest.fixture
def copy(template: Path, tmp_path: Path) -> Render:
    """Copy the template as a trainee does; gives the new repository."""

    def copy(folder: str = "workshop", **answers: Any) -> Path:
        copier.run_copy(
            str(template), tmp_path / folder, data=answers, defaults=True, unsafe=True, quiet=True
        )
        return tmp_path / folder

    return copy


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser; without one its tests are skipped, but never in CI."""
    found = chromium.find()
    if not found:
        needs.skip_without("Chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=chromium.FLAGS)
        WATCHED.follow(started)
        yield started
        started.close()


def update(workshop: Path, **answers: Any) -> None:
    """Answer some questions differently, on the same version of the template."""
    copier.run_update(
        workshop,
        data=answers,
        vcs_ref=copier.VcsRef.CURRENT,
        defaults=True,
        overwrite=True,
        unsafe=True,
        quiet=True,
    )
