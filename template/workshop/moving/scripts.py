"""What the scripts of a template declare about themselves."""

from __future__ import annotations

import re
from pathlib import Path

_TEMPLATE = "{{ _copier_conf.src_path }}/"
_SCRIPTS = f"{_TEMPLATE}extensions/tasks/"


def declares(template: Path, command: object, name: str) -> bool:
    """Whether a command of `copier.yml` runs a script that has the line `name = True`.

    `template` is the folder of the template.
    """
    words = command if isinstance(command, list | tuple) else []
    scripts = [str(word) for word in words if str(word).startswith(_SCRIPTS)]
    if len(scripts) != 1 or not scripts[0].endswith(".py"):
        return False
    path = template / scripts[0].removeprefix(_TEMPLATE)
    if not path.is_file():
        return False
    return f"\n{name} = True\n" in re.sub(r"\r\n?", "\n", path.read_text("utf-8", "replace"))
