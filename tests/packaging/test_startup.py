"""A new process reads what its first answer needs, and nothing else."""

import json
import subprocess
import sys

from tools.packaging.package import ROOT

LOOK = "import json, sys; import app; print(json.dumps(sorted(sys.modules)))"
RUBBISH = "import gc, json; import app; print(json.dumps([gc.isenabled(), gc.get_freeze_count() > 10_000, gc.get_threshold()[0]]))"
# Each is read by some request, or by the tools; none by all.
LATER = {
    "botocore.session", "chalicelib.aws.sandbox", "chalicelib.text.mail_renderer", "chalicelib.web.api.request_models",
    "cryptography", "http.client", "idna", "jinja2", "jwt", "ssl", "urllib.request",
}  # fmt: skip
NEVER = {"boto3", "cryptography.x509", "tests", "tools"}


def said(snapshot):
    environment = {"PYTHONPATH": str(ROOT), "STAGE": "prod", "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-c", snapshot],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def test_what_some_requests_need_is_not_read_for_all():
    assert set(said(LOOK)) & (LATER | NEVER) == set()


def test_what_was_read_is_never_looked_through_for_rubbish_and_the_rest_seldom():
    looks, frozen, seldom = said(RUBBISH)

    assert (looks, frozen) == (True, True)
    assert seldom > 700
