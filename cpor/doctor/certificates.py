"""The root certificates that the functions trust for AWS: packaged, and still in use by AWS."""

import io
import socket
import ssl
import zipfile
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests

from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

ROOTS = "chalicelib/runtime/amazon-roots.pem"  # tools/packaging/botocore_data.py puts it there
CHOICES = ("amazon", "default")
SERVICES = ("dynamodb", "s3", "sesv2", "sqs", "ssm")  # what the functions call
TIMEOUT = 60.0  # seconds for the zip; a handshake takes much less
WHERE = "certificates"


def check(stage: Stage) -> Iterator[Finding]:
    """Check TRUSTED_ROOTS, the file in the package, and every endpoint against it."""
    chosen = stage.settings_of("APIHandler").trusted_roots
    if chosen not in CHOICES:
        wrong = f"TRUSTED_ROOTS is {chosen}, which is none of {', '.join(CHOICES)}: "
        advice = deploy(stage, "TrustedRoots=amazon")
        yield Finding(WHERE, wrong + "the default bundle is used.", advice)
    if chosen != "amazon" or not _has_certificates(stage):
        return
    roots = read_packaged_roots(stage)
    if roots is None:
        wrong = f"The package does not hold {ROOTS}: "
        slower = "new processes read the default bundle, which takes longer."
        yield Finding(WHERE, wrong + slower, deploy(stage))
        return
    for service in SERVICES:
        url = stage.client(service).meta.endpoint_url
        if not is_trusted(url, roots):
            wrong = f"{url} is not signed by an authority in the package: "
            advice = f"At once: {deploy(stage, 'TrustedRoots=default')}"
            yield Finding(WHERE, wrong + "the functions cannot call it.", advice)


def read_packaged_roots(stage: Stage) -> str | None:
    """Return the certificates in the package as it is deployed, or None if it has none."""
    function = stage.client("lambda").get_function(FunctionName=stage.physical_id("APIHandler"))
    package = requests.get(function["Code"]["Location"], timeout=TIMEOUT)
    package.raise_for_status()
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        return archive.read(ROOTS).decode() if ROOTS in archive.namelist() else None


def is_trusted(url: str, roots: str) -> bool:
    """Return whether an endpoint's certificate is signed by one of these roots.

    Raises OSError when it cannot be reached.
    """
    parts = urlsplit(url)
    context = ssl.create_default_context(cadata=roots)
    address = (str(parts.hostname), parts.port or 443)
    with socket.create_connection(address, timeout=TIMEOUT) as connection:
        try:
            context.wrap_socket(connection, server_hostname=parts.hostname).close()
        except ssl.SSLCertVerificationError:
            return False
    return True


def _has_certificates(stage: Stage) -> bool:
    """Return whether a stage is in the partition where these sign; the emulator has none."""
    meta = stage.client("sqs").meta
    return bool(meta.partition == "aws" and urlsplit(meta.endpoint_url).scheme == "https")
