"""What keys of Datadog look like.

The tool and the instructor's command import it, and the template's extension loads the file by its
path.
"""

import re

API_KEY_LENGTH = 32
APPLICATION_KEY_LENGTH = 40


def is_api_key(text: str) -> bool:
    """Whether a text is in the form of an API key, which is what the agent wants."""
    return bool(re.fullmatch(rf"[0-9a-fA-F]{{{API_KEY_LENGTH}}}", text))


def is_application_key(text: str) -> bool:
    """Whether a text is in the form of an application key, which people take for an API key."""
    return bool(re.fullmatch(rf"[0-9a-fA-F]{{{APPLICATION_KEY_LENGTH}}}", text))
