"""The trainee's command: runs the workshop's services and shows their traces. No exercise in it."""

import sys

if sys.platform == "win32":
    sys.exit("The workshop runs on a Mac, on Linux or in WSL, which is Linux on Windows.")
