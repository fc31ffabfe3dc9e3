"""Numbers renew themselves, and never under a reader's hands; everything works without script."""

from __future__ import annotations

import re
from itertools import pairwise

from playwright.async_api import Browser, Page, Route, expect

from tests.console.browser.conftest import Console
from tests.console.browser.looks import page_of
from tests.support.make import lead
from tests.support.office import Office

HEAD = "head@sales.example"
CLIENTS = "#plan-june-clients"
ON, PAUSED = "Numbers are renewed by themselves.", "Paused: the numbers are not renewed."


async def come(office: Office, *names: str) -> None:
    """Further clients of June's plan."""
    await office.write(*(lead(name, "june") for name in names))


async def test_numbers_renew_themselves(browser: Browser, console: Console, lively: Office) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans")
        await expect(page.locator(CLIENTS)).to_contain_text("37 clients")
        await come(lively, "new-1", "new-2")
        await expect(page.locator(CLIENTS)).to_contain_text("39 clients")
        await expect(page.locator("#plan-june-potential")).to_contain_text("$726.38")
        await expect(page.locator("#live-state")).to_have_text(ON)


async def test_a_pause_lasts_until_it_is_ended(browser: Browser, console: Console, lively: Office) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans")
        await page.get_by_role("button", name="Pause").click()
        await expect(page.locator("#live-state")).to_have_text(PAUSED)
        await come(lively, "new-1")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.wait_for_timeout(1500)  # three times the interval
        assert asked == []
        await expect(page.locator(CLIENTS)).to_contain_text("37 clients")
        await page.get_by_role("button", name="Go on").click()
        await expect(page.locator(CLIENTS)).to_contain_text("38 clients")


async def test_what_has_the_focus_stays_and_what_is_beside_it_renews(
    browser: Browser, console: Console, lively: Office
) -> None:
    """The element itself stays, so that neither focus nor place is lost; nor is a search that is being typed."""
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans")
        await page.locator("#plan-june-name a").focus()
        await come(lively, "new-1")
        await expect(page.locator(CLIENTS)).to_contain_text("38 clients")
        await expect(page.locator("#plan-june-name a")).to_be_focused()
        await page.locator(f"{CLIENTS} a").focus()
        await page.get_by_label("Plan, label or manager").fill("вебинар")
        await come(lively, "new-2")
        await expect(page.locator(CLIENTS)).to_contain_text("39 clients")
        await expect(page.get_by_label("Plan, label or manager")).to_have_value("вебинар")
        await expect(page.get_by_label("Plan, label or manager")).to_be_focused()


async def test_text_that_is_marked_stays_marked(browser: Browser, console: Console, lively: Office) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans")
        await page.locator(CLIENTS).select_text()
        await come(lively, "new-1")
        await expect(page.locator("#plan-june-potential")).to_contain_text("$707.75")
        assert "37 clients" in await page.evaluate("String(document.getSelection())")


async def test_a_tab_that_nobody_sees_asks_nothing(browser: Browser, console: Console, lively: Office) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans")
        await hide(page, hidden=True)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await come(lively, "new-1")
        await page.wait_for_timeout(1500)
        assert asked == []
        await hide(page, hidden=False)
        await expect(page.locator(CLIENTS)).to_contain_text("38 clients")


async def hide(page: Page, *, hidden: bool) -> None:
    """Tell the page, as the browser does, that another tab is in front."""
    await page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


async def test_a_lost_connection_is_told_and_asked_again_ever_later(browser: Browser, console: Console) -> None:
    times: list[float] = []

    async def lose(route: Route) -> None:
        times.append(await page.evaluate("performance.now()"))
        await route.fulfill(status=503, body="away")

    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans")
        await page.route("**/plans", lose)
        await expect(page.locator("#live-state")).to_contain_text("No connection")
        while len(times) < 4:
            await page.wait_for_timeout(100)
        first, second, third = (later - sooner for sooner, later in pairwise(times[:4]))
        assert 900 < first < second < third
        await page.unroute("**/plans")
        await expect(page.locator("#live-state")).to_have_text(ON, timeout=10_000)


async def test_an_ended_sign_in_is_told_and_nothing_is_asked_any_more(browser: Browser, console: Console) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans")
        await page.route("**/plans", lambda route: route.fulfill(status=302, headers={"location": "/login"}))
        await expect(page.locator("#live-state")).to_contain_text("no longer renewed")
        await expect(page.get_by_role("button", name="Pause")).to_be_hidden()
        await expect(page.locator(CLIENTS)).to_contain_text("37 clients")


async def test_without_script_everything_is_there(browser: Browser, console: Console) -> None:
    async with console(HEAD) as process, page_of(browser, java_script_enabled=False) as page:
        await page.goto(f"{process.pages}/plans")
        await expect(page.locator("#live")).to_be_hidden()
        await page.get_by_label("Plan, label or manager").fill("вебинар")
        await page.get_by_role("button", name="Find").click()
        await expect(page.get_by_role("article")).to_have_count(2)
        await page.get_by_role("button", name="Русский").click()
        await expect(page).to_have_url(re.compile(r"/plans\?q="))
        await expect(page.get_by_role("heading", level=1)).to_have_text("Планы")
        await expect(page.get_by_role("article")).to_have_count(2)
        await page.get_by_role("link", name="Архив 1").click()
        await expect(page).to_have_title("Архив планов · acme · Планы продаж")


async def test_the_keyboard_goes_through_the_page_in_reading_order(browser: Browser, console: Console) -> None:
    """The skip link first; everything that can be done has its stop, from top to bottom."""
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans?q=night")
        stops = []
        for _ in range(20):
            await page.keyboard.press("Tab")
            stops.append(await page.evaluate("document.activeElement.innerText || document.activeElement.id"))
        assert stops == [
            *("Skip to the content", "Sales plans", "Plans", "Waiting", "Without a plan", "Managers"),
            *("English", "Русский", "New plan", "Resume Роза Ким"),
            *("Show them", "Show them", "Active 5", "Archived 1", "q", "Find"),
            *("Night shift", "5 wait", "5 clients", "$93.13"),
        ]
        await page.goto(f"{process.pages}/plans")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.innerText") == "New plan"


async def test_the_page_reads_as_it_looks(browser: Browser, console: Console) -> None:
    """A screen reader hears the parts of a card in their order, and the paused manager as paused."""
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans")
        await expect(page.get_by_role("article", name="Июньский вебинар")).to_match_aria_snapshot("""
            - article "Июньский вебинар":
              - heading "Июньский вебинар" [level=2]:
                - link "Июньский вебинар"
              - paragraph: Вебинар even
              - term: Came in
              - definition:
                - link "37 clients"
              - term: Potential
              - definition:
                - link "$689.13"
              - term: Difference between managers
              - definition: "1"
              - list "Managers":
                - listitem: Анна Петрова
                - listitem: Борис Соколов
                - listitem: Cleo Watson paused
        """)
        await expect(page.get_by_role("navigation")).to_match_aria_snapshot("""
            - navigation "Pages":
              - list:
                - listitem:
                  - link "Plans"
                - listitem:
                  - link "Waiting"
                - listitem:
                  - link "Without a plan"
        """)
        await expect(page.get_by_role("link", name="Plans", exact=True)).to_have_attribute("aria-current", "page")
