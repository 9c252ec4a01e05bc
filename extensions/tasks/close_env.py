"""Have `.env` in the current folder, which may hold an API key, readable by its owner only.

Copier runs this after a copy and after an update, which writes an `.env` where there is none, as in
a clone of a workshop.
"""

from pathlib import Path


def main() -> None:
    path = Path(".env")
    # A link is left alone: what it leads to is not the workshop's.
    if path.is_file() and not path.is_symlink():
        path.chmod(0o600)


if __name__ == "__main__":
    main()
