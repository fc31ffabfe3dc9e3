"""The manifests as they are written: what Kubernetes would refuse, and what must fit the worker."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from jsonschema import Draft202012Validator

from worker.run.loop import STOP_GRACE
from worker.settings import Settings, load_settings

FOLDER = Path(__file__).parents[2] / "deploy/kubernetes"
SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("kubernetes.schema.json").read_text(encoding="utf-8"))
KUSTOMIZATIONS = sorted(FOLDER.glob("*/kustomization.yaml"))
MANIFESTS = {path.relative_to(FOLDER): path for path in sorted(FOLDER.glob("*/*.yaml")) if path not in KUSTOMIZATIONS}
GRACE = 30  # seconds that a worker may take, as spec and README have it
SECRETS = "/run/secrets/salesplan"
CERTIFICATE = trustme.CA().cert_pem.bytes()
PODS = ("worker/deployment.yaml", "migrate/job.yaml", "pruning/cronjob.yaml")


def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found


def pod(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = manifest(name)["spec"]
    found: dict[str, Any] = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]
    return found


def settings() -> dict[str, str]:
    lines = (FOLDER / "settings/settings.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", MANIFESTS, ids=str)
def test_a_manifest_keeps_to_the_schema_of_its_kind(name: Path) -> None:
    found = manifest(str(name))
    kind = {"$ref": SCHEMA["kinds"][f"{found['apiVersion']} {found['kind']}"], "$defs": SCHEMA["$defs"]}
    faults = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(kind).iter_errors(found)]
    assert faults == []


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_a_kustomization_takes_every_manifest_of_its_folder(path: Path) -> None:
    resources = yaml.safe_load(path.read_text(encoding="utf-8"))["resources"]
    ours = {name.name for name in path.parent.glob("*.yaml")} - {path.name}
    assert {name for name in resources if not name.startswith("../")} == ours
    assert all((path.parent / name).is_dir() for name in resources if name.startswith("../"))


@pytest.mark.parametrize("name", PODS)
def test_our_containers_have_no_rights(name: str) -> None:
    found = pod(name)
    (container,) = found["containers"]
    everybody, own = found["securityContext"], container["securityContext"]
    assert everybody["runAsNonRoot"] is True
    assert everybody["runAsUser"] == everybody["runAsGroup"] == 10001  # as in the Dockerfile
    assert everybody["seccompProfile"] == {"type": "RuntimeDefault"}
    assert own == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert found["automountServiceAccountToken"] is False
    assert found["enableServiceLinks"] is False
    assert container["resources"].keys() == {"requests", "limits"}


def test_a_worker_is_given_time_to_stop() -> None:
    assert pod("worker/deployment.yaml")["terminationGracePeriodSeconds"] > GRACE > STOP_GRACE


def test_only_a_worker_that_is_stuck_is_killed() -> None:
    """One that waits for a server is not ready, and that is all."""
    (container,) = pod("worker/deployment.yaml")["containers"]
    paths = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}
    assert container["ports"] == [{"name": "ops", "containerPort": Settings().ops.port}]


def test_there_are_never_more_workers_than_partitions() -> None:
    autoscaling = manifest("autoscaling/scaledobject.yaml")["spec"]
    assert autoscaling["maxReplicaCount"] == Settings().topics.partitions
    assert manifest("worker/deployment.yaml")["spec"]["replicas"] <= autoscaling["maxReplicaCount"]


def test_the_autoscaler_asks_for_what_the_workers_read() -> None:
    """All topics of their group, at their brokers, as their user."""
    (trigger,) = manifest("autoscaling/scaledobject.yaml")["spec"]["triggers"]
    (user,) = manifest("autoscaling/triggerauthentication.yaml")["spec"]["env"]
    assert "topic" not in trigger["metadata"]
    asked = {name for field, name in trigger["metadata"].items() if field.endswith("FromEnv")}
    assert asked == {"KAFKA_BOOTSTRAP_SERVERS", "KAFKA_GROUP_ID"}
    assert {*asked, user["name"]} <= settings().keys()


def test_whatever_selects_pods_selects_ours() -> None:
    labels = manifest("worker/deployment.yaml")["spec"]["template"]["metadata"]["labels"].items()
    for name in ("worker/deployment.yaml", "worker/poddisruptionbudget.yaml", "monitoring/podmonitor.yaml"):
        assert manifest(name)["spec"]["selector"]["matchLabels"].items() <= labels
    assert manifest("settings/networkpolicy.yaml")["spec"]["podSelector"]["matchLabels"].items() <= labels
    for spread in pod("worker/deployment.yaml")["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"].items() <= labels
    assert manifest("autoscaling/scaledobject.yaml")["spec"]["scaleTargetRef"]["name"] == "salesplan-worker"


@pytest.mark.parametrize("name", PODS)
def test_the_settings_can_be_used(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With the files of the secret that README.md there names; no secret is in the environment itself."""
    (container,) = pod(name)["containers"]
    assert {"name": "secrets", "mountPath": SECRETS, "readOnly": True} in container["volumeMounts"]
    environment = settings() | {entry["name"]: entry["value"] for entry in container.get("env", ())}
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for file in re.findall(rf"{SECRETS}/([\w.]+)", " ".join(environment.values())):
        assert f"`{file}`" in readme
        (tmp_path / file).write_bytes(CERTIFICATE if file.endswith(".pem") else b"something")
    for variable, value in environment.items():
        assert "PASSWORD" not in variable or variable.endswith("_FILE")
        monkeypatch.setenv(variable, value.replace(SECRETS, str(tmp_path)))
    found = load_settings()
    assert found.names_database
    assert found.kafka.security_protocol == "SASL_SSL"


@pytest.mark.parametrize("name", ["migrate/job.yaml", "pruning/cronjob.yaml"])
def test_the_workers_do_not_own_the_tables(name: str) -> None:
    """They log in as somebody else than what migrates and prunes does, with another password."""
    (container,) = pod(name)["containers"]
    of_owner = {entry["name"]: entry["value"] for entry in container["env"]}
    assert of_owner.keys() == {"PGUSER", "PGPASSWORD_FILE"}
    assert not of_owner.items() & settings().items()
