"""Reads every text that this repository shows a person, and reports what isn't in our voice.

`prose_rules` has the rules. Code, terminal output, and quotations in “…” are left out: a quotation
repeats what a tool says, and is checked there. The pages of a trainee are checked as rendered, once
with each answer that changes a page. Other linters also read the rendered files, in build/trainees.
"""

import ast
import io
import os
import re
import shutil
import tempfile
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import copier
from proselint.registry.checks import Check
from pygments.lexer import include  # type: ignore[import-untyped]
from pygments.lexers.javascript import JavascriptLexer  # type: ignore[import-untyped]
from pygments.token import Punctuation, String  # type: ignore[import-untyped]

from dev.checkout import REPOSITORY, tagged_clone
from dev.docs import reference
from dev.prose_rules import OURS as OURS

TRAINEES = REPOSITORY / "build" / "trainees"
ANSWERS: dict[str, dict[str, Any]] = {
    "local": {
        "step": 1,
        "backend": "local",
        "inject_errors": True,
        "log_to_stdout": False,
        "share_progress": True,
    },
    "datadog": {"step": 9, "backend": "datadog", "inject_errors": False, "log_to_stdout": True},
}

CODE = (".py", ".js")
"""Files with lines and labels, which are too short for proselint's own checks."""

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
"""The checks of proselint that fit a manual."""


