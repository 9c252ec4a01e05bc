"""Finds the texts of a template that stay as they are, so that nobody has to render them.

Nearly all file names, and most of what a question has, contain no Jinja. Building the context for
each one takes longer than everything else that Copier does with it.

It needs names that Copier doesn't promise to keep: see `TESTED` in reference.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from copier._jinja_ext import SandboxedEnvironment, get_yield_context

# Extensions that come with the libraries. They keep no state between templates.
_KNOWN = ("copier", "copier_template_extensions._internal", "jinja2", "jinja2_ansible_filters")

_begins: WeakKeyDictionary[SandboxedEnvironment, re.Pattern[str]] = WeakKeyDictionary()


def keeps_nothing(environment: SandboxedEnvironment) -> bool:
    """Whether no extension keeps state, so that a text always renders the same.

    A template's own extensions declare it with `keeps_nothing = True` in their class.
    """
    return all(
        _is_of(type(one).__module__, _KNOWN) or vars(type(one)).get("keeps_nothing") is True
        for one in environment.extensions.values()
    )


def is_plain(environment: SandboxedEnvironment, text: str) -> bool:
    """Whether a text renders to itself.

    If so, this also resets what Copier resets when it compiles the text.
    """
    if environment not in _begins:
        _begins[environment] = _beginnings(environment)
    if _begins[environment].search(text):
        return False
    forget_yield(environment)
    return True


def forget_yield(environment: SandboxedEnvironment) -> None:
    """Reset what Copier resets when it compiles a text: a `yield` applies only to its own name."""
    context = get_yield_context(environment)
    context.yield_name = context.yield_iterable = None


def _beginnings(env: SandboxedEnvironment) -> re.Pattern[str]:
    """What makes Jinja change a text. If an extension keeps state, that's any text."""
    if not keeps_nothing(env):
        return re.compile("")
    tags = (env.block_start_string, env.variable_start_string, env.comment_start_string)
    lines = (env.line_statement_prefix, env.line_comment_prefix)
    return re.compile("|".join(re.escape(one) for one in (*tags, *lines, "\n", "\r") if one))


def _is_of(module: str, packages: Iterable[str]) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)
