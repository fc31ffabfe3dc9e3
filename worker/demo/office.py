"""Runs the console with everything around it, until Ctrl-C: `make console`.

``python -m worker.demo.office`` starts embedded servers, a week of made-up history, a worker, a slow stream of events,
and a console for each of two users. The head's console listens on ``--port``, the manager's on the port after it.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

from worker import log, postgres
from worker.demo import past
from worker.demo.show import point_environment
from worker.demo.traffic import Traffic
from worker.embedded import Postgres, scratch_folder, servers
from worker.embedded.extra import MissingExtraError
from worker.embedded.ports import HOST
from worker.embedded.process import ServerFailedError, ServerProcess
from worker.kafka.writer import writer
from worker.postgres.migrate import migrate
from worker.settings import Settings, load_settings

SEED = 7
START_SECONDS = 30.0
PAUSE_SECONDS = (1.0, 3.0)  # between two events of the stream
LOGINS = {"HEADS": ("sample_heads", "salesplan_head"), "MANAGERS": ("sample_managers", "salesplan_console")}


def run(port: int) -> None:
    """Run everything until a signal. Raises ServerFailedError, MissingExtraError."""
    _refuse_taken(port)
    _say("Kafka and Postgres start ...")
    with scratch_folder() as folder, servers() as (kafka, database):
        migrate(database.dsn())
        point_environment(kafka.bootstrap_servers, database.dsn())
        settings = load_settings()
        _say("A week of made-up history is being written ...")
        now = datetime.now(UTC)
        begin = past.beginning(now)
        traffic = Traffic(SEED, begin)
        asyncio.run(past.prepare(settings, traffic, begin, now))
        asyncio.run(_make_logins(settings))
        with _processes(folder, database, port) as processes:
            _say(
                f"As head of sales:          http://{HOST}:{port}/",
                f"As manager (Anna Petrova): http://{HOST}:{port + 1}/",
                "A client comes every few seconds. Ctrl-C ends everything, and nothing is kept.",
            )
            asyncio.run(_stream(settings, traffic, processes))


def _refuse_taken(port: int) -> None:
    """Look at both ports before the servers start, which takes a while. Raises ServerFailedError."""
    for number in (port, port + 1):
        try:
            socket.create_server((HOST, number)).close()
        except (OSError, OverflowError) as error:
            raise ServerFailedError(f"port {number} can't be used ({error}): make console PORT=9000") from error


async def _make_logins(settings: Settings) -> None:
    async with postgres.connected(settings.dsn, application_name="salesplan-demo") as connection:
        for login, role in LOGINS.values():
            await connection.execute(f"create role {login} login in role {role}")


@contextmanager
def _processes(folder: Path, database: Postgres, port: int) -> Iterator[Sequence[ServerProcess]]:
    """A worker and both consoles. They end in the reverse order."""
    urls = {f"SALESPLAN_CONSOLE__{kind}_DATABASE_URL": database.dsn(user=login) for kind, (login, _) in LOGINS.items()}
    started: list[ServerProcess] = []
    try:
        started.append(_started(folder / "worker.log", "session", ["run"], {}))
        for number, user in enumerate((past.HEAD, past.MANAGER)):
            environment = {**urls, "SALESPLAN_CONSOLE__PORT": str(port + number)}
            words = ["console", "--as", user]
            started.append(_started(folder / f"console-{number}.log", "console_started", words, environment))
        yield started
    finally:
        for process in reversed(started):
            process.stop(signal.SIGTERM)


def _started(path: Path, event: str, words: Sequence[str], environment: Mapping[str, str]) -> ServerProcess:
    """Start `salesplan` with these words, and wait until its log has the event."""
    command = [sys.executable, "-m", "worker", *words]
    process = ServerProcess(command, log=path, environment=environment, orphaned=signal.SIGTERM)
    process.wait_until(lambda: event in process.output(), START_SECONDS)
    return process


async def _stream(settings: Settings, traffic: Traffic, processes: Sequence[ServerProcess]) -> None:
    """Send the traffic's further steps, one every few seconds, as if they happened now. Never returns."""
    topics = {kind: topic for topic, kind in settings.topics.inputs.items()}
    pause = partial(Random(SEED).uniform, *PAUSE_SECONDS)  # noqa: S311 -- made-up events, no secrets
    async with (
        postgres.connected(settings.dsn, application_name="salesplan-demo") as connection,
        writer(settings.kafka) as producer,
    ):
        while True:
            step = traffic.pop()
            value = await past.record_of(connection, step, datetime.now(UTC))
            if value is not None:
                await producer.send_and_wait(topics[step.kind], value, step.lead_id.encode())
                await asyncio.sleep(pause())
            for process in processes:
                if not process.is_running():
                    raise ServerFailedError(f"{process.log.stem} has ended:\n{process.output()[-2000:]}")


def _say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201 -- the answer of a command


def main() -> int:
    """Run it with the arguments of the command line. Returns 0 after Ctrl-C or SIGTERM, 1 after a failure."""
    parser = argparse.ArgumentParser(description="Run the console with sample data.")
    parser.add_argument("--port", type=int, default=8080)
    port: int = parser.parse_args().port
    log.configure("error")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background inherits that it is ignored
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        run(port)
    except KeyboardInterrupt:
        _say("Ended.")
        return 0
    except (MissingExtraError, ServerFailedError) as error:
        print(error, file=sys.stderr)  # noqa: T201 -- the answer of a command
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
