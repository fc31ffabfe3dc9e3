"""A plan's clients, page by page and as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from console import client_file, database, download
from console.pages import clients_csv
from tests.console.test_plans import texts
from tests.support.make import lead, plan
from tests.support.office import Office, spec
from tests.support.site import Site
from worker import postgres

JUNE = "/a/acme/plans/june/clients"
RU = {"cookie": "lang=ru"}


def listed(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]*"><bdi>([^<]*)</bdi>', page)


def rows(file: str) -> list[str]:
    """The first cell of each line."""
    return [re.split("[;,]", line)[0] for line in file.split("\r\n")[:-1]]


async def test_the_newest_are_first_with_manager_reason_and_source(site: Site) -> None:
    page = (await site.get(JUNE, "hanna@x")).text
    assert listed(page) == ["june-3", "june-2", "june-1", "june-0"]
    assert "<h1>4 clients</h1>" in page
    assert "june-0 Boris contact with the client subscription: Landing" in texts(page)
    assert '<a href="/a/acme/lead?id=june-3">' in page


async def test_one_manager_has_those_of_his_own(site: Site) -> None:
    page = (await site.get(f"{JUNE}?manager=anna", "hanna@x")).text
    assert "<h1>2 clients: <bdi>Anna Petrova</bdi></h1>" in page
    assert len(listed(page)) == 2


async def test_waiting_clients_are_counted_and_told(site: Site) -> None:
    page = (await site.get("/a/acme/plans/empty/clients", "hanna@x")).text
    assert "<h1>1 client</h1>" in page
    assert "1 of them waits for a manager." in page


async def test_pages_follow_each_other_without_gap_or_repeat(site: Site, house: Office) -> None:
    await house.write(*(lead(f"new-{number:02}", "june") for number in range(60)))
    first = (await site.get(JUNE, "hanna@x")).text
    assert listed(first) == [f"new-{number:02}" for number in range(59, 9, -1)]
    older = re.findall(r'href="([^"]*below=[^"]*)"', first)
    assert older == [f"{JUNE}?below=15"]
    second = (await site.get(older[0], "hanna@x")).text
    assert listed(second) == [
        *(f"new-{number:02}" for number in range(9, -1, -1)),
        *(f"june-{n}" for n in (3, 2, 1, 0)),
    ]
    assert not re.search('href="[^"]*below=', second)


@pytest.mark.parametrize(
    "path",
    [
        *("june/clients?manager=otto", "june/clients?manager=%00", "june/clients?below=x", "june/clients?below=-1"),
        *("secret/clients", "secret/clients.csv", "nothing/clients.csv", "june/clients.csv?manager=otto"),
    ],
)
async def test_what_is_not_in_the_plan_is_not_found(site: Site, path: str) -> None:
    assert (await site.get(f"/a/acme/plans/{path}", "hanna@x")).status_code == 404


async def test_the_largest_number_is_no_fault(site: Site) -> None:
    assert (await site.get(f"{JUNE}?below={10**19 - 1}", "hanna@x")).status_code == 200


async def test_the_file_has_a_header_and_all_clients(site: Site) -> None:
    answer = await site.get(f"{JUNE}.csv", "hanna@x")
    assert answer.headers["content-disposition"] == 'attachment; filename="clients-june.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert rows(answer.text) == ["Client", "june-3", "june-2", "june-1", "june-0"]
    assert re.search(
        r"june-0,boris,Boris,\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,contact with the client,subscription,june,Landing,1\r\n$",
        answer.text,
    )


async def test_the_russian_file_opens_in_a_russian_spreadsheet(site: Site) -> None:
    file = (await site.get(f"{JUNE}.csv?manager=anna", "hanna@x", RU)).text
    assert file.startswith("\ufeffКлиент;")  # noqa: RUF001 -- Russian
    assert [line.split(";")[1] for line in file.split("\r\n")[1:-1]] == ["anna", "anna"]


@pytest.mark.parametrize("risky", ["=1+1", "+7 900", "-1", "@SUM(A1)"])
async def test_no_cell_is_a_formula(site: Site, house: Office, risky: str) -> None:
    await house.apply("acme", spec(plan("july", risky)))
    await house.refresh()
    await house.write(lead(risky, "july"))
    line = (await site.get("/a/acme/plans/july/clients.csv", "hanna@x")).text.split("\r\n")[1]
    assert line.startswith(f"'{risky},'{risky},'{risky},")


@pytest.mark.parametrize("risky", ["\tx", "\rx"])
def test_a_cell_that_begins_with_a_control_is_text(risky: str) -> None:
    assert download.lines([[risky]], download.DIALECTS["en"]).startswith(("'", "\"'"))


async def fill(house: Office, count: int) -> None:
    await house.write(*(lead(f"new-{number:02}", "june") for number in range(count)))


async def test_a_file_that_is_cut_says_so(site: Site, house: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-four clients, in pieces of four; the file takes ten, so number 15 is its last."""
    await fill(house, 20)
    monkeypatch.setattr(client_file, "MOST_ROWS", 10)
    monkeypatch.setattr(clients_csv, "IN_A_PIECE", 5)
    file = (await site.get(f"{JUNE}.csv", "hanna@x")).text
    assert rows(file)[1:-1] == [f"new-{number:02}" for number in range(19, 9, -1)]
    assert "it holds 10 clients at most" in file
    assert file.endswith('add below=15 to its address."\r\n')
    rest = (await site.get(f"{JUNE}.csv?below=15", "hanna@x")).text
    assert rows(rest)[1:-1] == [f"new-{number:02}" for number in range(9, -1, -1)]
    monkeypatch.setattr(client_file, "MOST_ROWS", 24)
    assert "at most" not in (await site.get(f"{JUNE}.csv", "hanna@x")).text


