"""The form of a plan as a browser has it, read with regular expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

import httpx2

from tests.support.office import Office
from tests.support.site import OWN, Site
from worker.plans import store
from worker.plans.change import StoredPlan

NEW, PREVIEW, JUNE = "/a/acme/plans/new", "/a/acme/plans/preview", "/a/acme/plans/june/edit"
RU = {"cookie": "lang=ru", **OWN}
GOOD = {
    "name": "Зимний вебинар",
    "conversion_percent": "12,5",
    "label_text": "Вебинар",
    "managers": "anna\nboris *, cleo",
    "lgts": "winter-2\nwinter-1",
    "offers_ordered": "offer-9",
    "offers_paid": "offer-9",
    "mode": "linked",
    "average_sale": "1 250,50",
    "label_color": "#FACC15",
}


async def send(site: Site, path: str, fields: Mapping[str, str], headers: Mapping[str, str] = OWN) -> httpx2.Response:
    """Post the form as the head of acme."""
    return await site.post(path, fields.items(), "hanna@x", headers)


async def plan_of(house: Office, plan_id: str, account: str = "acme") -> StoredPlan:
    return {each.spec.id: each for each in await store.read(house.connection, account)}[plan_id]


def error(page: httpx2.Response, field: str) -> str:
    """The text beside the field; empty where there is none."""
    found = re.search(rf'<div class="fault" id="{field}-error">(.*?)</div>', page.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", found[1])).split()) if found else ""


def errors(page: httpx2.Response) -> list[str]:
    """The fields that have a fault beside them."""
    return re.findall(r'<div class="fault" id="(\w+)-error">', page.text)


def value(page: httpx2.Response, field: str) -> str:
    """The present value of the form's field."""
    if found := re.search(rf'<textarea id="{field}"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL):
        return unescape(found[1])
    if found := re.search(rf'<input(?: type="hidden")?(?: id="{field}")? name="{field}" value="([^"]*)"', page.text):
        return unescape(found[1])
    found = re.search(rf'name="{field}" value="([^"]*)" checked', page.text)
    return unescape(found[1]) if found else ""


def text(page: httpx2.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", page.text)).split())
