"""Bad values of every kind."""

from __future__ import annotations

import json
from collections.abc import Iterator

MARK = "private-7781"  # in every bad value; must not show anywhere but in the dead letter itself
DEEP = 100_000


def bad_values(good: dict[str, object]) -> Iterator[bytes | None]:
    """Everything that upstream could send in place of this good value."""
    text = json.dumps(good)
    without_lead = {name: value for name, value in good.items() if name != "lead_id"}
    yield from (None, b"", b"{", MARK.encode(), b"null", f'["{MARK}"]'.encode(), b"{}")
    yield text[:-1].encode()
    yield json.dumps(without_lead).encode()
    yield json.dumps({**good, "lead_id": 7}).encode()
    yield json.dumps({**good, "lead_id": {"id": MARK}}).encode()
    yield json.dumps({**good, "lead_id": f"{MARK}\x00"}).encode()
    yield json.dumps({**good, "lead_id": f"{MARK}\ud800"}).encode()
    yield json.dumps({**good, "lead_id": MARK * 20}).encode()
    yield json.dumps({**good, "event_id": MARK}).encode()
    yield json.dumps({**good, "occurred_at": "2026-06-01T10:00:00"}).encode()
    yield json.dumps({**good, "more": float("nan")}).encode()
    yield text.replace('"lead_id"', f'"lead_id": "{MARK}", "lead_id"').encode()
    yield text.replace(str(good["lead_id"]), f"{MARK}\u00fc").encode("latin-1")
    yield f'{text[:-1]}, "more": {"[" * DEEP}{"]" * DEEP}}}'.encode()
    yield b"[" * DEEP
    yield f'{text[:-1]}, "more": 1{"0" * 5000}}}'.encode()
