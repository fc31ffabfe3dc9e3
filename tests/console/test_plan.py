"""The plan's page: its facts, what comes in, its managers, its shares, its newest clients."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.console.page_text import part, texts
from tests.support.make import contact, lead, order, paused, plan
from tests.support.office import Office, spec
from tests.support.site import Site
from worker.plans import store

JUNE = "/a/acme/plans/june"
HANNA = "hanna@x"
TIMES = "\N{MULTIPLICATION SIGN}"
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


async def at(house: Office, plan_id: str, plan_seq: int, moment: datetime) -> None:
    """The plan's client of this number came then."""
    await house.connection.execute(
        "update salesplan.assignment a set assigned_at = $3 from salesplan.plan p"
        " where p.plan_no = a.plan_no and p.account_id = 'acme' and p.plan_id = $1 and a.plan_seq = $2",
        plan_id,
        plan_seq,
        moment,
    )


async def test_the_facts_of_a_plan_and_the_formula_of_its_potential(site: Site, house: Office) -> None:
    """Twelve and a half per cent of 149.00 for four clients: 74.50."""
    await house.apply("acme", spec(plan("june", "anna", "boris", mode="linked"), label={"text": "Hot"}))
    page = (await site.get(JUNE, HANNA)).text
    assert "<title>June · acme · Sales plans</title>" in page
    figures = part(page, "figures", "</dl>").replace(TIMES, "*")
    assert "Came in 4 clients Potential $74.50 4 clients * 12.5% * $149.00 Last client" in figures
    assert figures.endswith("Active managers 2 of 2")
    assert "Version 2, changed by test" in texts(page)
    assert 'class="chip black"' in page
    for path in ("clients", "edit", "history", "try", "archive"):
        assert f'href="/a/acme/plans/june/{path}"' in page, path
    assert 'href="/a/acme/plans/new?copy=june"' in page


async def test_managers_with_clients_share_state_and_the_button_that_changes_it(site: Site, house: Office) -> None:
    """Cleo is new and paused; whoever was taken out keeps the clients, and has no button."""
    await house.edit(plan("june", "anna", paused("cleo"), mode="linked"))
    (moment,) = (await house.rows("select max(assigned_at) from salesplan.assignment"))[0]
    await at(house, "june", 3, moment - timedelta(hours=2))
    await at(house, "june", 4, moment - timedelta(hours=1))
    site.now = moment
    page = (await site.get(JUNE, HANNA)).text
    rows = re.findall(r'<tr id="manager-\d+"', page)
    assert rows == ['<tr id="manager-0"', '<tr id="manager-2"', '<tr id="manager-1"']
    clients = {"anna": 2, "boris": 2}
    given = await house.rows(
        "select manager_id, count(*) from salesplan_api.assignments where account_id = 'acme' and plan_id = 'june'"
        " group by 1"
    )
    assert dict(given) == clients
    assert "Anna Petrova anna 2 50.0% " in part(page, "manager-0", "</tr>")
    assert part(page, "manager-0", "</tr>").endswith("active Pause Anna Petrova")
    assert part(page, "manager-2", "</tr>") == "cleo 0 0.0% never paused Resume cleo"
    assert part(page, "manager-1", "</tr>").startswith("Boris boris 2 50.0%")
    assert part(page, "manager-1", "</tr>").endswith("taken out")
    assert 'href="/a/acme/plans/june/pause?manager=anna"' in page
    assert 'href="/a/acme/plans/june/resume?manager=cleo"' in page
    assert 'href="/a/acme/plans/june/clients?manager=boris"' in page
    lasts = part(page, "manager-0-last", "</td>"), part(page, "manager-1-last", "</td>")
    assert set(lasts) == {"1 hour ago", "2 hours ago"}


