"""The user that a server runs as, where the tests are root: it refuses to be root."""

import os
import pwd


def unprivileged(name: str) -> tuple[int, int] | None:
    """The ids of this user and its group; None where the tests are not root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid
