"""Let only the owner read `.env` in the current folder, because it can contain an API key.

Copier runs this after a copy and after an update. An update writes an `.env` if there is none, as
in a clone of a workshop.
"""

from pathlib import Path


def main() -> None:
    path = Path(".env")
    # Leave a link alone, because its target isn't part of the workshop.
    if path.is_file() and not path.is_symlink():
        path.chmod(0o600)


if __name__ == "__main__":
    main()
