"""The instructor's command: a roster in, a repository per trainee out."""

import sys

from matchmaker import tool

if sys.platform == "win32":
    sys.exit("matchmaker runs on a Mac, on Linux or in WSL, which is Linux on Windows.")

tool.load()
