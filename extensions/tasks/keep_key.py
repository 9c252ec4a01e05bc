"""Keep the API key in `.key/datadog`, for the agent alone.

As a script, this moves the key there from `.env`, where older versions had it. Copier runs it
before an update renders anything, so that an answer doesn't replace a key that exists.
"""

import sys
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).parents[2] / "template"


def tool() -> Any:
    """The trainee's module for the key, from this version of the template."""
    for name in [one for one in sys.modules if one.partition(".")[0] == "workshop"]:
        del sys.modules[name]  # `matchmaker` may run this in a process that has another version
    sys.dont_write_bytecode = True  # the template's folder stays as it is
    sys.path.insert(0, str(TEMPLATE))
    from workshop import api_key

    return api_key


def keep(quiet: bool) -> None:
    """Move the key if it is due, and let only the owner read it."""
    api_key = tool()
    workshop = Path.cwd()
    said = api_key.tidied(workshop)
    api_key.close(workshop)
    if said and not quiet:
        print(f"\n{said}", file=sys.stderr)


if __name__ == "__main__":
    keep(sys.argv[1:] == ["True"])
