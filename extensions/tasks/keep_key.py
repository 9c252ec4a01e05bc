"""Keep the API key in `.key/datadog`, for the agent alone.

As a script, this moves the key there from `.env`, where older versions had it. Copier runs it
before an update renders anything, so that an answer doesn't replace a key that exists.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

KEEPS_NOTHING = True
"""`matchmaker` may call `main` for one workshop after the other, in a process of its own."""
ONLY_THE_KEY = True
"""In an update, it changes only the key's file, which is not in git, and no update compares."""
TOOL_DOES_THIS = True
"""It leaves alone what `workshop next` and `workshop update` merge, so they need not run this."""

TEMPLATE = Path(__file__).parents[2] / "template"


@cache
def tool() -> Any:
    """The trainee's module for the key, from this version of the template.

    `matchmaker` may run this in a process that has another version, which stays as it is.
    """
    others = {name: sys.modules[name] for name in _parts_of_tool()}
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # the template's folder stays as it is
    sys.path.insert(0, str(TEMPLATE))
    for name in others:
        del sys.modules[name]
    try:
        from workshop import api_key
    finally:
        for name in _parts_of_tool():
            del sys.modules[name]
        sys.modules.update(others)
        sys.path.remove(str(TEMPLATE))
        sys.dont_write_bytecode = before
    return api_key


def _parts_of_tool() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "workshop"]


def keep(quiet: bool) -> None:
    """Move the key if it is due, and let only the owner read it."""
    api_key = tool()
    workshop = Path.cwd()
    said = api_key.tidied(workshop)
    api_key.close(workshop)
    if said and not quiet:
        print(f"\n{said}", file=sys.stderr)


def main(quiet: str = "False") -> None:
    """Keep the key of the workshop in the current folder."""
    keep(quiet == "True")


if __name__ == "__main__":
    main(*sys.argv[1:])
