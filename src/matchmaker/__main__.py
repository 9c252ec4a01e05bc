"""Starts the command. Loading it takes a moment, and Ctrl-C can come in that moment, too."""

import gc
import sys


def main() -> None:
    """The entry point of the `matchmaker` script, and of `python -m matchmaker`."""
    gc.disable()  # looking for garbage while there is none takes a tenth of the time
    try:
        from matchmaker import cli
    except KeyboardInterrupt:
        print("Stopped before it began.", file=sys.stderr)
        sys.exit(130)
    gc.freeze()  # what is loaded now stays
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
