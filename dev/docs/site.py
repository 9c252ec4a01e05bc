"""Makes the pages, and lets Zensical build them."""

import filecmp
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError
from workshop.problem import Problem

from dev.checkout import REPOSITORY
from dev.docs.sample import Sample
from dev.docs.scratch import COLOURS, Scratch
from dev.docs.shortcodes import STORY, Shortcodes
from extensions.steps import STEPS

DOCS = REPOSITORY / "docs"
BUILD = REPOSITORY / "build"
CONFIG = "zensical.toml"
WRITTEN_CONFIG = f"{CONFIG}.jinja"
# A browser loads these by itself. A link waits for a click.
LOADED = re.compile(r"""<(?!a\b)\w+[^>]*\b(?:src|href)=["']?(?:https?:)?//[^>]*>""")


def write_pages(source: Path = DOCS, build: Path = BUILD) -> None:
    """Fill `build`/docs with the pages of `source` and with generated ones.

    Raises Problem, with the page's name, if a page can't be made.
    """
    build.mkdir(parents=True, exist_ok=True)
    config = rendered(source / WRITTEN_CONFIG, {"catalogue": STEPS})
    (build / CONFIG).write_text(config, encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="docs-") as folder:
        root = Path(folder).resolve()  # as commands print it, on a Mac too
        pages = root / "pages"
        scratch = Scratch(root)
        sample = Sample(scratch.template, root / "sample")
        sample.write_pages(pages / "workshop")
        story = [source / page for page in STORY]
        told = [path for path in story if path.is_file()]
        for path in [*sorted(set(source.rglob("*")) - {*story}), *told]:
            name = path.relative_to(source)
            if path.is_dir() or name.name == WRITTEN_CONFIG:
                continue
            target = pages / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".md":
                names = Shortcodes(name, scratch, sample).all()
                target.write_text(rendered(path, names), encoding="utf-8")
            else:
                shutil.copy(path, target)
        _bring_up_to_date(build / "docs", pages)


def _bring_up_to_date(folder: Path, wanted: Path) -> None:
    """Write only what differs, and remove what is left over: Zensical handles each change."""
    for path in sorted(folder.rglob("*"), reverse=True):
        there = wanted / path.relative_to(folder)
        if path.is_file() and not there.is_file():
            path.unlink()
        elif path.is_dir() and not there.is_dir():
            path.rmdir()
    for path in sorted(wanted.rglob("*")):
        target = folder / path.relative_to(wanted)
        if path.is_file() and not (target.is_file() and filecmp.cmp(path, target, shallow=False)):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def rendered(path: Path, names: Mapping[str, Any]) -> str:
    """Render a page in which Jinja knows `names`. Raises Problem with the page's name."""
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown
    )
    try:
        template = environment.from_string(path.read_text(encoding="utf-8"))
        return template.render(names)
    except (Problem, TemplateError, TypeError) as error:
        if isinstance(error, TypeError) and _is_ours(error):
            raise
        line = getattr(error, "lineno", None)
        where = f"{path.name}:{line}" if line else path.name
        raise Problem(f"{where}: {error}") from error


def _is_ours(error: TypeError) -> bool:
    """Whether the error comes from inside a shortcode, not from how a page calls it."""
    modules = [frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__)]
    return any(name.startswith("dev.") for name in modules[1:])  # the first is this one


def build_site(build: Path = BUILD) -> None:
    """Build `build`/site from `build`/docs. Raises Problem for links that lead nowhere."""
    site = build / "site"
    shutil.rmtree(site, ignore_errors=True)
    shutil.rmtree(build / ".cache", ignore_errors=True)  # Zensical skips the pages in it
    said = run("zensical", "build", "--strict", "--config-file", CONFIG, folder=build)
    if said:
        # Zensical ends a strict build with an exception.
        raise Problem(f"The site has broken links:\n{said.partition('Traceback')[0].strip()}")
    # The page for missing addresses works only at one base URL.
    (site / "404.html").unlink()
    for page in site.rglob("*.html"):
        if loaded := LOADED.search(page.read_text(encoding="utf-8")):
            raise Problem(f"{page.relative_to(site)} loads something from outside: {loaded[0]}")
    # Zensical checks neither pictures nor links in HTML.
    said = run("lychee", "--offline", "--include-fragments", "--no-progress", ".", folder=site)
    if said:
        raise Problem(f"The site has broken links:\n{said}")


def run(tool: str, *arguments: str, folder: Path) -> str:
    """Run a tool of this environment. Returns its output if it fails."""
    done = subprocess.run(
        [Path(sys.executable).parent / tool, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return COLOURS.sub("", done.stdout).strip() if done.returncode else ""