async def test_the_difference_between_active_managers_and_why_it_is_more_than_one(site: Site, house: Office) -> None:
    await house.edit(plan("july", "boris", paused("anna")))
    assert "Fewer than two managers are active." in texts((await site.get("/a/acme/plans/july", HANNA)).text)
    await house.edit(plan("july", "boris", "anna"))
    page = texts((await site.get("/a/acme/plans/july", HANNA)).text)
    assert (
        "Difference between active managers: 4. Anna Petrova has 4 clients fewer than the manager with the most,"
        " and gets new ones until the numbers are even." in page
    )
    await house.edit(plan("july", "boris", "anna", "cleo", mode="linked"))
    page = texts((await site.get("/a/acme/plans/july", HANNA)).text)
    assert "The plan is linked" in page
    assert "2 managers have fewer clients than the others" in page
    await house.refresh()
    await house.write(*(lead(f"july-{n}", "july") for n in range(10, 18)))
    page = texts((await site.get("/a/acme/plans/july", HANNA)).text)
    assert "Difference between active managers: 0. Manager" in page


async def test_each_lgt_and_offer_with_its_clients_of_the_last_day(site: Site, house: Office) -> None:
    """One that left the plan is named as long as its clients are of the last day."""
    await house.edit(plan("june", "anna", lgts=["june", "spare"], ordered=["offer-1"]))
    await house.refresh()
    await house.write(lead("one", "spare"), order("two", "offer-1"), order("three", "offer-1"))
    await house.edit(plan("june", "anna", lgts=["june"], ordered=["offer-1"]))
    (moment,) = (await house.rows("select max(assigned_at) from salesplan.assignment"))[0]
    for number in range(1, 4):
        await at(house, "june", number, moment - timedelta(hours=25))
    site.now = moment
    sources = part((await site.get(JUNE, HANNA)).text, "sources", "</table>")
    assert sources == (
        "LGT or offer Clients in 24 h subscription Landing june 1 order offer-1 2"
        " subscription spare no longer in the plan 1"
    )


async def test_shares_are_those_of_the_days_of_the_zone(site: Site, house: Office) -> None:
    """July's clients are boris's: two today, one yesterday, one a fortnight ago, which is a day too early."""
    for number, moment in enumerate((NOON - timedelta(days=14), NOON - timedelta(hours=13), NOON, NOON), 1):
        await at(house, "july", number, moment)
    site.now = NOON + timedelta(minutes=1)
    page = (await site.get("/a/acme/plans/july", HANNA)).text
    numbers = part(page, "shares-numbers", "</table>")
    assert numbers.startswith("Day Boris In all Nov 27 2 2 Nov 26 1 1 Nov 25 0 0")
    assert numbers.endswith("Nov 14 0 0 In all 3 3")
    assert len(re.findall(r"<title>Nov \d+: ", page)) == 14
    assert page.count('class="series-0"') == 3  # two days with clients, and the legend
    assert "Boris 3 100.0%" in part(page, "shares-picture", "</ul>")
    assert "Days are those of UTC." in texts(page)
    month = (await site.get("/a/acme/plans/july?days=30", HANNA)).text
    assert "In all 4 4" in part(month, "shares-numbers", "</table>")
    assert '?days=30" aria-current="true"' in month
    for words in ("8", "-1", "x", "\u0667"):
        assert '?days=14" aria-current="true"' in (await site.get(f"/a/acme/plans/july?days={words}", HANNA)).text


async def test_a_plan_without_clients_has_a_sentence_in_place_of_each_list(site: Site) -> None:
    page = texts((await site.get("/a/acme/plans/empty", HANNA)).text)
    assert "The plan has no managers: its clients wait." in page
    assert "No client came to a manager in these days." in page
    assert "Nobody has come to a manager yet." in page
    assert "No manager of the plan is active: new clients wait. 1 client waits now. Add managers" in page


async def test_the_newest_clients_have_the_reason_in_words_and_a_link_to_why(site: Site, house: Office) -> None:
    await house.edit(plan("june", "anna", "boris", mode="linked"))
    await house.refresh()
    await house.write(contact("known", "boris"), lead("known", "june"))
    page = (await site.get(JUNE, HANNA)).text
    clients = part(page, "clients-table", "</table>")
    assert clients.startswith(
        "Client Manager Why Came by When known Boris contact with the client subscription: Landing"
    )
    assert 'href="/a/acme/lead?id=known"' in page


