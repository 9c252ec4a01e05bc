"""The roster's form as a JSON schema, so that an editor can complete and check it.

To write it again from the questions of the template in this checkout:

    python -m matchmaker.roster.schema > src/matchmaker/roster/roster.schema.json
"""

import json
from pathlib import Path
from typing import Any

from matchmaker.repositories.copier_adapter import question_forms
from matchmaker.repositories.ports import LAST_PORT
from matchmaker.roster.entries import OF_ONE_TRAINEE
from matchmaker.roster.questions import KEY
from matchmaker.roster.read import SET_BY_SESSION

_TYPES = {"str": "string", "int": "integer", "bool": "boolean"}
_TEXT = {"type": "string", "minLength": 1}

PORTS = {
    "description": "Separate ports for each trainee, on one shared host. Consoles ask for a "
    "token, unless `shared_host` says otherwise.",
    "oneOf": [
        {"const": "distinct", "description": "The usual ports first, if they are free."},
        {
            "type": "object",
            "properties": {
                "from": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LAST_PORT,
                    "description": "The lowest port to use.",
                }
            },
            "required": ["from"],
            "additionalProperties": False,
        },
    ],
}
API_KEY = {
    "description": "Where to find the Datadog API key. Never write the key itself here.",
    "oneOf": [
        {"const": "later", "description": "Trainees set their own, with `workshop key`."},
        *(
            {
                "type": "object",
                "properties": {kind: {**value, "description": description}},
                "required": [kind],
                "additionalProperties": False,
            }
            for kind, value, description in (
                ("env", _TEXT, "An environment variable that contains it."),
                (
                    "file",
                    _TEXT,
                    "A file that only you can read: DD_API_KEY=… for everyone, <slug>=… for one.",
                ),
                (
                    "command",
                    {"type": "array", "items": {"type": "string"}, "minItems": 1},
                    "A command that prints it. {slug} stands for the trainee's slug.",
                ),
            )
        ),
    ],
}
HOST = {
    "description": "A Kubernetes cluster to host the session on. `matchmaker host` reads it.",
    "type": "object",
    "properties": {
        "domain": {
            **_TEXT,
            "description": "Where trainees go, such as workshop.example.com. Each server gets a "
            "name below it.",
        },
        "image": {
            **_TEXT,
            "description": "What to call the image, with a registry and a tag: "
            "registry.example.com/tracing:1",
        },
        "sign_in": {
            "enum": ["password", "oidc"],
            "description": "A password for each trainee, on their cards; or your company's "
            "sign-in, which needs each trainee's note `email`. Default: password.",
        },
    },
    "required": ["domain", "image"],
    "additionalProperties": False,
}
NOTES = {
    "description": "What else you know about the trainee, such as email. The template never "
    "gets it.",
    "type": "object",
    "additionalProperties": {"type": "string"},
}


def roster_schema(template: Path) -> dict[str, Any]:
    """Make the schema, with an answer for each question of the template in a folder."""
    answers = _answers(template)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A session's roster",
        "type": "object",
        "properties": {
            "session": {
                "type": "object",
                "properties": {
                    "name": {
                        "type": "string",
                        "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
                        "maxLength": 30,
                        "description": "The session's name, which is everyone's answer `session`.",
                    },
                    "template": {
                        **_TEXT,
                        "description": "A URL, or a path relative to the roster. "
                        "Default: where you installed the command from.",
                    },
                    "version": {
                        **_TEXT,
                        "description": "A tag. Default: the version of the command, or the newest "
                        "tag if the template isn't the command's own.",
                    },
                    "ports": PORTS,
                    "push": {
                        "type": "string",
                        "pattern": r"^[^{}]*(\{slug\}[^{}]*)+$",
                        "description": "Where each run pushes the repositories. {slug} stands for "
                        "the trainee's slug.",
                    },
                    "create": {
                        **_TEXT,
                        "description": "A command that makes the place to push to, once for each "
                        "trainee. No shell runs it. {slug} stands for the trainee's slug, and the "
                        "name of a note in braces for that note.",
                    },
                    "invite": {
                        **_TEXT,
                        "description": "A command that gives a trainee access to that place, "
                        "once for each trainee. It is like `create`.",
                    },
                    "bundle": {
                        "type": "boolean",
                        "description": "Each run writes a zip and a git bundle for each trainee.",
                    },
                    "api_key": API_KEY,
                },
                "required": ["name"],
                "additionalProperties": False,
            },
            "host": HOST,
            "answers": {
                "description": "Answers for everyone.",
                "type": "object",
                "properties": {
                    name: form for name, form in answers.items() if name not in OF_ONE_TRAINEE
                },
                "additionalProperties": False,
            },
            "trainee": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {**answers, "api_key": API_KEY, "notes": NOTES},
                    "required": ["trainee_name"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["session", "trainee"],
        "additionalProperties": False,
    }


def _answers(template: Path) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, form in question_forms(template).items():
        if name in SET_BY_SESSION or name == KEY:
            continue
        properties[name] = {"type": _TYPES[form.type_name], "description": form.message.strip()}
        if form.choices:
            properties[name]["enum"] = form.choices
    return properties


if __name__ == "__main__":
    schema = roster_schema(Path(__file__).parents[3])
    print(json.dumps(schema, indent=2, ensure_ascii=False))
