"""Explains how a process ended, in words."""

from __future__ import annotations

import signal

_MEANINGS = {
    signal.SIGKILL: "out of memory?",
    signal.SIGTERM: "somebody ended it",
    signal.SIGINT: "Ctrl-C",
    signal.SIGABRT: "it aborted",
    signal.SIGSEGV: "a crash in compiled code",
    signal.SIGBUS: "a crash in compiled code",
    signal.SIGILL: "a crash in compiled code",
    signal.SIGFPE: "a crash in compiled code",
}


def explain(code: int) -> str:
    """What an exit code means. As in `subprocess`, -N is a process that signal N ended."""
    if code == 0:
        return "ended by itself (exit code 0)"
    if code > 0:
        return f"exit code {code}"
    return f"killed by signal {-code} ({_meaning(-code)})"


def explain_shell(code: int) -> str:
    """The same for shells and Docker, where 128 + N is a process that signal N ended."""
    return explain(128 - code if 128 < code < 128 + signal.NSIG else code)


def _meaning(number: int) -> str:
    try:
        known = signal.Signals(number)
    except ValueError:
        return "unknown signal"
    return _MEANINGS.get(known, known.name)
