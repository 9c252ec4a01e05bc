"""What a run prints below its table: where things are, whom it left alone, and what to fix."""

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from workshop.key_form import oddity

from matchmaker.handout.deliver import Handout
from matchmaker.handout.handed_out import Standing
from matchmaker.report.session_file import HandedOut
from matchmaker.repositories.contained import contained, look
from matchmaker.repositories.output import Output
from matchmaker.session import Trainee, Wishes
from matchmaker.terminal import console
from matchmaker.urls import local_path


def before(plan: Sequence[Trainee], output: Output, source: str, wishes: Wishes) -> None:
    """Print what a dry run adds to its table."""
    _say_who_is_not_on_the_roster(plan, output)
    _warn_of_unusual_keys(plan)
    if wishes.push:
        _say(f"Would be pushed to {wishes.push}")
    _warn_of_a_path(source, wishes)


def after(
    plan: Sequence[Trainee],
    output: Output,
    source: str,
    wishes: Wishes,
    handouts: Sequence[Handout],
    stands: Standing,
) -> None:
    """Print what a run adds to its table."""
    for slug, remark in stands.rows:
        _say(f"{slug}: {remark}")
    if stands.left_out:
        _warn(f"Not handed out, for the reasons above: {', '.join(stands.left_out)}")
    for one in handouts:
        if one.problem:
            _warn(f"{one.slug}: {one.problem}")
    if stands.other_branch:
        _say_which_need_another_branch(stands.other_branch)
    _say(f"Cards to print: {shown(output.cards_file)}")
    if wishes.bundle:
        _say(f"Bundles: {shown(output.bundles)}")
    if stands.old_files:
        _say(
            f"Old, in {shown(output.bundles)}: {', '.join(stands.old_files)}. Do not hand them "
            "out; --bundle writes new ones for the trainees on the roster."
        )
    _say_who_is_not_on_the_roster(plan, output)
    _warn_of_unusual_keys(plan)
    _warn_of_a_path(source, wishes)


def _warn_of_unusual_keys(plan: Sequence[Trainee]) -> None:
    """Name the trainees whose API keys look unusual. Datadog promises no form, so they may work."""
    remarks: dict[str, list[str]] = {}
    for trainee in plan:
        if trainee.key and (unusual := oddity(trainee.key)):
            remarks.setdefault(unusual, []).append(trainee.slug)
    for unusual, slugs in remarks.items():
        _warn(f"The API key of {', '.join(slugs)}: {unusual}")


def _say_which_need_another_branch(pushed: Sequence[tuple[str, HandedOut]]) -> None:
    one = pushed[0][1]
    command = ["git", "-C", str(local_path(one.url) or "THE-REPOSITORY"), "symbolic-ref", "HEAD"]
    remedy = shlex.join([*command, f"refs/heads/{one.branch}"])
    _say(
        "`git clone` without a branch gives another branch than the pushed one, or an empty "
        f"folder: {', '.join(slug for slug, _ in pushed)}. The cards name the branch. To make "
        f"that unnecessary, run on the host: {remedy}"
    )


def _say_who_is_not_on_the_roster(plan: Sequence[Trainee], output: Output) -> None:
    slugs = {trainee.slug for trainee in plan}
    others = [
        folder.name
        for folder in sorted(output.root.glob("*"))
        if folder.name not in slugs and contained(partial(look, folder), lambda _: None)
    ]
    if others:
        _say(f"Not in the roster, and left alone: {', '.join(others)}")


def _warn_of_a_path(source: str, wishes: Wishes) -> None:
    if (wishes.bundle or wishes.push) and local_path(source):
        _say(
            f"The template is a path on this machine, {source}: on other machines, `copier "
            "update` cannot find it. Put its URL in the roster."
        )


def _say(text: str) -> None:
    console().print(text, soft_wrap=True)


def _warn(text: str) -> None:
    console(stderr=True).print(text, style="red", soft_wrap=True)


def shown(path: Path) -> Path:
    """The shortest form of a path that you can type here."""
    try:
        here = Path.cwd()
    except OSError:  # somebody removed it
        return path
    return path.relative_to(here) if path.is_relative_to(here) else path
