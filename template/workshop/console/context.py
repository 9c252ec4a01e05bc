"""What the routes of the console need: who runs it, and where its data comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from workshop.console import actions
from workshop.console.collector import Collector
from workshop.settings import Settings


@dataclass(frozen=True)
class Context:
    """What the routes need."""

    settings: Settings
    web_url: str
    collector: Collector
    load: actions.Load
    token: str = field(default="", repr=False)
    """The token that opens the console. Empty if the console doesn't ask for one."""
