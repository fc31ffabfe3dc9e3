"""The pages about clients, by hand and without script."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.console.browser.conftest import Console
from tests.console.browser.looks import page_of

HEAD = "head@sales.example"


async def test_what_matches_no_plan_is_in_the_form_after_two_clicks(browser: Browser, console: Console) -> None:
    async with console(HEAD) as process, page_of(browser, java_script_enabled=False) as page:
        await page.goto(f"{process.pages}/unmatched")
        await page.get_by_role("link", name="Add to a plan: landing-9").click()
        await page.get_by_role("link", name="Night shift").click()
        await expect(page).to_have_url(f"{process.pages}/plans/night/edit?lgt=landing-9")
        await expect(page.locator('[name="lgts"]')).to_have_value("night\nlanding-9")


async def test_one_manager_s_clients_without_script(browser: Browser, console: Console) -> None:
    """From the number in the list to the clients, to those of one manager, to why one of them came."""
    async with console(HEAD) as process, page_of(browser, java_script_enabled=False) as page:
        await page.goto(f"{process.pages}/plans")
        await page.locator("#plan-june-clients a").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("37 clients")
        await page.get_by_label("Manager").select_option(label="Борис Соколов (19)")
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("19 clients: Борис Соколов")
        await expect(page.locator("#clients tbody tr")).to_have_count(19)
        await page.get_by_role("link", name="j-36").click()
        await expect(page.locator("tr.chosen")).to_contain_text("Борис Соколов")
        await page.get_by_role("link", name="Version 1 of the plan").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("1 version")


async def test_a_file_is_saved_under_its_name(browser: Browser, console: Console) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans/again/clients")
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Save as CSV").click()
        file = await download.value
        assert file.suggested_filename == "clients-again.csv"
        lines = (await file.path()).read_text(encoding="utf-8").splitlines()
        assert len(lines) == 1 + 1234


async def test_a_try_with_the_keyboard(browser: Browser, console: Console) -> None:
    async with console(HEAD) as process, page_of(browser) as page:
        await page.goto(f"{process.pages}/plans/night/try")
        await page.get_by_label("LGT or offer").focus()
        await page.keyboard.type("night")
        await page.keyboard.press("Tab")
        await page.keyboard.type("n-new")
        await page.keyboard.press("Enter")
        await expect(page.locator("#answer")).to_contain_text("The client would wait: no manager is active.")
        await expect(page.locator("#answer")).to_contain_text("5 clients wait in this plan and go first.")
        await expect(page.get_by_label("LGT or offer")).to_have_value("night")
        await expect(page.get_by_label("Client, if it is known")).to_have_value("n-new")
