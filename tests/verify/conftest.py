"""Fixtures: a healthy state to be cloned, and one with topics of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.support.own_settings import own_settings
from tests.support.servers import KafkaServer, PostgresServer
from tests.support.shop import Shop, opened, trade
from tests.verify.clone import Checked, Healthy


@pytest.fixture(scope="package")
def healthy(postgres_server: PostgresServer, kafka_server: KafkaServer, template_database: str) -> Iterator[Healthy]:
    name = f"salesplan_healthy_{uuid4().hex[:12]}"

    async def build() -> Healthy:
        await postgres_server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
        settings = own_settings(kafka_server.bootstrap_servers, database_url=postgres_server.dsn(name))
        async with opened(settings) as shop:
            await trade(shop)
            return Healthy(settings, name, shop.poison)

    with ThreadPoolExecutor(1) as apart:
        yield apart.submit(asyncio.run, build()).result()
        apart.submit(asyncio.run, postgres_server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')).result()


@pytest.fixture
async def checked(healthy: Healthy, postgres_server: PostgresServer) -> Checked:
    name = f"salesplan_test_{uuid4().hex[:12]}"
    await postgres_server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{healthy.database}"')
    return Checked(healthy, postgres_server, name)


@pytest.fixture
async def shop(database_url: str, kafka_server: KafkaServer) -> AsyncIterator[Shop]:
    async with opened(own_settings(kafka_server.bootstrap_servers, database_url=database_url)) as shop:
        await trade(shop)
        yield shop
