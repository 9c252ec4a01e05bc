"""A JupyterHub with a container for each server, which has few rights, as in a cluster."""

import json
import os

from traitlets.config import get_config

c = get_config()
told = json.loads(os.environ["HUB_OF_TEST"])

c.JupyterHub.bind_url = f"http://127.0.0.1:{told['port']}"
c.JupyterHub.subdomain_host = f"http://hub.localhost:{told['port']}"
c.JupyterHub.hub_ip = told["gateway"]  # containers ask it
c.JupyterHub.hub_port = told["hub_port"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{told['api_port']}"
c.ConfigurableHTTPProxy.command = [told["proxy"]]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = told["password"]
c.Authenticator.allow_all = True
c.JupyterHub.services = [{"name": "test", "api_token": told["token"]}]
c.JupyterHub.load_roles = [
    {"name": "test", "scopes": ["servers", "read:users"], "services": ["test"]}
]

c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = told["image"]
c.DockerSpawner.cmd = ["start-workshop"]
c.DockerSpawner.prefix = told["name"]
c.DockerSpawner.network_name = told["name"]
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.volumes = {f"{told['name']}-{{username}}": "/home/trainee"}
c.DockerSpawner.mem_limit = "1G"
c.DockerSpawner.cpu_limit = 1
c.DockerSpawner.extra_host_config = {
    "cap_drop": ["ALL"],
    "read_only": True,
    "security_opt": ["no-new-privileges"],
    "tmpfs": {"/tmp": "mode=1777"},
}
c.DockerSpawner.environment = {
    "REPOSITORY_URL": told["repository"],
    "GIT_CREDENTIALS": told["credentials"],
    "TRACES_TO": "http://datadog-agent.invalid:8126",
}
