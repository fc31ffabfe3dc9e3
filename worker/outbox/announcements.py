"""The announcements: the messages on `lead-assigned`, byte for byte.

``contracts/outbound.py`` and ``contracts/headers.py`` describe them; ``worker/verify/wire.py`` compares them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import orjson

from worker.concurrency import in_slices
from worker.records.encoding import sized, varint
from worker.records.message import Message
from worker.records.traceparent import within_decision
from worker.rules.choose import Reason
from worker.rules.decide import Assignment
from worker.rules.event import Trigger
from worker.rules.plan import Plan

SUBSCRIPTION = Trigger.SUBSCRIPTION  # before Python 3.12 each look-up of an enum's member runs Python code

# The headers that all announcements share, with the number of headers in front. Id, lead and time go in between.
BEFORE_ID = sized(b"ce_specversion") + sized(b"1.0") + sized(b"ce_id")
AFTER_ID = b"".join(map(sized, (b"ce_type", b"salesplan.lead.assigned.v1", b"ce_source", b"/salesplan", b"ce_subject")))
UNTRACED, TRACED = varint(7) + BEFORE_ID, varint(8) + BEFORE_ID
TRACEPARENT = sized(b"traceparent")

# Marks the fields of the lead in a template. No text of a plan has this character, since Postgres refuses it.
HOLE = "\0"
WORDS = {word: orjson.dumps(word.value) for word in (*Trigger, *Reason)}
NULL = orjson.dumps(None)


class Announcements:
    """Makes announcements. ``contracts/outbound.py`` describes their fields.

    Most of the JSON is the same for all announcements of a plan, so this keeps a template for each plan. Filling in
    the template takes half the time of encoding a dict.
    """

    def __init__(self, topic: str, *, own_spans: bool = False) -> None:
        """``own_spans`` is True where the worker makes spans, so that announcements name the span of their decision."""
        self._topic = topic
        self._own_spans = own_spans
        self._templates: dict[int, tuple[Plan, bytes]] = {}

    async def make(self, decided: Sequence[tuple[Assignment, str]], decided_at: datetime) -> list[Message]:
        """The announcements of these assignments, each beside its event id. ``decided_at`` is in UTC."""
        time = format_time(decided_at)
        last_headers = sized(b"ce_time") + sized(time.encode()) + sized(b"content-type") + sized(b"application/json")
        time_json = orjson.dumps(time)
        messages: list[Message] = []
        async for some in in_slices(decided):
            messages += self._messages(some, time_json, last_headers)
        return messages

    def _messages(
        self, decided: Sequence[tuple[Assignment, str]], time_json: bytes, last_headers: bytes
    ) -> Iterator[Message]:
        # One long loop body: a function for each announcement would take a sixth more time.
        for (plan, plan_seq, manager_id, reason, entry, _), event_id in decided:
            lead_id, kind, ref, trigger_id, _, _, _, traceparent = entry
            ref_json = orjson.dumps(ref)
            lgt, offer = (ref_json, NULL) if kind is SUBSCRIPTION else (NULL, ref_json)
            value = self._template(plan) % (
                orjson.dumps(event_id),
                time_json,
                orjson.dumps(lead_id),
                orjson.dumps(manager_id),
                orjson.dumps(plan_seq),
                WORDS[kind],
                orjson.dumps(trigger_id),
                lgt,
                offer,
                WORDS[reason],
            )
            if traceparent and self._own_spans:
                traceparent = within_decision(traceparent, event_id)
            lead, event = lead_id.encode(), sized(event_id.encode())
            key = subject = sized(lead)
            headers, trace = (TRACED, TRACEPARENT + sized(traceparent.encode())) if traceparent else (UNTRACED, b"")
            parts = (key, varint(len(value)), value, headers, event, AFTER_ID, subject, last_headers, trace)
            yield Message(self._topic, None, lead, b"".join(parts))

    def _template(self, plan: Plan) -> bytes:
        of_plan, template = self._templates.get(plan.plan_no, (None, b""))
        if of_plan is not plan:
            template = _new_template(plan)
            self._templates[plan.plan_no] = (plan, template)
        return template


def _new_template(plan: Plan) -> bytes:
    """The JSON of a plan's announcements, with ``%b`` in place of the fields that ``_messages`` fills in."""
    value = {
        "event_id": HOLE,
        "occurred_at": HOLE,
        "account_id": plan.account_id,
        "lead_id": HOLE,
        "manager_id": HOLE,
        "previous_manager_id": None,
        "revision": 1,
        "plan": {"id": plan.plan_id, "name": plan.name, "version": plan.version},
        "plan_seq": HOLE,
        "label": {"text": plan.label.text, "color": plan.label.color} if plan.label else None,
        "trigger": {"kind": HOLE, "event_id": HOLE, "lgt_id": HOLE, "offer_id": HOLE},
        "reason": HOLE,
    }
    return orjson.dumps(value).replace(b"%", b"%%").replace(orjson.dumps(HOLE), b"%b")


def format_time(time: datetime) -> str:
    """A UTC time in the form of RFC 3339, cut to milliseconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"
