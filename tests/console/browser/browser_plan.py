"""The plan's page in a browser: pauses take two presses, numbers renew beside open tables, and everything fits."""

from __future__ import annotations

from itertools import product

import pytest
from playwright.async_api import Browser, expect

from tests.console.browser.conftest import Console
from tests.console.browser.looks import LANGUAGES, SCHEMES, looked_at, page_of
from tests.support.make import lead, paused, plan
from tests.support.office import Office, spec

HEAD = "head@sales.example"
# As if the plan's clients had come over thirty days, the more the later.
SPREAD = """
update salesplan.assignment a
set assigned_at = now() - interval '29 days' * (1 - sqrt(a.plan_seq::float / c.last_seq))
from salesplan.plan_counter c
where c.plan_no = a.plan_no
"""
STATES = {
    "month": "/plans/again?days=30",
    "week": "/plans/june?days=7",
    "crowd": "/plans/crowd",
    "pause-last": "/plans/soon/pause?manager=rosa",
    "manager-last": "/manager?id=rosa",
}


@pytest.fixture
async def month(lively: Office) -> Office:
    """Clients of thirty days, a plan with two hundred managers, and one in which Rosa alone is active."""
    await lively.apply(
        "acme",
        spec(plan("crowd", *(f"seller-{number:03}" for number in range(200))), name="Crowd"),
        spec(plan("soon", "rosa", paused("anna")), name="Soon"),
    )
    await lively.write(*(lead(f"crowd-{number}", "crowd") for number in range(990)))
    await lively.write(*(lead(f"soon-{number}", "soon") for number in range(3)))
    await lively.edit(plan("june", "anna", "boris", "dina", paused("cleo")))
    await lively.connection.execute(SPREAD)
    await lively.write(*(lead(f"today-{number}", "june") for number in range(3)))
    return lively


async def test_plans_of_all_sizes_fit_and_can_be_read(browser: Browser, console: Console, month: Office) -> None:
    found: dict[str, list[str]] = {}
    async with console(HEAD) as process:
        for scheme, language in product(SCHEMES, LANGUAGES):
            async with page_of(browser, language=language, scheme=scheme) as page:
                for name, path in STATES.items():
                    await page.goto(process.pages + path)
                    found |= await looked_at(page, f"{name}-{scheme}-{language}")
    assert found == {}


async def test_a_pause_is_asked_for_and_done_without_script(browser: Browser, console: Console, month: Office) -> None:
    async with console(HEAD) as process, page_of(browser, java_script_enabled=False) as page:
        await page.goto(f"{process.pages}/plans/soon")
        await page.get_by_role("link", name="Pause Роза Ким").click()
        await expect(page.locator("#consequences")).to_contain_text("Nobody else is active in this plan")
        await page.get_by_role("button", name="Pause Роза Ким").click()
        await expect(page).to_have_url(f"{process.pages}/plans/soon")
        await expect(page.locator("#hands")).to_contain_text("No manager of the plan is active")
        await page.get_by_role("link", name="Роза Ким", exact=True).click()
        await page.get_by_role("button", name="Resume in all plans").click()
        await expect(page.locator("#plan-soon")).to_contain_text("active")
        await page.goto(f"{process.pages}/plans/soon")
        await page.get_by_role("link", name="Archive", exact=True).click()
        await page.get_by_role("button", name="Archive the plan").click()
        await expect(page.locator("#archived")).to_contain_text("In the archive: head@sales.example put it there")
        await expect(page.get_by_role("link", name="Edit")).to_have_count(0)


async def test_numbers_renew_and_an_open_table_stays_open(browser: Browser, console: Console, month: Office) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans/june")
        await expect(page.locator("#figures")).to_contain_text("40 clients")
        await page.get_by_text("The same in numbers").click()
        await page.get_by_role("link", name="Pause Дина").focus()
        await month.write(*(lead(f"more-{number}", "june") for number in range(5)))
        await expect(page.locator("#figures")).to_contain_text("45 clients")
        await expect(page.locator("#shares-numbers tfoot")).to_contain_text("35")
        await expect(page.locator("#shares-numbers")).to_be_visible()
        await expect(page.locator("#clients-table tbody tr").first).to_contain_text("more-4")
        await expect(page.locator("#manager-3-clients")).to_have_text("8")
        await expect(page.get_by_role("link", name="Pause Дина")).to_be_focused()


async def test_the_picture_reads_as_a_table_too(browser: Browser, console: Console, month: Office) -> None:
    """The largest five of two hundred, and the others together."""
    async with console(HEAD) as process, page_of(browser, width=360) as page:
        await page.goto(f"{process.pages}/plans/crowd?days=30")
        await expect(page.get_by_role("img", name="Clients by day and manager")).to_be_visible()
        await expect(page.locator(".legend li")).to_have_count(6)
        await expect(page.locator(".legend li").last).to_contain_text("195 other managers 965 97.5%")
        await page.get_by_text("The same in numbers").click()
        await expect(page.locator("#shares-numbers tbody tr")).to_have_count(30)
        size = await page.locator(".picture text").first.evaluate("each => getComputedStyle(each).fontSize")
        assert size == "12px"
