"""Each version of a plan: by whom, when, and the fields that it changed."""

from __future__ import annotations

import re

import pytest

from console.pages import history
from tests.console.test_plans import texts
from tests.support.make import paused, plan
from tests.support.office import Office, spec
from tests.support.site import Site
from worker.plans import store

JUNE = "/a/acme/plans/june/history"


def versions(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<section class="panel" id="version-(\d+)"', page)]


def version(page: str, number: int) -> str:
    return texts(page.partition(f'id="version-{number}"')[2].partition("</section>")[0].partition(">")[2])


async def test_each_version_has_its_differences(site: Site, house: Office) -> None:
    rules = plan("june", "anna", paused("boris"), "cleo", lgts=["june", "second"], ordered=["offer-1"])
    await house.apply(
        "acme", spec(rules, name="June!", average_sale="1250.50", label={"text": "Hot", "color": "#ff0000"})
    )
    page = (await site.get(JUNE, "hanna@x")).text
    assert versions(page) == [2, 1]
    assert "<h1>2 versions</h1>" in page
    second = version(page, 2)
    assert second.startswith("Version 2 test · ")
    for change in (
        *("Plan name gone: June → new: June!", "Average sale, $ gone: $149.00 → new: $1,250.50"),
        *("Managers gone: Boris → new: Boris (paused) new: cleo", "LGTs new: second", "Offers: ordered new: offer-1"),
        *("Label in chats new: Hot", "Distribution mode gone: linked → new: even"),
    ):
        assert change in second, change
    assert "Conversion" not in second
    assert "The plan was made." in version(page, 1)
    assert "LGTs new: Landing" in version(page, 1)


async def test_an_old_version_is_copied_into_the_form(site: Site, house: Office) -> None:
    await house.edit(plan("june", "boris", mode="linked"))
    page = (await site.get(JUNE, "hanna@x")).text
    assert re.findall(r'href="([^"]*/edit[^"]*)"', page) == ["/a/acme/plans/june/edit?version=1"]
    assert (await site.get("/a/acme/plans/june/edit?version=1", "hanna@x")).status_code == 200
    await store.archive(house.connection, "acme", "june", changed_by="test", execute=True)
    page = (await site.get(JUNE, "hanna@x")).text
    assert "/edit" not in page
    assert "The plan was put into the archive." in version(page, 3)


async def test_a_change_of_order_is_told(site: Site, house: Office) -> None:
    await house.edit(plan("june", "boris", "anna", mode="linked"))
    assert version((await site.get(JUNE, "hanna@x")).text, 2).endswith("Managers another order")


async def test_pages_follow_each_other(site: Site, house: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ON_A_PAGE", 2)
    for name in ("a", "b", "c"):
        await house.apply("acme", spec(plan("june", "anna", "boris", mode="linked"), name=name))
    first = (await site.get(JUNE, "hanna@x")).text
    assert versions(first) == [4, 3]
    assert 'href="/a/acme/plans/june/history?below=3">Older' in first
    second = (await site.get(f"{JUNE}?below=3", "hanna@x")).text
    assert versions(second) == [2, 1]
    assert "Older" not in second
    assert "Plan name gone: June → new: a" in version(second, 2)


@pytest.mark.parametrize("path", ["secret/history", "nothing/history", "june/history?below=x"])
async def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    assert (await site.get(f"/a/acme/plans/{path}", "hanna@x")).status_code == 404


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a\u202eb", '" onload="x'])
async def test_texts_of_others_stay_texts(site: Site, house: Office, text: str) -> None:
    await house.apply("acme", spec(plan("june", text, ordered=[text]), name=text, label={"text": text[:30]}))
    page = (await site.get(JUNE, "hanna@x")).text
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert ' onload="' not in page
