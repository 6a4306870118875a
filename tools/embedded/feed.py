"""Import a folder of feed files into the running service with the operator's command line."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from cpor.feeds.columns import PartnerColumns
from cpor.feeds.reading import find_file, read_rows
from tools.embedded.deployment import Deployment
from tools.embedded.emulator import KEYS, REGION
from tools.errors import ToolError
from tools.packaging.package import ROOT

PARTLY = 1  # the exit code of `cpor import` when some rows are invalid and the others imported
DEMONSTRATION = ROOT / "cpor" / "demo"


def load(folder: Path, deployed: Deployment) -> None:
    """Run `cpor import`. Rows that are there already stay as they are.

    Raises:
        ToolError: the folder does not exist, or the import failed and printed the reason.
    """
    if not folder.is_dir():
        raise ToolError(
            f"FEED={folder} is not a folder.",
            "Name a folder with partners.jsonl, tenants.jsonl and so on.",
        )
    command = [sys.executable, "-m", "cpor", "import", str(folder)]
    done = subprocess.run(command, check=False, cwd=ROOT, env=_environment(deployed))
    if done.returncode == PARTLY:
        print("Some rows were not imported (see above); the others were.", flush=True)
    elif done.returncode:
        raise ToolError(
            f"The feed in {folder} was not imported (see above).",
            "Correct what is named there and start again.",
        )


def find_partner(folder: Path) -> str | None:
    """Return the id of the first valid partner in a feed; None when it names none."""
    path = find_file(folder, "partners")
    for line in read_rows(path, PartnerColumns.model_fields) if path else ():
        with suppress(ValidationError):
            return PartnerColumns.model_validate(line.columns).organisation_id
    return None


def _environment(deployed: Deployment) -> dict[str, str]:
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": deployed.endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEYS[0],
        "AWS_SECRET_ACCESS_KEY": KEYS[1],
        "STAGE": "local",
        "TABLE_NAME": deployed.table_name,
        "WORK_QUEUE_URL": deployed.outputs["WorkQueueUrl"],
        "EVIDENCE_BUCKET": deployed.outputs["EvidenceBucketName"],
    }
