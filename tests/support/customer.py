"""A customer made for a test: its tenant in the feed, filings for it, and acts on its claims."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib.aws import keys
from chalicelib.aws.feed import CLOSED
from chalicelib.aws.rows import make_row, read_text
from chalicelib.domain.ids import tenant_key
from tests.support import feed
from tests.support.api_client import ApiClient, Reply
from tests.support.files import PDF

SALES = feed.SALES


@dataclass
class Customer:
    """A tenant that a test has made, and filings for it."""

    service: ApiClient
    tenant_id: str
    domain: str
    subscription_id: str
    fresh: str

    @property
    def admin(self) -> str:
        """The tenant's own contact."""
        return f"admin@{self.domain}"

    def partner(self, number: int = 1) -> str:
        return f"org_{self.fresh}_{number}"

    def by(self, number: int = 1, *roles: str) -> str:
        """A token of one of the partners."""
        return self.service.token(self.partner(number), *roles)

    def subscription(self, **changes: Any) -> None:
        """Write the subscription to the feed again."""
        whole = {"tenant_id": self.tenant_id, "subscription_id": self.subscription_id, **changes}
        feed.write(self.service.rows, subscriptions=[feed.a_subscription(**whole)])

    def tenant(self, **changes: Any) -> None:
        """Write the tenant to the feed again."""
        whole = {
            "tenant_id": self.tenant_id,
            "name": "Kunde",
            "domains": (self.domain, f"kunde{self.fresh}.onmicrosoft.com"),
            "contacts": (self.admin,),
            **changes,
        }
        feed.write(self.service.rows, tenants=[feed.a_tenant(**whole)])

    def unreadable(self) -> None:
        """The tenant does not let itself be read any more; `tenant()` undoes it."""
        key = keys.tenant(tenant_key(self.tenant_id))
        stored = self.service.rows.get_one(key)
        assert stored
        self.service.rows.write([make_row(key, read_text(stored), **{CLOSED: 1})])

    def without_subscriptions(self) -> None:
        """The directory knows no subscription of this tenant any more."""
        tag = tenant_key(self.tenant_id)
        found = self.service.rows.query(keys.tenant_partition(tag), keys.SUBSCRIPTIONS)
        self.service.rows.write(
            [], [keys.Key(read_text(one, "pk"), read_text(one, "sk")) for one in found]
        )

    def evidence(
        self, number: int = 1, content: bytes = PDF, content_type: str = "application/pdf"
    ) -> str:
        """A file that one of the partners has uploaded."""
        announced = {
            "file_name": "sow.pdf",
            "content_type": content_type,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        made = self.service.post("/v1/evidence", announced, by=self.by(number))
        self.service.put_file(made, content)
        return str(made["id"])

    def filing(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        """A filing by one of the partners that is in order."""
        person = {"name": "Anna Adler", "title": "CIO", "email": f"anna@{self.domain}"}
        acknowledged = (
            (datetime.fromisoformat(self.service.now()) - timedelta(days=30)).date().isoformat()
        )
        return {
            "location_id": f"45{number:05d}",
            "tenant_id": self.tenant_id,
            "domain": self.domain,
            "solution_area": "business_applications",
            "partner_role": "usage_recognition",
            "items": [{"product": SALES, "subscription_id": self.subscription_id}],
            "customer_contact": person,
            "technical_contact": person,
            "partner_contact": {
                "name": "Pia Partner",
                "email": f"pia{number}@partner-{self.fresh}.example",
            },
            "evidence": [
                {
                    "id": self.evidence(number),
                    "kind": "signed_sow",
                    "acknowledged_on": acknowledged,
                    "covers": [SALES],
                }
            ],
            **changes,
        }

    def file(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        """Files, and answers the first claim."""
        return self.files(number, **changes)[0]

    def files(self, number: int = 1, **changes: Any) -> list[dict[str, Any]]:
        """Files, and answers all its claims; their mails have been sent and delivered."""
        made = self.service.post(
            "/v1/claims", self.filing(number, **changes), by=self.by(number), expect=(201,)
        )
        self.service.settle()
        return list(made["claims"])

    def act(
        self, claim: Mapping[str, Any], what: str, body: Any = None, number: int = 1, *roles: str
    ) -> Reply:
        """One call of the claim's partner: withdraw, respond, dispute, comments, submit."""
        return self.service.call(
            "POST", f"/v1/claims/{claim['id']}/{what}", body or {}, by=self.by(number, *roles)
        )

    def amend(self, claim: Mapping[str, Any], number: int = 1, **changes: Any) -> Reply:
        """A merge patch with the claim's current version."""
        path = f"/v1/claims/{claim['id']}"
        current = self.service.call("GET", path, by=self.by(number)).etag
        return self.service.call(
            "PATCH",
            path,
            {"reason": "it has changed", **changes},
            by=self.by(number),
            match=current,
        )

    def history(self, claim: Mapping[str, Any], number: int = 1) -> list[dict[str, Any]]:
        """The public history."""
        return list(
            self.service.get(f"/v1/claims/{claim['id']}/history", by=self.by(number))["data"]
        )

    def acts(self, claim: Mapping[str, Any], number: int = 1) -> list[str]:
        """What happened to a claim, in order."""
        return [row["act"] for row in self.history(claim, number)]

    def clock(self, claim: Mapping[str, Any], kind: str, number: int = 1) -> str | None:
        """When one of a claim's clocks runs out; None when it does not run."""
        return next(
            (c["due_at"] for c in self.claim(claim, number)["clocks"] if c["kind"] == kind), None
        )

    def claim(self, claim: Mapping[str, Any], number: int = 1) -> dict[str, Any]:
        """The claim as its partner sees it now."""
        return dict(self.service.get(f"/v1/claims/{claim['id']}", by=self.by(number)))

    def review(
        self,
        claim: Mapping[str, Any],
        act: str,
        body: Any = None,
        who: str = "Rita",
        *roles: str,
        expect: tuple[int, ...] = (200,),
    ) -> dict[str, Any]:
        """One act of a reviewer, with the claim's current version, which an auditor has read."""
        reviewer = self.service.token(None, *roles, name=who)
        auditor = self.service.token(None, "auditor", name="Audra")
        self.service.settle()
        current = self.service.call("GET", f"/v1/review/claims/{claim['id']}", by=auditor)
        made = self.service.call(
            "POST",
            f"/v1/review/claims/{claim['id']}/{act}",
            body or {},
            by=reviewer,
            match=current.etag,
        )
        assert made.status in expect, made.text
        return dict(made.json)

    def approve(self, claim: Mapping[str, Any], who: str = "Rita") -> dict[str, Any]:
        self.review(claim, "start", who=who)
        return self.review(claim, "approve", who=who)

    def answer(
        self,
        claim: Mapping[str, Any],
        decision: str,
        to: str | None = None,
        which: str | None = None,
        **words: str,
    ) -> Reply:
        """The customer's form, through the link in the newest mail to an address (the tenant's own
        contact).
        """
        reply = self.request_answer(claim, decision, to, which, **words)
        return self.confirm(reply) if "_sent" in reply.headers.get("Location", "") else reply

    def request_answer(
        self,
        claim: Mapping[str, Any],
        decision: str,
        to: str | None = None,
        which: str | None = None,
        **words: str,
    ) -> Reply:
        """The customer's form; what it asks for may still have to be confirmed."""
        path = self.service.link(claim["id"], to or self.admin)
        form = self.form(path)
        return self.service.call(
            "POST",
            path,
            form={"decision": decision, "claim": which or claim["id"], "form": form, **words},
        )

    def confirm(self, requested: Reply) -> Reply:
        """Confirms, through the newest mail for that, and answers as the request was answered."""
        path = self.confirmation()
        form = {"form": self.form(path), "confirm": "yes"}
        reply = self.service.call("POST", path, form=form)
        return requested if reply.status == 200 else reply

    def confirmation(self) -> str:
        """The path in the newest mail to an address of this customer that asks to confirm."""
        for mail in self.service.mails():
            if mail["kind"].startswith("confirm_") and mail["to"][0].endswith(self.domain):
                return urlsplit(mail["links"][0]).path
        raise AssertionError("nothing to confirm")

    def switch(self, path: str, what: str, partner: str = "") -> Reply:
        """The page's form that sets something for the whole tenant: lock, unlock, block,
        allow-again.
        """
        said = {"form": self.form(path), "confirm": "yes", "organisation_id": partner}
        reply = self.service.call("POST", f"{path}/{what}", form=said)
        opens = what in ("unlock", "allow-again") and reply.status == 303
        return self.confirm(reply) if opens else reply

    def form(self, path: str) -> str:
        """The form token on a page."""
        page = self.service.call("GET", path)
        assert page.status == 200, page.text
        return page.text.split('name="form" value="', 1)[1].split('"', 1)[0]

    def active(self, number: int = 1, who: str = "Rita") -> dict[str, Any]:
        """A claim whose association is active: filed, approved, five business days passed."""
        claim = self.file(number)
        self.approve(claim, who)
        self.service.to(self.clock(claim, "customer_opt_out", number) or "")
        claim = self.claim(claim, number)
        assert claim["association"]["state"] == "active", claim
        return claim
