"""botocore's data, cut to what the functions call: models of five services with their operations,
endpoints, partitions.

The runtime's botocore brings 20 MB of it. A client reads its service's whole model and the
endpoints of all services, as JSON, before its first call; that is most of what making a client
costs. What is left here is complete for what is left: every region and partition, every shape that
an operation reaches, every error; and it lies as `marshal` writes it, which takes a third of the
instructions of JSON. Beside it lie the roots that sign for AWS. `chalicelib/aws/clients.py` reads
both.
"""

import json
import marshal
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

from chalicelib.aws.clients import MARSHALLED

FOLDER = "chalicelib/aws/botocore-data"
# What chalicelib/aws asks of each service; a test holds it against the code.
OPERATIONS = {
    "dynamodb": {
        "BatchGetItem",
        "BatchWriteItem",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    },
    # botocore itself looks at CreateBucket for presigned forms, and asks HeadBucket when a bucket
    # is in another region.
    "s3": {
        "CreateBucket",
        "DeleteObject",
        "GetObject",
        "HeadBucket",
        "HeadObject",
        "ListObjectVersions",
    },
    "sesv2": {"SendEmail"},
    "sqs": {"SendMessageBatch"},
    "ssm": {"GetParameter"},
}
SPOKEN = frozenset({"documentation", "documentationUrl"})  # for people
WHOLE = ("partitions", "_retry", "sdk-default-configuration")


# Who signs for AWS's endpoints (https://www.amazontrust.com/repository/). OpenSSL reads every root
# of a bundle again for every connection, and botocore's has 126.
ROOTS = re.compile(
    rb'# Label: "(?:Amazon Root CA [1-4]|Starfield Services Root Certificate Authority - G2)"\n(?:#.*\n)*'
    rb"(-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n)"
)


def data() -> dict[str, bytes]:
    """The files, by their path in the package."""
    files = {
        path + MARSHALLED: marshal.dumps(json.loads(json.dumps(content)))
        for path, content in _files()
    }
    return {
        f"{FOLDER}/{path}": content for path, content in {**files, "roots.pem": roots()}.items()
    }


def roots() -> bytes:
    """The certificates of Amazon's own authorities, out of those that botocore trusts."""
    return b"".join(ROOTS.findall(Path(botocore.__file__).with_name("cacert.pem").read_bytes()))


def _files() -> Iterator[tuple[str, Any]]:
    loader = Loader()
    for name in WHOLE:
        yield name, loader.load_data(name)
    yield "endpoints", _endpoints(loader.load_data("endpoints"))
    for service, operations in OPERATIONS.items():
        at = f"{service}/{loader.determine_latest_version(service, 'service-2')}"
        yield f"{at}/service-2", _model(loader.load_service_model(service, "service-2"), operations)
        yield f"{at}/endpoint-rule-set-1", loader.load_service_model(service, "endpoint-rule-set-1")
        if service == "s3":
            yield f"{at}/paginators-1", loader.load_service_model(service, "paginators-1")


def _endpoints(whole: Mapping[str, Any]) -> dict[str, Any]:
    """All partitions and regions, with the endpoints of these services."""
    partitions = [
        {
            **one,
            "services": {
                name: known for name, known in one["services"].items() if name in _prefixes()
            },
        }
        for one in whole["partitions"]
    ]
    return {**whole, "partitions": partitions}


@cache
def _prefixes() -> frozenset[str]:
    """What the table of endpoints calls these services."""
    models = (Loader().load_service_model(service, "service-2") for service in OPERATIONS)
    return frozenset(model["metadata"]["endpointPrefix"] for model in models)


def _model(whole: Mapping[str, Any], operations: set[str]) -> dict[str, Any]:
    """A service's model with these operations and every shape that one of them reaches."""
    kept = {name: _unspoken(whole["operations"][name]) for name in sorted(operations)}
    shapes: dict[str, Any] = {}
    waiting = list(_named(kept))
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = _unspoken(whole["shapes"][name])
            waiting += _named(shapes[name])
    more = {
        key: value for key, value in whole.items() if key not in {"operations", "shapes"} | SPOKEN
    }
    return {**more, "operations": kept, "shapes": dict(sorted(shapes.items()))}


def _named(node: Any) -> Iterator[str]:
    """The shapes that a part of a model names."""
    if isinstance(node, Mapping):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for inner in node.values():
            yield from _named(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _named(inner)


def _unspoken(node: Any) -> Any:
    """Without what is written for people.

    A member may be called `documentation`; text is all that goes.
    """
    if isinstance(node, Mapping):
        return {
            k: _unspoken(v) for k, v in node.items() if not (k in SPOKEN and isinstance(v, str))
        }
    return [_unspoken(one) for one in node] if isinstance(node, list) else node