async def test_an_archived_plan_offers_nothing_that_would_be_refused(site: Site, house: Office) -> None:
    await store.archive(house.connection, "acme", "june", changed_by="hanna@x", execute=True)
    page = (await site.get(JUNE, HANNA)).text
    assert "In the archive: hanna@x put it there" in part(page, "archived", "</p>")
    for path in ("/edit", "/try", "/archive", "/pause", "/resume"):
        assert f'href="/a/acme/plans/june{path}' not in page
    assert 'href="/a/acme/plans/new?copy=june"' in page


async def test_days_that_are_remembered_never_leak_to_another_account(site: Site, house: Office) -> None:
    """Both accounts have a plan june, whose clients came on the same day, to an anna."""
    await house.connection.execute("update salesplan.assignment set assigned_at = $1", NOON - timedelta(days=3))
    site.now = NOON
    for _ in range(2):
        acme = (await site.get(JUNE, HANNA)).text
        globex = (await site.get("/plans/june")).text
        assert part(acme, "shares-numbers", "</table>").endswith("In all 2 2 4")
        assert part(globex, "shares-numbers", "</table>").endswith("In all 3 3 6")
        assert "Otto" not in acme
        assert "Boris" not in globex


async def test_finished_days_are_read_once(site: Site, house: Office) -> None:
    """Today is read anew each time. Nothing but a test takes clients out of the ledger."""
    for number, moment in enumerate((NOON - timedelta(days=1), NOON, NOON, NOON), 1):
        await at(house, "july", number, moment)
    site.now = NOON + timedelta(minutes=1)
    await site.get("/a/acme/plans/july", HANNA)
    await house.connection.execute("update salesplan.assignment set manager_id = 'anna' where lead_id like 'july-%'")
    numbers = part((await site.get("/a/acme/plans/july", HANNA)).text, "shares-numbers", "</table>")
    assert numbers.startswith("Day Boris Anna Petrova In all Nov 27 0 3 3 Nov 26 1 0 1 Nov 25 0 0 0")


@pytest.mark.parametrize(
    "path",
    [
        "/plans/secret",
        "/plans/secret/pause?manager=otto",
        "/plans/secret/resume?manager=otto",
        "/plans/secret/archive",
        "/plans/nowhere",
        "/manager?id=otto",
        "/manager?id=",
        "/manager",
        "/plans/june/pause",
        "/plans/june/pause?manager=otto",
        "/plans/may/pause?manager=anna",
        "/plans/june/pause?manager=a%00b",
    ],
)
async def test_what_is_another_account_s_or_nobody_s_is_not_found(site: Site, house: Office, path: str) -> None:
    """May's anna was taken out of it. The same goes for what a POST would do."""
    assert (await site.get(f"/a/acme{path}", HANNA)).status_code == 404
    before = await house.rows("select plan_no, version from salesplan.plan order by 1")
    assert (await site.post(f"/a/acme{path}", [("to", "pause")], HANNA)).status_code in (404, 405)
    assert await house.rows("select plan_no, version from salesplan.plan order by 1") == before


async def test_a_manager_sees_none_of_these_pages(site: Site) -> None:
    for path in ("/plans/june", "/plans/june/pause?manager=anna", "/managers", "/manager?id=anna"):
        assert (await site.get(f"/a/acme{path}", "anna@x")).status_code == 404


HOSTILE = ["<script>alert(1)</script>", "a\u202eb", "=1+1", '" onload="x', "'); --", "..", "a/b", "a&b=c#d"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_texts_of_others_stay_texts(site: Site, house: Office, text: str) -> None:
    await house.apply("acme", spec(plan("july", text, lgts=[text]), name=text if text != ".." else "x"))
    await house.refresh()
    await house.write(lead(text, text))
    for path in ("/plans/july", "/managers"):
        page = (await site.get(f"/a/acme{path}", HANNA)).text
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert ' onload="' not in page
    link = re.findall(
        r'href="(/a/acme/plans/july/pause\?manager=[^"]*)"', page := (await site.get("/a/acme/plans/july", HANNA)).text
    )[0].replace("&amp;", "&")
    assert "<bdi>" in page
    assert (await site.get(link, HANNA)).status_code == 200
    assert (await site.post(link, (), HANNA)).status_code == 303
    assert await house.rows(
        "select v.active from salesplan.plan p join salesplan.plan_version v using (plan_no, version)"
        " where p.account_id = 'acme' and p.plan_id = 'july'"
    ) == [([False],)]