async def test_no_transaction_is_open_while_a_piece_is_sent(
    site: Site, house: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More slow readers than the login has connections: each has got its first piece, and a page is still served."""
    await fill(house, 20)
    monkeypatch.setattr(clients_csv, "IN_A_PIECE", 5)
    open_ones: list[int] = []
    sent = download.Sending._send_pieces

    async def watched(sending: download.Sending, send: object) -> None:
        async def slow(message: object) -> None:
            idle = "select count(*) from pg_stat_activity where usename like '%head%' and state like 'idle in%'"
            open_ones.extend(row[0] for row in await house.rows(idle))
            await send(message)  # type: ignore[operator]

        await sent(sending, slow)

    monkeypatch.setattr(download.Sending, "_send_pieces", watched)
    assert len(rows((await site.get(f"{JUNE}.csv", "hanna@x")).text)) == 25
    assert open_ones == [0] * 6


async def test_a_failure_on_the_way_cuts_the_file(site: Site, house: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader must see that the file is not whole, so the answer has no end."""
    await fill(house, 20)
    monkeypatch.setattr(clients_csv, "IN_A_PIECE", 5)
    read, visits = database.Database.entered, 0

    def failing(*arguments: object, **named: object) -> object:
        nonlocal visits
        visits += 1
        if visits == 3:
            raise postgres.TROUBLE[0]
        return read(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(database.Database, "entered", failing)
    with pytest.raises(download.DownloadCutError):
        await site.get(f"{JUNE}.csv", "hanna@x")


HOSTILE: Sequence[str] = ["<script>alert(1)</script>", "a\u202eb", '" onload="x', "../a/b"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_texts_of_others_stay_texts(site: Site, house: Office, text: str) -> None:
    await house.apply("acme", spec(plan("july", text, lgts=[text]), name=text))
    await house.refresh()
    await house.write(lead(text, text))
    page = (await site.get("/a/acme/plans/july/clients", "hanna@x")).text
    assert "<script>alert" not in page
    assert ' onload="' not in page
    assert "\u202e" not in page.replace(f'value="{text}"', "")
