"""`salesplan explain`: what is decided again from the ledger, and what is told of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from db import query
from tests.support.command import Result
from tests.support.in_process import InProcess
from tests.support.make import contact
from tests.support.own_settings import own_settings
from tests.support.servers import KafkaServer
from tests.support.shop import Shop, lead, opened, order

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def shop(database_url: str, kafka_server: KafkaServer) -> AsyncIterator[Shop]:
    async with opened(own_settings(kafka_server.bootstrap_servers, database_url=database_url)) as shop:
        await shop.prepare()
        yield shop


@pytest.fixture
def run(in_process: InProcess, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `salesplan explain` in a thread: it has a loop of its own."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(in_process, "explain", *words)

    return run


async def test_a_lead_in_two_plans(shop: Shop, run: Run) -> None:
    """Each with its manager, the record that brought it in, and what was seen of it then."""
    await shop.write(*(lead(f"l{number}") for number in range(3)), contact("l1", "irma"))
    await shop.write(order("l1"))
    await shop.pause("second", "irma")

    found = await run("l1", "--account", "acme", "--json")

    assert found.code == 0
    even, linked = found.json["plans"]
    assert (even["plan_id"], even["plan_seq"], even["reason"], even["links"]) == ("june", 2, "even", None)
    assert even["trigger"] == {
        "kind": "subscription",
        "ref": "landing",
        "event_id": str(lead("l1").event_id),
        "topic": shop.settings.topics.subscription,
        "partition": 1,
        "offset": 0,
    }
    assert (linked["plan_id"], linked["manager_id"], linked["reason"]) == ("second", "irma", "linked_contact")
    assert linked["plan_version"] == 1
    assert linked["links"] == {"contacts": ["irma"], "plans": [["june", even["manager_id"]]]}
    # As it was at the decision: irma is paused only now.
    candidates = {each["manager_id"]: each for each in linked["recomputed"]["candidates"]}
    assert candidates["irma"]["active"]
    assert candidates["hugo"]["why"] == "paused"
    assert found.json["contacts"] == [{"manager_id": "irma", "occurred_at": "2026-11-23T12:00:00.000Z"}]
    [stored] = await shop.connection.fetch(
        "select event_id from salesplan.assignment where plan_seq = 1 and lead_id = 'l1'"
    )
    assert linked["event_id"] == str(stored["event_id"])


async def test_counts_are_those_before_the_decision(shop: Shop, run: Run) -> None:
    """Later assignments change nothing."""
    await shop.write(*(lead(f"l{number}") for number in range(7)))
    found = await run("l3", "--account", "acme", "--json")
    candidates = found.json["plans"][0]["recomputed"]["candidates"]
    assert sorted((each["leads"], each["last_seq"]) for each in candidates) == [(1, 1), (1, 2), (1, 3)]


async def test_the_json_to_the_byte(shop: Shop, run: Run) -> None:
    """Scripts read the names, their order, and the words of `why`."""
    await shop.write(lead("x", "bot"))
    await shop.write(contact("x", "irma"))
    await shop.write(order("x"))
    found = await run("x", "--account", "acme", "--json")
    assert found.code == 0
    made, waits, topics = found.json["plans"][0], found.json["waiting"][0], shop.settings.topics
    never = "has not contacted the lead"
    assert found.out == (
        '{"account_id":"acme","lead_id":"x","found":true,"agrees":true,'
        '"plans":[{"plan_id":"second","plan_version":1,"plan_seq":1,"manager_id":"irma","reason":"linked_contact",'
        f'"revision":1,"assigned_at":"{made["assigned_at"]}","event_id":"{made["event_id"]}",'
        f'"trigger":{{"kind":"order","ref":"offer","event_id":"{order("x").event_id}","topic":"{topics.order}",'
        '"partition":0,"offset":0},"links":{"contacts":["irma"],"plans":[]},'
        '"recomputed":{"manager_id":"irma","reason":"linked_contact","candidates":['
        f'{{"manager_id":"boris","leads":0,"last_seq":0,"active":true,"chosen":false,"why":"{never}"}},'
        f'{{"manager_id":"gita","leads":0,"last_seq":0,"active":true,"chosen":false,"why":"{never}"}},'
        '{"manager_id":"hugo","leads":0,"last_seq":0,"active":false,"chosen":false,"why":"paused"},'
        '{"manager_id":"irma","leads":0,"last_seq":0,"active":true,"chosen":true,'
        '"why":"the latest of the plan\'s active managers to contact the lead"}]},"fault":null}],'
        f'"waiting":[{{"plan_id":"night","since":"{waits["since"]}","place":1,'
        '"why":"no manager of the plan is active","trigger":{"kind":"subscription","ref":"bot",'
        f'"event_id":"{lead("x", "bot").event_id}","topic":"{topics.subscription}","partition":0,"offset":0}}}}],'
        '"contacts":[{"manager_id":"irma","occurred_at":"2026-11-23T12:00:00.000Z"}]}\n'
    )


async def test_the_text_says_the_same(shop: Shop, run: Run) -> None:
    """One line for each manager, the chosen one marked."""
    await shop.write(lead("l0"), lead("l1"))
    found = await run("l1", "--account", "acme")
    assert found.code == 0
    lines = found.out.splitlines()
    assert lines[0].startswith("plan june: ")
    assert f"because of subscription of landing, event {lead('l1').event_id}" in lines[1]
    assert len([line for line in lines if line.lstrip().startswith("->")]) == 1
    assert "DISAGREES" not in found.out


async def test_a_waiting_lead(shop: Shop, run: Run) -> None:
    """Since when, the how many-th, and what for; a plan holds it, so the exit code is 0."""
    await shop.write(lead("w1", "bot"), lead("w2", "bot"))
    found = await run("w2", "--account", "acme", "--json")
    assert (found.code, found.json["plans"]) == (0, [])
    [waiting] = found.json["waiting"]
    assert (waiting["plan_id"], waiting["place"]) == ("night", 2)
    assert waiting["why"] == "no manager of the plan is active"
    assert waiting["trigger"]["ref"] == "bot"

    await shop.pause("night", "rosa", paused=False)
    text = await run("w2", "--account", "acme")
    assert "place 2: the plan has an active manager again; 1 go first" in text.out
    await shop.wake("night")
    found = await run("w2", "--account", "acme", "--json")
    assert [plan["manager_id"] for plan in found.json["plans"]] == ["rosa"]
    assert found.json["waiting"] == []


async def test_a_lead_that_no_plan_has(shop: Shop, run: Run) -> None:
    """Exit 1, with what is known of it."""
    await shop.write(contact("l9", "anna"), lead("l9", "nowhere"))
    found = await run("l9", "--account", "acme")
    assert found.code == 1
    assert "No plan of account acme has lead l9." in found.err
    assert "anna contacted the lead" in found.out


async def test_another_account_sees_nothing(shop: Shop, run: Run) -> None:
    """The other account has a lead of the same id: no plan, no contact, no link."""
    await shop.write(lead("l1"), contact("l1", "anna"), lead("w1", "bot"))
    for name in ("l1", "w1"):
        found = await run(name, "--account", "globex", "--json")
        assert found.code == 1
        assert (found.json["plans"], found.json["waiting"], found.json["contacts"]) == ([], [], [])

    await shop.write(lead("l1", account="globex"))
    found = await run("l1", "--account", "globex", "--json")
    assert [plan["manager_id"] for plan in found.json["plans"]] == ["zoe"]
    assert found.json["contacts"] == []


TAMPERED = {
    "update salesplan.assignment set manager_id = 'zed' where lead_id = 'l1'": "the ledger says zed (even)",
    "update salesplan.assignment set reason = 'linked_plan' where lead_id = 'l1'": "(linked_plan)",
    "delete from salesplan.assignment where lead_id = 'l0'": "the rules give",
    "update salesplan.assignment set plan_version = 7 where lead_id = 'l1'": "version 7 of the plan is not kept",
    "update salesplan.plan_version set active = array[false, false, false]": "nobody was active in the plan",
}


@pytest.mark.parametrize("statement", TAMPERED)
async def test_a_ledger_that_disagrees_with_the_rules(shop: Shop, run: Run, statement: str) -> None:
    """It is said, and the exit code is 1."""
    await shop.write(lead("l0"), lead("l1"))
    assert (await run("l1", "--account", "acme")).code == 0
    if "plan_version set" in statement:
        statement += " where name = 'June webinar'"
    await shop.connection.execute(statement)

    found = await run("l1", "--account", "acme", "--json")
    assert (found.code, found.json["agrees"], found.json["found"]) == (1, False, True)
    assert TAMPERED[statement.removesuffix(" where name = 'June webinar'")] in found.json["plans"][0]["fault"]
    assert "DISAGREES" in (await run("l1", "--account", "acme")).out


async def test_other_links_than_those_kept_change_nothing(shop: Shop, run: Run) -> None:
    """The links that were stored then count, not today's contacts."""
    await shop.write(contact("l1", "irma"), order("l1"))
    await shop.write(contact("l1", "gita"))
    found = await run("l1", "--account", "acme", "--json")
    assert (found.code, found.json["plans"][0]["manager_id"]) == (0, "irma")
    assert {each["manager_id"] for each in found.json["contacts"]} == {"irma", "gita"}


