"""Starts `workshop`, as a script and as `python -m workshop`.

The rest of the tool may be broken, for example by a merge. This file is short and rarely changes,
so that something is left to restore the rest.
"""

import atexit
import gc
import os
import sys


def main() -> None:
    """Run the tool, or say what is wrong with its files, and restore them if the command does."""
    # What a command imports is no garbage, and looking through it again and again, the last time at
    # the end, takes a sixth of the time of `workshop status`. cli.py switches it on again.
    gc.disable()
    atexit.register(gc.freeze)
    try:
        from workshop.stack.shell import begin_anew

        begin_anew()
        from workshop import cli  # only now: the shell's variables affect each import

        cli.main()
    except KeyboardInterrupt:  # before the command itself began
        sys.exit(130)
    except (SyntaxError, ImportError, AttributeError, NameError, TypeError, ValueError) as error:
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("workshop"):
            if os.environ.get("WORKSHOP_CONTAINER"):
                sys.exit(
                    f"The package {error.name} is not installed in this image. Build it again, on "
                    "your own machine: docker compose up --build"
                )
            told = [name for name in os.environ if name.startswith("UV_NO_")]
            unset = f"unset {' '.join(sorted(told))}; " if told else ""
            sys.exit(f"The package {error.name} is not installed. Install it: {unset}uv sync")
        try:
            from workshop.moving.healing import heal
        except Exception:
            sys.exit(
                f"The tool cannot be read: {error}\n"
                "Find a commit in which it was intact, then run: git checkout COMMIT -- workshop"
            )
        heal(error)
        raise


if __name__ == "__main__":
    main()
