"""A contract for import-linter: modules of pure rules import only one another and the standard library."""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PureContract(Contract):
    """Its own `forbidden` type would need every other module and package by name, the coming ones too."""

    modules: list[str] = fields.ListField(subfield=fields.StringField())  # type: ignore[assignment] # a descriptor

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        modules = set(self.modules)
        allowed = modules | sys.stdlib_module_names
        impure = [
            f"{module} imports {imported}"
            for module in sorted(modules)
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if imported not in allowed and imported.partition(".")[0] not in sys.stdlib_module_names
        ]
        return ContractCheck(kept=not impure, metadata={"impure": impure})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["impure"]:
            output.print_error(line)
