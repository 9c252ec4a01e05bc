"""JupyterLab for one trainee: their editor and terminal, with the console as a tile."""

from pathlib import Path

from traitlets.config import get_config

c = get_config()

home = Path.home()
c.ServerApp.root_dir = str(home)
c.ServerApp.terminado_settings = {"shell_command": ["bash"]}  # a login shell would lose the PATH
c.LabApp.extension_manager = "readonly"  # the other one asks a package index
