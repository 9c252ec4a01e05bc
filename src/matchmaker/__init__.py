"""The instructor's command: makes a repository for each trainee on a roster."""

import sys

from matchmaker import tool

if sys.platform == "win32":
    sys.exit("matchmaker runs on macOS, Linux, and WSL, which is Linux on Windows.")

tool.load()
