"""Prints the section of one version in CHANGELOG.md: `python3 dev/release_notes.py v1.2.0`.

GitHub keeps the line breaks in the text of a release, so this puts each entry on one line. It uses
only the standard library, so that it runs before anything is installed.
"""

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def notes(changelog: str, tag: str) -> str:
    """The section of a version, without its heading. Raises SystemExit if there is none."""
    version = tag.removeprefix("v")
    sections = re.split(r"^## +", changelog, flags=re.MULTILINE)[1:]
    found = [
        section for section in sections if re.match(rf"{re.escape(version)}(?![\w.])", section)
    ]
    if len(found) != 1:
        many = f"{len(found)} headings" if found else "no heading"
        raise SystemExit(
            f"CHANGELOG.md has {many} for {version}. It needs one, such as "
            f'"## {version}, 2026-12-01": add it above the lines of "Unreleased", commit, and tag '
            "that commit."
        )
    _, _, body = found[0].partition("\n")
    if not body.strip():
        raise SystemExit(f"CHANGELOG.md has nothing below the heading of {version}.")
    return re.sub(r"\n +(?! |[-*+] |\d+\. )", " ", body.strip()) + "\n"


def main() -> None:
    """Print the notes. Raises SystemExit if there are none."""
    if len(sys.argv) != 2:
        raise SystemExit("Which version? python3 dev/release_notes.py v1.2.0")
    print(notes(CHANGELOG.read_text(encoding="utf-8"), sys.argv[1]), end="")


if __name__ == "__main__":
    main()
