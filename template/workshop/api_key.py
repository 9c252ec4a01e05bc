"""Datadog's API key: checks its form, and puts it into `.env`."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import set_key

from workshop.key_form import is_api_key, is_application_key
from workshop.problem import Problem
from workshop.settings import dotenv

VARIABLE = "DD_API_KEY"


def shape_problem(key: str) -> str:
    """What is wrong with a key, without repeating it. Empty if it looks like an API key."""
    if is_api_key(key):
        return ""
    if is_application_key(key):
        return "That is an application key (40 digits); the agent needs an API key (32 digits)."
    if not key:
        return "That is empty."
    return f"An API key has 32 hexadecimal digits; this has {len(key)} characters."


def write(root: Path, key: str) -> bool:
    """Put the key into `.env`, which only its owner can read. True if there was none before.

    Keeps every other line. Raises Problem if the text isn't a key, or `.env` isn't writable.
    """
    problem = shape_problem(key)
    if problem:
        raise Problem(problem, "Copy it from Datadog: Organization Settings > API Keys.")
    path = root / ".env"
    try:
        is_new = not is_set(root)
        if path.exists():
            path.chmod(0o600)  # set_key writes a new file with the old one's mode
        set_key(path, VARIABLE, key, quote_mode="never")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f".env cannot be written: {error}.") from error
    return is_new


def value(root: Path) -> str:
    """The key in `.env`, or empty. Raises Problem if the file isn't readable."""
    return dotenv(root).get(VARIABLE, "")


def shells() -> str:
    """What to append to a sentence about the key if the shell has one too, or else nothing."""
    return f"; your shell's {VARIABLE} is not used" if os.environ.get(VARIABLE) else ""


def is_set(root: Path) -> bool:
    """Whether `.env` has a key, in any form. Raises Problem if the file isn't readable."""
    return VARIABLE in dotenv(root)
