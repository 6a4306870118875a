"""Imports a folder of the feed into the running service, by the operator's own command line."""

import os
import subprocess
import sys
from pathlib import Path

from tools.embedded.deployment import Deployment
from tools.embedded.emulator import KEYS, REGION
from tools.errors import CannotGoOn
from tools.packaging.package import ROOT

PARTLY = 1  # what `cpor` ends with when some rows are bad and the others are in
DEMONSTRATION = ROOT / "cpor" / "demo"


def load(folder: Path, deployed: Deployment) -> bool:
    """Runs `cpor import`; rows that are there already stay as they are. Answers whether there was
    anything to import.

    Raises:
        CannotGoOn: the import refused; it has said why on its own.
    """
    if folder == DEMONSTRATION and not (
        folder.is_dir() and (ROOT / "cpor" / "__main__.py").exists()
    ):
        print("No demonstration feed here: starting with an empty directory.", flush=True)
        return False
    if not folder.is_dir():
        raise CannotGoOn(
            f"FEED={folder} is not a folder.",
            "Name a folder with partners.jsonl, tenants.jsonl and so on.",
        )
    command = [sys.executable, "-m", "cpor", "import", str(folder)]
    ended = subprocess.run(command, check=False, cwd=ROOT, env=_environment(deployed))
    if ended.returncode == PARTLY:
        print("Not everything was imported (see above); what was good is in.", flush=True)
    elif ended.returncode:
        raise CannotGoOn(
            f"The feed in {folder} was not imported (see above).",
            "Mend what it names and start again.",
        )
    return True


def _environment(deployed: Deployment) -> dict[str, str]:
    return {
        **os.environ, "AWS_ENDPOINT_URL": deployed.endpoint, "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEYS[0], "AWS_SECRET_ACCESS_KEY": KEYS[1], "STAGE": "local",
        "TABLE_NAME": deployed.table_name, "WORK_QUEUE_URL": deployed.outputs["WorkQueueUrl"],
        "EVIDENCE_BUCKET": deployed.outputs["EvidenceBucketName"],
    }  # fmt: skip
