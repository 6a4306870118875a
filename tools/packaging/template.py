"""The template: what stands in infra/ for a stage, and what is added to what Chalice makes of it.

`infra/*.yaml` goes into every stage, `infra/<stage>/*.yaml` into that stage alone. Two files never
say two things of the same key; that is an error, not a choice.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


class _Cloud(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref X`, `!GetAtt A.b`, `!Sub …`."""


def _intrinsic(loader: _Cloud, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    else:
        assert isinstance(node, yaml.SequenceNode), node.start_mark
        value = loader.construct_sequence(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Cloud.add_multi_constructor("!", _intrinsic)


def additions(infra: Path, stage: str) -> dict[str, Any]:
    """All that infra/ adds for a stage, as one document to hand to `chalice package
    --merge-template`.
    """
    merged: dict[str, Any] = {}
    for file in sorted(infra.glob("*.yaml")) + sorted((infra / stage).glob("*.yaml")):
        document = yaml.load(file.read_text(), Loader=_Cloud)  # a safe loader, with tags
        merged = _joined(merged, document, file.name)
    return merged


def with_every_method(template: dict[str, Any]) -> dict[str, Any]:
    """Sends the methods a path does not know to the application too, which says 405 and what it
    does know; API Gateway would say that there is nothing. The emulator does not know
    `x-amazon-apigateway-any-method`, so each method is written out.
    """
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    for known in paths.values():
        example = next(iter(known.values()))
        for method in METHODS:
            known.setdefault(method, _passed_on(example))
    return template


def _joined(one: Mapping[str, Any], other: Mapping[str, Any], where: str) -> dict[str, Any]:
    joined = dict(one)
    for key, value in other.items():
        if key not in joined:
            joined[key] = value
        elif isinstance(joined[key], dict) and isinstance(value, dict):
            joined[key] = _joined(joined[key], value, f"{where}: {key}")
        else:
            raise ValueError(f"{where}: {key} is said twice")
    return joined


def _passed_on(operation: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("x-amazon-apigateway-integration", "parameters")
    return {"responses": {}} | {name: operation[name] for name in kept if name in operation}
