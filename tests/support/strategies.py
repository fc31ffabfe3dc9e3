"""Valid events of every kind, drawn from the contract's words rather than from its code."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

NOT_PRINTABLE = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]))

ids = st.text(st.characters(codec="utf-8", exclude_characters=NOT_PRINTABLE), min_size=1, max_size=128)
zones = st.builds(lambda m: timezone(timedelta(minutes=m)), st.integers(-23 * 60 - 59, 23 * 60 + 59))
times = st.builds(
    lambda moment, zone: moment.replace(tzinfo=UTC).astimezone(zone).isoformat(),
    st.datetimes(min_value=datetime(1970, 1, 3), max_value=datetime(9998, 12, 29)),  # noqa: DTZ001 (zone above)
    zones,
)
money = st.builds(
    lambda cents, currency: {"amount": f"{cents // 100}.{cents % 100:02}", "currency": currency},
    st.integers(0, 10**14 - 1),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3),
)
Fields = dict[str, st.SearchStrategy[Any]]
event: Fields = {"event_id": st.uuids().map(str), "occurred_at": times, "account_id": ids, "lead_id": ids}
order: Fields = {"offer_id": ids, "order_id": ids}
optional_money: Fields = {"amount": st.none() | money}
failure_reason: Fields = {"failure_reason": st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"))}


def inbound_documents() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """A kind and a valid event of it."""
    fixed = st.fixed_dictionaries
    shapes = {
        "subscription": fixed(event | {"lgt_id": ids}),
        "order": fixed(event | order, optional=optional_money),
        "failed-payment": fixed(event | order, optional=optional_money | failure_reason),
        "paid": fixed(event | order | {"amount": money}),
        "manager-contact": fixed(event | {"manager_id": ids}),
    }
    return st.one_of([st.tuples(st.just(kind), shape) for kind, shape in shapes.items()])