def plain(text: str) -> str:
    """Leave code, quotations, links' targets, and markup out of Markdown; lines stay in place."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    text = re.sub(r"(?ms)^ *(`{3,}).*?^ *\1 *$", blank, text)
    text = re.sub(r"(?s)\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", blank, text)
    text = re.sub(r"(?s)(`+).+?\1", lambda match: "code" + blank(match), text)
    text = re.sub(r"“[^”]*”", lambda match: "words" + blank(match), text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"(?m)^#+ .*$", r"\g<0>.", text)  # headings end there
    return re.sub(r"<[^<>]+>|https?://\S+", " ", text)


def texts(trainees: Path = TRAINEES) -> Iterator[tuple[str, str]]:
    """All texts, each with the name by which its author finds it."""
    repositories = (trainees / "local", trainees / "datadog")
    for pattern in ("*.md", "steps/*.md"):
        yield from _read(pattern, *repositories)
    yield from _read("*.md", REPOSITORY)
    yield from _read("**/*.md", REPOSITORY / "docs")
    yield from _read("copier.yml", REPOSITORY)
    for pattern in ("steps/hints.toml", "checks/*questions.toml", "workshop/troubles.toml"):
        for name, text in _read(pattern, REPOSITORY / "template"):
            yield name, re.sub(r"(?m)^\[.*\]$", "", text)
    for pattern in ("*.py", "checks/**/*.py"):  # which a trainee reads, comments and all
        for name, text in _read(pattern, *repositories):
            yield name, sentences(text, to_read=True)
    for pattern in (".env.example", "compose.yaml", "pyproject.toml", "Dockerfile"):
        for name, text in _read(pattern, *repositories):
            yield name, comments(text)
    folders = [REPOSITORY / name for name in ("dev", "extensions", "src", "template")]
    for name, text in _read("**/*.py", *folders):  # docstrings and comments, too
        if not name.endswith("dev/prose_rules.py"):  # its examples break its rules
            yield name, sentences(text, to_read=True)
    for name, text in _read("**/*.toml", REPOSITORY / "src", REPOSITORY / "docs" / "session"):
        yield name, comments(text)
    for pattern in ("**/*.html.jinja", "matchmaker/board/**/*.html"):
        for name, text in _read(pattern, REPOSITORY / "src"):
            yield name, labels(text)
    pages = [REPOSITORY / "template/workshop/console", REPOSITORY / "src/matchmaker/board"]
    for name, text in _read("static/**/[a-z]*.js", *pages):
        if "/vendor/" not in name:
            yield name, quoted(text)
    for program in reference.APPS:
        yield f"{program} --help", reference.commands(program)


def _read(pattern: str, *folders: Path) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted(folder.glob(pattern)):
            yield os.path.relpath(path, REPOSITORY), path.read_text("utf-8")


def sentences(code: str, *, to_read: bool = False) -> str:
    """Keep only the texts for people in Python code, each in its line.

    A text of fewer than four words is a name. `to_read` also keeps docstrings and comments.
    """
    tree = ast.parse(code)
    lines = [""] * (code.count("\n") + 2)
    left_out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and not to_read:
            left_out.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            left_out.update(node.values)
        text = _text_of(node)
        if isinstance(node, ast.expr) and node not in left_out and len(text.split()) > 3:
            lines[node.lineno] += " ".join(["", *text.split(), "."])
    if to_read:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                lines[token.start[0]] += token.string[1:]
    return "\n".join(lines[1:])


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) or "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def comments(text: str) -> str:
    """Keep only the comments of a file, which begin with a number sign."""
    return re.sub(r"(?m)^.*?(?:#:? (.*))?$", lambda line: line[1] or ".", text)


def labels(page: str) -> str:
    """Keep only the words of an HTML template, including those in expressions."""
    page = re.sub(r"(?s)<style>.*?</style>", lambda style: "\n" * style[0].count("\n"), page)
    return re.sub(r"\{\{(.*?)\}\}", lambda e: " … ".join(re.findall(r'"([^"]*)"', e[1])), page)


class Script(JavascriptLexer):  # type: ignore[misc]
    """JavaScript. Pygments mistakes the first brace in a placeholder for the end of it."""

    tokens: ClassVar = {
        "interp-inside": [
            (r"\{", Punctuation, "braces"),
            *JavascriptLexer.tokens["interp-inside"],
        ],
        "braces": [
            (r"\{", Punctuation, "#push"),
            (r"\}", Punctuation, "#pop"),
            include("root"),
        ],
    }


@dataclass
class Template:
    """A template literal of JavaScript. `gap` is where the current placeholder began."""

    begin: int
    is_html: bool
    text: str = ""
    gap: int | None = None


def quoted(script: str) -> str:
    """Keep only the texts of four words or more in JavaScript, each in its line.

    In an HTML template, these are the texts between tags and in attributes.
    """
    found: list[tuple[int, str]] = []
    opened: list[Template] = []
    before = ""
    for at, kind, text in Script().get_tokens_unprocessed(script):
        if kind in (String.Double, String.Single):
            found.append((at, text[1:-1]))
        elif kind is String.Interpol and text == "${":
            opened[-1].gap = at
        elif kind is String.Interpol:
            opened[-1].text += "…" + "\n" * script.count("\n", opened[-1].gap, at)
            opened[-1].gap = None
        elif kind is String.Backtick and text != "`":
            opened[-1].text += text
        elif kind is String.Backtick and (not opened or opened[-1].gap is not None):
            opened.append(Template(at, is_html=before == "html"))
        elif kind is String.Backtick:
            done = opened.pop()
            found.append((done.begin, _shown(done.text) if done.is_html else done.text))
        before = text
    lines = [""] * (script.count("\n") + 1)
    for at, text in found:
        for number, line in enumerate(text.split("\n"), script.count("\n", 0, at)):
            if len(line.split()) > 3:
                lines[number] += f"{line.strip()} . "
    return "\n".join(lines)


def _shown(markup: str) -> str:
    """The texts of HTML that a person sees, in the same lines."""

    def texts(tag: re.Match[str]) -> str:
        values = [value for value in re.findall(r'="([^"]*)"', tag[0]) if len(value.split()) > 3]
        return " . ".join(["", *values, ""]) + "\n" * tag[0].count("\n")

    return re.sub(r"<[^>]*>", texts, re.sub(r"<code>[^<]*</code>", "…", markup))


def findings(text: str, checks: tuple[Check, ...]) -> Iterator[tuple[int, str]]:
    """What is wrong in a text: each line number, with the reason."""
    bare = f"\n{plain(text)}\n"  # checks need a character on both sides of a word
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
    """Our rules, and the ones of proselint that we use."""
    modules = [import_module(f"proselint.checks.{name}") for name in PROSELINTS]
    return OURS + tuple(check for module in modules for check in module.__register__)


def main() -> None:
    """Print each finding with its place. Raises SystemExit(1) if there are any."""
    render()
    checks = all_checks()
    wrong = [
        f"{name}:{line}: {message}"
        for name, text in texts()
        for line, message in sorted(set(findings(text, OURS if name.endswith(CODE) else checks)))
    ]
    print("\n".join(wrong), end="\n" if wrong else "")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
