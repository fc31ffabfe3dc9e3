"""The form of a plan: what it saves, what it refuses and where, and that nothing typed is ever lost."""

from __future__ import annotations

import re
from html import unescape
from time import perf_counter
from urllib.parse import urlencode

import pytest

from console.form import MOST_BYTES
from tests.support.make import lead, paused, plan
from tests.support.office import Office, spec
from tests.support.plan_form import GOOD, JUNE, NEW, PREVIEW, RU, error, errors, plan_of, send, value
from tests.support.site import Site
from worker import postgres
from worker.plans import store


async def test_a_plan_is_made_and_its_page_is_next(site: Site, house: Office) -> None:
    """The id comes from the name; numbers as Russians type them; a star pauses."""
    answer = await send(site, NEW, GOOD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/a/acme/plans/zimniy-vebinar")
    made = await plan_of(house, "zimniy-vebinar")
    assert (made.version, made.changed_by) == (1, "hanna@x")
    expected = spec(
        plan("zimniy-vebinar", "anna", paused("boris"), "cleo", mode="linked"),
        name="Зимний вебинар",
        conversion_percent="12.5",
        average_sale="1250.50",
        label={"text": "Вебинар", "color": "#facc15"},
        lgts=["winter-2", "winter-1"],
        offers={"ordered": ["offer-9"], "paid": ["offer-9"]},
    )
    assert made.spec == expected


async def test_a_saved_plan_is_in_the_list(site: Site, house: Office) -> None:
    """M2: four of ten clients came before, by June's LGT, which goes to the new plan: 0 clients, so no potential."""
    await send(site, NEW, GOOD)
    await house.refresh()
    await house.write(lead("w-1", "winter-1"), lead("w-2", "winter-2"))
    page = (await site.get("/a/acme/plans", "hanna@x")).text
    card = page.partition('id="plan-zimniy-vebinar"')[2].partition("</article>")[0]
    assert "2 clients" in card
    assert "$312.63" in card  # 2 x 12.5 / 100 x 1250.50 = 312.625
    assert 'fill="#facc15"' in card


async def test_an_edit_keeps_the_id_and_goes_up_by_one_version(site: Site, house: Office) -> None:
    page = await site.get(JUNE, "hanna@x", {"cookie": "lang=ru"})
    fields = {name: value(page, name) for name in (*GOOD, "version")}
    assert fields == {
        "name": "June",
        "conversion_percent": "12,5",
        "label_text": "",
        "managers": "anna\nboris",
        "lgts": "june",
        "offers_ordered": "",
        "offers_paid": "",
        "mode": "linked",
        "average_sale": "149",
        "label_color": "",
        "version": "1",
    }
    answer = await send(site, JUNE, {**fields, "name": "Июнь", "id": "another"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/a/acme/plans/june")
    june = await plan_of(house, "june")
    assert (june.spec.name, june.version, june.changed_by) == ("Июнь", 2, "hanna@x")


async def test_an_edit_that_changes_nothing_makes_no_version(site: Site, house: Office) -> None:
    page = await site.get(JUNE, "hanna@x")
    answer = await send(site, JUNE, {name: value(page, name) for name in (*GOOD, "version")})
    assert answer.status_code == 303
    assert (await plan_of(house, "june")).version == 1


@pytest.mark.parametrize(
    ("field", "typed", "at", "said"),
    [
        ("name", " ", "name", "This field is needed."),
        ("name", "x" * 121, "name", "Must have at most 120 characters."),
        ("conversion_percent", "", "conversion_percent", "This field is needed."),
        ("conversion_percent", "100.01", "conversion_percent", "Must be less than or equal to 100."),
        ("conversion_percent", "-1", "conversion_percent", "Must be a decimal like"),
        ("conversion_percent", "12.3456", "conversion_percent", "Must be a decimal like"),
        ("conversion_percent", "ten", "conversion_percent", "Must be a decimal like"),
        ("average_sale", "1,250", "average_sale", "“1,250” can mean 1250 or 1.25: write it without a group sign."),
        ("average_sale", "1.250", "average_sale", "“1.250” can mean 1250 or 1.25"),
        ("average_sale", "9" * 50_000, "average_sale", "Must be a decimal like"),
        ("label_text", "", "label_color", "A colour needs a label"),
        ("label_text", "x" * 31, "label_text", "Must have at most 30 characters."),
        ("label_color", "yellow", "label_color", 'Must be a colour like "#2563eb".'),
        ("lgts", "june", "lgts", "'june' is in plan 'june'; an LGT is in one plan only. Show that plan"),
        ("managers", "anna, anna *", "managers", "'anna' is there more than once."),
        ("managers", "boris\n" + "a" * 129, "managers", "“" + "a" * 40 + "”: must have at most 128 characters."),
        ("offers_paid", "o-1\no-1", "offers_paid", "'o-1' is there more than once."),
        ("mode", "random", "mode", "Must be 'even' or 'linked'."),
        ("id", "new", "id", "“new” is the address of another page; choose another id."),
        ("id", "preview", "id", "“preview” is the address of another page; choose another id."),
        ("id", "june", "id", "The account has a plan with the id “june”; choose another id. Show that plan"),
        ("id", "Winter!", "id", "Must be words of a-z and 0-9 joined by hyphens, like june-webinar."),
    ],
)
async def test_a_mistake_is_told_beside_its_field_and_in_the_summary(
    site: Site, house: Office, *, field: str, typed: str, at: str, said: str
) -> None:
    answer = await send(site, NEW, {**GOOD, field: typed})
    assert answer.status_code == 422
    assert errors(answer) == [at]
    assert said in error(answer, at)
    assert f'<li><a href="#{at}">' in answer.text.partition('id="errors"')[2].partition("</div>")[0]
    kept = {**GOOD, field: typed}
    assert {name: value(answer, name) for name in kept if name != "mode"} == {
        name: given for name, given in kept.items() if name != "mode"
    }
    assert [each.spec.id for each in await store.read(house.connection, "acme")] == ["empty", "july", "june", "may"]


async def test_all_mistakes_are_told_at_once_in_the_order_of_the_page(site: Site) -> None:
    answer = await send(
        site, NEW, {"conversion_percent": "1", "average_sale": "x", "lgts": "june", "label_color": "red"}
    )
    assert errors(answer) == ["name", "lgts", "average_sale", "label_color"]
    russian = await send(site, NEW, {"conversion_percent": "1,250", "average_sale": "1", "lgts": "june"}, RU)
    assert error(russian, "name") == "Заполните это поле."
    assert error(russian, "conversion_percent").startswith("«1,250» — это 1250 или 1,25?")
    assert error(russian, "lgts").startswith("LGT «june» уже есть в плане «june»")


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("1 250,50", "1250.50"),
        ("1\u00a0250,5", "1250.50"),
        ("1,250.50", "1250.50"),
        ("1.250,50", "1250.50"),
        ("0", "0"),
    ],
)
async def test_money_is_read_as_people_type_it(site: Site, house: Office, typed: str, cents: str) -> None:
    assert (await send(site, NEW, {**GOOD, "average_sale": typed})).status_code == 303
    assert str((await plan_of(house, "zimniy-vebinar")).spec.average_sale) == str(
        spec(plan("x"), average_sale=cents).average_sale
    )


async def test_the_id_of_an_archived_plan_stays_taken(site: Site, house: Office) -> None:
    await store.archive(house.connection, "acme", "may", changed_by="test", execute=True)
    answer = await send(site, NEW, {**GOOD, "id": "may"})
    assert "'may' is archived and stays so; choose another id" in error(answer, "id")


async def test_a_form_that_is_sent_twice_makes_one_plan(site: Site, house: Office) -> None:
    await send(site, NEW, GOOD)
    again = await send(site, NEW, {**GOOD, "lgts": ""})
    assert (again.status_code, errors(again)) == (422, ["id"])


HOSTILE = ["<script>alert(1)</script>", "a\u202eb", "=1+1", '" onload="x', "'); --", "😀" * 120]


@pytest.mark.parametrize("name", HOSTILE)
async def test_texts_of_others_stay_texts(site: Site, house: Office, name: str) -> None:
    answer = await send(site, NEW, {**GOOD, "name": name, "managers": f'{name[:60]}\n"a,""b" *', "id": "odd"})
    assert answer.status_code == 303
    made = (await plan_of(house, "odd")).spec
    assert [(manager.id, manager.paused) for manager in made.managers] == [(name[:60], False), ('a,"b', True)]
    page = await site.get("/a/acme/plans/odd/edit", "hanna@x")
    assert value(page, "name") == name
    assert "<script>alert" not in page.text
    assert ' onload="' not in page.text
    again = await send(site, "/a/acme/plans/odd/edit", {field: value(page, field) for field in (*GOOD, "version")})
    assert again.status_code == 303
    assert (await plan_of(house, "odd")).version == 1  # the form means the very plan that it shows


async def test_a_name_without_letters_has_an_id_as_well(site: Site) -> None:
    answer = await send(site, NEW, {**GOOD, "name": "😀" * 120})
    assert answer.headers["location"] == "/a/acme/plans/plan"
    assert (await send(site, NEW, {**GOOD, "name": "😀" * 121})).status_code == 422
    assert (await send(site, NEW, {**GOOD, "name": "New", "lgts": ""})).headers["location"] == "/a/acme/plans/new-plan"


async def test_more_than_a_form_can_hold_is_refused(site: Site, house: Office) -> None:
    before = await house.everything()
    for path in (NEW, PREVIEW, JUNE):
        fields = [(f"f{number}", "x") for number in range(10_000)]
        assert (await site.post(path, fields, "hanna@x")).status_code == 413
        assert (await site.post(path, b"name=" + b"x" * 10_000_000, "hanna@x")).status_code == 413
        assert (await site.post(path, b"name=%ff", "hanna@x")).status_code == 400
    assert await house.everything() == before


@pytest.mark.parametrize("field", ["managers", "lgts", "offers_paid"])
async def test_a_list_as_long_as_a_form_can_hold_is_read_soon(site: Site, field: str) -> None:
    """Work that grows with the square of the list would hold up everybody for half a minute."""
    begun = perf_counter()
    many = "\n".join(map(str, range(13_000)))
    assert len(urlencode({field: many})) < MOST_BYTES
    assert (await send(site, PREVIEW, {**GOOD, field: many})).status_code == 200
    assert perf_counter() - begun < 5


@pytest.mark.parametrize("pattern", ['"",', '"x,""', '"a,', '" *', '",', "a,", "a ,\n"])
async def test_any_list_is_read_soon(site: Site, pattern: str) -> None:
    begun = perf_counter()
    body = f"managers={pattern * (90_000 // len(pattern))}".encode()
    assert (await site.post(PREVIEW, body, "hanna@x")).status_code == 200
    assert perf_counter() - begun < 5


async def test_a_copy_has_everything_but_id_and_lgts(site: Site, house: Office) -> None:
    await house.apply(
        "acme", spec(plan("june", "anna", paused("boris")), label={"text": "Вебинар", "color": "#facc15"})
    )
    page = await site.get(f"{NEW}?copy=june", "hanna@x")
    assert {field: value(page, field) for field in ("id", "name", "managers", "lgts", "label_color")} == {
        "id": "",
        "name": "June (copy)",
        "managers": "anna\nboris *",
        "lgts": "",
        "label_color": "#facc15",
    }
    assert (await site.get(f"{NEW}?copy=secret", "hanna@x")).status_code == 404
    assert (await site.get(f"{NEW}?copy=", "hanna@x")).status_code == 404


async def test_an_id_from_elsewhere_is_put_into_its_list_unsaved(site: Site, house: Office) -> None:
    for query, field, expected in (
        ("lgt=unknown", "lgts", "june\nunknown"),
        ("lgt=june", "lgts", "june"),
        ("ordered=a%2Cb", "offers_ordered", '"a,b"'),
        ("payment_failed=o", "offers_payment_failed", "o"),
        ("paid=%22o%20*", "offers_paid", '"""o *"'),
        ("paid=a%0Ab", "offers_paid", ""),
    ):
        assert value(await site.get(f"{JUNE}?{query}", "hanna@x"), field) == expected
        assert value(await site.get(f"{NEW}?{query}", "hanna@x"), field) == expected.removeprefix("june\n").strip()
    assert (await plan_of(house, "june")).spec.lgts == ("june",)


async def test_an_old_version_fills_the_form_of_today(site: Site, house: Office) -> None:
    page = await site.get("/a/acme/plans/may/edit?version=1", "hanna@x")
    assert (value(page, "managers"), value(page, "version")) == ("anna\nboris", "2")
    assert (await site.get("/a/acme/plans/may/edit?version=3", "hanna@x")).status_code == 404
    assert (await site.get("/a/acme/plans/may/edit?version=x", "hanna@x")).status_code == 404


async def test_the_plans_of_others_and_archived_ones_have_no_form(site: Site, house: Office) -> None:
    for path in ("/a/acme/plans/secret/edit", "/a/acme/plans/nothing/edit", "/a/acme/plans/%3Cb%3E/edit"):
        assert (await site.get(path, "hanna@x")).status_code == 404
        assert (await send(site, path, GOOD)).status_code == 404
    for user in ("anna@x", "nobody"):
        assert (await site.get(NEW, user)).status_code == 404
        assert (await site.post(NEW, GOOD.items(), user)).status_code == 404
    await store.archive(house.connection, "acme", "may", changed_by="test", execute=True)
    answer = await site.get("/a/acme/plans/may/edit", "hanna@x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/a/acme/plans/may")


async def test_another_site_can_send_no_form(site: Site, house: Office) -> None:
    for path in (NEW, JUNE, PREVIEW):
        answer = await send(site, path, GOOD, {"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
    assert len(await store.read(house.connection, "acme")) == 4


async def test_what_was_typed_outlives_an_ended_sign_in_and_a_busy_database(site: Site, house: Office) -> None:
    """M9: the page of the refusal has every value in a form that goes to the same address."""
    ended = await site.post(NEW, GOOD.items(), None)
    assert ended.status_code == 401
    async with postgres.transaction(house.connection):
        await house.connection.execute("select from salesplan.account where account_id = 'acme' for update")
        busy = await send(site, NEW, GOOD)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    for page in (ended.text, busy.text):
        kept = dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL))
        assert {name: unescape(typed) for name, typed in kept.items()} == GOOD
        assert '<form method="post">' in page
