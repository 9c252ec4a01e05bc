"""`python -m workshop.stack.entrypoint SERVICE`: what each container runs.

The image may be older than the tool in the folder, so that a package is missing. So this module
imports everything else only after it can say that.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the service. Print one sentence, and no traceback, if that isn't possible."""
    try:
        from workshop.how_to_run import said
        from workshop.problem import Problem
        from workshop.stack import container
    except ModuleNotFoundError as error:
        if str(error.name).startswith("workshop"):
            raise
        what = f"The image lacks the package {error.name}, so it's older than the workshop."
        return _fail(f"{what} Build it again: docker compose up --detach --build")
    try:
        return container.main(sys.argv[1])
    except Problem as problem:
        return _fail(said(f"{problem.what} {problem.remedy}"))
    except OSError as error:
        what = f"{error.filename or 'A file'} can't be used: {error.strerror}."
        return _fail(f"{what} Does everything in the workshop's folder belong to you?")


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
