"""Datadog's API key: what one looks like, and how it gets into `.env`."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import set_key

from workshop.key_form import is_api_key, is_application_key
from workshop.problem import Problem
from workshop.settings import dotenv

VARIABLE = "DD_API_KEY"


def shape_problem(key: str) -> str:
    """What is wrong with a key, without repeating it; empty when it looks like an API key."""
    if is_api_key(key):
        return ""
    if is_application_key(key):
        return "That is an application key (40 digits); the agent wants an API key (32 digits)."
    if not key:
        return "That is empty."
    return f"An API key has 32 hexadecimal digits; this has {len(key)} characters."


def write(root: Path, key: str) -> bool:
    """Put the key into `.env`, readable by its owner only; True when there was none before.

    Every other line stays. Raises Problem when the key is none, or `.env` cannot be written.
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
    """The key in `.env`, empty without one. Raises Problem when that cannot be read."""
    return dotenv(root).get(VARIABLE, "")


def shells() -> str:
    """What to add to a sentence about the key where the shell has one too; else nothing."""
    return f"; your shell's {VARIABLE} is not used" if os.environ.get(VARIABLE) else ""


def is_set(root: Path) -> bool:
    """Whether `.env` has a key, of whatever shape. Raises Problem when it cannot be read."""
    return VARIABLE in dotenv(root)
