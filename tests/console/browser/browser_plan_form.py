"""The form of a plan in a browser: with script it looks ahead while somebody types, and without it works as well."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from tests.console.browser.conftest import Console
from tests.console.browser.looks import LANGUAGES, SCHEMES, looked_at, page_of
from tests.support.office import Office
from worker.plans import store
from worker.plans.change import StoredPlan

HEAD = "head@sales.example"
EXAMPLE, PREVIEWS = "#label-example", "**/plans/preview"
BLACK = "rgb(0, 0, 0)"


async def fill(page: Page, fields: Mapping[str, str]) -> None:
    for name, text in fields.items():
        await page.locator(f"#{name}").fill(text)


async def plan_of(office: Office, plan_id: str) -> StoredPlan:
    return {each.spec.id: each for each in await store.read(office.connection, "acme")}[plan_id]


async def change(office: Office, plan_id: str, **fields: object) -> None:
    """Edit the plan elsewhere."""
    await office.apply("acme", (await plan_of(office, plan_id)).spec.model_copy(update=fields))


NEW = {"name": "Зимний вебинар", "conversion_percent": "12,5", "managers": "anna\nboris *", "average_sale": "1 250,50"}


async def test_the_chip_follows_what_is_typed_and_the_caret_stays(browser: Browser, console: Console) -> None:
    """M4: within a second the chip has the text and the colour, with black text on yellow."""
    async with console(HEAD) as process, page_of(browser, language="ru") as page:
        await page.goto(f"{process.pages}/plans/new")
        await expect(page.locator(EXAMPLE)).to_have_text("Без ярлыка")
        label = page.get_by_label("Ярлык в чатах")
        await label.press_sequentially("Горчие")
        for _ in range(3):
            await page.keyboard.press("ArrowLeft")
        await page.keyboard.type("я")
        await expect(page.locator(EXAMPLE)).to_have_text("Горячие", timeout=1000)
        await page.keyboard.type("!")
        await expect(label).to_have_value("Горя!чие")
        await expect(label).to_be_focused()
        await page.get_by_role("button", name="жёлтый").click()
        await expect(page.locator(f"{EXAMPLE} rect")).to_have_attribute("fill", "#facc15", timeout=1000)
        await expect(page.locator(EXAMPLE)).to_have_css("color", BLACK)
        await expect(page.get_by_role("button", name="жёлтый")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator(".chat .chip")).to_have_count(2)
        await page.get_by_label("Цвет ярлыка").fill("#1d4ed8")
        await expect(page.locator(EXAMPLE)).to_have_css("color", "rgb(255, 255, 255)")
        await expect(page.get_by_label("Любой цвет")).to_have_value("#1d4ed8")


async def test_the_newest_answer_wins(browser: Browser, console: Console) -> None:
    """The first request is answered last, and its answer must not be taken."""
    held = asyncio.Event()
    asked: list[Request] = []
    ended: list[Request] = []

    async def slow(route: Route) -> None:
        asked.append(route.request)
        if len(asked) == 1:
            await held.wait()
        await route.continue_()

    def end(request: Request) -> None:
        ended.append(request)

    async with console(HEAD) as process, page_of(browser) as page:
        page.on("requestfinished", end)
        page.on("requestfailed", end)
        await page.goto(f"{process.pages}/plans/new")
        await page.route(PREVIEWS, slow)
        await page.locator("#label_text").fill("First")
        while not asked:
            await page.wait_for_timeout(20)
        await page.locator("#label_text").fill("Second")
        await expect(page.locator(EXAMPLE)).to_have_text("Second")
        held.set()
        while asked[0] not in ended:
            await page.wait_for_timeout(20)
        await page.wait_for_timeout(300)  # an answer that came would be in the page by now
        await expect(page.locator(EXAMPLE)).to_have_text("Second")


async def test_potential_warnings_and_known_names(browser: Browser, console: Console) -> None:
    """June has 37 clients: 37 x 12.5 / 100 x 200 = 925."""
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans/june/edit")
        await page.locator("#average_sale").fill("200")
        await expect(page.locator("#potential")).to_have_text("$925.00 = 37 clients × 12.5 % × $200.00")  # noqa: RUF001
        await page.get_by_text("Managers: 22 known").click()
        await page.get_by_role("button", name="Борис Соколов").click()
        await expect(page.locator("#managers")).to_have_value("anna\ncleo *")
        await page.get_by_role("button", name="Анна Петрова").click()
        await expect(page.locator("#warnings")).to_contain_text("no active manager")
        await page.get_by_role("button", name="Дина").click()
        await expect(page.locator("#managers")).to_have_value("cleo *\ndina")
        await expect(page.get_by_role("button", name="Дина")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("#next")).to_have_text("The next client goes to: Дина")


async def test_without_script_a_plan_is_made_and_edited(browser: Browser, console: Console, lively: Office) -> None:
    """M5."""
    async with console(HEAD) as process, page_of(browser, java_script_enabled=False, language="ru") as page:
        await page.goto(f"{process.pages}/plans/new")
        await expect(page.locator("#swatches")).to_be_hidden()
        await fill(page, NEW | {"label_text": "Вебинар", "label_color": "#facc15", "lgts": "june"})
        await page.get_by_label("связанный").check()
        await page.get_by_role("button", name="Посмотреть, не сохраняя").click()
        await expect(page.locator(EXAMPLE)).to_have_css("color", BLACK)
        await expect(page.get_by_label("Название плана")).to_have_value("Зимний вебинар")
        await page.get_by_role("button", name="Сохранить").click()
        await expect(page.locator("#errors")).to_be_focused()
        await page.locator("#errors").get_by_role("link", name="LGT").click()
        await page.locator("#lgts").fill("winter")
        await page.keyboard.press("Tab")
        await page.get_by_role("button", name="Сохранить").click()
        await expect(page).to_have_url(f"{process.pages}/plans/zimniy-vebinar")
        made = await plan_of(lively, "zimniy-vebinar")
        assert (made.spec.mode, made.spec.lgts, str(made.spec.average_sale)) == ("linked", ("winter",), "1250.50")
        await page.goto(f"{process.pages}/plans/zimniy-vebinar/edit")
        await page.get_by_label("Название плана").fill("Зимний")
        await page.get_by_label("Название плана").press("Enter")
        await expect(page).to_have_url(f"{process.pages}/plans/zimniy-vebinar")
        assert (await plan_of(lively, "zimniy-vebinar")).spec.name == "Зимний"


@pytest.mark.parametrize("script", [True, False])
async def test_two_tabs_and_nobodys_edit_is_lost(
    browser: Browser, console: Console, lively: Office, script: bool
) -> None:
    """M6: the second save asks. The name is chosen from both; what the other alone changed is there already."""
    async with console(HEAD) as process, page_of(browser, java_script_enabled=script) as page:
        await page.goto(f"{process.pages}/plans/june/edit")
        await fill(page, {"name": "Mine", "managers": "anna\nboris\ncleo *\ndina"})
        await change(lively, "june", name="Theirs", average_sale=(await plan_of(lively, "night")).spec.average_sale + 1)
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("#conflict")).to_be_focused()
        await expect(page.locator("#conflict")).to_contain_text("version 2: Plan name; Average sale, $")
        await expect(page.locator("#average_sale")).to_have_value("150")
        await expect(page.locator("#managers")).to_have_value("anna\nboris\ncleo *\ndina")
        await expect(page.get_by_label("You Mine")).to_be_checked()
        await page.get_by_label("The other Theirs").check()
        await page.get_by_role("button", name="Save").click()
        await expect(page).to_have_url(f"{process.pages}/plans/june")
        june = await plan_of(lively, "june")
        assert (june.spec.name, str(june.spec.average_sale), june.version) == ("Theirs", "150.00", 3)
        assert [manager.id for manager in june.spec.managers] == ["anna", "boris", "cleo", "dina"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 302, "headers": {"location": "/oauth2/sign_in"}}, "You are no longer signed in"),
        ({"status": 401}, "You are no longer signed in"),
        ({"status": 503}, "No answer at the moment"),
    ],
)
async def test_a_form_stays_where_its_answer_would_not_come(
    browser: Browser, console: Console, lively: Office, answer: dict[str, Any], said: str
) -> None:
    """M9: a proxy whose sign-in has ended would answer the save with its own page, and the form would be gone."""

    async def refuse(route: Route) -> None:
        await route.fulfill(**answer)

    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans/new")
        await page.route(PREVIEWS, refuse)
        await fill(page, NEW)
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("#notice")).to_contain_text(said)
        await expect(page).to_have_url(f"{process.pages}/plans/new")
        for name, typed in NEW.items():
            await expect(page.locator(f"#{name}")).to_have_value(typed)
        await page.unroute(PREVIEWS)
        await page.get_by_role("button", name="Save").click()
        await expect(page).to_have_url(f"{process.pages}/plans/zimniy-vebinar")
        assert (await plan_of(lively, "zimniy-vebinar")).version == 1


async def test_a_form_with_changes_is_not_left_by_mistake(browser: Browser, console: Console) -> None:
    """A change of the language would lose what was typed, so the browser asks."""
    async with console(HEAD) as process, page_of(browser) as page:
        asked: list[str] = []

        async def stay(dialog: object) -> None:
            asked.append(dialog.type)  # type: ignore[attr-defined]
            await dialog.dismiss()  # type: ignore[attr-defined]

        page.on("dialog", stay)
        await page.goto(f"{process.pages}/plans/june/edit")
        await page.get_by_role("button", name="Русский").click()
        await expect(page.get_by_role("button", name="Сохранить")).to_be_visible()
        assert asked == []
        await page.locator("#name").fill("Июнь")
        await page.get_by_role("button", name="English").click()
        async with asyncio.timeout(10):
            while not asked:
                await page.wait_for_timeout(20)
        assert asked == ["beforeunload"]
        await expect(page.locator("#name")).to_have_value("Июнь")


async def test_the_outlook_stays_in_view_beside_the_form(browser: Browser, console: Console) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans/june/edit")
        await page.locator("#label_color").scroll_into_view_if_needed()
        await page.locator("#save").scroll_into_view_if_needed()
        await expect(page.locator(EXAMPLE)).to_be_in_viewport()
        await expect(page.locator("#potential")).to_be_in_viewport()


async def test_the_form_goes_by_keyboard_in_reading_order(browser: Browser, console: Console) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans/new")
        await page.locator("#name").focus()
        stops = []
        for _ in range(40):  # known ids add a stop to each list
            stops.append(await page.evaluate("document.activeElement.id || document.activeElement.ariaLabel"))
            if stops[-1] == "save":
                break
            await page.keyboard.press("Tab")
        fields = [stop for stop in stops if stop and "Colour" not in stop]
        assert [stop for stop in fields if stop in IN_ORDER] == IN_ORDER
        assert stops[-2:] == ["What will happen", "save"]


IN_ORDER = [
    *("name", "id", "conversion_percent", "label_text", "managers", "lgts"),
    *("offers_ordered", "offers_payment_failed", "offers_paid", "mode-even", "average_sale", "label_color"),
    *("any-color", "red", "grey", "What will happen", "save"),
]


@pytest.mark.parametrize("state", ["faults", "conflict"])
async def test_a_refused_form_fits_and_can_be_read(
    browser: Browser, console: Console, lively: Office, state: str
) -> None:
    found: dict[str, list[str]] = {}
    async with console(HEAD) as process:
        for number, (scheme, language) in enumerate((scheme, language) for scheme in SCHEMES for language in LANGUAGES):
            async with page_of(browser, language=language, scheme=scheme) as page:
                await page.goto(f"{process.pages}/plans/june/edit")
                await fill(page, {"name": "Mine" * 20, "managers": "anna\ndina", "label_color": "#1d4ed8"})
                if state == "faults":
                    await fill(
                        page, {"average_sale": "1,250", "label_color": "yellow", "lgts": "consultation", "name": ""}
                    )
                else:
                    roster = (await plan_of(lively, "again")).spec.managers[: number + 1]
                    await change(lively, "june", name=f"Theirs {number}", managers=roster)
                await page.locator("#save").click()
                await expect(page.locator("#errors" if state == "faults" else "#conflict")).to_be_focused()
                found |= await looked_at(page, f"plan-{state}-{scheme}-{language}")
    assert found == {}
