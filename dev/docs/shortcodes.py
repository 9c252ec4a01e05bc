"""What a page can ask for between `{{` and `}}`."""

import posixpath
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from workshop.problem import Problem

from dev import claims
from dev.checkout import REPOSITORY
from dev.docs import reference, structure
from dev.docs.sample import Sample
from dev.docs.scratch import Scratch
from extensions.steps import STEPS
from extensions.trainee import SITES

ONE_HOUR = REPOSITORY / "docs" / "session" / "one-hour.toml"
STORY = tuple(
    Path("session", f"{name}.md")
    for name in ("week-before", "day-before", "the-hour", "board", "afterwards")
)
"""Pages that tell one story: their commands run in one folder, and the pages in this order."""
LANGUAGES = {".py": "python", ".jinja": "jinja", ".md": "markdown", ".yml": "yaml", ".js": "js"}


class Shortcodes:
    """The shortcodes of one page, `page`: its path in docs/."""

    def __init__(self, page: Path, scratch: Scratch, sample: Sample) -> None:
        self._page = page
        self._scratch = scratch
        self._sample = sample

    def all(self) -> dict[str, Any]:
        """The names that Jinja knows on this page."""
        names: dict[str, Callable[..., str]] = {
            name: getattr(self, name)
            for name in (
                "console",
                "run",
                "listing",
                "proven",
                "patch",
                "picture",
                "step",
                "folders",
            )
        }
        return {
            **names,
            "catalogue": STEPS,
            "steps": SimpleNamespace(**{step.key: step for step in STEPS}),
            "answers": reference.answers,
            "roster": reference.roster,
            "commands": reference.commands,
            "claims": claims.table,
            "one_hour": tomllib.loads(ONE_HOUR.read_text(encoding="utf-8")),
            "questions": reference.questions(),
            "sites": SITES,
        }

    def console(self, command: str, *, where: str = "", exit_code: int = 0) -> str:
        """Run a command, and show it with what it prints.

        All commands of a page run in one folder, one after the other, or in `where` below it. The
        pages of STORY share theirs.
        """
        return _fence("console", f"$ {command}\n{self._run(command, where, exit_code)}")

    def run(self, command: str, *, where: str = "") -> str:
        """Run a command without showing it."""
        self._run(command, where, 0)
        return ""

    def _run(self, command: str, where: str, exit_code: int) -> str:
        own = "story" if self._page in STORY else self._page.with_suffix("").name
        return self._scratch.run(Path(own) / where, command, exit_code=exit_code)

    def proven(self, page: str, command: str) -> str:
        """Show a command of a trainee's `page` with its output there. A test runs the command."""
        return _fence("console", self._sample.console(page, command))

    def listing(self, path: str, *, start: str = "", end: str = "") -> str:
        """Show a file, from the first line with `start` to the next line with `end`."""
        lines = _file(path).read_text(encoding="utf-8").splitlines()
        first = _line_with(start, lines, 0, path) if start else 0
        last = _line_with(end, lines, first, path) if end else len(lines) - 1
        return _fence(_language(path), "\n".join(lines[first : last + 1]))

    def patch(self, path: str) -> str:
        """Show what the page's patch does to a file: its change, or all of it if it is new.

        The patch is the only one in the page's folder.
        """
        (written,) = (REPOSITORY / "docs" / self._page).parent.glob("*.patch")
        for part in written.read_text(encoding="utf-8").split("diff --git ")[1:]:
            head, _, body = part.partition("\n@@ ")
            if not head.endswith(f"+++ b/{path}"):
                continue
            lines = body.splitlines()[1:]
            if "new file" in head:
                return _fence(_language(path), "\n".join(line[1:] for line in lines))
            return _fence("diff", "\n".join(lines))
        raise Problem(f"{written.name} changes no file {path}.")

    def picture(self, path: str) -> str:
        """Put an SVG from docs/ in the page itself, so that it uses the page's colors."""
        svg = _file(f"docs/{path}").read_text(encoding="utf-8")
        return f'<figure class="picture">\n{svg.strip()}\n</figure>'

    def folders(self) -> str:
        """Draw the folders of this repository, each with its meaning."""
        return _fence("text", structure.tree())

    def step(self, slug: str) -> str:
        """A link to a step's page, with its number and title."""
        for step in STEPS:
            if step.slug == slug:
                target = posixpath.relpath(f"workshop/{step.page}", self._page.parent.as_posix())
                return f"[step {step.number}: {step.title}]({target})"
        raise Problem(f"There is no step `{slug}`; there are {', '.join(s.slug for s in STEPS)}.")


def _file(path: str) -> Path:
    if not (REPOSITORY / path).is_file():
        raise Problem(f"There is no file {path}.")
    return REPOSITORY / path


def _language(path: str) -> str:
    suffix = Path(path).suffix
    return LANGUAGES.get(suffix, suffix[1:])


def _line_with(text: str, lines: list[str], first: int, path: str) -> int:
    for number in range(first, len(lines)):
        if text in lines[number]:
            return number
    raise Problem(f"No line of {path} contains {text!r}, from line {first + 1} on.")


def _fence(language: str, text: str) -> str:
    longest = max((len(line) - len(line.lstrip("`")) for line in text.splitlines()), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
