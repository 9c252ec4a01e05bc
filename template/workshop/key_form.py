"""The form of Datadog's keys.

Datadog doesn't promise a form. So a key that looks unusual gets a remark, and only what can't be a
key at all is refused. The tool and the instructor's command import this file, and the template's
extension and tasks load it by its path.
"""

import re

API_KEY_LENGTH = 32
APPLICATION_KEY_LENGTH = 40
MOST_BETWEEN = 80
"""In bytes: how far a key can be from its name in code and in settings."""

_NAME = rb"(?i:api[_-]?key)"
_KEY = rb"(?<![0-9a-fA-F])[0-9a-fA-F]{%d}(?![0-9a-fA-F])" % API_KEY_LENGTH
_NEAR = rb"[\s\S]{0,%d}?" % MOST_BETWEEN
_PLACEHOLDER = re.compile(r"(?i)[<{$\[]|your")
"""How the examples in documentation begin: <DD_API_KEY>, ${DD_API_KEY}, YOUR_API_KEY."""
_NAMED_KEY = re.compile(_NAME + _NEAR + _KEY + rb"|" + _KEY + _NEAR + _NAME)


def is_api_key(text: str) -> bool:
    """Whether a text has the form of today's API keys."""
    return bool(re.fullmatch(rf"[0-9a-fA-F]{{{API_KEY_LENGTH}}}", text))


def has_named_key(content: bytes) -> bool:
    """Whether something like an API key is next to a name like `DD_API_KEY`, also in UTF-16."""
    return bool(_NAMED_KEY.search(content.replace(b"\0", b"")))


def is_application_key(text: str) -> bool:
    """Whether a text has the form of an application key, which people confuse with an API key."""
    return bool(re.fullmatch(rf"[0-9a-fA-F]{{{APPLICATION_KEY_LENGTH}}}", text))


def impossible(text: str) -> str:
    """Why a text can't be a key, without repeating it. Empty if it can be one."""
    if not text:
        return "That is empty."
    if re.search(r"\s", text):
        return "A key is one word, without spaces."
    # A key travels in an HTTP header, which has only these characters.
    if not re.fullmatch(r"[!-~]+", text):
        return "A key has plain letters and digits."
    if _PLACEHOLDER.match(text):
        return "That is an example of a key. Put your own in its place."
    return ""


def oddity(text: str) -> str:
    """What is unusual about a key, without repeating it. Empty if nothing is."""
    if is_api_key(text):
        return ""
    if is_application_key(text):
        return (
            f"That looks like an application key ({APPLICATION_KEY_LENGTH} hexadecimal digits). "
            f"The agent needs an API key ({API_KEY_LENGTH})."
        )
    return (
        f"API keys usually have {API_KEY_LENGTH} hexadecimal digits, and this has {len(text)} "
        "characters."
        if len(text) != API_KEY_LENGTH
        else "API keys usually have only hexadecimal digits, 0-9 and a-f, and this has others."
    )
