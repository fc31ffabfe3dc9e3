"""What spans say: the conventions' attributes for messaging, and `salesplan.*` of our own.

None holds a lead, a manager, an account or a key.
"""

from worker.rules.decide import Assignment

Attributes = dict[str, str | int]


def operation(name: str, topic: str | None = None) -> Attributes:
    """What is done, in the conventions' words, and with the messages of which topic."""
    made: Attributes = {
        "messaging.system": "kafka",
        "messaging.operation.name": name,
        "messaging.operation.type": name,
    }
    return made | {"messaging.destination.name": topic} if topic else made


def decision(assignment: Assignment) -> Attributes:
    """What was decided on which record, and why."""
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
