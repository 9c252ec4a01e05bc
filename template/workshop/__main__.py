"""`python -m workshop` is `workshop`.

The rest of the tool may be broken, as by a merge: this file is short, and changes as seldom as can
be, so that there is something left to put the rest back.
"""

import sys


def main() -> None:
    """Run the tool, or say what is wrong with its files, and put them back if that was asked."""
    try:
        from workshop.cli import main as run

        run()
    except (SyntaxError, ImportError, AttributeError, NameError, TypeError, ValueError) as error:
        try:
            from workshop.healing import heal
        except Exception:
            sys.exit(
                f"The tool cannot be read: {error}\n"
                "Find a commit in which it was whole, then: git checkout COMMIT -- workshop"
            )
        heal(error)
        raise


if __name__ == "__main__":
    main()
