"""A worker never logs a payload, a lead, a manager, a secret or an address that holds one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random

import pytest

from tests.faults.bad_values import MARK, bad_values
from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import LGTS, Event, event
from tests.stage.violations import ERRORS
from tests.support.servers import KafkaServer
from worker.embedded import Postgres

HEADERS = (("x-lead", MARK.encode()), ("traceparent", MARK.encode()))
REFUSED, WAITING = f"{MARK}-refused", f"{MARK}-waiting"
# A row that is refused is quoted by the server, in the error that the worker gets.
REFUSE = f"""
create function salesplan.refuse() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '22000', message = 'refused: ' || new.lead_id;
end $$;
create trigger refuse before insert on salesplan.assignment
for each row when (new.lead_id = '{REFUSED}') execute function salesplan.refuse();
"""
NOBODYS = f"alter table salesplan.assignment add constraint waiting check (lead_id <> '{WAITING}')"


@pytest.fixture
async def stage(postgres: Postgres, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose database has a secret in its address."""
    names = environment(
        f"{postgres.dsn()}&password={MARK}", kafka_server.bootstrap_servers, SALESPLAN_LOG__LEVEL="debug"
    )
    async with opened(names, tmp_path) as stage:
        yield stage


def marked(random: Random) -> Iterator[Event]:
    """Good and bad events with the mark wherever a value can hold it, in their keys and headers too."""
    fields = {"offer_id": "offer-1", "order_id": MARK, "failure_reason": MARK, "more": MARK}
    for kind in ("order", "failed-payment", "paid"):
        for number in range(20):
            yield event(random, kind, f"{MARK}-{number}", **fields)
        yield event(random, kind, f"{MARK}-stranger", **{**fields, "offer_id": MARK, "account_id": MARK})
    yield event(random, "subscription", f"{MARK}-lgt", lgt_id=MARK)
    yield event(random, "manager-contact", f"{MARK}-1", manager_id=MARK)
    good = dict(event(random, "order", MARK, **fields).fields)
    yield from (Event("order", value, MARK.encode(), HEADERS, poison=True) for value in bad_values(dict(good)))


async def test_no_log_line_holds_what_is_not_for_everyone(stage: Stage, postgres: Postgres) -> None:
    """At debug, with poison, rows that the database refuses, and the database away; each line is one JSON object."""
    assert "bot-1" in LGTS, "whose plan has nobody active"
    random = dice(81)
    (worker,) = await stage.start_ready(1)
    async with stage.database() as connection:
        await connection.execute(REFUSE)
    refused = event(random, "order", REFUSED)
    await stage.send([*marked(random), refused, event(random, "subscription", WAITING, lgt_id="bot-1")])
    await stage.until_handled()
    await stage.until_published()
    await asyncio.to_thread(postgres.stop)
    await stage.until_logged(worker, "session_over")
    await asyncio.to_thread(postgres.restart)
    await stage.until_ready(worker)

    lines = worker.logged("assigned")
    orders = [sent for sent in stage.sent if sent.kind == "order" and not sent.poison and sent.ref == "offer-1"]
    decided = {sent.fields["event_id"] for sent in orders if sent is not refused}
    assert {line["event_id"] for line in lines if line["topic"] == stage.topics["order"]} == decided
    assert len({line["lead"] for line in lines}) == len({f"{MARK}-{number}" for number in range(20)})
    assert worker.logged("refused")
    assert all(isinstance(json.loads(line), dict) for line in worker.log.read_text().splitlines())
    assert MARK not in worker.log.read_text()
    for letter in (await stage.observe()).letters:
        assert MARK.encode() not in b"".join(value or b"" for name, value in letter.headers if name.startswith(ERRORS))

    # A row that no record is to blame for: the worker can't go on, and says no more than that.
    async with stage.database() as connection:
        await connection.execute(NOBODYS)
    await stage.set_paused("night", "rosa", paused=False)
    assert await worker.ends() == 1
    assert "the database refuses a value that comes from no record (23514, waiting)" in worker.log.read_text()
    assert MARK not in worker.log.read_text()
