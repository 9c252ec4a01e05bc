"""The trainee, and everything that follows from the answers: ports, tags, and links.

Copier loads this file separately, so it can't import its siblings. It loads what it shares with the
trainee's tool by path.
"""

import hashlib
import json
import os
import re
import runpy
import unicodedata
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copier.errors import UserMessageError
from copier_template_extensions import ContextHook
from jinja2 import Environment

NAME_LENGTH = 80
# `<session>-<slug>` is a host name for the Agent, and host names have at most 63 characters.
SLUG_LENGTH = 30

# Shared with the trainee's tool.
_TOOL = Path(__file__).parent.parent / "template" / "workshop"
_KEY_FORM = runpy.run_path(str(_TOOL / "key_form.py"))
_PORTS_OF_BROWSERS = runpy.run_path(str(_TOOL / "stack" / "blocked_ports.py"))
BLOCKED_PORTS: frozenset[int] = _PORTS_OF_BROWSERS["BLOCKED_PORTS"]

PORTS = {"web": 5000, "taster": 5001, "redis": 6379, "agent": 8126, "console": 8000}
LAST_PORT = 65535
LARGEST_OFFSET = LAST_PORT - max(PORTS.values())

SWITCHES = ("log_to_stdout", "inject_errors", "shared_host", "share_progress")
# The answers that Copier understands for these. It treats anything else as a no.
YES_OR_NO = ("y", "yes", "t", "true", "on", "1", "n", "no", "f", "false", "off", "0")

# The web page of each Datadog site: https://docs.datadoghq.com/getting_started/site/
SITES = {
    "datadoghq.com": "https://app.datadoghq.com",
    "us3.datadoghq.com": "https://us3.datadoghq.com",
    "us5.datadoghq.com": "https://us5.datadoghq.com",
    "datadoghq.eu": "https://app.datadoghq.eu",
    "ap1.datadoghq.com": "https://ap1.datadoghq.com",
    "ap2.datadoghq.com": "https://ap2.datadoghq.com",
    "uk1.datadoghq.com": "https://uk1.datadoghq.com",
    "ddog-gov.com": "https://app.ddog-gov.com",
    "us2.ddog-gov.com": "https://us2.ddog-gov.com",
}

# Letters that Unicode doesn't decompose into a Latin letter and its accent, each with its
# replacement: Latin, Greek, and Cyrillic.
_TRANSLITERATION = """
øo łl đd ðd þth æae œoe ıi
αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs τt υy φf χch ψps ωo
аa бb вv гg дd еe жzh зz иi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya
єye іi ґg ђdj јj љlj њnj ћc џdz
"""
_LETTERS = str.maketrans({word[0]: word[1:] for word in _TRANSLITERATION.split()})

# Invisible characters that are part of names in several scripts, and of many emoji.
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}


def slugify(name: str) -> str:
    """Make a slug from a name: lowercase Latin letters, digits, and hyphens.

    If nothing is left of a name (`李雷`), it gets a short slug that is always the same.
    """
    bare = "".join(
        character
        for character in unicodedata.normalize("NFKD", name.casefold())
        if not unicodedata.combining(character)
    )
    words = re.findall(r"[a-z0-9]+", re.sub(r"['\u2019]", "", bare.translate(_LETTERS)))
    slug = "-".join(words)[:SLUG_LENGTH].strip("-")
    return slug or f"trainee-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def name_problem(name: str) -> str:
    """Say what is wrong with a trainee's name; empty if nothing is.

    The answer is one short sentence, as in all these functions, because Copier's prompt cuts off
    what doesn't fit in a terminal after `Validation error for question 'trainee_name': `.
    """
    visible = [
        character
        for character in name
        if unicodedata.category(character)[0] not in "CMZ" or character == " "
    ]
    if not name.strip() or not visible:
        return "Type a name, such as Ada."
    if name != name.strip():
        return "No spaces before or after it."
    if len(visible) > NAME_LENGTH:
        return f"At most {NAME_LENGTH} characters, not {len(visible)}."
    hidden = [character for character in name if _is_hidden(character)]
    if hidden:
        return f"No control character (U+{ord(hidden[0]):04X})."
    return ""


def _is_hidden(character: str) -> bool:
    if character in _JOINERS:
        return False
    if unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}:
        return True
    code = ord(character)  # code points that Unicode promises never to use for characters
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def slug_problem(slug: str) -> str:
    """Say what is wrong with a slug; empty if nothing is."""
    if len(slug) > SLUG_LENGTH:
        return f"At most {SLUG_LENGTH} characters, not {len(slug)}."
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        return "Type a-z, 0-9, and single hyphens."
    return ""


def api_key_problem(key: str) -> str:
    """Say why this can't be an API key, without repeating it; empty if it can be one.

    Datadog doesn't promise a form, so a key that only looks unusual isn't wrong.
    """
    return str(_KEY_FORM["impossible"](key)) if key else ""


def port_offset_problem(offset: int) -> str:
    """Say what is wrong with a port offset; empty if nothing is."""
    if 0 <= offset <= LARGEST_OFFSET:
        blocked = _blocked_ports(offset)
        if not blocked:
            return ""
        others = (offset + by * sign for by in range(LARGEST_OFFSET) for sign in (-1, 1))
        nearest = next(n for n in others if 0 <= n <= LARGEST_OFFSET and not _blocked_ports(n))
        return f"Type {nearest}; browsers block {next(iter(blocked.values()))}."
    return f"Type a number from 0 to {LARGEST_OFFSET}."


