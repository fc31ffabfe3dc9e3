"""Attributes of spans: those of OpenTelemetry's conventions for messaging, and our own `salesplan.*`.

No attribute holds a lead, a manager, an account or a key.
"""

from worker.rules.decide import Assignment

Attributes = dict[str, str | int]


def operation(name: str, topic: str | None = None) -> Attributes:
    """The name of an operation in the words of the conventions, and the topic of its messages."""
    attributes: Attributes = {
        "messaging.system": "kafka",
        "messaging.operation.name": name,
        "messaging.operation.type": name,
    }
    return attributes | {"messaging.destination.name": topic} if topic else attributes


def decision(assignment: Assignment) -> Attributes:
    """The decision on a record: the record's offset, the plan, the outcome and the reason."""
    plan, plan_seq, _, reason, entry, _ = assignment
    return operation("process", entry.topic) | {
        "messaging.destination.partition.id": str(entry.partition),
        "messaging.kafka.offset": entry.offset,
        "salesplan.outcome": "assigned",
        "salesplan.reason": str(reason),
        "salesplan.plan.id": plan.plan_id,
        "salesplan.plan.version": plan.version,
        "salesplan.plan.seq": plan_seq,
        "salesplan.plan.mode": str(plan.mode),
    }
