"""The requests that aiokafka lacks: a test fails once a release of it brings one, and its file here can go."""

import importlib
import pkgutil

import pytest
from aiokafka import protocol
from aiokafka.protocol import types
from aiokafka.protocol.admin import DescribeGroupsRequest_v3
from aiokafka.protocol.api import RequestStruct

from worker.kafka import requests

for found in pkgutil.iter_modules(protocol.__path__, "aiokafka.protocol."):
    importlib.import_module(found.name)
OURS = [
    importlib.import_module(found.name)
    for found in pkgutil.iter_modules(requests.__path__, f"{requests.__name__}.")
    if found.name != f"{requests.__name__}.types"
]


def structs_of(package: str) -> list[type[RequestStruct]]:
    return [struct for struct in RequestStruct.__subclasses__() if struct.__module__.startswith(package)]


@pytest.mark.parametrize("struct", structs_of(requests.__name__), ids=lambda struct: struct.__name__)
def test_aiokafka_still_lacks_the_request_or_its_version(struct: type[RequestStruct]) -> None:
    theirs = [each.API_VERSION for each in structs_of("aiokafka") if each.API_KEY == struct.API_KEY]
    lacks = max(theirs, default=-1) < struct.API_VERSION
    # Of this one it has the version, and reads the answer wrongly.
    reads_wrongly = DescribeGroupsRequest_v3.RESPONSE_TYPE.API_VERSION == 2
    assert lacks or (struct.API_KEY == DescribeGroupsRequest_v3.API_KEY and reads_wrongly)


def test_every_file_holds_one_request() -> None:
    assert sorted(struct.__module__ for struct in structs_of(requests.__name__)) == [module.__name__ for module in OURS]


def test_aiokafka_still_lacks_the_type_of_topic_ids() -> None:
    assert not [name for name in vars(types) if "uuid" in name.lower()]
