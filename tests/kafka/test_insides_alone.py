"""One file alone touches aiokafka's insides."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import worker
from worker.kafka import insides

ROOM = Path(worker.__file__).parent
FILE = Path(insides.__file__)


def test_no_other_file_touches_the_insides() -> None:
    """Beside SLF001, which knows attributes only: no private import of aiokafka, and nothing is replaced in it."""
    found = [
        f"{file.relative_to(ROOM)}:{line}: {what}"
        for file in sorted(ROOM.rglob("*.py"))
        if file != FILE
        for line, what in insides_in(ast.parse(file.read_text(encoding="utf-8")), replaces="kafka" in file.parts[-3:])
    ]
    assert found == []


def test_the_insides_would_be_found() -> None:
    source = """
from aiokafka.record._crecords import cutil
from aiokafka.codec import _detect_xerial_stream
from aiokafka.producer import sender
import aiokafka.errors as errors
client._ssl_context = None
sender.BACKOFF = 3
vars(sender)["BACKOFF"] = 3
setattr(errors, "for_code", None)
self._client.start()
cls._known
"""
    assert [line for line, _ in insides_in(ast.parse(source), replaces=True)] == [2, 3, 6, 7, 8, 9]


def insides_in(tree: ast.Module, *, replaces: bool) -> Iterator[tuple[int, str]]:
    """Lines that touch private parts of something, or with ``replaces`` put others in the place of public ones."""
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aiokafka"):
            modules |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            modules |= {alias.asname for alias in node.names if alias.asname and alias.name.startswith("aiokafka")}
    return iter(sorted(set(_insides_in(tree, modules, replaces=replaces))))


def _insides_in(tree: ast.Module, imported: set[str], *, replaces: bool) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("aiokafka"):
                private = [name for name in (*module.split("."), *(alias.name for alias in names)) if name[0] == "_"]
                if private:
                    yield node.lineno, f"imports {private}"
            case ast.Attribute(value=value, attr=attr) if _is_private(attr) and replaces:
                if not (isinstance(value, ast.Name) and value.id in {"self", "cls"}):
                    yield node.lineno, f"touches {attr}"
            case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ast.Store()) if name in imported:
                yield node.lineno, f"replaces {name}.{attr}"
            case ast.Call(func=ast.Name(id="vars" | "setattr" | "delattr" as name)) if replaces:
                yield node.lineno, f"calls {name}"


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_replace"
