"""The template: what infra/ adds to Chalice's template for a stage.

`infra/*.yaml` is added to every stage, `infra/<stage>/*.yaml` to that stage only. Two files that
give one key different values are an error.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


class CloudFormationLoader(yaml.SafeLoader):
    """Loads YAML with CloudFormation's short forms: `!Ref X`, `!GetAtt A.b`, `!Sub …`."""


def _construct_intrinsic(
    loader: CloudFormationLoader, suffix: str, node: yaml.Node
) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    else:
        assert isinstance(node, yaml.SequenceNode), node.start_mark
        value = loader.construct_sequence(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


CloudFormationLoader.add_multi_constructor("!", _construct_intrinsic)


def read_additions(infra: Path, stage: str) -> dict[str, Any]:
    """Read all that infra/ adds for a stage, as one document for `chalice package
    --merge-template`.

    Raises `ValueError` when two files give one key different values.
    """
    merged: dict[str, Any] = {}
    for file in sorted(infra.glob("*.yaml")) + sorted((infra / stage).glob("*.yaml")):
        document = yaml.load(file.read_text(), Loader=CloudFormationLoader)
        merged = _merge(merged, document, file.name)
    return merged


def add_methods(template: dict[str, Any]) -> dict[str, Any]:
    """Send the methods that a path does not have to the application as well.

    The application answers 405 with those it has; API Gateway would answer that nothing is there.
    The emulator does not know `x-amazon-apigateway-any-method`, so each method is added by itself.
    """
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    for path, operations in paths.items():
        for operation in operations.values():
            _declare_greedy(path, operation)
        example = next(iter(operations.values()))
        for method in METHODS:
            operations.setdefault(method, _forward(example))
    return template


def _merge(one: Mapping[str, Any], other: Mapping[str, Any], where: str) -> dict[str, Any]:
    merged = dict(one)
    for key, value in other.items():
        if key not in merged:
            merged[key] = value
        elif isinstance(merged[key], dict) and isinstance(value, dict):
            merged[key] = _merge(merged[key], value, f"{where}: {key}")
        else:
            raise ValueError(f"{where}: {key} has a value already")
    return merged


def _declare_greedy(path: str, operation: dict[str, Any]) -> None:
    """Declare the variable of a greedy path, which Chalice does not know."""
    if path.endswith("+}"):
        name = path.rpartition("{")[2].removesuffix("+}")
        declared = {"name": name, "in": "path", "required": True, "type": "string"}
        operation["parameters"] = [declared]


def _forward(operation: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("x-amazon-apigateway-integration", "parameters")
    return {"responses": {}} | {name: operation[name] for name in kept if name in operation}
