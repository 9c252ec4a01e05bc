"""Checks everything that usually goes wrong, and says how to fix it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

from workshop import api_key
from workshop.check.removed_api import scan
from workshop.doctor import environment, laptop, stack
from workshop.key_form import oddity
from workshop.moving import answers, identity, template_bundle, template_copy
from workshop.moving.git import asking, succeeds
from workshop.problem import Problem
from workshop.record import share
from workshop.settings import Settings, dotenv
from workshop.stack import containers, running
from workshop.stack.script import SCRIPTS, problem_of
from workshop.troubles import Finding, Level, finding

PYTHONS = ((3, 11), (3, 14))
"""The oldest and the newest that pyproject.toml allows, because ddtrace has releases for them."""

HOW_TO_SHARE = (
    "the next command tries again. If it fails each time, `git push` in this folder says more"
)


def examine(settings: Settings, *, pull: bool = False) -> Iterator[Finding]:
    """Yield each finding when its check is done.

    With `pull`, also fetches what a session needs: Docker's images if it runs, and the template
    if the workshop's own copy is broken. In the console's container, leaves out what concerns the
    machine around it.
    """
    if not settings.container:
        yield from _tools()
    yield from _git_identity(settings)
    yield from _of_image(_packages(settings)) if settings.container else _packages(settings)
    yield from stack.disk(settings)
    found = running.find(settings)
    yield from stack.examine(settings, found)
    yield from environment.examine(settings, found)
    yield from _dotenv_file(settings)
    yield from _api_key(settings)
    yield from _code(settings)
    yield from _template(settings, fetch=pull)
    yield from _sharing(settings)
    if not settings.container:
        yield from laptop.examine(settings) if pull else _docker(settings)


def _tools() -> Iterator[Finding]:
    yield _python()
    homes = {
        "uv": "install it from https://docs.astral.sh/uv",
        "git": "install it from https://git-scm.com; `copier update` needs it",
    }
    for tool, home in homes.items():
        path = shutil.which(tool)
        if path:
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            yield Finding("ok", said.stdout.partition("(")[0].strip() or tool)
        else:
            yield Finding("warning", f"{tool} is not installed", home)
    if not shutil.which("redis-server"):
        yield Finding("ok", "no redis-server here: fakeredis replaces it")


def _python() -> Finding:
    have = ".".join(map(str, sys.version_info[:3]))
    oldest, newest = (".".join(map(str, version)) for version in PYTHONS)
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return Finding("ok", f"Python {have} ({oldest} to {newest} will do)")
    what = f"this is Python {have}; the packages are made for {oldest} to {newest}"
    return Finding("problem", what, f"uv sync --python {newest}")


def _git_identity(settings: Settings) -> Iterator[Finding]:
    """Whether git knows the trainee's name. On a new laptop, it doesn't."""
    if identity.is_missing(settings.root):
        yield Finding(
            "warning",
            "git does not know who you are: it will refuse to commit",
            "\n".join(identity.COMMANDS),  # in PowerShell, there is no && before version 7
        )


def _packages(settings: Settings) -> Iterator[Finding]:
    try:
        project = tomllib.loads((settings.root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        yield Finding("problem", f"pyproject.toml cannot be read: {error}", "git restore it")
        return
    wanted = [
        *project.get("project", {}).get("dependencies", []),
        *(one for group in project.get("dependency-groups", {}).values() for one in group),
    ]
    direct = _pins(wanted)
    # The full list also has packages for other systems and other versions of Python.
    every = _pins(project.get("tool", {}).get("uv", {}).get("constraint-dependencies", [])) | direct
    others = 0
    for package, pin in every.items():
        try:
            found = version(package)
        except PackageNotFoundError:
            if package in direct:
                yield Finding("problem", f"{package} is not installed", "uv sync")
            continue
        if found != pin:
            yield Finding("warning", f"{package} is {found}, not {pin} as pinned", "uv sync")
        elif package == "ddtrace":
            yield Finding("ok", f"ddtrace {found}")
        else:
            others += 1
    yield Finding("ok", f"{others} other packages as pinned")


def _of_image(packages: Iterable[Finding]) -> Iterator[Finding]:
    """The findings about packages as one, because one command installs all of them."""
    found = list(packages)
    wrong = [finding for finding in found if finding.level != "ok"]
    if not wrong:
        yield from found
        return
    level: Level = "problem" if any(one.level == "problem" for one in wrong) else "warning"
    what = f"the image is older than pyproject.toml: {'; '.join(one.what for one in wrong)}"
    yield Finding(level, what, "on your own machine, run: docker compose up --build")


def _pins(requirements: Iterable[object]) -> dict[str, str]:
    """The version of each pinned package, without the names of its extras."""
    lines = "\n".join(map(str, requirements))
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)$", lines, re.MULTILINE))


def _dotenv_file(settings: Settings) -> Iterator[Finding]:
    path = settings.root / ".env"
    if not path.exists():
        yield Finding("ok", "no .env: the defaults in .env.example apply")
        return
    try:
        dotenv(settings.root)
    except Problem as problem:
        yield Finding("problem", problem.what, problem.remedy)
        return
    try:
        keys = api_key.in_dotenv(settings.root)
    except Problem as problem:  # a link, for example
        yield Finding("warning", problem.what, problem.remedy)
        return
    mode = path.stat().st_mode & 0o777
    if keys and settings.container:
        yield finding("key-in-dotenv", f"here, {settings.container} can read it, too")
    elif keys:
        yield finding("key-in-dotenv")
    if _git(settings, "ls-files", "--error-unmatch", ".env"):
        remedy = "git rm --cached .env; if a key was in it and was pushed, revoke it in Datadog"
        yield Finding("problem", ".env is in git", remedy)
    elif _git(settings, "rev-parse") and not _ignores(settings, ".env"):
        level: Level = "problem" if keys else "warning"
        yield Finding(level, "git does not ignore .env", "add the line .env to .gitignore")
    elif mode & 0o077:
        yield Finding("warning", f"others can read .env (mode {mode:o})", "chmod 600 .env")
    elif not keys:
        yield Finding("ok", "only you can read .env, and it isn't in git")


def _ignores(settings: Settings, name: str) -> bool:
    return _git(settings, "check-ignore", "-q", "--no-index", name)


def _git(settings: Settings, *arguments: str) -> bool:
    try:
        return succeeds(settings.root, *arguments, environment=asking())  # the trainee's own
    except Problem:  # no git; reported above
        return False


def _api_key(settings: Settings) -> Iterator[Finding]:
    is_needed = settings.backend == "datadog"
    if settings.container:
        if is_needed:
            what = "the API key is the agent's alone, so this container can't see it"
            yield Finding("ok", f"{what} (to see what the agent says: docker compose logs agent)")
        return
    try:
        key = api_key.read(settings.root)
    except Problem as problem:
        yield Finding("problem" if is_needed else "warning", problem.what, problem.remedy)
        return
    if key != api_key.Key(""):
        yield from _key_file(settings)
    if not is_needed and (wrong := key.obstacle or (key.text and oddity(key.text))):
        yield Finding("warning", f"API key: {wrong}", "workshop key, or delete .key/datadog")
    elif not is_needed:
        yield Finding("ok", "no API key is needed: traces stay on this machine")
    elif not key.text and not key.obstacle:
        yield finding("key-empty", f"{settings.site} needs one in .key/datadog{api_key.shells()}")
    elif key.obstacle:
        yield finding("key-shape", f"{key.obstacle} Looked at .key/datadog{api_key.shells()}")
    elif unusual := oddity(key.text):
        said = f"{unusual} Looked at .key/datadog{api_key.shells()}"
        yield finding("key-shape", said, "warning")
    else:
        yield Finding(
            "ok",
            f"the API key looks like one, for {settings.site}; looked at .key/datadog"
            f"{api_key.shells()} (if the agent's log says 403 Forbidden, it belongs to another "
            "site: answer dd_site again with `copier update`)",
        )


def _key_file(settings: Settings) -> Iterator[Finding]:
    """Who else can read the key: other users, or everybody who gets the repository."""
    name, folder = api_key.FILE, api_key.FOLDER
    modes = [(settings.root / one).stat().st_mode & 0o777 for one in (folder, name)]
    if modes[1] & 0o077 and modes[0] & 0o077:
        remedy = f"chmod 700 {folder}; chmod 600 {name}"
        yield Finding("problem", f"others can read {name} (mode {modes[1]:o})", remedy)
    elif _git(settings, "ls-files", "--error-unmatch", name):
        remedy = f"git rm --cached {name}; if it was pushed, revoke the key in Datadog"
        yield Finding("problem", f"{name} is in git", remedy)
    elif _git(settings, "rev-parse") and not _ignores(settings, name):
        yield Finding(
            "problem", f"git does not ignore {name}", f"add the line {folder}/* to .gitignore"
        )
    else:
        yield Finding("ok", f"only you can read {name}, and it isn't in git")


def _code(settings: Settings) -> Iterator[Finding]:
    all_fine = True
    unusable = set()
    for name in SCRIPTS.values():
        if problem := problem_of(settings.root / name):
            all_fine = False
            unusable.add(name)
            yield Finding("problem", problem.what.rstrip("."), problem.remedy)
    for file in scan(settings.root):
        if file.name in unusable:
            continue
        if isinstance(file.error, SyntaxError):
            all_fine = False
            what = f"{file.name} line {file.error.lineno}: {file.error.msg}"
            yield Finding("problem", what, "Python cannot read the file; fix that line")
        elif file.error:
            all_fine = False
            what = f"{file.name} cannot be read: {file.error}"
            yield Finding("problem", what, "save it as UTF-8")
        for use in file.uses:
            all_fine = False
            what = f"{file.name} line {use.line}: {use.sentence}"
            yield Finding("problem" if use.is_dead else "warning", what, f"use {use.replacement}")
        if file.late:
            all_fine = False
            what = (
                f"{file.name} line {file.late}: `import ddtrace.auto` comes after Flask(…), and "
                "the client doesn't wrap a view that was registered before it"
            )
            yield Finding("warning", what, "make it the file's first import")
    if all_fine:
        yield Finding("ok", "your code uses nothing that was removed")


def _template(settings: Settings, *, fetch: bool) -> Iterator[Finding]:
    """Whether there is a copy of the template, or what it is unpacked from."""
    try:
        given = answers.read(settings.root)
    except Problem:
        return  # moving on reports it
    try:
        if fetch:
            template_copy.template(settings.root, given.source, given.commit)
    except Problem as problem:
        yield Finding("problem", problem.what, problem.remedy)
        return
    if template_copy.local(settings.root, given.commit):
        yield Finding("ok", "the template's copy is here: moving between steps needs no network")
    else:
        what = f"{template_bundle.NAME} is missing or broken; the next move needs the network"
        remedy = (
            f"git restore {template_bundle.NAME}, or with a good network: workshop doctor --pull"
        )
        yield Finding("warning", what, remedy)


def _sharing(settings: Settings) -> Iterator[Finding]:
    """Whether the trainee's progress reaches the instructor, if it's shared."""
    is_well, said = share.state(settings)
    if is_well and said:
        yield Finding("ok", said.rstrip("."))
    elif said:
        yield Finding("warning", said.rstrip("."), HOW_TO_SHARE)


def _docker(settings: Settings) -> Iterator[Finding]:
    is_needed = settings.backend == "datadog"
    try:
        engine = containers.engine()
    except Problem as problem:
        if is_needed:
            yield Finding("warning", problem.what.rstrip("."), problem.remedy)
        else:
            yield Finding("ok", f"{problem.what.rstrip('.')}; `workshop up` needs no Docker")
        return
    missing = containers.missing_images(settings)
    if missing and is_needed:
        yield finding("image-missing", ", ".join(missing), "warning")
    elif missing:
        yield Finding("ok", "Docker runs; `workshop doctor --pull` fetches what it needs")
    else:
        yield Finding("ok", f"Docker {engine['ServerVersion']} runs, and has all images")
