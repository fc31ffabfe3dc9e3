"""YAML 1.2 without its traps: `no` is text, 149.10 is exact, a key that is there twice is a fault."""

import re
from decimal import Decimal
from typing import Any

import yaml

from worker.plans.faults import KeyNotText, KeyTwice, NotPrintable, NotYaml, Position, TagUsed, TooDeep, Unreadable


class YamlError(Exception):
    """The text is no YAML; ``fault`` says why and where."""

    def __init__(self, fault: Unreadable) -> None:
        super().__init__(fault)
        self.fault = fault


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
            raise YamlError(KeyNotText(_position(key_node.start_mark)))
        if key_node.value in found:
            raise YamlError(KeyTwice(_position(key_node.start_mark), key_node.value))
        found[key_node.value] = loader.construct_object(value_node, deep=True)
    return found


def _unknown(loader: _Loader, node: yaml.Node) -> None:
    raise YamlError(TagUsed(_position(node.start_mark), node.tag))


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
        raise YamlError(_not_yaml(error)) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise YamlError(NotPrintable()) from None
    except (RecursionError, ValueError, ArithmeticError):
        raise YamlError(TooDeep()) from None


def _not_yaml(error: yaml.MarkedYAMLError) -> NotYaml:
    mark = error.problem_mark or error.context_mark
    return NotYaml(_position(mark) if mark else None, ", ".join(filter(None, (error.context, error.problem))))


def _position(mark: yaml.Mark) -> Position:
    return Position(mark.line + 1, mark.column + 1)