FILL = """
    insert into salesplan.assignment
    select p, n, 'l' || n, 'anna', null, 1, 'even', 1, 'order', gen_random_uuid(), 'offer', 'order', 0, n,
           gen_random_uuid(), now()
    from generate_series(101, 104) p, generate_series(1, 5000) n;
    insert into salesplan.waiting_lead
    select p, n, 'w' || n, now(), 'order', gen_random_uuid(), 'offer', 'order', 0, n
    from generate_series(101, 104) p, generate_series(1, 5000) n;
    insert into salesplan.contact select 'acme', 'l' || n, 'anna', now(), n from generate_series(1, 5000) n;
    analyze salesplan.assignment, salesplan.waiting_lead, salesplan.contact;
    set enable_seqscan = on; set enable_hashjoin = on; set enable_mergejoin = on
"""


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("explain/assigned", ("acme", "l1")),
        ("explain/waiting", ("acme", "w1")),
        ("explain/contacts", ("acme", "l1")),
        ("explain/shares", (101, 50)),
    ],
)
async def test_one_lead_is_found_by_an_index(shop: Shop, name: str, arguments: tuple[object, ...]) -> None:
    """No statement reads a whole table, however large; one plan's numbers are read by the primary key."""
    await shop.connection.execute(FILL)
    plan = await shop.connection.fetch(f"explain {query(name)}", *arguments)
    scanned = [line for (line,) in plan if "Seq Scan" in line]
    assert not [line for line in scanned if any(table in line for table in ("assignment", "waiting_lead", "contact"))]
