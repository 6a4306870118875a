"""Clients that others' generators make of the published document file a claim with evidence."""

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clients import node_tools
from tests.clients.node_tools import HERE
from tests.support.customer import SALES, Customer
from tests.support.emulator import DeployedStage
from tests.support.over_http import over_http
from tools.packaging.package import ROOT

pytestmark = [pytest.mark.deployed, pytest.mark.xdist_group("ministack")]
ENVIRONMENT = ROOT / ".clients" / "bin"
# What both clients print, besides the id: the claim, the beginning of its history, and the code of
# the refusal of a claim that is not there.
FILED = {
    "status": "submitted",
    "acts": ["claim.created", "claim.submitted"],
    "code": "not_found",
}


@pytest.fixture
def document(deployed_stage: DeployedStage, tmp_path: Path) -> Path:
    """The document as it is served."""
    file = tmp_path / "openapi.json"
    file.write_bytes(requests.get(f"{deployed_stage.url}/openapi.json", timeout=60).content)
    return file


def describe(customer: Customer) -> str:
    """Describe a customer for a client."""
    today = datetime.fromisoformat(customer.service.now()).date()
    return json.dumps(
        {
            "organisation": customer.partner(),
            "location": "4500001",
            "tenant": customer.tenant_id,
            "domain": customer.domain,
            "product": SALES,
            "subscription": customer.subscription_id,
            "day": (today - timedelta(days=30)).isoformat(),
        }
    )


def file_with(stage: DeployedStage, *command: str, **environment: str) -> dict[str, Any]:
    """Have a client file for a new customer, and return what it prints."""
    with over_http(stage) as service:
        done = subprocess.run(
            [*command, stage.url, describe(service.customer())],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_generated_python_client_files_a_claim(deployed_stage, document, tmp_path):
    subprocess.run([sys.executable, "tools/environments.py", ".clients"], cwd=ROOT, check=True)
    generated = subprocess.run(
        [
            *(str(ENVIRONMENT / "openapi-python-client"), "generate", "--path", str(document)),
            *("--output-path", str(tmp_path / "cpor_client"), "--meta", "none"),
            "--fail-on-warning",
        ],
        env={**os.environ, "PATH": f"{ENVIRONMENT}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert generated.returncode == 0, generated.stdout + generated.stderr

    python, script = str(ENVIRONMENT / "python"), str(HERE / "with_python.py")
    filed = file_with(deployed_stage, python, script, PYTHONPATH=str(tmp_path))

    assert filed == {**FILED, "id": filed["id"]}


def test_a_generated_typescript_client_files_a_claim(deployed_stage, document):
    node_tools.install()
    folder = node_tools.FOLDER
    shutil.copy(HERE / "with_typescript.ts", folder)
    made = node_tools.run("openapi-typescript", str(document), "-o", "schema.d.ts")
    assert made.returncode == 0, made.stderr

    checked = node_tools.run(
        "tsc", *("--strict", "--target", "es2022", "--module", "nodenext"), "with_typescript.ts"
    )
    assert checked.returncode == 0, checked.stdout
    filed = file_with(deployed_stage, "node", str(folder / "with_typescript.js"))

    assert filed == {**FILED, "id": filed["id"]}
