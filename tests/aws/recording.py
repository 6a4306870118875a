"""Records rows as this version writes them, for later versions to read: `python -m
tests.aws.recording NAME`.

A recording is never edited. A version that changes the form of stored values makes another one
next to it, so that every form that was ever stored is read by every version that follows.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

from chalicelib.aws.rows import read_text
from tests.support.arbitrations import hear_everyone
from tests.support.customer import Customer
from tests.support.in_process import in_process
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.service import Service

FOLDER = Path(__file__).parents[1] / "data" / "rows"
FEW = 4
LEFT_OUT = ("SECRET", "MAILBOX", "CLOCK")  # what a sandbox alone has, its keys among it


def main() -> None:
    """Lives some lives and writes every row of them to `tests/data/rows/NAME.jsonl`."""
    database = MemoryDynamoDB()
    with in_process(database) as service:
        for live in (_official, _rivals, _opt_out_and_block, _waiting):
            live(service, service.customer())
        recorded = [
            _record(row) for row in database.rows.values() if read_text(row, "pk") not in LEFT_OUT
        ]
        moment = {"moment": service.now()}
    receipts = [
        one for one in recorded if one["row"]["pk"]["S"].startswith("I#")
    ]  # whole answers: a few will do
    kept = [one for one in recorded if one not in receipts[FEW:]]
    lines = [moment, *sorted(kept, key=lambda one: (one["row"]["pk"]["S"], one["row"]["sk"]["S"]))]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{sys.argv[1]}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def _record(row: Any) -> dict[str, Any]:
    """A row as it travels, and the value in it as plain JSON, so that reading it back can be judged
    without our code.
    """
    travels = {
        name: {kind: base64.b64encode(v).decode() if kind == "B" else v for kind, v in one.items()}
        for name, one in row.items()
    }
    return {"row": travels} | ({"value": json.loads(read_text(row))} if "v" in row else {})


def _official(service: Service, customer: Customer) -> None:
    """An association that is active, with figures, comments and a retention clock to come."""
    claim = customer.active()
    service.post(f"/v1/claims/{claim['id']}/comments", {"text": "Thank you."}, by=customer.by())


def _rivals(service: Service, customer: Customer) -> None:
    """An open case of arbitration, with a statement and a proposal."""
    customer.active(1)
    claim = customer.file(2)
    customer.approve(claim, who="Ruth")
    case = service.get("/v1/arbitrations", by=customer.by(2))["data"][0]
    service.post(
        f"/v1/arbitrations/{case['id']}/statement",
        {"text": "We do the work now."},
        by=customer.by(2),
    )
    hear_everyone(service, case["id"])
    senior = service.token(None, "senior_reviewer", name="Sena")
    tag = service.call("GET", f"/v1/arbitrations/{case['id']}", by=senior).etag
    reasons = {
        "coverage": "whole item",
        "recency": "newer",
        "customer": "said so",
        "continuity": "no break",
    }
    service.post(
        f"/v1/arbitrations/{case['id']}/propose",
        {"winner": claim["id"], "reasons": reasons},
        by=senior,
        match=tag,
    )


def _opt_out_and_block(service: Service, customer: Customer) -> None:
    """A customer who said no, locked the tenant, and blocked a partner; the item cools off."""
    claim = customer.file()
    customer.answer(claim, "opt_out", reason="not_our_partner", comment="We do not know them.")
    path = service.link(claim["id"], customer.admin)
    customer.switch(path, "lock")
    customer.switch(path, "block", customer.partner(2))


def _waiting(service: Service, customer: Customer) -> None:
    """A draft, a claim that waits for its partner's answer, a bounced notice."""
    customer.file(1, submit=False)
    claim = customer.file(2)
    customer.review(claim, "start")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    for mail in service.mails(claim["id"], kind="notice"):
        service.became(mail, "bounce")


if __name__ == "__main__":
    main()
