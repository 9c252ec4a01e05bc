"""The form of Datadog's keys.

The tool and the instructor's command import this file, and the template's extension loads it by its
path.
"""

import re

API_KEY_LENGTH = 32
APPLICATION_KEY_LENGTH = 40


def is_api_key(text: str) -> bool:
    """Whether a text has the form of an API key, which the agent needs."""
    return bool(re.fullmatch(rf"[0-9a-fA-F]{{{API_KEY_LENGTH}}}", text))


def is_application_key(text: str) -> bool:
    """Whether a text has the form of an application key, which people confuse with an API key."""
    return bool(re.fullmatch(rf"[0-9a-fA-F]{{{APPLICATION_KEY_LENGTH}}}", text))
