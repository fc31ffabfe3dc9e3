"""The two logins of the console, for the tests that start it."""

from tests.db.conftest import console_login, head_login, house

__all__ = ["console_login", "head_login", "house"]
