"""The form of a plan: what it saves, what it refuses and where, and that it never loses what was typed."""

from __future__ import annotations

from tests.support.office import Office
from tests.support.site import Site

NEW, JUNE = "/a/acme/plans/new", "/a/acme/plans/june/edit"
GOOD = {
    "name": "Зимний вебинар",
    "conversion_percent": "12,5",
    "average_sale": "1 250,50",
    "managers": "anna\nboris *",
    "lgts": "winter",
}


async def test_smoke(site: Site, house: Office) -> None:
    for path in (NEW, f"{NEW}?copy=june", JUNE, f"{JUNE}?version=1", f"{NEW}?lgt=a,b"):
        answer = await site.get(path, "hanna@x", {"cookie": "lang=ru"})
        print(answer.status_code, len(answer.text))
        assert answer.status_code == 200
    answer = await site.post(NEW, GOOD.items(), "hanna@x")
    print(answer.status_code, answer.headers.get("location"))
    answer = await site.post(NEW, {}, "hanna@x")
    print(answer.status_code, answer.text)
    assert 0
