"""Where `workshop` begins, as a script and as `python -m workshop`."""

import os
import sys

from workshop.shell import begin_anew


def main() -> None:
    """Run the command that was typed."""
    begin_anew()
    try:
        from workshop import cli  # only now: what the shell tells Python counts for each import
    except ModuleNotFoundError as error:
        told = [name for name in os.environ if name.startswith("UV_NO_")]
        unset = f"unset {' '.join(sorted(told))}; " if told else ""
        sys.exit(f"The package {error.name} is not installed. Install it: {unset}uv sync")
    cli.main()


if __name__ == "__main__":
    main()