def refuse_wrong(answers: Mapping[str, Any], choices: Mapping[str, list[Any]]) -> bool:
    """Report every mistake in the answers from a command line, before Copier reads the first one.

    Without this, Copier prints a traceback for a wrong answer, and treats `maybe` as no. `choices`
    has the possible answers to questions with choices. Returns True, for `ask`: Copier asks for
    the missing answers. Raises UserMessageError, which ends Copier.
    """
    wrong = {name: _answer_problem(name, value, choices) for name, value in answers.items()}
    problems = [f"{name}: {problem}" for name, problem in wrong.items() if problem]
    if problems:
        raise UserMessageError("\n".join(problems))
    return True


def _answer_problem(name: str, value: Any, choices: Mapping[str, list[Any]]) -> str:
    if name in choices and str(value) not in map(str, choices[name]):
        return f"Type one of {', '.join(map(str, choices[name]))}."
    if name in SWITCHES and str(value).lower() not in YES_OR_NO:
        return "Type yes or no."
    if name == "port_offset":
        is_whole = re.fullmatch(r"\s*[+-]?[0-9]{1,9}\s*", str(value), re.ASCII)
        return port_offset_problem(int(str(value)) if is_whole else -1)
    rules = {
        "trainee_name": name_problem,
        "trainee_slug": slug_problem,
        "session": slug_problem,
        "dd_api_key": api_key_problem,
    }
    if name not in rules:
        return ""
    return rules[name](value) if isinstance(value, str) else "Type text."


def _blocked_ports(offset: int) -> dict[str, int]:
    """The services whose ports browsers would refuse, each with its port."""
    moved = {service: port + offset for service, port in PORTS.items()}
    return {service: port for service, port in moved.items() if port in BLOCKED_PORTS}


@dataclass(frozen=True)
class Trainee:
    """A trainee's identity. Templates know it as `trainee`."""

    name: str
    slug: str
    session: str
    port_offset: int
    site: str

    @property
    def env(self) -> str:
        """The trainee's own environment in Datadog."""
        return f"{self.session}-{self.slug}"

    @property
    def project(self) -> str:
        """The name of this stack in Compose. Each session and offset on a machine has its own."""
        offset = f"-{self.port_offset}" if self.port_offset else ""
        return f"matchmaker-{self.env}{offset}"

    @property
    def tags(self) -> str:
        """Tags on every span, in the form of `DD_TAGS`."""
        return f"trainee:{self.slug},session:{self.session}"

    @property
    def ports(self) -> dict[str, int]:
        """The port of each service, on loopback."""
        return {service: port + self.port_offset for service, port in PORTS.items()}

    @property
    def web_url(self) -> str:
        """The URL of the trainee's `web`."""
        return f"http://localhost:{self.ports['web']}"

    @property
    def datadog_url(self) -> str:
        """The URL at which the trainee finds their traces in Datadog."""
        return SITES[self.site]

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables for the tracer in `web` and `taster`."""
        return {
            "DD_ENV": self.env,
            "DD_TAGS": self.tags,
            # Send finished traces ten times a second, so that trainees don't wait for them.
            "DD_TRACE_WRITER_INTERVAL_SECONDS": "0.1",
            # A workshop doesn't use these features, and they would fill its logs.
            "DD_REMOTE_CONFIGURATION_ENABLED": "false",
            "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
            "DD_CODE_ORIGIN_FOR_SPANS_ENABLED": "false",
            "DD_SYMBOL_DATABASE_UPLOAD_ENABLED": "false",
        }


def trainee_of(answers: Mapping[str, Any]) -> Trainee:
    """Make a trainee from the answers so far, with replacements for missing and wrong ones.

    Copier renders templates before it has all the answers, and it rejects wrong answers itself.
    """
    name = str(answers.get("trainee_name", ""))
    offset = str(answers.get("port_offset"))
    site = answers.get("dd_site")
    return Trainee(
        name=name,
        slug=str(answers.get("trainee_slug") or slugify(name)),
        session=str(answers.get("session") or "self-paced"),
        port_offset=int(offset) if re.fullmatch(r"[0-9]{1,5}", offset) else 0,
        site=site if site in SITES else "datadoghq.com",
    )


def to_toml(value: str) -> str:
    """Quote text for TOML, whose basic strings are like those of JSON."""
    return json.dumps(value, ensure_ascii=False)


def to_markdown(text: str) -> str:
    """Escape text so that Markdown shows it unchanged, anywhere in a line."""
    return re.sub(r"([\\`*_\[\]<>&|~$])", r"\\\1", text)


def with_absolute_source(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Make the relative path of a template absolute, so that an update finds it from any folder."""
    source = answers.get("_src_path")
    # A user who can't read the template gets False here, but then the path is already absolute.
    if source and os.path.isdir(source):  # noqa: PTH112
        return {**answers, "_src_path": str(Path(source).resolve())}
    return dict(answers)


class TraineeHook(ContextHook):
    """Gives every template `trainee`, and filters to check answers and to write names."""

    keeps_nothing = True  # between trainees, so matchmaker can compile texts once

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters |= {
            "slugify": slugify,
            "name_problem": name_problem,
            "slug_problem": slug_problem,
            "api_key_problem": api_key_problem,
            "port_offset_problem": port_offset_problem,
            "refuse_wrong": refuse_wrong,
            "toml": to_toml,
            "markdown": to_markdown,
            "with_absolute_source": with_absolute_source,
        }

    def hook(self, context: MutableMapping[str, Any]) -> None:
        """Add these names to `context`, in place."""
        context["trainee"] = trainee_of(context)
        context["sites"] = list(SITES)
