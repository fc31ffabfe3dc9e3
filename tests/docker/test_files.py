"""The image and docker-compose.yml as they are written; needs no Docker."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
INSTRUCTIONS = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()


def test_compose_file_keeps_to_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_ports_are_open_to_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["user"] == "10001:10001"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "cap_add" not in service


def test_no_password_is_in_an_environment() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or name.endswith("_FILE")
            assert not re.search(r"://[^/]*:[^/]*@", str(value))


def test_the_worker_can_be_scaled_and_is_given_time_to_stop() -> None:
    worker = SERVICES["worker"]
    assert "container_name" not in worker
    assert all(re.fullmatch(r"127\.0\.0\.1::\d+", port) for port in worker["ports"])
    assert int(worker["stop_grace_period"].removesuffix("s")) > 30


def test_the_image_builds_with_the_classic_builder() -> None:
    assert not [line for line in INSTRUCTIONS if re.search(r"^# *syntax *=|--mount\b|--chmod\b|--link\b|<<", line)]


def test_the_image_is_not_rooted_and_gets_signals() -> None:
    assert "USER 10001:10001" in INSTRUCTIONS
    assert 'ENTRYPOINT ["salesplan"]' in INSTRUCTIONS
    assert 'CMD ["run"]' in INSTRUCTIONS


def test_the_image_is_told_what_it_was_built_from() -> None:
    """By the last step of all, so that another commit alone makes no other layer anew."""
    steps = [line for line in INSTRUCTIONS if re.match(r"(FROM|COPY|RUN|ARG|ENV) ", line)]
    assert steps[-2:] == ["ARG REVISION=", "ENV SALESPLAN_OPS__REVISION=$REVISION"]
    for name in OURS:
        assert SERVICES[name]["build"]["args"] == {"REVISION": "${REVISION:-}"}


def test_the_image_holds_no_compiler_and_is_checked_for_its_health() -> None:
    """What is built with is in the first stage, of which only the environment is copied."""
    _, _, last_stage = "\n".join(INSTRUCTIONS).split("\nFROM ")
    last = last_stage.splitlines()
    assert [line for line in last if line.startswith("COPY")] == ["COPY --from=build /opt/salesplan /opt/salesplan"]
    assert not [line for line in last if re.search(r"\b(apt-get|apk|pip)\b", line)]
    assert [line for line in last if line.startswith("HEALTHCHECK")]


def test_whatever_is_mounted_from_the_checkout_is_there() -> None:
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", ())]
    ours = [mount for mount in mounts if mount.startswith("./")]
    assert ours
    assert [mount for mount in ours if not (ROOT / mount).exists()] == []


def test_whatever_the_image_installs_has_its_hash_checked() -> None:
    text = " ".join(INSTRUCTIONS)
    installs = [step for step in text.split("&&") if re.search(r"\bpip\b.*\binstall\b", step)]
    assert installs
    assert all("--require-hashes" in step or "--no-index --no-deps" in step for step in installs)
