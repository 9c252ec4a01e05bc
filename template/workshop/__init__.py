"""The trainee's command: runs the services, checks the steps, and shows the traces."""

import sys

if sys.platform == "win32":
    sys.exit("The workshop runs on a Mac, on Linux, or in WSL, which is Linux on Windows.")
