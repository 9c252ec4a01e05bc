"""Writes the files for the cluster from their templates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import jinja2

from matchmaker.host import sizes
from matchmaker.host.addresses import ports, private_hosts
from matchmaker.host.settings import Hosting
from matchmaker.host.sizes import Size
from matchmaker.host.trainees import HostedTrainee, trainees_json

CHART = "4.4.0"
"""The version of the chart, Zero to JupyterHub. Its JupyterHub is below."""
JUPYTERHUB = "5.5.0"
AGENT = "datadog-agent"
AGENT_NAMESPACE = "datadog-for-workshops"
"""Not `datadog`, where a company's own Agent usually is. All sessions on a cluster share it."""
AGENT_URL = f"http://{AGENT}.{AGENT_NAMESPACE}.svc.cluster.local:8126"
MODULES = ("servers.py", "sign_in.py")
"""What the hub runs, from the folder `hub` here."""
_FOLDER = "/usr/local/etc/jupyterhub/workshop"
_OIDC = {
    "OAUTH_CLIENT_ID": "client_id",
    "OAUTH_CLIENT_SECRET": "client_secret",
    "OAUTH2_AUTHORIZE_URL": "authorize_url",
    "OAUTH2_TOKEN_URL": "token_url",
    "OAUTH2_USERDATA_URL": "userdata_url",
}
"""The variables that the chart's sign-in reads, and the keys of the Secret that has them."""


@dataclass(frozen=True)
class Cluster:
    """Everything that the files say."""

    session: str
    hosting: Hosting
    trainees: list[HostedTrainee]
    mails: Mapping[str, str]
    """The slug for each address, with the company's sign-in."""
    site: str
    """Datadog's site; empty if traces stay in the cluster."""

    @property
    def namespace(self) -> str:
        """The name of the namespace."""
        return f"workshop-{self.session}"


def rendered(cluster: Cluster) -> dict[str, str]:
    """The text of each file, by name."""
    names = ["namespace.yaml", "kustomization.yaml", "values.yaml", "hub.yaml", "README.md"]
    names += ["datadog-agent.yaml"] if cluster.site else []
    environment = _environment()
    values = _values(cluster)
    return {name: environment.get_template(f"{name}.jinja").render(values) for name in names}


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("matchmaker.host"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # Text in JSON is text in YAML, too, whatever is in it.
    environment.filters["json"] = json.dumps
    return environment


def _values(cluster: Cluster) -> dict[str, Any]:
    hosting = cluster.hosting
    code = resources.files("matchmaker.host") / "hub"
    return {
        "session": cluster.session,
        "namespace": cluster.namespace,
        "domain": hosting.domain,
        "image": hosting.image,
        "tag": hosting.tag,
        "oidc": hosting.sign_in == "oidc",
        "oidc_variables": _OIDC,
        "chart": CHART,
        "jupyterhub": JUPYTERHUB,
        "datadog": bool(cluster.site),
        "site": cluster.site,
        "agent": AGENT,
        "agent_namespace": AGENT_NAMESPACE,
        "agent_url": AGENT_URL if cluster.site else "",
        "ports": ports([one.repository for one in cluster.trainees]),
        "private": private_hosts([one.repository for one in cluster.trainees]),
        "slugs": [one.slug for one in cluster.trainees],
        "mails": cluster.mails,
        "trainees": trainees_json(cluster.trainees),
        "modules": {name: (code / name).read_text(encoding="utf-8") for name in MODULES},
        "folder": _FOLDER,
        "size": Size(len(cluster.trainees)),
        "most_pods": sizes.MOST_PODS,
        "home": sizes.HOME,
        "server": sizes.SERVER,
        "hub": sizes.HUB,
        "proxy": sizes.PROXY,
        "scheduler": sizes.SCHEDULER,
        "schedulers": sizes.SCHEDULERS,
        "puller": sizes.PULLER,
    }
