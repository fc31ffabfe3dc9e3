"""The trace context of an input against the rules of W3C Trace Context, said plainly; no bytes ever hurt."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.stories import search
from worker.records.record import Header
from worker.records.traceparent import traceparent

TRACE, SPAN = b"4bf92f3577b34da6a3ce929d0e0e4736", b"00f067aa0ba902b7"
GOOD = b"00-" + TRACE + b"-" + SPAN + b"-01"
LOWER_HEX = b"0123456789abcdef"


def plainly(value: bytes | None) -> str | None:
    """Field by field, as https://www.w3.org/TR/trace-context/#traceparent-header lists the rules."""
    value = value or b""
    fields = version, trace, span, flags = value[0:2], value[3:35], value[36:52], value[53:55]
    rules = [
        len(value) >= 55,
        value[2:3] == value[35:36] == value[52:53] == b"-",
        all(byte in LOWER_HEX for field in fields for byte in field),
        version != b"ff",
        trace != b"0" * 32,
        span != b"0" * 16,
        len(value) == 55 or (version != b"00" and value[55:56] == b"-"),
    ]
    if not all(rules):
        return None
    if version == b"00":
        return value.decode()
    return "-".join(["00", trace.decode(), span.decode(), "01" if int(flags, 16) % 2 else "00"])


def digits(length: int) -> st.SearchStrategy[bytes]:
    return st.text("0123456789abcdef", min_size=length, max_size=length).map(str.encode)


@st.composite
def almost(draw: st.DrawFn) -> bytes:
    """All in order, or with one or two of its parts odd."""
    dash = [b"_", b"", b"--", b"\xff"]
    parts: list[tuple[st.SearchStrategy[bytes], list[bytes]]] = [
        (st.sampled_from([b"00", b"00", b"01", b"cc", b"fe"]), [b"ff", b"FE", b"0", b"000"]),
        (st.just(b"-"), dash),
        (digits(32), [b"0" * 32, b"F" * 32, b"f" * 31, b"f" * 33, b"g" * 32]),
        (st.just(b"-"), dash),
        (digits(16), [b"0" * 16, b"F" * 16, b"f" * 15, b"f" * 17, b"\x00" * 16]),
        (st.just(b"-"), dash),
        (digits(2), [b"0", b"0A", b"000", b""]),
        (st.just(b""), [b"-", b"-more", b"-\xff\n", b"more", b"\n", b"\x00"]),
    ]
    odd = draw(st.sets(st.integers(0, len(parts) - 1), max_size=2))
    return b"".join(
        draw(st.sampled_from(wrong) if place in odd else right) for place, (right, wrong) in enumerate(parts)
    )


values = st.none() | st.binary(max_size=80) | almost() | almost() | almost()
headers = st.lists(
    st.tuples(st.sampled_from(["traceparent", "traceparent", "Traceparent", "other"]), values), max_size=4
)


@search(300)
@given(headers)
def test_it_is_what_the_rules_say_of_the_last_header(given_headers: Sequence[Header]) -> None:
    """Only of that: a good one before a bad one counts no more than a bad one before a good one."""
    named = [value for name, value in given_headers if name == "traceparent"]
    assert traceparent(given_headers) == plainly(named[-1] if named else None)


@pytest.mark.parametrize(
    ("value", "carried"),
    [
        (GOOD, GOOD),
        (GOOD[:-2] + b"00", GOOD[:-2] + b"00"),
        (GOOD[:-2] + b"ff", GOOD[:-2] + b"ff"),
        (b"cc" + GOOD[2:], GOOD),
        (b"cc" + GOOD[2:-2] + b"fe", GOOD[:-2] + b"00"),
        (b"cc" + GOOD[2:] + b"-what the future brings", GOOD),
        (b"cc" + GOOD[2:] + b"-\xff", GOOD),
        (b"cc" + GOOD[2:] + b"x", None),
        (b"ff" + GOOD[2:], None),
        (GOOD.upper(), None),
        (GOOD + b"-", None),
        (GOOD + b"\n", None),
        (GOOD[:-1], None),
        (GOOD.replace(TRACE, b"0" * 32), None),
        (GOOD.replace(SPAN, b"0" * 16), None),
        ("\uff10\uff10".encode() + GOOD[2:], None),
        (b"", None),
        (None, None),
    ],
)
def test_by_hand(value: bytes | None, carried: bytes | None) -> None:
    """Each rule of the recommendation has one example here."""
    assert traceparent([("traceparent", value)]) == (carried.decode() if carried else None)
    assert plainly(value) == (carried.decode() if carried else None)


def test_of_several_the_last_one_holds() -> None:
    """The contract says so of every header. Headers of nearly that name mean nothing."""
    other = GOOD.replace(SPAN, b"1" * 16)
    assert traceparent([("traceparent", other), ("traceparent", GOOD), ("Traceparent", other)]) == GOOD.decode()
    assert traceparent([("traceparent", GOOD), ("traceparent", b"bad")]) is None
    assert traceparent([("traceparent", GOOD), ("traceparent", None)]) is None
