"""What a run prints below its table: where things are, whom it left alone, and what to fix."""

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from workshop.key_form import oddity

from matchmaker.handout.deliver import Handout
from matchmaker.handout.handed_out import Standing
from matchmaker.handout.on_host import OnHost
from matchmaker.report import table
from matchmaker.report.calm import MOST_ROWS, lines_of, named
from matchmaker.report.renames import Rename
from matchmaker.report.session_file import HandedOut
from matchmaker.repositories.contained import contained, look
from matchmaker.repositories.output import Output
from matchmaker.session import FAILURES, Trainee, Wishes
from matchmaker.terminal import console
from matchmaker.urls import local_path, url_for


def report(
    plan: Sequence[Trainee],
    everyone: Sequence[Trainee],
    output: Output,
    wishes: Wishes,
    handouts: Sequence[Handout] = (),
    counts: Sequence[str] = (),
) -> None:
    """Print the summary, the table, and the details about single trainees."""
    _say(table.summary_of(plan, len(everyone)))
    shown_table = table.table_of(plan, shown(output.root), handouts, show_all=wishes.show_all)
    if shown_table:
        console().print(shown_table)
    left_out = len(plan) - (shown_table.row_count if shown_table else 0)
    if left_out:
        _say(f"{left_out} more {'row' if left_out == 1 else 'rows'}: --all shows them.")
    for line in counts:
        _say(line)
    for line in lines_of(table.remarks(plan), show_all=wishes.show_all):
        _say(line)


def renamed(found: Sequence[Rename], wishes: Wishes) -> None:
    """Print which newcomers are perhaps known by another name."""
    for line in lines_of(((one.new, str(one)) for one in found), show_all=wishes.show_all):
        _say(line)


def before(
    plan: Sequence[Trainee],
    everyone: Sequence[Trainee],
    output: Output,
    source: str,
    wishes: Wishes,
    host: OnHost,
) -> None:
    """Print what a dry run adds to its table."""
    _say_who_is_not_on_the_roster(everyone, output, wishes)
    _warn_of_unusual_keys(plan, wishes)
    if wishes.push:
        _say(f"Would be pushed to {wishes.push}")
        _say_what_would_run(plan, wishes, wishes.push, host)
    _warn_of_a_path(source, wishes)
    _warn_of_idle_commands(wishes, host)


def after(
    plan: Sequence[Trainee],
    everyone: Sequence[Trainee],
    output: Output,
    source: str,
    wishes: Wishes,
    handouts: Sequence[Handout],
    stands: Standing,
    host: OnHost,
) -> None:
    """Print what a run adds to its table: first what is unusual, and last what to do."""
    for line in lines_of(stands.rows, show_all=wishes.show_all):
        _say(line)
    if stands.left_out:
        slugs = named(stands.left_out, show_all=wishes.show_all)
        _warn(f"Not handed out, for the reasons above: {slugs}")
    troubles = [(one.slug, text) for one in handouts for text in (one.problem, one.left) if text]
    for line in lines_of(troubles, show_all=wishes.show_all):
        _warn(line)
    if stands.other_branch:
        _say_which_need_another_branch(stands.other_branch)
    if stands.old_files:
        _say(
            f"Old, in {shown(output.bundles)}: {named(stands.old_files)}. Do not hand them "
            "out; --bundle writes new ones for the trainees on the roster."
        )
    _say_who_is_not_on_the_roster(everyone, output, wishes)
    _warn_of_unusual_keys(plan, wishes)
    _warn_of_a_path(source, wishes)
    _warn_of_idle_commands(wishes, host)
    _say(f"Cards to print: {shown(output.cards_file)}")
    _say(f"For a mail merge: {shown(output.handout_file)}")
    if wishes.bundle:
        _say(f"Bundles: {shown(output.bundles)}")
    if troubles or any(trainee.did in FAILURES for trainee in plan):
        again = "the same command again"
        if wishes.fresh:
            again += ", without --fresh"
        _say(f"When you have dealt with that, run {again}: it does only what is left.")


def _say_what_would_run(
    plan: Sequence[Trainee], wishes: Wishes, pattern: str, host: OnHost
) -> None:
    """Print the exact commands. The dry run doesn't ask the host which repositories are there."""
    for command, when in (
        (host.commands.create, "Would run, for a repository that is not there yet:"),
        (host.commands.invite, "Would run after the push:"),
    ):
        due = [
            command.shown(trainee)
            for trainee in (plan if command else ())
            if command and host.is_due(command, trainee, url_for(pattern, trainee.slug))
        ]
        most = len(due) if wishes.show_all else MOST_ROWS
        if due:
            _say("\n".join([when, *(f"    {one}" for one in due[:most])]))
        if due[most:]:
            _say(f"    and {len(due) - most} more: --all shows them.")


def _warn_of_idle_commands(wishes: Wishes, host: OnHost) -> None:
    commands = [c.purpose for c in (host.commands.create, host.commands.invite) if c]
    if commands and not wishes.push:
        names = " and ".join(f"`{purpose}`" for purpose in commands)
        verb = "run" if len(commands) > 1 else "runs"
        _say(f'{names} {verb} only with a push: add push = "…" to [session], or use --push.')


def _warn_of_unusual_keys(plan: Sequence[Trainee], wishes: Wishes) -> None:
    """Name the trainees whose API keys look unusual. Datadog promises no form, so they may work."""
    remarks: dict[str, list[str]] = {}
    for trainee in plan:
        if trainee.key and (unusual := oddity(trainee.key)):
            remarks.setdefault(unusual, []).append(trainee.slug)
    for unusual, slugs in remarks.items():
        _warn(f"The API key of {named(slugs, show_all=wishes.show_all)}: {unusual}")


def _say_which_need_another_branch(pushed: Sequence[tuple[str, HandedOut]]) -> None:
    one = pushed[0][1]
    command = ["git", "-C", str(local_path(one.url) or "THE-REPOSITORY"), "symbolic-ref", "HEAD"]
    remedy = shlex.join([*command, f"refs/heads/{one.branch}"])
    _say(
        "`git clone` without a branch gives another branch than the pushed one, or an empty "
        f"folder: {named([slug for slug, _ in pushed])}. The cards name the branch. To make "
        f"that unnecessary, run on the host: {remedy}"
    )


def _say_who_is_not_on_the_roster(
    everyone: Sequence[Trainee], output: Output, wishes: Wishes
) -> None:
    slugs = {trainee.slug for trainee in everyone}
    others = [
        folder.name
        for folder in sorted(output.root.glob("*"))
        if folder.name not in slugs and contained(partial(look, folder), lambda _: None)
    ]
    if others:
        _say(f"Not in the roster, and left alone: {named(others, show_all=wishes.show_all)}")


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
