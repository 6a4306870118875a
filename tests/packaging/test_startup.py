"""A new process imports what its first answer needs, and nothing else."""

import json
import subprocess
import sys

from tools.packaging.package import ROOT

PRINT_MODULES = "import json, sys; import app; print(json.dumps(sorted(sys.modules)))"
PRINT_COLLECTOR = (
    "import gc, json; import app; "
    "print(json.dumps([gc.isenabled(), gc.get_freeze_count(), gc.get_count()[2]]))"
)
# Each is imported by some request, or by the tools; none by all. `ssl` and `http.client` are not
# here: the first call to AWS needs them in every process.
LATER = {
    "botocore.session",
    "chalicelib.aws.sandbox",
    "chalicelib.aws.ses",
    "chalicelib.domain.arbitration",
    "chalicelib.domain.insight_totals",
    "chalicelib.domain.preferences",
    "chalicelib.domain.sandbox_hook",
    "chalicelib.domain.session",
    "chalicelib.domain.tenant_file",
    "chalicelib.domain.user",
    "chalicelib.domain.webhook_endpoint",
    "chalicelib.text.mail_renderer",
    "chalicelib.web.api",
    "cryptography",
    "jinja2",
    "jwt",
    "urllib.request",
}
NEVER = {"boto3", "tests", "tools"}


def run(code):
    environment = {"PYTHONPATH": str(ROOT), "STAGE": "prod", "AWS_DEFAULT_REGION": "us-east-1"}
    printed = subprocess.check_output(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, text=True
    )
    return json.loads(printed)


def test_what_only_some_requests_need_is_not_imported_for_all():
    assert set(run(PRINT_MODULES)) & (LATER | NEVER) == set()


def test_what_was_imported_is_left_out_of_garbage_collection_and_the_rest_is_collected():
    enabled, frozen, collected = run(PRINT_COLLECTOR)

    assert enabled
    assert frozen > 10_000
    assert collected == 0, "collections ran while modules were imported"
