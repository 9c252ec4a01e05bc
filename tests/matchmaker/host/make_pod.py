"""Prints the pod of li-lei's server: runs with the hub and the spawner of the chart, not with ours.

The chart's own jupyterhub_config.py maps its settings to those of KubeSpawner as we do here.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, ClassVar

from jupyterhub.objects import Server
from jupyterhub.orm import Spawner as Row
from kubernetes_asyncio.client import ApiClient
from kubespawner import KubeSpawner
from traitlets.config import Config

folder = Path(sys.argv[1])
values = json.loads((folder / "values.json").read_text())
modules = folder / "workshop"
modules.mkdir()
for name, one in values["hub"]["extraFiles"].items():
    (modules / name).write_text(one["stringData"])
os.environ["WORKSHOP_TRAINEES"] = str(modules / "trainees.json")
sys.path.insert(0, str(folder))

ours = values["singleuser"]
c = Config()
c.KubeSpawner.image = f"{ours['image']['name']}:{ours['image']['tag']}"
c.KubeSpawner.uid, c.KubeSpawner.fs_gid = ours["uid"], ours["fsGid"]
c.KubeSpawner.cpu_guarantee, c.KubeSpawner.cpu_limit = ours["cpu"].values()
c.KubeSpawner.mem_guarantee, c.KubeSpawner.mem_limit = ours["memory"].values()
c.KubeSpawner.environment = ours.get("extraEnv", {})
c.KubeSpawner.storage_capacity = ours["storage"]["capacity"]
c.KubeSpawner.volumes = [{"name": "home", "persistentVolumeClaim": {"claimName": "{pvc_name}"}}]
c.KubeSpawner.volume_mounts = [{"name": "home", "mountPath": ours["storage"]["homeMountPath"]}]
c.Spawner.cmd = ours["cmd"]
for section, settings in values["hub"]["config"].items():
    c[section].update(settings)
for text in values["hub"]["extraConfig"].values():
    exec(text, {"c": c})


class User:
    """As much of a user as a spawner asks for."""

    id, server = 1, Server()
    name = escaped_name = "li-lei"
    url, admin = "/user/li-lei/", False
    settings: ClassVar[dict[str, Any]] = {}
    groups: ClassVar[list[str]] = []


class Hub:
    """As much of the hub."""

    public_host, base_url, api_url, server = "", "/hub/", "http://hub:8081/hub/api", None


async def pod() -> object:
    """The pod, as the API of Kubernetes gets it."""
    spawner = KubeSpawner(
        config=c, user=User(), hub=Hub(), orm_spawner=Row(name=""), _mock=True, api_token="token"
    )
    spawner.run_pre_spawn_hook()
    return ApiClient().sanitize_for_serialization(await spawner.get_pod_manifest())


print(json.dumps(asyncio.run(pod())))
