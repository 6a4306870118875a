"""What is left of botocore's data is all that the functions need, and says the same."""

import ast
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.session import get_session
from cryptography import x509

from chalicelib.aws.clients import loader
from tools.packaging import botocore_data
from tools.packaging.package import ROOT

BY_BOTOCORE = {"CreateBucket", "HeadBucket"}
REGIONS = ("eu-central-1", "us-gov-west-1", "cn-north-1")  # one of each partition


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Loader:
    folder = tmp_path_factory.mktemp("trimmed")
    for path, content in botocore_data.data().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    found: Loader = loader(folder / botocore_data.FOLDER)
    return found


def a_client(loader: Loader, service: str, region: str) -> Any:
    session = get_session()
    session.set_credentials("testing", "testing")
    session.register_component("data_loader", loader)
    return session.create_client(service, region_name=region)


def called(folder: Path) -> set[str]:
    """Every name that is looked up on anything, and every string, since paginators and addresses
    are asked for by name.
    """
    nodes = [node for file in folder.glob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return names | {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_operation_that_is_called_is_left():
    names, known = called(ROOT / "chalicelib" / "aws"), Loader()

    for service, operations in botocore_data.OPERATIONS.items():
        whole = known.load_service_model(service, "service-2")["operations"]
        asked = {operation for operation in whole if xform_name(operation) in names}
        assert asked <= operations, service
        assert operations - asked <= BY_BOTOCORE, f"{service}: nobody calls it"


@pytest.mark.parametrize("service", sorted(botocore_data.OPERATIONS))
def test_a_client_meets_the_same_endpoint_and_shapes_as_with_all_data(trimmed, service):
    whole = Loader()

    for region in REGIONS:
        ours, theirs = a_client(trimmed, service, region), a_client(whole, service, region)
        assert ours.meta.endpoint_url == theirs.meta.endpoint_url
        assert ours.meta.config.signature_version == theirs.meta.config.signature_version
    for operation in botocore_data.OPERATIONS[service]:
        one, other = (each.meta.service_model.operation_model(operation) for each in (ours, theirs))
        assert one.http == other.http
        assert sorted(error.name for error in one.error_shapes) == sorted(
            error.name for error in other.error_shapes
        )
        assert members(one.input_shape) == members(other.input_shape)
        assert members(one.output_shape) == members(other.output_shape)


def test_upload_forms_and_download_addresses_are_made_of_what_is_left(trimmed):
    ours, theirs = a_client(trimmed, "s3", "eu-central-1"), a_client(Loader(), "s3", "eu-central-1")

    forms = [
        one.generate_presigned_post("bucket", "key", Fields={"Content-Type": "text/plain"})
        for one in (ours, theirs)
    ]
    addresses = [
        one.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "key"})
        for one in (ours, theirs)
    ]

    assert forms[0]["url"] == forms[1]["url"]
    assert set(forms[0]["fields"]) == set(forms[1]["fields"])
    assert addresses[0].partition("?")[0] == addresses[1].partition("?")[0]


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # Starfield's root has the number 0
def test_the_roots_are_amazons_and_good_for_years():
    known = x509.load_pem_x509_certificates(botocore_data.roots())

    names = {one.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value for one in known}
    assert names == {
        *(f"Amazon Root CA {n}" for n in range(1, 5)),
        "Starfield Services Root Certificate Authority - G2",
    }
    assert all(
        one.not_valid_after_utc > datetime.now(UTC) + timedelta(days=3 * 365) for one in known
    )


@pytest.mark.parametrize(("region", "bundle", "trusted"), [
    ("eu-central-1", None, "roots.pem"), ("us-gov-west-1", None, "cacert.pem"), ("cn-north-1", None, "cacert.pem"),
    ("eu-central-1", "proxy.pem", "proxy.pem"),
])  # fmt: skip
def test_amazons_roots_serve_where_they_sign_and_nobody_has_set_others(
    tmp_path, trimmed, region, bundle, trusted
):
    folder, more = (
        trimmed.search_paths[-1],
        {"AWS_CA_BUNDLE": str(tmp_path / bundle)} if bundle else {},
    )
    snapshot = (
        "import pathlib; from chalicelib import roots; from chalicelib.aws import clients; "
        f"clients.DATA = pathlib.Path({folder!r}); roots.AMAZONS = clients.DATA / 'roots.pem'; made = clients.new_client('sqs', ''); "
        "print(made._endpoint.http_session._verify)"
    )

    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": region}
    said = subprocess.check_output(
        [sys.executable, "-c", snapshot], cwd=ROOT, env=keys | more, text=True
    ).strip()

    assert Path("cacert.pem" if said == "True" else said).name == trusted


def members(shape: Any, above: tuple[str, ...] = ()) -> Any:
    """Everything that travels in a shape, however deep; a shape within itself is named only."""
    if shape is None or shape.name in above:
        return shape and shape.name
    inner = {
        "structure": lambda: shape.members,
        "list": lambda: {"": shape.member},
        "map": lambda: {"k": shape.key, "": shape.value},
    }
    parts = inner.get(shape.type_name, dict)()
    return (
        shape.type_name,
        shape.serialization,
        {name: members(part, (*above, shape.name)) for name, part in parts.items()},
    )
