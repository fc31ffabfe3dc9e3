"""Finds the servers' files. They come with the `embedded` extra, which the product's image leaves out."""

from importlib.util import find_spec
from pathlib import Path


class MissingExtraError(RuntimeError):
    pass


def package_folder(name: str) -> Path:
    """The folder of a package of the extra, found without an import. Raises MissingExtraError."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise MissingExtraError(f"{name} is not installed; it comes with: pip install 'salesplan[embedded]'")
    return Path(spec.origin).parent
