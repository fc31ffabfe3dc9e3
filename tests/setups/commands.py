"""Every command that asks Postgres for something, and its words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from typer.main import get_command

from tests.stage.environment import outside
from tests.support.command import Result, salesplan
from tests.support.make import PLAN_FILE
from worker.commands import app

KAFKA_FIRST = ("offsets show", "offsets reset")
NOBODY = "127.0.0.1:1"
SIDE_BY_SIDE = 3
SECONDS = 30  # within which a command has to end

TEXTS = {"names apply": "kind,id,name\nmanager,anna,Anna\n"}
ACCOUNT = ("--account", "acme")
DONE = "--execute"

# By the name of the command; what is read from stdin is the plan file, or what `TEXTS` says.
ASKING = {
    "run": (),
    "migrate": (),
    "explain": ("lead", *ACCOUNT),
    "verify": (),
    "prune": (DONE,),
    "plans check": ("-",),
    "plans apply": ("-", DONE),
    "plans list": (),
    "plans forecast": ("june", *ACCOUNT),
    "plans pause": ("june", "anna", *ACCOUNT, DONE),
    "plans resume": ("june", "anna", *ACCOUNT, DONE),
    "plans archive": ("june", *ACCOUNT, DONE),
    "people add": ("hanna@x", *ACCOUNT, "--head", DONE),
    "people list": (),
    "people remove": ("hanna@x", *ACCOUNT, DONE),
    "names apply": ("-", *ACCOUNT, DONE),
    "offsets show": (),
    "offsets reset": ("--to", "earliest", DONE),
    "leads export": ("lead", *ACCOUNT),
    "leads erase": ("lead", *ACCOUNT, DONE),
}
# With servers or logins of their own (the console's: `tests/console`), or with Kafka alone, or with none.
OTHERS = {"demo", "console", "topics create", "topics check", "acls list", "acls check", "config check", "config show",
          "dlq list", "dlq show", "dlq replay"}  # fmt: skip


async def run_all(dsn: str, *but: str, kafka: str = NOBODY) -> dict[str, Result]:
    """Run every command but these, as many side by side as the machine bears.

    Without ``kafka``, those that ask it before Postgres are left out.
    """
    names = {**outside(), "DATABASE_URL": dsn, "KAFKA_BOOTSTRAP_SERVERS": kafka, "SALESPLAN_OPS__PORT": "0"}
    but = but if kafka != NOBODY else (*but, *KAFKA_FIRST)
    free = asyncio.Semaphore(SIDE_BY_SIDE)

    async def run(command: str) -> Result:
        async with free:
            try:
                async with asyncio.timeout(SECONDS):
                    text = TEXTS.get(command, PLAN_FILE)
                    return await salesplan(names, *command.split(), *ASKING[command], text=text)
            except TimeoutError:
                return Result(-1, "", f"still runs after {SECONDS} s")

    commands = [command for command in ASKING if command not in but]
    return dict(zip(commands, await asyncio.gather(*map(run, commands)), strict=True))


def all_commands() -> set[str]:
    """Every command there is, by its name."""
    return set(_named(get_command(app), ""))


def _named(command: object, name: str) -> Iterator[str]:
    if subcommands := getattr(command, "commands", None):
        for part, found in subcommands.items():
            yield from _named(found, f"{name} {part}".strip())
    else:
        yield name
