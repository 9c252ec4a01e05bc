"""What an instructor asks for, besides the roster's trainees and the folder."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wishes:
    """The options of a run: from the command line, or `[session]` of the roster."""

    fresh: bool = False
    dry_run: bool = False
    bundle: bool = False
    with_keys: bool = False
    push: str | None = None
