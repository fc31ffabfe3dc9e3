"""``python -m worker`` and the command `salesplan`; the streams are seen to before anything is loaded."""

from worker import streams


def main() -> None:
    """Run a command, and end with its exit code."""
    streams.open_standard()
    from worker import commands  # noqa: PLC0415 -- loading opens files, which must not take the place of a stream

    commands.main()


if __name__ == "__main__":
    main()
