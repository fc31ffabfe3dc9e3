"""Whether today's schema may take the place of the released one within the same version.

Compared keyword by keyword, for the keywords that our schemas use; whatever can't be judged counts as a break.
Whoever reads ignores the fields he does not know, so a field that is new breaks nobody unless it is required.

Rejected: jsonsubschema 0.0.8. Where a string has a pattern too it finds a lower `maxLength` compatible, it does not
look at `format`, and it brings a library under the LGPL. Look again when our schemas need more than this.
"""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, Literal

Schema = Mapping[str, Any]
Direction = Literal["read", "sent"]
READERS = {"read": "today's worker", "sent": "a reader of the released schema"}

ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "default", "examples"}
STRUCTURE = {"type", "properties", "required", "enum", "const"}
AT_LEAST = {"minLength", "minimum"}
AT_MOST = {"maxLength", "maximum"}
EXACTLY = {"pattern", "format"}
KNOWN = ANNOTATIONS | STRUCTURE | AT_LEAST | AT_MOST | EXACTLY


def breaks(released: Schema, today: Schema, direction: Direction) -> list[str]:
    """What may no longer be sent to us ("read"), or what we may send that was never announced ("sent")."""
    return list(_changes(_inlined(released, released), _inlined(today, today), direction, "value"))


def _inlined(part: Any, root: Schema) -> Any:
    """The schema without references: what each refers to stands in its place."""
    if isinstance(part, list):
        return [_inlined(item, root) for item in part]
    if not isinstance(part, Mapping):
        return part
    if "$ref" in part:
        target = root["$defs"][part["$ref"].removeprefix("#/$defs/")]
        part = target | {keyword: value for keyword, value in part.items() if keyword != "$ref"}
    return {keyword: _inlined(value, root) for keyword, value in part.items() if keyword != "$defs"}


def _changes(released: Schema, today: Schema, direction: Direction, place: str) -> Iterator[str]:
    old, new = _by_type(released), _by_type(today)
    narrow, wide = (old, new) if direction == "read" else (new, old)
    for kind, accepted in narrow.items():
        reader = wide.get(kind) or (wide.get("number") if kind == "integer" else None)
        if reader is None:
            yield f"{place}: {kind} is refused by {READERS[direction]}"
            continue
        for keyword in sorted(_narrower(reader, accepted)):
            yield f"{place}: {keyword} refuses some values for {READERS[direction]}"
    if "object" in old.keys() & new.keys():
        yield from _fields(old["object"], new["object"], direction, place)


def _by_type(schema: Schema) -> dict[str, Schema]:
    """The alternatives of a schema: `anyOf`, each of another type, or the schema itself."""
    alternatives = schema.get("anyOf", [schema])
    found = {alternative.get("type", "anything"): alternative for alternative in alternatives}
    beside = schema.keys() - ANNOTATIONS - {"anyOf"} if "anyOf" in schema else set()
    if len(found) < len(alternatives) or beside:
        raise ValueError("alternatives of one type, or keywords beside `anyOf`: teach this check to compare them")
    return found


def _narrower(reader: Schema, accepted: Schema) -> Iterator[str]:
    """The keywords by which ``reader`` refuses, or may refuse, something of what is ``accepted``."""
    yield from (reader.keys() | accepted.keys()) - KNOWN
    yield from (word for word in AT_LEAST & reader.keys() if accepted.get(word, -inf) < reader[word])
    yield from (word for word in AT_MOST & reader.keys() if accepted.get(word, inf) > reader[word])
    yield from (word for word in EXACTLY & reader.keys() if accepted.get(word) != reader[word])
    known, possible = _values(reader), _values(accepted)
    if known is not None and (possible is None or not possible <= known):
        yield "enum"


def _values(schema: Schema) -> set[Any] | None:
    """All values there are, None where they are not listed."""
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _fields(released: Schema, today: Schema, direction: Direction, place: str) -> Iterator[str]:
    old, new = released["properties"], today["properties"]
    needed_before, needed = set(released.get("required", ())), set(today.get("required", ()))
    missed = needed - needed_before if direction == "read" else needed_before - needed
    for name in sorted(old.keys() - new.keys()):
        yield f"{place}.{name}: removed, whatever readers could do without it"
    for name in sorted(missed & new.keys()):
        yield f"{place}.{name}: may be missing, which {READERS[direction]} refuses"
    for name in sorted(old.keys() & new.keys()):
        yield from _changes(old[name], new[name], direction, f"{place}.{name}")
