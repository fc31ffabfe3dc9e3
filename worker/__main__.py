"""``python -m worker`` is the command `salesplan`."""

from worker.commands import main

main()
