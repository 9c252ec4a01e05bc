"""JupyterLab for one trainee: their editor and terminal, with the console as a tile."""

import sys
from pathlib import Path

from jupyter_server_proxy.config import ServerProcess
from traitlets.config import get_config

HERE = Path(__file__).parent
HOME = Path.home()
FIRST = ("workshop-trouble.md", "workshop")
"""What JupyterLab opens: the first one that exists. With a folder, it also shows its launcher."""
IN_WORKSHOP = '[ "$PWD" != "$HOME" ] || cd workshop 2>/dev/null; exec bash'
"""What a terminal runs. A login shell would lose the PATH."""


class Tile(ServerProcess):
    """A tile in the launcher for a page that needs no server of its own."""

    def make_proxy_handler(self) -> tuple[None, dict[str, object]]:
        return None, {}


sys.path.insert(0, str(HERE))  # for open_console, which jupyter_server_config.d names
c = get_config()
c.ServerApp.root_dir = str(HOME)
first = next((name for name in FIRST if (HOME / name).exists()), None)
c.ServerApp.default_url = f"/lab/tree/{first}" if first else "/lab"
c.ServerApp.terminado_settings = {"shell_command": ["bash", "-c", IN_WORKSHOP]}
c.KernelSpecManager.ensure_native_kernel = False  # the workshop has no notebooks
c.ContentsManager.allow_hidden = True  # such as .env
c.LabApp.extension_manager = "readonly"  # the other one asks a package index
c.ServerProxy.servers = {
    "workshop-console": Tile(
        name="workshop-console",
        launcher_entry={
            "title": "Console",
            "category": "Console",  # one of the two that show icons
            "icon_path": HERE / "console.svg",
            "path_info": "workshop/console",
        },
    )
}
