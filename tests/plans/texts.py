"""Plan files as text."""


def plan(**fields: str) -> str:
    """One plan of a file; each field as YAML text, an empty one is left out."""
    known = {"id": "p", "name": "P", "conversion_percent": "1", "average_sale": "1", "managers": "[anna]"}
    lines = [f"{name}: {text}" for name, text in (known | fields).items() if text]
    return "  - " + "\n    ".join(lines) + "\n"


def file(*plans: str) -> str:
    return "account: acme\nplans:\n" + "".join(plans)
