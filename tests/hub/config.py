"""What the local hub is configured with.

The hub reads this file, in its own Python. It does with the files of `matchmaker host` what the
chart does with them, and then replaces what one machine can't have: pods, Secrets, and the domain.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner

FOLDER = Path(os.environ["LOCAL_HUB"])
values = json.loads((FOLDER / "values.json").read_text())
local = json.loads((FOLDER / "local.json").read_text())


class LocalSpawner(SimpleLocalProcessSpawner):  # type: ignore[misc]  # JupyterHub has no types
    """Starts each trainee's server as a process, with a home and ports of its own."""

    def get_env(self) -> dict[str, str]:
        """The variables of a pod, and what only one machine needs."""
        variables = super().get_env()
        found = {
            name: self._from_secret(value) if isinstance(value, dict) else value
            for name, value in variables.items()
        }
        found |= {**local["variables"], **local["own"].get(self.user.name, {})}
        return {name: value for name, value in found.items() if value is not None}

    def _from_secret(self, variable: dict[str, Any]) -> str | None:
        """What Kubernetes makes of a variable that comes from a Secret."""
        wanted = variable["valueFrom"]["secretKeyRef"]
        key = wanted["key"].format(unescaped_username=self.user.name)
        found: str | None = local["secrets"].get(wanted["name"], {}).get(key)
        assert found is not None or wanted["optional"], wanted
        return found


c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub provides it

# As the chart does, in the same order
server = values["singleuser"]
c.Spawner.cmd = [server["cmd"]]
c.Spawner.default_url = server.get("defaultUrl") or ""
c.Spawner.start_timeout = server["startTimeout"]
c.Spawner.environment = server.get("extraEnv", {})
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
for section, traits in values["hub"]["config"].items():
    c[section].update(traits)
sys.path.insert(0, str(FOLDER))
for _, code in sorted(values["hub"]["extraConfig"].items()):
    exec(code)

# Instead of pods
c.JupyterHub.spawner_class = LocalSpawner
c.Spawner.http_timeout = c.KubeSpawner.http_timeout
c.Spawner.args = local["arguments"]
c.SimpleLocalProcessSpawner.home_dir_template = str(FOLDER / "homes" / "{username}")

# Instead of the domain, of the chart's proxy, and of its Secrets
c.JupyterHub.subdomain_host = local["url"]
c.JupyterHub.bind_url = f"http://127.0.0.1:{local['ports']['public']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{local['ports']['hub']}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{local['ports']['proxy']}"
c.ConfigurableHTTPProxy.command = [local["proxy"]]
c.ConfigurableHTTPProxy.pid_file = str(FOLDER / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{FOLDER / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(FOLDER / "cookie_secret")

# Whoever runs the hub starts servers and looks at them by its API.
c.JupyterHub.services = [{"name": "runner", "api_token": local["token"]}]
c.JupyterHub.load_roles = [
    {
        "name": "runner",
        "services": ["runner"],
        "scopes": ["admin:users", "admin:servers", "access:servers"],
    }
]
