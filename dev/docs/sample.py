"""The repository of a sample trainee, whose pages the site shows."""

import json
import re
import shutil
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import copier
from workshop.cost import chart
from workshop.cost.result import Cost, Times
from workshop.problem import Problem
from workshop.traces.bars import Bar
from workshop.twice import picture
from workshop.twice.pairing import Twice

from extensions.steps import STEPS

TRAINEE = {"trainee_name": "Ada Lovelace", "session": "2026-12-support"}
PAGES = (
    "README.md",
    "DOCKER.md",
    "TROUBLESHOOTING.md",
    "steps/at-work.md",
    "steps/glossary.md",
)


class Sample:
    """The sample trainee's repository at each step."""

    def __init__(self, template: Path, root: Path) -> None:
        """Render `template`, at each step, below `root`."""
        self._root = root
        for step in STEPS:
            copier.run_copy(
                str(template),
                root / str(step.number),
                data={**TRAINEE, "step": step.number},
                defaults=True,
                unsafe=True,
                quiet=True,
                skip_tasks=True,
            )
        self.console = cache(self._console)

    def at(self, step: int) -> Path:
        """The repository at a step."""
        return self._root / str(step)

    def write_pages(self, folder: Path) -> None:
        """Write the pages to `folder`, each as rendered at its own step."""
        (folder / "steps").mkdir(parents=True)
        for name in PAGES:
            shutil.copy(self.at(1) / name, folder / name)
        for step in STEPS:
            shutil.copy(self.at(step.number) / step.page, folder / step.page)
        step_back = (folder / "steps" / "05-step-back.md").read_text(encoding="utf-8")
        (folder / "steps" / "cost.svg").write_text(chart_of(step_back), encoding="utf-8")
        (folder / "steps" / "pairing.svg").write_text(picture.svg(pairing()), encoding="utf-8")

    def _console(self, page: str, command: str) -> str:
        """A command of a page with its output, which tests/template/test_pages.py compares.

        `command` can be only the beginning. Raises Problem if the page has no such command.
        """
        by_page = {step.page: step.number for step in STEPS}
        text = (self.at(by_page.get(page, 1)) / page).read_text(encoding="utf-8")
        for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            with_uv = re.sub(r"(?m)^# in Docker: .*\n", "", block)
            for part in re.split(r"(?m)^(?=\$ )", with_uv):
                if part.startswith(f"$ {command}"):
                    return part
        raise Problem(f"The trainee's {page} has no command `{command}`.")


def pairing() -> Twice:
    """A pairing that `workshop cost` once recorded, by hand and traced."""
    recorded = json.loads(Path(__file__).with_name("pairing.json").read_text(encoding="utf-8"))
    parts = {name: [Bar(**bar) for bar in recorded[name]] for name in ("by_hand", "traced")}
    return Twice(**parts, spans=recorded["spans"])


def chart_of(page: str) -> str:
    """Draw the chart for the table on the page about cost, as `workshop cost` does."""
    header = re.search(r"^GET (\S+), (\d+) requests .* in (\d+) rounds", page, re.MULTILINE)
    row = r"^(\S.*?) +([\d.]+) ms +([\d.]+) ms +(\d+) +[\d.]+(?: +([\d.]+) to ([\d.]+))?$"
    rows = {
        name: Times(*(float(number or 1) for number in numbers))
        for name, *numbers in re.findall(row, page, re.MULTILINE)
    }
    if not header or not rows:
        raise Problem("The page about the cost has no table of `workshop cost`.")
    drawn = chart.svg(Cost(header[1], int(header[2]), int(header[3]), rows))
    ElementTree.fromstring(drawn)
    return drawn
