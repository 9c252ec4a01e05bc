"""Loads the trainee's tool, `workshop`, because this command shares code with it.

A wheel has it inside this package, as `_workshop`. A checkout has it in `template/`. We load it
only from there, under its own name. As a separate package in `site-packages`, it would hide the
`workshop/` of a trainee's repository that is installed in the same environment. If we searched
`sys.path`, anyone who can add a folder there could run their code in this command.
"""

import sys
from importlib import util
from pathlib import Path

NAME = "workshop"


def folder() -> Path:
    """The folder with the tool of this version."""
    package = Path(__file__).resolve().parent
    shipped = package / "_workshop"
    return shipped if shipped.is_dir() else package.parents[1] / "template" / NAME


def load() -> None:
    """Make `import workshop` import the tool of this version in this process.

    Raises ImportError if the tool is missing, or if another one is already imported.
    """
    place = folder()
    if NAME in sys.modules:
        paths = [Path(path).resolve() for path in sys.modules[NAME].__path__]
        if paths != [place]:
            raise ImportError(f"another {NAME} is already imported, from {paths}", name=NAME)
        return
    spec = util.spec_from_file_location(NAME, place / "__init__.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no {place}", name=NAME)
    module = util.module_from_spec(spec)
    sys.modules[NAME] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[NAME]
        raise
