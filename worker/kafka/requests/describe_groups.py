"""DescribeGroups in version 3 (Kafka 2.3): the rights that the user has on a group.

aiokafka sends this version, but reads the answer as version 2, which has no rights.
"""

from __future__ import annotations

from aiokafka.protocol import admin
from aiokafka.protocol.api import Request, RequestStruct


class DescribeGroupsRequest_v3(RequestStruct):  # noqa: N801 -- named as the client names its own
    API_KEY = 15
    API_VERSION = 3
    RESPONSE_TYPE = admin.DescribeGroupsResponse_v3
    SCHEMA = admin.DescribeGroupsRequest_v3.SCHEMA


class DescribeGroupsRequest(Request[DescribeGroupsRequest_v3]):
    API_KEY = 15

    def __init__(self, group_id: str) -> None:
        self._group_id = group_id

    def build(self, request_struct_class: type[DescribeGroupsRequest_v3]) -> DescribeGroupsRequest_v3:
        return request_struct_class(groups=[self._group_id], include_authorized_operations=True)
