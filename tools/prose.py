"""Reads every text that this repository shows a person, and says what is not in our voice.

Short, concrete, friendly, true: the rules below catch what is none of that. Code and what is quoted
of a terminal are left out. What a trainee reads is looked at as it is rendered, once with each
answer to every question that changes a page; build/trainees has it, for other linters too.
"""

import ast
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import copier
from proselint.registry.checks import Check
from proselint.registry.checks.types import ExistenceSimple, PreferredFormsSimple

from tools.checkout import REPOSITORY, tagged_clone
from tools.docs import reference

TRAINEES = REPOSITORY / "build" / "trainees"
ANSWERS: dict[str, dict[str, Any]] = {
    "local": {"step": 1, "backend": "local", "inject_errors": True, "log_to_stdout": False},
    "datadog": {"step": 9, "backend": "datadog", "inject_errors": False, "log_to_stdout": True},
}

OURS = (
    Check(
        ExistenceSimple(
            r"\b(?:simply|obviously|of course|basically|actually|easily|very|really|just|"
            r"please|needless to say|note that|keep in mind|as you can see|let's|feel free)\b"
        ),
        path="ours.filler",
        message="'{}' says nothing. Take it out.",
    ),
    Check(
        ExistenceSimple(
            r"\b(?:(?:it|this) (?:is|can be|should be|must be) (?:noted|seen|recommended|advised)|"
            r"(?:has|have) been (?:designed|implemented|added) (?:to|so)|"
            r"(?:can|may|should) be (?:used|done) (?:to|by))\b"
        ),
        path="ours.passive",
        message="'{}' hides who does what. Say who.",
    ),
    Check(
        PreferredFormsSimple(
            {
                "in order to": "to",
                "utilize": "use",
                "utilise": "use",
                "leverage": "use",
                "click here": "where it leads",
                "click on": "click",
                "make sure": "what to do",
                "prior to": "before",
                "whether or not": "whether",
                "a number of": "how many",
            }
        ),
        path="ours.plain",
        message="Say {}, not '{}'.",
    ),
    Check(
        ExistenceSimple(r"\b(?:e\.g\.|i\.e\.|etc\.)"),
        path="ours.latin",
        message="'{}' is Latin. Say such as, that is, or nothing.",
    ),
    Check(
        ExistenceSimple(r"[\w)]!(?:\s|$)"),
        path="ours.exclamation",
        message="No exclamation marks: '{}'.",
    ),
    Check(ExistenceSimple("\u2014"), path="ours.dash", message="A comma or a colon, no '{}'."),
)
"""What we do not write."""

PROSELINTS = (
    "annotations",
    "archaism",
    "industrial_language",
    "hedging",
    "lexical_illusions",
    "malapropisms",
    "mondegreens",
    "needless_variants",
    "nonwords",
    "oxymorons",
    "redundancy",
    "uncomparables",
)
"""Checks of proselint's own that fit a manual."""


def plain(text: str) -> str:
    """Leave code, links' targets and markup out of Markdown; lines stay where they are."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    text = re.sub(r"(?ms)^ *(`{3,}).*?^ *\1 *$", blank, text)
    text = re.sub(r"(?s)\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", blank, text)
    text = re.sub(r"(?s)(`+).+?\1", lambda match: "code" + blank(match), text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"(?m)^#+ .*$", r"\g<0>.", text)  # headings end there
    return re.sub(r"<[^<>]+>|https?://\S+", " ", text)


def texts() -> Iterator[tuple[str, str]]:
    """All texts, by the names under which their author finds them."""
    for folder in (REPOSITORY, TRAINEES / "local", TRAINEES / "datadog"):
        for path in sorted(folder.glob("*.md")):
            yield str(path.relative_to(REPOSITORY)), path.read_text("utf-8")
    for path in sorted(TRAINEES.glob("*/steps/*.md")):
        yield str(path.relative_to(REPOSITORY)), path.read_text("utf-8")
    for path in sorted((REPOSITORY / "docs").rglob("*.md")):
        yield str(path.relative_to(REPOSITORY)), path.read_text("utf-8")
    for name in ("steps/hints.toml", "checks/questions.toml", "workshop/troubles.toml"):
        text = (REPOSITORY / "template" / name).read_text("utf-8")
        yield f"template/{name}", re.sub(r"(?m)^\[.*\]$", "", text)
    yield "copier.yml", (REPOSITORY / "copier.yml").read_text("utf-8")
    for house in ("extensions", "session", "tasks", "template"):
        for path in sorted((REPOSITORY / house).rglob("*.py")):
            yield str(path.relative_to(REPOSITORY)), sentences(path.read_text("utf-8"))
    for program in reference.APPS:
        yield f"{program} --help", reference.commands(program)


def sentences(code: str) -> str:
    """Leave nothing of Python code but what it says to a person, each text in its line.

    A text of fewer than four words is a name, and docstrings are for other readers.
    """
    tree = ast.parse(code)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    lines = [""] * (code.count("\n") + 2)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        if isinstance(node.value, str) and len(node.value.split()) > 3:
            lines[node.lineno] += " ".join(["", *node.value.split(), "."])
    return "\n".join(lines[1:])


def findings(text: str, checks: tuple[Check, ...]) -> Iterator[tuple[int, str]]:
    """What is wrong in a text: the number of each line, and why."""
    bare = f"\n{plain(text)}\n"  # checks want something on both sides of a word
    for check in checks:
        for found in check.check_with_flags(bare):
            start, end = found.span
            word = start + len(bare[start:end]) - len(bare[start:end].lstrip())
            yield bare.count("\n", 0, word), found.message


def render() -> None:
    """Write the sample trainees' repositories to build/trainees."""
    shutil.rmtree(TRAINEES, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="prose-") as folder:
        template = tagged_clone(Path(folder) / "matchmaker")
        for name, answers in ANSWERS.items():
            copier.run_copy(
                str(template),
                TRAINEES / name,
                data=answers,
                defaults=True,
                unsafe=True,
                quiet=True,
                skip_tasks=True,
            )


def all_checks() -> tuple[Check, ...]:
    """Our rules, and those of proselint's that we take."""
    modules = [import_module(f"proselint.checks.{name}") for name in PROSELINTS]
    return OURS + tuple(check for module in modules for check in module.__register__)


def main() -> None:
    """Print what is wrong where; raises SystemExit(1) if anything is."""
    render()
    checks = all_checks()
    wrong = [
        f"{name}:{line}: {message}"
        for name, text in texts()
        for line, message in sorted(set(findings(text, OURS if name.endswith(".py") else checks)))
    ]
    print("\n".join(wrong), end="\n" if wrong else "")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
