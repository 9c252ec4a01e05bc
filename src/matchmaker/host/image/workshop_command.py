#!/opt/workshop/bin/python
"""The `workshop` command, which `uv run` finds: runs the tool of the folder that you are in.

Outside of a workshop, it runs the tool in ~/workshop. Each folder has its own tool.
"""

import sys
from pathlib import Path

here = Path.cwd()
places = [here, *here.parents, Path.home() / "workshop"]
root = next((at for at in places if (at / "workshop" / "settings.toml").is_file()), None)
if root is None:
    sys.exit("There is no workshop here, and none in ~/workshop. Is there a ~/workshop-trouble.md?")
sys.path.insert(0, str(root))

from workshop.__main__ import main  # noqa: E402

main()
