"""Prints what CHANGELOG.md says of one version: `python3 dev/release_notes.py v1.2.0`.

A release on GitHub begins a new line wherever its text has one, so each entry becomes one line.
It imports nothing but the standard library, and runs before anything is installed.
"""

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def notes(changelog: str, tag: str) -> str:
    """The section of a version, without its heading. Raises SystemExit when there is none."""
    version = tag.removeprefix("v")
    sections = re.split(r"^## +", changelog, flags=re.MULTILINE)[1:]
    found = [
        section for section in sections if re.match(rf"{re.escape(version)}(?![\w.])", section)
    ]
    if len(found) != 1:
        many = f"{len(found)} headings" if found else "no heading"
        raise SystemExit(
            f"CHANGELOG.md has {many} for {version}. It needs one, such as "
            f'"## {version}, 2026-12-01": give it to the lines below "Unreleased", commit, and tag '
            "that commit."
        )
    _, _, body = found[0].partition("\n")
    if not body.strip():
        raise SystemExit(f"CHANGELOG.md says nothing below the heading of {version}.")
    return re.sub(r"\n +(?! |[-*+] |\d+\. )", " ", body.strip()) + "\n"


def main() -> None:
    """Print them; raises SystemExit."""
    if len(sys.argv) != 2:
        raise SystemExit("Which version? python3 dev/release_notes.py v1.2.0")
    print(notes(CHANGELOG.read_text(encoding="utf-8"), sys.argv[1]), end="")


if __name__ == "__main__":
    main()
