"""What each trainee's server gets from the hub.

Runs inside the hub, in the folder `workshop` next to the hub's own configuration. The hub has no
other code of ours than the modules in this folder. In `hub.extraConfig`:

    from workshop.servers import configure
    configure(c)
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tornado.web import HTTPError

FILE = "WORKSHOP_TRAINEES"
"""The variable with the path of another file with the trainees."""
DEFAULT_FILE = "/usr/local/etc/jupyterhub/workshop/trainees.json"

# One key for each trainee, and each pod gets only its own. Slugs suit as keys as they are, so
# KubeSpawner must not escape them, as it does in `{username}`.
_CREDENTIALS = {
    "valueFrom": {
        "secretKeyRef": {
            "name": "git-credentials",
            "key": "{unescaped_username}",
            "optional": True,
        }
    }
}


def trainees() -> Mapping[str, Mapping[str, str]]:
    """What is known about each trainee, by the name to sign in with."""
    text = Path(os.environ.get(FILE, DEFAULT_FILE)).read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = json.loads(text)["trainees"]
    return found


def configure(c: Any) -> None:
    """Change the hub's configuration, so that each server gets what is its trainee's."""
    c.Spawner.pre_spawn_hook = give


def give(spawner: Any) -> None:
    """Add to a server's environment, before it starts.

    Raises HTTPError, which JupyterHub shows to anyone who signed in before they left the roster.
    """
    name = spawner.user.name
    known = trainees().get(name)
    if known is None:
        error = HTTPError(403)
        # JupyterHub's name for the text that its pages show
        error.jupyterhub_message = (
            f"{name} is not one of this session's trainees. Ask your instructor."
        )
        raise error
    spawner.environment = {
        **spawner.environment,
        # A function, because KubeSpawner fills in what is in braces in a text.
        "REPOSITORY_URL": partial(_repository, known["repository"]),
        "GIT_CREDENTIALS": _CREDENTIALS,
    }


def _repository(url: str, _spawner: Any) -> str:
    return url
