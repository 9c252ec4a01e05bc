"""Finds Chromium on this machine, for the tests, the pictures, and the benchmark."""

import os
import shutil

NAMES = (
    # Debian's package without windows, which takes a third less time
    "chromium-headless-shell",
    *("chromium", "chromium-browser", "google-chrome"),
    # On macOS, the programs inside applications aren't on the PATH.
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def find() -> str | None:
    """The program that CHROMIUM names, or else the first that exists; None if there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
