"""``python -m worker`` and the command `salesplan`; the streams and the signals are seen to before anything is loaded.

Loading all that a command needs takes a second on a busy machine.
"""

from worker.process import early, streams


def main() -> None:
    """Run a command, and end with its exit code."""
    early.handle_signals()
    early.forget_variables()
    streams.open_standard()
    from worker import commands  # noqa: PLC0415 -- a signal that comes while this is loaded is heard

    commands.main()


if __name__ == "__main__":
    main()
