"""The workshop's copy of its template in .workshop/, so that moving doesn't need the network.

It's a bare repository, unpacked from `workshop/template.bundle` when somebody needs it. That file
comes with every copy and every clone of the workshop. If it's missing or broken, this module
fetches the template from its address.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from workshop import inside
from workshop.moving import git_environment, template_bundle
from workshop.moving.git import asking, git, own, run, succeeds
from workshop.moving.releases import address
from workshop.moving.template_bundle import TAGS, Bundle, Origin
from workshop.problem import Problem

PATH = Path(".workshop", "template.git")
SECONDS = 120.0


def template(root: Path, source: str, version: str) -> Path:
    """The local copy of the template with that version. Fetches it if necessary.

    Raises Problem if it can't reach the template, or the template no longer has that version.
    """
    if kept := local(root, version):
        return kept
    why = f"{template_bundle.NAME} {_trouble(root, version)}"
    print(f"{why}. Fetching the template from {source} instead.", file=sys.stderr)
    try:
        fetch(root, source, version)
    except Problem as problem:
        raise Problem(
            f"{why}. {problem.what}",
            f"Restore the file from git: git restore {template_bundle.NAME}\n"
            f"If git doesn't have it: {problem.remedy}",
        ) from problem
    return root / PATH


def local(root: Path, version: str) -> Path | None:
    """The local copy of the template, if it has that version. Never asks another machine."""
    kept = root / PATH
    content, bundle = _bundle(root)
    own = bundle if bundle and bundle.version == version else None
    if own and (has(kept, f"{TAGS}{version}", own.commit) or _take_in(root, content, own)):
        return kept
    return kept if has(kept, version) else None


def has(kept: Path, name: str, commit: str = "") -> bool:
    """Whether there is a copy that has a version, and calls that `commit` if you give one."""
    if not kept.is_dir():
        return False
    wanted = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    done = run(kept, f"--git-dir={kept}", *wanted)
    return done.returncode == 0 and done.stdout.strip().startswith(commit)


def bundle_of(root: Path, version: str) -> bytes:
    """The bundle that belongs into the workshop: its own if that's whole, or a new one.

    The copy has to have that version. Raises Problem if git fails.
    """
    content, bundle = _bundle(root)
    if bundle and bundle.version == version:
        return content  # another git would make other bytes of the same content
    return _made(root / PATH, version, version)


def origin(root: Path, version: str) -> Origin | None:
    """The commit of a version in the template's own repository. None if the copy doesn't say."""
    kept = root / PATH
    wanted = f"{version}^{{commit}}"
    commit = run(kept, f"--git-dir={kept}", "rev-parse", wanted).stdout.strip()
    text = run(kept, f"--git-dir={kept}", "cat-file", "commit", wanted).stdout
    return template_bundle.origin_in(text) or (Origin(commit, ()) if text else None)


def fetch(root: Path, source: str, version: str, ref: str = "") -> None:
    """Add a version to the copy, from the template's address. Raises Problem if that fails.

    `ref` is its name there, by default the tag `version`.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        there = Path(folder, "template.git")
        commit = _fetched(there, source, version, ref or f"{TAGS}{version}")
        content = _made(there, version, commit)
    bundle = template_bundle.read(content)
    if not bundle or not _take_in(root, content, bundle):
        raise Problem(f"The template's version {version} cannot be unpacked.", "Is the disk full?")


def _fetched(there: Path, source: str, version: str, ref: str) -> str:
    """Fetch a version into a new repository, and return its commit. Raises Problem."""
    # Without history, if the server can do that, and if the version has a name there.
    git(there.parent, "init", "--quiet", "--bare", "--template=", str(there))
    shallow = ("fetch", "--quiet", "--depth=1", "--no-tags", "--no-auto-gc")
    try:
        ask(there, source, *shallow, "--", address(source), f"+{ref}:refs/heads/wanted")
        return "refs/heads/wanted"
    except Problem:
        shutil.rmtree(there)
    options = ("--quiet", "--bare", "--no-hardlinks", "--template=")
    ask(there.parent, source, "clone", *options, "--", address(source), str(there))
    if has(there, version):
        return version
    raise Problem(
        f"The template at {source} no longer has the version {version}, which this workshop "
        "was made from. Nothing was changed.",
        "Make a new workshop from the template, and copy your files into it.",
    )


def ask(folder: Path, source: str, *arguments: str) -> str:
    """Run a git command that asks the template's repository. Raises Problem if that fails."""
    try:
        done = run(folder, *arguments, environment=asking(), seconds=SECONDS)
        reason = done.stderr.strip().removeprefix("fatal: ").splitlines()
    except subprocess.TimeoutExpired:
        done, reason = None, [f"no answer within {SECONDS:.0f} seconds"]
    if done is None or done.returncode:
        raise Problem(
            f"The template at {source} cannot be reached ({reason[0] if reason else 'git failed'})."
            " Nothing was changed.",
            "Check your network. If the template has moved, write its new address to _src_path "
            "in .copier-answers.yml.",
        )
    return done.stdout


def _bundle(root: Path) -> tuple[bytes, Bundle | None]:
    """The workshop's bundle, and what it contains: None if it's missing or broken."""
    try:
        content = inside.read(root, template_bundle.NAME)
    except OSError:
        return b"", None
    return content, template_bundle.read(content)


def _trouble(root: Path, version: str) -> str:
    """Why the workshop's bundle doesn't help."""
    content, bundle = _bundle(root)
    if bundle and bundle.version != version:
        return f"has version {bundle.version}, and this workshop was made from {version}"
    return "is broken" if content else "is missing"


def _made(repository: Path, version: str, commit: str) -> bytes:
    """The bundle of a commit. Raises Problem if git fails."""
    try:
        return template_bundle.make(repository, version, git_environment.run, own(), commit)
    except OSError as error:
        raise Problem(
            f"The template's version {version} cannot be packed: {error}.", "Nothing was changed."
        ) from error


def _take_in(root: Path, content: bytes, bundle: Bundle) -> bool:
    """Add a bundle to the copy, or make the copy again if it's missing or broken.

    Returns whether the copy has the bundle's version then.
    """
    import tempfile

    kept = root / PATH
    tag = f"{TAGS}{bundle.version}"
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        file = Path(folder, "template.bundle")
        file.write_bytes(content)
        adding = ("fetch", "--quiet", "--force", "--no-tags", "--no-auto-gc", "--", str(file))
        if kept.is_dir() and succeeds(kept, f"--git-dir={kept}", *adding, f"+{tag}:{tag}"):
            return has(kept, tag, bundle.commit)
        kept.parent.mkdir(exist_ok=True)
        # Two commands may do this at the same time: each makes its own.
        draft = Path(tempfile.mkdtemp(prefix="template-", dir=kept.parent))
        try:
            options = ("--quiet", "--bare", "--template=")
            if succeeds(root, "clone", *options, "--", str(file), str(draft / kept.name)):
                shutil.rmtree(kept, ignore_errors=True)
                (draft / kept.name).rename(kept)
        except OSError:  # another command was faster
            pass
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return has(kept, tag, bundle.commit)
