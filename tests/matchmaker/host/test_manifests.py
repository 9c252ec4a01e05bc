"""The files for the cluster: what Kubernetes and the chart make of them, as far as we can tell."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from uv import find_uv_bin

from matchmaker.host import sizes
from matchmaker.host.rendering import AGENT_URL, MODULES, Cluster, rendered
from matchmaker.host.settings import Hosting
from matchmaker.host.trainees import HostedTrainee
from tests import needs
from tests.conftest import REPOSITORY
from tests.matchmaker.host.conftest import merged

NO_CLUSTER = {
    "current-context": "none",
    "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
    "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:1"}}],
    "users": [{"name": "none", "user": {}}],
}
GOLDEN = Path(__file__).parent / "golden"
HUB = ("jupyterhub==5.5.0", "jupyterhub-kubespawner==7.0.0")
"""What the pinned chart has: images/hub/requirements.txt of zero-to-jupyterhub-k8s 4.4.0."""


def cluster(
    count: int = 2, *, oidc: bool = False, site: str = "", git: str = "https://git.example.com"
) -> Cluster:
    slugs = ["ada", "li-lei", *(f"t{n}" for n in range(3, count + 1))][:count]
    hash_ = "" if oidc else "scrypt$4096$8$1$c2FsdA==$aGFzaA=="
    trainees = [HostedTrainee(s, f"{git}/team/{s}.git", hash_) for s in slugs]
    host = Hosting(
        "workshop.example.com", "registry.example.com/tracing", "1", "oidc" if oidc else "password"
    )
    mails = {f"{slug}@example.com": slug for slug in slugs} if oidc else {}
    return Cluster("spring", host, trainees, mails, site)


WAYS = {
    "password-datadog": cluster(site="datadoghq.eu"),
    "oidc-local": cluster(oidc=True),
}


def documents(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text))


def settings(files: dict[str, str]) -> Any:
    """What Helm gives to the chart."""
    return merged(yaml.safe_load(files["values.yaml"]), yaml.safe_load(files["hub.yaml"]))


def quantity(text: str | float) -> float:
    """Processors or bytes, as Kubernetes reads them."""
    units = {"m": 1e-3, "Mi": 2**20, "Gi": 2**30}
    number = str(text)
    unit = next((unit for unit in units if number.endswith(unit)), "")
    return float(number.removesuffix(unit)) * units.get(unit, 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "name", ["values.yaml", "namespace.yaml", "kustomization.yaml", "datadog-agent.yaml"]
)
def test_the_files_are_as_somebody_read_them(way: str, name: str) -> None:
    """Read what changes. Then write it down: python -m tests.matchmaker.host.test_manifests"""
    text = rendered(WAYS[way]).get(name)
    golden = GOLDEN / way / name
    assert text == (golden.read_text(encoding="utf-8") if golden.exists() else None)


@pytest.mark.parametrize("way", WAYS)
def test_kubernetes_knows_every_key(way: str) -> None:
    found = documents(rendered(WAYS[way])["namespace.yaml"])
    assert [one["kind"] for one in found] == ["Namespace", "ResourceQuota", "LimitRange"]
    for one in found:
        kubernetes_validate.validate(one, "1.32", strict=True)


@pytest.mark.parametrize("way", WAYS)
def test_kubectl_makes_one_stream_of_it(way: str, tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if not kubectl:
        needs.skip_without("kubectl")
    files = rendered(WAYS[way])
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [kubectl, "kustomize", str(tmp_path)], capture_output=True, text=True, check=True
    )
    expected = documents(files["namespace.yaml"]) + documents(files.get("datadog-agent.yaml", ""))
    kinds = sorted(one["kind"] for one in expected if one)
    assert sorted(one["kind"] for one in documents(done.stdout)) == kinds


def test_who_is_in_the_files() -> None:
    config = settings(rendered(WAYS["password-datadog"]))["hub"]["config"]
    assert config["Authenticator"] == {
        "allowed_users": ["ada", "li-lei"],
        "allow_existing_users": False,
    }
    sign_in = config["JupyterHub"]["authenticator_class"]
    assert sign_in == "workshop.sign_in.PerTraineeAuthenticator"
    config = settings(rendered(WAYS["oidc-local"]))["hub"]["config"]
    assert config["GenericOAuthenticator"]["username_map"] == {
        "ada@example.com": "ada",
        "li-lei@example.com": "li-lei",
    }
    assert config["JupyterHub"]["authenticator_class"] == "generic-oauth"


@pytest.mark.parametrize("way", WAYS)
def test_the_hub_gets_its_code_and_its_data(way: str) -> None:
    files = settings(rendered(WAYS[way]))["hub"]["extraFiles"]
    assert set(files) == {*MODULES, "trainees.json"}
    code = REPOSITORY / "src" / "matchmaker" / "host" / "hub"
    for name, one in files.items():
        assert one["mountPath"] == f"/usr/local/etc/jupyterhub/workshop/{name}"
        if name in MODULES:
            assert one["stringData"].rstrip() == (code / name).read_text().rstrip()
    known = json.loads(files["trainees.json"]["stringData"])["trainees"]
    assert list(known) == ["ada", "li-lei"]
    assert {"hash" in one for one in known.values()} == {way.startswith("password")}


@pytest.mark.parametrize("count", [1, 2, 30, 1000])
def test_the_quota_has_room_for_all_and_for_little_more(count: int) -> None:
    """Every pod of the chart says what it wants, or a quota refuses it."""
    files = rendered(cluster(count))
    values = settings(files)
    _, quota, _ = documents(files["namespace.yaml"])
    server = values["singleuser"]
    nodes = sizes.Size(count).most_nodes
    core = [
        (1, values["hub"]["resources"]),
        (1, values["proxy"]["chp"]["resources"]),
        (2, values["scheduling"]["userScheduler"]["resources"]),
        (count, values["scheduling"]["userPlaceholder"]["resources"]),
        (2 * nodes, values["prePuller"]["resources"]),
        (1, values["prePuller"]["hook"]["resources"]),
    ]
    hard = quota["spec"]["hard"]
    assert int(hard["pods"]) == count + sum(number for number, _ in core)
    for kind, key in (("requests", "guarantee"), ("limits", "limit")):
        cpu = count * server["cpu"][key]
        memory = count * quantity(server["memory"][key].replace("M", "Mi"))  # as the hub reads it
        assert quantity(hard[f"{kind}.cpu"]) == pytest.approx(
            cpu + sum(number * quantity(one[kind]["cpu"]) for number, one in core)
        )
        assert quantity(hard[f"{kind}.memory"]) == pytest.approx(
            memory + sum(number * quantity(one[kind]["memory"]) for number, one in core)
        )
    homes = count * quantity(server["storage"]["capacity"])
    assert quantity(hard["requests.storage"]) == homes + 2**30
    assert values["scheduling"]["userPlaceholder"]["replicas"] == count


def test_a_server_reaches_the_git_host_and_the_agent_and_nothing_private() -> None:
    policy = settings(rendered(WAYS["password-datadog"]))["singleuser"]["networkPolicy"]
    allowed = policy["egressAllowRules"]
    assert not any(allowed.values())
    assert allowed.keys() >= {"cloudMetadataServer", "nonPrivateIPs", "privateIPs"}
    git, agent = policy["egress"]
    assert [port["port"] for port in git["ports"]] == [443]
    assert "169.254.0.0/16" in git["to"][0]["ipBlock"]["except"]
    assert [port["port"] for port in agent["ports"]] == [8126]
    assert "ingress" not in policy
    (git,) = settings(rendered(WAYS["oidc-local"]))["singleuser"]["networkPolicy"]["egress"]
    assert "ipBlock" in git["to"][0]


def test_a_git_host_with_a_private_address_is_reached() -> None:
    way = cluster(git="http://10.1.2.3:3000")
    git, own = settings(rendered(way))["singleuser"]["networkPolicy"]["egress"]
    assert own["to"] == [{"ipBlock": {"cidr": "10.1.2.3/32"}}]
    assert [port["port"] for port in own["ports"]] == [3000]
    assert "10.0.0.0/8" in git["to"][0]["ipBlock"]["except"]


def test_the_agent_listens_where_servers_send() -> None:
    files = rendered(WAYS["password-datadog"])
    (agent,) = documents(files["datadog-agent.yaml"])
    spec = agent["spec"]
    service = spec["global"]["localService"]["nameOverride"]
    namespace = agent["metadata"]["namespace"]
    assert f"http://{service}.{namespace}.svc.cluster.local:8126" == AGENT_URL
    assert settings(files)["singleuser"]["extraEnv"] == {"TRACES_TO": AGENT_URL}
    assert spec["global"]["site"] == "datadoghq.eu"
    assert spec["features"]["apm"]["enabled"]
    for way in ("hostPortConfig", "unixDomainSocketConfig", "instrumentation"):
        assert spec["features"]["apm"][way] == {"enabled": False}


@pytest.fixture(scope="module")
def hub_python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Python with the hub and the spawner of the chart."""
    folder = tmp_path_factory.mktemp("hub")
    uv = find_uv_bin()
    python = folder / "bin" / "python"
    make = [uv, "venv", "--quiet", "--python", sys.executable, "--allow-existing", str(folder)]
    subprocess.run(make, check=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(python), *HUB]
    if subprocess.run(install, capture_output=True, cwd=folder).returncode:
        needs.skip_without("an index of packages")
    yield python
    shutil.rmtree(folder)


