"""Makes the reference pages from what they describe: the questions, the roster, the commands."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import typer
import yaml
from jinja2 import Environment, StrictUndefined
from workshop.check import quiz
from workshop.cli import app as workshop_app
from workshop.problem import Problem

from dev.checkout import REPOSITORY
from extensions.steps import STEPS
from extensions.trainee import SITES
from matchmaker.cli import app as matchmaker_app

TYPES = {"str": "text", "int": "a whole number", "bool": "yes or no"}
APPS = {"workshop": workshop_app, "matchmaker": matchmaker_app}


# The questions of copier.yml


def answers() -> str:
    """Describe the possible answers to the template's questions, in the groups of copier.yml."""
    written = (REPOSITORY / "copier.yml").read_text(encoding="utf-8")
    questions = {
        name: question
        for name, question in yaml.safe_load(written).items()
        if not name.startswith("_")
    }
    lines: list[str] = []
    for line in written.splitlines():
        if group := re.match(r"# ([^.]+)$", line):
            lines += [f"## {group[1]}", ""]
        elif (name := line.partition(":")[0]) in questions:
            lines += [f"### `{name}`", "", _rendered(questions[name]["help"]).strip(), ""]
            lines += [*_facts(questions[name]), ""]
    return "\n".join(lines).strip()


def _facts(question: Mapping[str, Any]) -> Iterator[str]:
    yield f"- **Type:** {TYPES[question['type']]}"
    if "{{" in str(question["default"]):
        yield f"- **Default:** made from other answers, `{question['default'].strip('{ }')}`"
    else:
        yield f"- **Default:** {_shown(question['default'])}"
    if placeholder := question.get("placeholder"):
        yield f"- **Such as:** `{placeholder}`"
    if when := question.get("when"):
        yield f"- **Asked only if:** `{when.strip('{ }')}`"
    if question.get("secret"):
        yield "- **Secret:** not recorded among the answers"
    if "choices" in question:
        yield "- **Choices:**"
        yield ""
        for label, value in _choices(question["choices"]):
            yield f"    - {_shown(value)}" + (f": {label}" if label != str(value) else "")


def _choices(written: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(written, str):
        written = yaml.safe_load(_rendered(written))
    yield from written.items() if isinstance(written, dict) else ((str(c), c) for c in written)


def _rendered(text: str) -> str:
    environment = Environment(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    steps = {step.key: step for step in STEPS}
    return environment.from_string(text).render(catalogue=STEPS, steps=steps, sites=list(SITES))


def _shown(value: Any) -> str:
    words = {True: "yes", False: "no"} if isinstance(value, bool) else {"": "empty"}
    return words.get(value) or f"`{value}`"


# The questions of the last step


def questions() -> list[quiz.Question]:
    """The questions, with their choices and the reason for the right one."""
    path = REPOSITORY / "template" / "checks" / "questions.toml"
    return quiz.read(path.read_text(encoding="utf-8"))


# The roster


def roster() -> str:
    """Describe what a roster can contain, from its JSON schema."""
    schema = json.loads(
        (REPOSITORY / "src" / "matchmaker" / "roster" / "roster.schema.json").read_text("utf-8")
    )
    parts = schema["properties"]
    lines: list[str] = []
    for name, part in parts.items():
        one = part.get("items", part)
        lines += [f"## `[[{name}]]`" if "items" in part else f"## `[{name}]`", ""]
        if part.get("description"):
            lines += [part["description"], ""]
        required = one.get("required", [])
        properties = one["properties"]
        if name == "trainee":
            lines += ["For one trainee, any of `[answers]`, and these:", ""]
            properties = {
                key: value
                for key, value in properties.items()
                if key in required or key not in parts["answers"]["properties"]
            }
        lines += ["| key | value | what it is |", "|---|---|---|"]
        for key, value in properties.items():
            must = " **(required)**" if key in required else ""
            what = _cell(value.get("description", ""))
            lines.append(f"| `{key}`{must} | {_value(value)} | {what} |")
        lines.append("")
    return "\n".join(lines).strip()


def _value(schema: Mapping[str, Any]) -> str:
    if "oneOf" in schema:
        return "<br>".join(f"{_value(one)}: {_cell(_described(one))}" for one in schema["oneOf"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
    if "properties" not in schema and schema["type"] == "object":
        return '`{email = "…"}`'  # the names are free
    if schema["type"] == "object":
        form = {"string": '"…"', "array": "[…]", "integer": "…"}
        inside = [f"{key} = {form[one['type']]}" for key, one in schema["properties"].items()]
        return f"`{{{', '.join(inside)}}}`"
    words = {"string": "text", "integer": "a whole number", "boolean": "`true` or `false`"}
    return words[schema["type"]]


def _described(schema: Mapping[str, Any]) -> str:
    parts = [schema, *schema.get("properties", {}).values()]
    return " ".join(part["description"] for part in parts if "description" in part)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


# The commands


def commands(program: str) -> str:
    """Describe the commands of `workshop` or `matchmaker`, from their own help.

    Raises Problem for any other program.
    """
    if program not in APPS:
        raise Problem(f"There is no command `{program}`; there are {', '.join(APPS)}.")
    group: Any = typer.main.get_command(APPS[program])
    lines = _options(group)
    for name, command in group.commands.items():
        context = command.make_context(name, [], resilient_parsing=True)
        usage = " ".join([program, name, *command.collect_usage_pieces(context)])
        lines += [f"## `{program} {name}`", "", _as_markdown(command.help or ""), ""]
        lines += ["```text", usage, "```", ""]
        lines += _options(command)
    return "\n".join(lines).strip()


def _as_markdown(text: str) -> str:
    """A command's help. What Click doesn't wrap, because `\\b` is above it, becomes a block."""
    return re.sub(r"\x08\n(.+?)(?=\n\n|$)", r"```text\n\1\n```", inspect.cleandoc(text), flags=re.S)


def _options(command: Any) -> list[str]:
    options = [_option(parameter) for parameter in command.params]
    return ["| option | what it does |", "|---|---|", *options, ""] if options else []


def _option(parameter: Any) -> str:
    name = ", ".join(f"`{one}`" for one in [*parameter.opts, *parameter.secondary_opts])
    if parameter.param_type_name == "argument":
        name = f"`{parameter.metavar or parameter.name.upper()}`"
    default = parameter.default
    told = f" Default: `{default}`." if default not in (None, False, "", ()) else ""
    return f"| {name} | {_cell(parameter.help or '')}{told} |"
