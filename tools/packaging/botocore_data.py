"""botocore's data, cut to what the functions call: models of six services with their operations,
endpoints, partitions, and Amazon's root certificates.

botocore brings more than 20 MB of it. A client reads its service's whole model and the endpoints of
all services before its first call; that is most of what making a client costs. What stays is
complete for what it covers: every region and partition, every shape that an operation reaches,
every error. It is cut from the very botocore that is packaged, so both always fit.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

AMAZON_ROOTS = Path("chalicelib/runtime/amazon-roots.pem")
# What chalicelib/aws calls of each service; a test compares it with the code.
OPERATIONS = {
    "cognito-idp": {
        "AdminAddUserToGroup",
        "AdminCreateUser",
        "AdminDeleteUser",
        "AdminDisableUser",
        "AdminEnableUser",
        "AdminGetUser",
        "AdminRemoveUserFromGroup",
        "AdminUserGlobalSignOut",
    },
    "dynamodb": {
        "BatchGetItem",
        "BatchWriteItem",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    },
    # botocore itself reads CreateBucket for presigned forms, and calls HeadBucket when a bucket is
    # in another region.
    "s3": {
        "CopyObject",
        "CreateBucket",
        "DeleteObject",
        "GetObject",
        "GetObjectTagging",
        "HeadBucket",
        "HeadObject",
        "ListObjectVersions",
        "PutObject",
        "PutObjectTagging",
    },
    "kms": {"GetPublicKey", "Sign"},
    "sesv2": {"SendEmail"},
    "sqs": {"GetQueueAttributes", "ReceiveMessage", "SendMessageBatch"},
    "ssm": {"GetParameter"},
}
DOCUMENTATION = frozenset({"documentation", "documentationUrl"})
WHOLE = ("partitions", "_retry", "sdk-default-configuration")
# Who signs for AWS's endpoints (https://www.amazontrust.com/repository/). OpenSSL reads every root
# of a bundle again for every connection, and botocore's has more than a hundred.
ROOTS = re.compile(
    rb'# Label: "(?:Amazon Root CA [1-4]|Starfield Services Root Certificate Authority - G2)"'
    rb"\n(?:#.*\n)*"
    rb"(-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n)"
)


def trim(folder: Path) -> None:
    """Replace botocore's data in an unpacked package by what the functions call, and put Amazon's
    root certificates where they look for them (`chalicelib/runtime/ca_bundle.py`).
    """
    library = folder / "botocore"
    files = dict(trim_models(library / "data"))
    shutil.rmtree(library / "data")
    for name, content in files.items():
        _write(library / "data" / f"{name}.json", json.dumps(content).encode())
    _write(folder / AMAZON_ROOTS, roots((library / "cacert.pem").read_bytes()))


def trim_models(data: Path) -> Iterator[tuple[str, Any]]:
    """Yield name and content of every file that stays, of botocore's data folder."""
    loader = Loader([str(data)], include_default_search_paths=False)
    for name in WHOLE:
        yield name, loader.load_data(name)
    models = {service: loader.load_service_model(service, "service-2") for service in OPERATIONS}
    prefixes = {model["metadata"]["endpointPrefix"] for model in models.values()}
    yield "endpoints", _endpoints(loader.load_data("endpoints"), prefixes)
    for service, model in models.items():
        at = f"{service}/{loader.determine_latest_version(service, 'service-2')}"
        yield f"{at}/service-2", _model(model, OPERATIONS[service])
        yield f"{at}/endpoint-rule-set-1", loader.load_service_model(service, "endpoint-rule-set-1")
        if service == "s3":
            yield f"{at}/paginators-1", loader.load_service_model(service, "paginators-1")


def roots(bundle: bytes) -> bytes:
    """Return the certificates of Amazon's own authorities, out of botocore's bundle."""
    return b"".join(ROOTS.findall(bundle))


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _endpoints(whole: Mapping[str, Any], prefixes: set[str]) -> dict[str, Any]:
    """Return all partitions and regions, with the endpoints of the services of these prefixes."""
    partitions = [
        {
            **partition,
            "services": {
                name: known for name, known in partition["services"].items() if name in prefixes
            },
        }
        for partition in whole["partitions"]
    ]
    return {**whole, "partitions": partitions}


def _model(whole: Mapping[str, Any], operations: set[str]) -> dict[str, Any]:
    """Return a service's model with these operations and every shape that one of them reaches."""
    kept = {name: _remove_documentation(whole["operations"][name]) for name in sorted(operations)}
    shapes: dict[str, Any] = {}
    waiting = list(_shape_names(kept))
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = _remove_documentation(whole["shapes"][name])
            waiting += _shape_names(shapes[name])
    more = {
        key: value
        for key, value in whole.items()
        if key not in {"operations", "shapes"} | DOCUMENTATION
    }
    return {**more, "operations": kept, "shapes": dict(sorted(shapes.items()))}


def _shape_names(node: Any) -> Iterator[str]:
    """Yield the shapes that a part of a model names."""
    if isinstance(node, Mapping):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for inner in node.values():
            yield from _shape_names(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _shape_names(inner)


def _remove_documentation(node: Any) -> Any:
    """Return a part of a model without its documentation.

    A member may be called `documentation`; only text goes.
    """
    if isinstance(node, Mapping):
        return {
            key: _remove_documentation(value)
            for key, value in node.items()
            if not (key in DOCUMENTATION and isinstance(value, str))
        }
    return [_remove_documentation(one) for one in node] if isinstance(node, list) else node