def test_a_servers_pod_has_what_restricted_asks_for(hub_python: Path, tmp_path: Path) -> None:
    """What https://kubernetes.io/docs/concepts/security/pod-security-standards/ lists."""
    values = settings(rendered(WAYS["password-datadog"]))
    (tmp_path / "values.json").write_text(json.dumps(values))
    script = Path(__file__).with_name("make_pod.py")
    # KubeSpawner reads where its cluster is, and asks nothing there.
    (tmp_path / "kube").write_text(json.dumps(NO_CLUSTER))
    done = subprocess.run(
        [hub_python, script, tmp_path],
        env={**os.environ, "KUBECONFIG": str(tmp_path / "kube")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    pod = json.loads(done.stdout)
    kubernetes_validate.validate(pod, "1.32", strict=True)
    spec = pod["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert "serviceAccountName" not in spec
    assert not spec.get("initContainers")
    assert not any(spec.get(one) for one in ("hostNetwork", "hostPID", "hostIPC"))
    (volume,) = spec["volumes"]
    assert volume["persistentVolumeClaim"]
    (server,) = spec["containers"]
    context = server["securityContext"]
    assert context["runAsNonRoot"] is True
    assert (context["runAsUser"], context["runAsGroup"]) == (1000, 1000)
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not context.get("privileged")
    assert spec["securityContext"]["fsGroup"] == 1000
    assert server["image"] == "registry.example.com/tracing:1"
    assert server["args"][0] == "start-workshop"
    assert server["volumeMounts"][0]["mountPath"] == "/home/trainee"
    assert {kind: quantity(one["cpu"]) for kind, one in server["resources"].items()} == {
        "requests": 0.1,
        "limits": 1,
    }
    assert {kind: quantity(one["memory"]) for kind, one in server["resources"].items()} == {
        "requests": 512 * 2**20,
        "limits": 2**30,
    }
    environment = {one["name"]: one for one in server["env"]}
    assert environment["TRACES_TO"]["value"] == AGENT_URL
    assert environment["REPOSITORY_URL"]["value"] == "https://git.example.com/team/li-lei.git"
    secret = environment["GIT_CREDENTIALS"]["valueFrom"]["secretKeyRef"]
    assert secret == {"name": "git-credentials", "key": "li-lei", "optional": True}


if __name__ == "__main__":
    for way, one in WAYS.items():
        shutil.rmtree(GOLDEN / way, ignore_errors=True)
        (GOLDEN / way).mkdir(parents=True)
        for name, text in rendered(one).items():
            if name.endswith(".yaml") and name != "hub.yaml":
                (GOLDEN / way / name).write_text(text, encoding="utf-8")
