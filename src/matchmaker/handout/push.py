"""Hands repositories out by git push, with the instructor's commands before and after it."""

import contextlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from matchmaker.handout import remote
from matchmaker.handout.deliver import Handout, write_bundle
from matchmaker.handout.on_host import OnHost
from matchmaker.report.session_file import HandedOut
from matchmaker.report.times import now
from matchmaker.repositories.contained import contained
from matchmaker.repositories.git import GitError, git, unattended
from matchmaker.repositories.hosts import NOT_TRIED, SILENT
from matchmaker.repositories.limited import Limited
from matchmaker.repositories.output import Output
from matchmaker.repositories.owner import WORK_SECONDS, as_owner
from matchmaker.repositories.repository import view_of
from matchmaker.session import Trainee
from matchmaker.urls import url_for

PUSHES_AT_ONCE = 8
SECONDS = 300.0
"""How long a push may take. Eight at once over a slow line can take minutes."""
REJECTED = ("(fetch first)", "(non-fast-forward)")
"""How git says that the host has commits that the push doesn't contain."""


def push(
    output: Output, trainees: Sequence[Trainee], pattern: str, host: OnHost
) -> Iterator[Handout]:
    """Push the branch of every repository to its own URL: `pattern`, with the slug for `{slug}`.

    Before the push, `create` makes a repository that isn't there, and after it, `invite` runs.

    Never force a push, so that what others pushed stays. Git and ssh don't prompt, because several
    of them would prompt at once. If a host doesn't answer, we don't wait for it again and again.
    """
    variables = unattended(output.root)
    # Not in threads, because reading another user's folder forks a process.
    branches: dict[str, str | GitError] = {
        trainee.slug: contained(partial(_branch_of_copy, output, trainee.slug), GitError)
        for trainee in trainees
    }

    def one(trainee: Trainee) -> Handout:
        url = url_for(pattern, trainee.slug)
        branch = branches[trainee.slug]
        if isinstance(branch, GitError):
            raise branch
        copy = _copy_of(output, trainee.slug)
        try:
            host.create(trainee, url, copy, variables, limited)
        except GitError as error:
            return Handout(trainee.slug, "push", problem=f"not pushed to {url}: {error}.")
        commit = git(copy, "rev-parse", branch).strip()
        pushing = ("push", "--quiet", "--", url, branch)
        limited.git(copy, *pushing, url=url, variables=variables, seconds=SECONDS)
        cloned = ""
        with contextlib.suppress(GitError):  # the push worked, so ignore a failed question
            question = ("ls-remote", "--", url, "HEAD")
            asked = limited.git(
                copy, *question, url=url, variables=variables, seconds=remote.SECONDS
            )
            cloned = "" if asked.startswith(commit) else branch.removeprefix("refs/heads/")
        done = HandedOut("push", commit, now(), url=url, branch=cloned)
        return Handout(trainee.slug, "push", done, left=host.invite(trainee, url))

    def failed(trainee: Trainee, said: str) -> Handout:
        url = url_for(pattern, trainee.slug)
        branch = branches[trainee.slug]
        hint = _hint(said, creates=host.commands.create is not None)
        if not isinstance(branch, GitError) and any(reason in said for reason in REJECTED):
            hint = _merging(output, trainee.slug, url, branch, variables, limited)
        said = said.rstrip(".") if hint.startswith(".") else said
        problem = f"not pushed to {url}: {said}{hint}"
        return Handout(trainee.slug, "push", problem=problem)

    with ThreadPoolExecutor(PUSHES_AT_ONCE) as pool, Limited(PUSHES_AT_ONCE) as limited:
        yield from pool.map(
            lambda trainee: contained(partial(one, trainee), partial(failed, trainee)), trainees
        )


def _copy_of(output: Output, slug: str) -> Path:
    return output.draft(f"{slug}.git")


def _branch_of_copy(output: Output, slug: str) -> str | GitError:
    """Copy the current branch to a repository of ours, and return its name. Raises GitError.

    We push from the copy, because the trainee's repository has its own settings and hooks, and a
    push has the instructor's rights.
    """
    repository, copy = output.repository(slug), _copy_of(output, slug)
    bundle = output.draft(f"{slug}.pushed")
    try:
        branch = str(as_owner(repository, _branch))
        with bundle.open("wb") as file:
            as_owner(repository, write_bundle, file.fileno(), seconds=WORK_SECONDS)
        git(output.drafts, "init", "--quiet", "--bare", str(copy))
        git(copy, "fetch", "--quiet", str(bundle), f"+{branch}:{branch}")
    finally:
        bundle.unlink(missing_ok=True)
    return branch


def _branch(repository: Path) -> str:
    with view_of(repository) as variables:
        try:
            return git(repository, "symbolic-ref", "HEAD", variables=variables).strip()
        except GitError as error:
            raise GitError("it is on no branch; run git switch main in it") from error


def _merging(
    output: Output,
    slug: str,
    url: str,
    branch: str,
    variables: Mapping[str, str],
    limited: Limited,
) -> str:
    """What to do about commits on the host that aren't ours. They stay, whatever they are."""
    copy, name = _copy_of(output, slug), branch.removeprefix("refs/heads/")
    pull = ["git", "-C", str(output.repository(slug)), "pull", "--no-rebase"]
    if _is_unrelated(copy, url, branch, variables, limited):
        options = ["--no-edit", "--strategy=ours", "--allow-unrelated-histories"]
        return (
            ". What is there has another history, such as that of a repository before --fresh, of "
            "another session, or of a README that the host made. It stays. To put this one on top, "
            f"and keep the other in its history: {shlex.join([*pull, *options, url, name])}; then "
            "run this again, without --fresh. Trainees clone again, or run git pull."
        )
    return (
        ". Somebody has pushed there, probably the trainee, and that stays. To merge both: "
        f"{shlex.join([*pull, url, name])}; then run this again. Trainees can also get the new "
        "version with `workshop update`."
    )


def _is_unrelated(
    copy: Path, url: str, branch: str, variables: Mapping[str, str], limited: Limited
) -> bool:
    """Whether the host's branch has no commit in common with ours; False if we can't tell."""
    there = "refs/there"
    try:
        what = ("fetch", "--quiet", "--", url, f"+{branch}:{there}")
        limited.git(copy, *what, url=url, variables=variables, seconds=SECONDS)
        ours = git(copy, "rev-list", "--max-parents=0", branch).split()
        return not set(ours) & set(git(copy, "rev-list", "--max-parents=0", there).split())
    except GitError:
        return False


def _hint(said: str, *, creates: bool) -> str:
    """What to do about git's message, if we know it."""
    if "could not read Username" in said or "could not read Password" in said:
        return (
            ". Git cannot prompt while it pushes several: push one by hand, with a credential "
            "helper that stores what you type (git help credentials)."
        )
    if "(branch is currently checked out)" in said:
        return ". Somebody works in that repository: push to a bare one (git init --bare)."
    if said.startswith(NOT_TRIED) or SILENT.search(said):
        return ". Run this again when the host answers; what is pushed stays."
    if "[remote rejected]" in said:
        return ". The host has a rule against it: check its protected branches and hooks."
    if "does not appear to be a git repository" in said or "not found" in said.lower():
        if creates:
            return ". Does `create` make the repository that `push` names?"
        return (
            ". Create the empty repository first; a push does not create it. The setting `create` "
            "can."
        )
    if said.startswith("fatal: Could not read from remote"):
        return (
            " Does the repository exist? ssh cannot prompt here: it has to know the host, and a "
            "key with a passphrase has to be in its agent (ssh-add)."
        )
    return ""
