"""The trainee's tool, `workshop`, of which this command imports what both need.

A wheel has it inside this package, as `_workshop`; a checkout has it in `template/`. From there it
is loaded under its own name, and from nowhere else. As a package of its own in `site-packages` it
would hide the `workshop/` of a trainee's repository that is installed in the same environment; and
were it looked for along `sys.path`, whoever names a folder there could have their code run.
"""

import sys
from importlib import util
from pathlib import Path

NAME = "workshop"


def folder() -> Path:
    """Where the tool of this version is."""
    package = Path(__file__).resolve().parent
    shipped = package / "_workshop"
    return shipped if shipped.is_dir() else package.parents[1] / "template" / NAME


def load() -> None:
    """Have `import workshop` mean the tool of this version, in this process.

    Raises ImportError where the tool is missing, or another one was imported before.
    """
    place = folder()
    if NAME in sys.modules:
        paths = [Path(path).resolve() for path in sys.modules[NAME].__path__]
        if paths != [place]:
            raise ImportError(f"another {NAME} is imported already, from {paths}", name=NAME)
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
