"""`make audit`, a part of `make lint`: checkov looks at the templates. Whatever it finds is mended,
or stands here with the reason why not.

A reason that nothing needs any more is an error, too, so that the list stays as short as it can be.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from tools.errors import ToolError, run
from tools.packaging.package import ROOT, package
from tools.packaging.target import HOST

STAGES = ("sandbox", "prod")
ACCOUNT = ROOT / "infra" / "account"
ASKED = ("--framework", "cloudformation", "--skip-download", "--compact", "-o", "json")
CHECKOV = ROOT / ".audit" / "bin" / "checkov"


class Reason(NamedTuple):
    """Why a check is passed over, and at which resources (names in the template, `*` at the end for
    any).
    """

    why: str
    at: tuple[str, ...] = ("*",)


class Found(NamedTuple):
    check: str
    resource: str
    says: str


PASSED_OVER = {
    "CKV_AWS_18": Reason(
        "Downloads of evidence are signed by the API, which logs them, packages are named by their digest; CloudTrail says the rest",
        ("EvidenceBucket", "Artefacts"),
    ),
    "CKV_AWS_26": Reason("With the key of AWS neither SES nor CloudWatch may publish; events name mails by id and stay for seconds"),
    "CKV_AWS_27": Reason("Queues are encrypted by SQS itself; messages are ids"),
    "CKV_AWS_73": Reason("Every line on the logs has the request's id; nothing else would be learnt from traces"),
    "CKV_AWS_76": Reason("There is an access log, under a condition that checkov does not resolve; tests/infra/test_template.py does"),
    "CKV_AWS_115": Reason("A limit on one function would refuse callers while others idle; the API's throttle and the alarm stand instead"),
    "CKV_AWS_116": Reason(
        "Called and answered at once, or reading a queue that has its own dead letters",
        ("APIHandler", "Worker", "MailEvents", "TokenClaims"),
    ),
    "CKV_AWS_117": Reason("Functions reach AWS's own services and the public internet, nothing that lies in a network of ours"),
    "CKV_AWS_119": Reason("Encrypted with the key of AWS, whose every use is on CloudTrail; a key of one's own is one more to lose"),
    "CKV_AWS_120": Reason("Answers are for one caller and one moment; a cache would give them to others"),
    "CKV_AWS_158": Reason("Logs hold ids and codes, nobody's words (tests/runtime/test_metrics.py); CloudWatch encrypts them itself"),
    "CKV_AWS_173": Reason("The environment holds names and addresses; secrets are in Parameter Store, and the doctor looks"),
}  # fmt: skip


def main() -> int:
    """Looks at the templates of all deployed stages and of the account; 0 when nothing is found
    that has no reason.
    """
    templates = {
        f"{stage}.json": _without_routes(package(stage, HOST).template) for stage in STAGES
    }
    templates |= {file.name: file.read_text() for file in ACCOUNT.glob("*.yaml")}
    found = set(_found(templates))
    wrong = judged(found)
    if wrong:
        raise ToolError(
            "\n".join(wrong),
            "Mend it in infra/, or give the reason in tools/packaging/template_audit.py.",
        )
    print(f"{len(found)} findings of checkov in {len(templates)} templates, each with its reason.")
    return 0


def judged(found: Iterable[Found]) -> list[str]:
    """What is found without a reason, and reasons that nothing needs."""
    seen = list(found)
    without = [f"{one.check} {one.resource}: {one.says}" for one in seen if not _excused(one)]
    needless = [
        f"{check} is not found any more"
        for check in PASSED_OVER
        if check not in {one.check for one in seen}
    ]
    return sorted(without) + needless


def _excused(one: Found) -> bool:
    reason = PASSED_OVER.get(one.check)
    return reason is not None and any(fnmatch(one.resource, pattern) for pattern in reason.at)


def _without_routes(template: Path) -> str:
    """The template without the API's paths: a hundred of them say the same, and checkov reads each
    for a minute.
    """
    whole = json.loads(template.read_text())
    whole["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"] = {}
    return json.dumps(whole, indent=1)


def _found(templates: Mapping[str, str]) -> Iterator[Found]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in templates]
        for file in files:
            file.write_text(templates[file.name])
        # All at once: checkov takes seconds to start and a fraction of one to look.
        command = [str(CHECKOV), *ASKED, "-f", *map(str, files)]
        ended = subprocess.run(
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
    try:
        results = json.loads(ended.stdout)["results"]
    except (ValueError, KeyError, TypeError) as broken:
        raise ToolError(
            f"checkov failed: {(ended.stderr or ended.stdout)[-2000:]}",
            "See that .audit is made: make audit.",
        ) from broken
    unread = set(templates) - {Path(one["file_path"]).name for one in results["passed_checks"]}
    if unread or results["parsing_errors"]:
        raise ToolError(
            f"checkov could not read {sorted(unread)}: {results['parsing_errors']}",
            "Run `make templates`.",
        )
    yield from (
        Found(one["check_id"], one["resource"].rpartition(".")[2], one["check_name"])
        for one in results["failed_checks"]
    )


if __name__ == "__main__":
    sys.exit(run(main))
