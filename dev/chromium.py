"""The browser of the tests, the pictures and the benchmark: Chromium, where this machine has it."""

import os
import shutil

NAMES = (
    *("chromium", "chromium-browser", "google-chrome"),
    # On a Mac, programs of applications are on no PATH.
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def find() -> str | None:
    """The program that CHROMIUM names, or else the first there is; None without one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
