"""A new process reads what its first answer needs, and nothing else."""

import json
import subprocess
import sys

from tools.package import ROOT

LOOK = "import json, sys; import app; print(json.dumps(sorted(sys.modules)))"
# Each is read by some request, or by the tools; none by all.
LATER = {
    "botocore.session", "chalicelib.web.requests", "chalicelib.web.shapes", "chalicelib.web.signatures", "cryptography",
    "http.client", "idna", "jinja2", "ssl", "urllib.request",
}  # fmt: skip
NEVER = {"boto3", "cryptography.x509", "jwt", "tests", "tools"}


def read():
    environment = {"PYTHONPATH": str(ROOT), "STAGE": "prod", "AWS_DEFAULT_REGION": "us-east-1"}
    said = subprocess.run([sys.executable, "-c", LOOK], cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return set(json.loads(said.stdout))


def test_what_some_requests_need_is_not_read_for_all():
    assert read() & (LATER | NEVER) == set()
