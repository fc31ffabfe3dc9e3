from tests.ledger.conftest import office

__all__ = ["office"]
