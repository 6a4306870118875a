"""People and customers of a production stage on the emulator: they sign in, file and decide."""

import hashlib
import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any

import requests

from tests.support.fake_ses import Taken
from tests.support.files import PDF
from tests.support.first_day import Account, wait_for
from tests.support.hosted_sign_in import PASSWORD, sign_in

SECONDS = 60
# What SES writes to a topic when an event destination is made (ope-tech/laravel-ses#10).
VALIDATED = "Successfully validated SNS topic for Amazon SES event publishing."
QUEUES = ("WorkQueue", "WorkDeadLetters", "MailEventsQueue", "MailEventsDeadLetters")


class Programme:
    """A stage with its people, over HTTP at the deployed API."""

    def __init__(self, account: Account) -> None:
        self._account, self._stage, self._api = account, account.stage, account.api
        self._tokens: dict[str, str] = {}

    def sign_in(self, mail: str, scope: str) -> None:
        """Let an invited person sign in, without the second factor, which no program here has."""
        people, pool = self._stage.client("cognito-idp"), self._stage.output("UserPoolId")
        people.set_user_pool_mfa_config(UserPoolId=pool, MfaConfiguration="OFF")
        people.admin_set_user_password(
            UserPoolId=pool, Username=mail, Password=PASSWORD, Permanent=True
        )
        tokens = sign_in(self._stage, mail, scope)
        self._tokens[mail] = tokens["access_token"]

    def get(self, path: str, by: str = "") -> requests.Response:
        headers = {"Authorization": f"Bearer {self._tokens[by]}"} if by else {}
        answer = requests.get(self._api + path, headers=headers, timeout=SECONDS)
        assert answer.status_code == 200, answer.text
        return answer

    def post(self, path: str, body: Any, by: str, **headers: str) -> Any:
        """A POST that must succeed, as JSON."""
        headers |= {
            "Authorization": f"Bearer {self._tokens[by]}",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        answer = requests.post(self._api + path, json=body, headers=headers, timeout=SECONDS)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def file(self, by: str, **changes: Any) -> dict[str, Any]:
        """File the claim of docs/first-claim.md, with its evidence; return the claim."""
        announced = {
            "file_name": "proof.pdf",
            "content_type": "application/pdf",
            "size": len(PDF),
            "sha256": hashlib.sha256(PDF).hexdigest(),
        }
        evidence = self.post("/v1/evidence", announced, by)
        upload = evidence["upload"]
        stored = requests.post(
            upload["url"], data=upload["fields"], files={"file": PDF}, timeout=SECONDS
        )
        assert stored.status_code == 204, stored.text
        proof = {
            "id": evidence["id"],
            "kind": "signed_sow",
            "acknowledged_on": datetime.now(UTC).date().isoformat(),
            "covers": ["dynamics_365_sales_enterprise"],
        }
        filing = {**FILING, "evidence": [proof], **changes}
        (claim,) = self.post("/v1/claims", filing, by)["claims"]
        return dict(claim)

    def decide(self, claim: dict[str, Any], act: str, by: str) -> dict[str, Any]:
        """Act on a claim as a reviewer, on its version as it is now."""
        path = f"/v1/review/claims/{claim['id']}"
        version = self.get(path, by).headers["ETag"]
        return dict(self.post(f"{path}/{act}", {}, by, **{"If-Match": version}))

    def report(self, event: str, mail: Taken) -> None:
        """Publish an event of SES about a mail, as SES does."""
        now = datetime.now(UTC).isoformat()
        about = {"timestamp": now, "messageId": mail.provider_id, "tags": {"mail": [mail.mail_id]}}
        detail = {event.lower(): {"timestamp": now, "recipients": [mail.to]}}
        self.publish(json.dumps({"eventType": event, "mail": about, **detail}))

    def publish(self, text: str) -> None:
        topic = self._stage.physical_id("MailTopic")
        self._account.client("sns").publish(TopicArn=topic, Message=text)

    def open_link(self, mail: Taken) -> str:
        """Open the customer's link in a mail, and return the page."""
        base = self._stage.settings_of("APIHandler").public_base_url
        found = re.search(rf"{re.escape(base)}(/o/\w+)", mail.text)
        assert found, mail.text
        return self.get(found[1]).text

    def count_messages(self) -> dict[str, int]:
        """Count the messages in every queue, waiting or being worked on."""
        sqs = self._account.client("sqs")
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = {}
        for queue in QUEUES:
            url = self._stage.output(f"{queue}Url")
            answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
            found[queue] = sum(map(int, answer["Attributes"].values()))
        return found

    def wait_until_idle(self) -> None:
        """Wait until the queues are empty; what failed waits among the dead letters."""
        wait_for(
            lambda: not any(self.count_messages()[q] for q in ("WorkQueue", "MailEventsQueue"))
        )


FILING = {
    "location_id": "4516001",
    "tenant_id": "35b53e48-c4b6-474d-bcc2-9fdb4a3e281a",
    "domain": "fabrikam.example",
    "solution_area": "business_applications",
    "partner_role": "usage_recognition",
    "items": [{"product": "dynamics_365_sales_enterprise"}],
    "customer_contact": {"name": "Karin Kern", "title": "CIO", "email": "karin@fabrikam.example"},
    "technical_contact": {"name": "Timo Tal", "title": "IT", "email": "timo@fabrikam.example"},
    "partner_contact": {"name": "Pia", "email": "pia@partner.example"},
}
