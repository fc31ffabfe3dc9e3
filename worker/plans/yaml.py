"""YAML 1.2 without its traps: `no` is text, 149.10 is exact, a key that is there twice is a fault."""

import re
from decimal import Decimal
from typing import Any

import yaml


class YamlError(Exception):
    """The text is no YAML; says where."""


class _Loader(yaml.SafeLoader):
    pass


_Loader.yaml_implicit_resolvers = {}  # none of YAML 1.1: no octal, no dates, no yes and no


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), [*"tTfF"]
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?$"),
    [*"-+.0123456789"],
)


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(node.value)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(problem="a field's name must be text", problem_mark=key_node.start_mark)
        if key_node.value in found:
            problem = f"{key_node.value!r} is there twice"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
        found[key_node.value] = loader.construct_object(value_node, deep=True)
    return found


def _unknown(loader: _Loader, node: yaml.Node) -> None:
    raise yaml.MarkedYAMLError(problem=f"a tag ({node.tag}) has no place here", problem_mark=node.start_mark)


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor(None, _unknown)


def load(text: str | bytes) -> Any:
    """What the text says, numbers as decimals.

    Raises YamlError.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 -- derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        raise YamlError(_where(error)) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise YamlError("the file is no text in UTF-8, or holds control characters") from None
    except (RecursionError, ValueError, ArithmeticError):
        raise YamlError("the file is nested too deeply, or holds what YAML can't") from None


def _where(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return place + ", ".join(filter(None, (error.context, error.problem)))
