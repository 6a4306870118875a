"""What is left of botocore's data is all that the functions call, and means the same."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.session import get_session
from cryptography import x509

from tests.packaging import lambda_runtime
from tools.packaging import botocore_data
from tools.packaging.package import ROOT, package
from tools.packaging.target import HOST

pytestmark = pytest.mark.xdist_group("package")
BY_BOTOCORE = {"CreateBucket", "HeadBucket"}
REGIONS = ("eu-central-1", "us-gov-west-1", "cn-north-1")  # one of each partition
INSTALLED = Path(botocore.__file__).parent
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
# Makes a client of every service in a process of the package, and prints which botocore did.
MAKE_CLIENTS = f"""
import json, botocore
from chalicelib.aws.clients import make_client
clients = {{name: make_client(name, "") for name in {sorted(botocore_data.OPERATIONS)}}}
operations = {{name: one.meta.service_model.operation_names for name, one in clients.items()}}
print(json.dumps([botocore.__version__, botocore.__file__, operations]))
"""
PRINT_BUNDLE = (
    "from chalicelib.aws.clients import make_client; "
    "print(make_client('sqs', '')._endpoint.http_session._verify)"
)


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Loader:
    """A loader of the trimmed data alone."""
    folder = tmp_path_factory.mktemp("trimmed")
    for name, content in botocore_data.trim_models(INSTALLED / "data"):
        file = folder / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
    found = type("Trimmed", (Loader,), {"BUILTIN_DATA_PATH": str(folder)})()
    assert isinstance(found, Loader)
    return found


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked package of production."""
    return lambda_runtime.unpack(
        package("prod", HOST).zip, tmp_path_factory.mktemp("package") / "task"
    )


def run_in(task: Path, code: str, path: Path | None = None, **variables: str) -> str:
    """What a process of the package prints, with nothing on its path but `path`."""
    environment = {**KEYS, "AWS_DEFAULT_REGION": "us-east-1", "STAGE": "prod"} | variables
    if path:
        environment["PYTHONPATH"] = str(path)
    command = [sys.executable, "-S", "-c", code]
    return subprocess.check_output(command, cwd=task, env=environment, text=True).strip()


def make_client(loader: Loader, service: str, region: str) -> Any:
    session = get_session()
    session.set_credentials("testing", "testing")
    session.register_component("data_loader", loader)
    return session.create_client(service, region_name=region)


def names_in(folder: Path) -> set[str]:
    """Every attribute, and every string, since paginators and addresses are used by name."""
    nodes = [node for file in folder.glob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return names | {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_operation_that_is_called_is_left():
    names, known = names_in(ROOT / "chalicelib" / "aws"), Loader()

    for service, operations in botocore_data.OPERATIONS.items():
        whole = known.load_service_model(service, "service-2")["operations"]
        called = {operation for operation in whole if xform_name(operation) in names}
        assert called <= operations, service
        assert operations - called <= BY_BOTOCORE, f"{service}: nothing calls it"


@pytest.mark.parametrize("service", sorted(botocore_data.OPERATIONS))
def test_a_client_has_the_same_endpoint_and_shapes_as_with_all_data(trimmed, service):
    whole = Loader()

    for region in REGIONS:
        ours, theirs = make_client(trimmed, service, region), make_client(whole, service, region)
        assert ours.meta.endpoint_url == theirs.meta.endpoint_url
        assert ours.meta.config.signature_version == theirs.meta.config.signature_version
    for operation in botocore_data.OPERATIONS[service]:
        one, other = (each.meta.service_model.operation_model(operation) for each in (ours, theirs))
        assert one.http == other.http
        assert error_names(one) == error_names(other)
        assert members(one.input_shape) == members(other.input_shape)
        assert members(one.output_shape) == members(other.output_shape)


def test_upload_forms_and_download_addresses_are_the_same_as_with_all_data(trimmed):
    ours, theirs = (make_client(one, "s3", "eu-central-1") for one in (trimmed, Loader()))

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


def test_the_packaged_botocore_is_the_pinned_one_and_the_trimmed_models_load_with_it(
    task, tmp_path
):
    (pinned,) = re.findall(
        r"^botocore==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    (tmp_path / "botocore").mkdir()
    (tmp_path / "botocore" / "__init__.py").write_text("raise ImportError('the runtime has it')")

    version, file, operations = json.loads(run_in(task, MAKE_CLIENTS, path=tmp_path))

    assert version == pinned
    assert Path(file) == task / "botocore" / "__init__.pyc"
    assert {name: set(some) for name, some in operations.items()} == botocore_data.OPERATIONS


def test_the_zip_holds_data_of_the_services_that_are_called_and_of_no_other():
    with zipfile.ZipFile(package("prod", HOST).zip) as opened:
        parts = [name.split("/") for name in opened.namelist()]

    services = {part[2] for part in parts if part[:2] == ["botocore", "data"] and len(part) > 3}
    assert services == set(botocore_data.OPERATIONS)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # Starfield's root has the number 0
def test_the_roots_are_amazons_and_good_for_years():
    bundle = botocore_data.roots((INSTALLED / "cacert.pem").read_bytes())
    known = x509.load_pem_x509_certificates(bundle)

    names = {one.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value for one in known}
    assert names == {
        *(f"Amazon Root CA {n}" for n in range(1, 5)),
        "Starfield Services Root Certificate Authority - G2",
    }
    three_years_on = datetime.now(UTC) + timedelta(days=3 * 365)
    assert all(one.not_valid_after_utc > three_years_on for one in known)


@pytest.mark.parametrize(
    ("variables", "trusted"),
    [
        ({}, "amazon-roots.pem"),
        ({"AWS_DEFAULT_REGION": "us-gov-west-1"}, "cacert.pem"),
        ({"AWS_DEFAULT_REGION": "cn-north-1"}, "cacert.pem"),
        ({"AWS_CA_BUNDLE": "/proxy.pem"}, "proxy.pem"),
        ({"TRUSTED_ROOTS": "default"}, "cacert.pem"),
    ],
)
def test_amazons_roots_are_trusted_where_they_sign_and_no_others_are_set(task, variables, trusted):
    bundle = run_in(task, PRINT_BUNDLE, **variables)

    # True is botocore's word for its own bundle.
    assert Path("cacert.pem" if bundle == "True" else bundle).name == trusted


def error_names(operation: Any) -> list[str]:
    return sorted(error.name for error in operation.error_shapes)


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
