"""Exports all data about one lead, as the JSON that an operator hands out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from db import query
from worker import postgres
from worker.plans.history import links_of
from worker.records.record import DEAD_LETTER_PREFIX
from worker.settings import Topics

NOW = "select clock_timestamp()"
ASSIGNMENTS = query("leads/export_assignments")
WAITING = query("leads/export_waiting")
CONTACTS = query("explain/contacts")


class Trigger(BaseModel):
    """The event that brought the lead in, and the record that it came in."""

    kind: str = Field(description="subscription, order, failed-payment or paid.")
    ref: str = Field(description="The LGT of a subscription, else the offer.")
    event_id: UUID = Field(description="Upstream's id of the event.")
    topic: str
    partition: int
    offset: int


class OtherPlan(BaseModel):
    """Another plan of the account, and the manager who had the lead there."""

    plan_id: str
    manager_id: str


class Links(BaseModel):
    """The lead's managers that a linked plan found when it decided, latest first."""

    contacts: list[str] = Field(description="Managers who had contacted the lead.")
    plans: list[OtherPlan]


class AssignmentRecord(BaseModel):
    """The lead belongs to this manager in this plan."""

    plan_id: str
    plan_name: str | None = Field(description="The plan's name at that time.")
    plan_version: int
    label_text: str | None = Field(description="The label that the chat list shows.")
    plan_seq: int = Field(description="The plan's assignments are numbered 1, 2, 3 ...")
    manager_id: str
    previous_manager_id: str | None
    revision: int
    reason: str = Field(description="even, linked_contact or linked_plan.")
    links: Links | None = Field(description="null if the plan does not look for links.")
    event_id: UUID = Field(description="Event id of the message on the lead-assigned topic.")
    assigned_at: datetime
    trigger: Trigger


class WaitingRecord(BaseModel):
    """The lead waits in this plan for an active manager."""

    plan_id: str
    since: datetime
    trigger: Trigger
    traceparent: str | None = Field(description="Trace context of the event.")


class ContactRecord(BaseModel):
    """A manager's latest contact with the lead."""

    manager_id: str
    occurred_at: datetime


class LeadExport(BaseModel):
    """All that this service's database holds about one lead of one account. `topics` may hold records of it too."""

    account_id: str
    lead_id: str
    exported_at: datetime
    assignments: list[AssignmentRecord]
    waiting: list[WaitingRecord]
    contacts: list[ContactRecord]
    topics: list[str] = Field(description="Not searched; Kafka deletes their records when their retention is over.")

    @property
    def has_data(self) -> bool:
        """True if the database holds at least one row about the lead."""
        return bool(self.assignments or self.waiting or self.contacts)


async def export(connection: postgres.Connection, account_id: str, lead_id: str, topics: Topics) -> LeadExport:
    """Reads all rows about the lead in one snapshot. Raises one of ``postgres.TROUBLE``."""
    async with postgres.transaction(connection, isolation="repeatable_read", readonly=True):
        return LeadExport(
            account_id=account_id,
            lead_id=lead_id,
            exported_at=await connection.fetchval(NOW),
            assignments=[_assignment(row) for row in await connection.fetch(ASSIGNMENTS, account_id, lead_id)],
            waiting=[
                WaitingRecord(**row, trigger=_trigger(row))
                for row in await connection.fetch(WAITING, account_id, lead_id)
            ],
            contacts=[ContactRecord(**row) for row in await connection.fetch(CONTACTS, account_id, lead_id)],
            topics=[*topics.inputs, topics.lead_assigned, *(DEAD_LETTER_PREFIX + topic for topic in topics.inputs)],
        )


def _assignment(row: postgres.Row) -> AssignmentRecord:
    links_then = links_of(row["links"])
    links = None
    if links_then:
        plans = [OtherPlan(plan_id=plan, manager_id=manager) for plan, manager in links_then.plans]
        links = Links(contacts=list(links_then.contacts), plans=plans)
    return AssignmentRecord(**{**row, "links": links}, trigger=_trigger(row))


def _trigger(row: postgres.Row) -> Trigger:
    return Trigger(
        kind=row["trigger_kind"],
        ref=row["trigger_ref"],
        event_id=row["trigger_event_id"],
        topic=row["source_topic"],
        partition=row["source_partition"],
        offset=row["source_offset"],
    )
