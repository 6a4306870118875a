"""Who acts: a signed-in caller, or the holder of a link."""

from dataclasses import dataclass, field

from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Actor
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.refusals import NotFound

PARTNER_ROLES = frozenset({"incentives_admin", "incentives_user", "billing_admin", "global_admin"})
PROGRAMME_ROLES = frozenset({"reviewer", "senior_reviewer", "operator", "auditor"})


@dataclass(frozen=True)
class Caller:
    """A verified token's holder: of one partner organisation, or of the programme."""

    sub: str
    name: str = ""
    organisation_id: str | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    locale: str | None = None

    @property
    def senior(self) -> bool:
        return "senior_reviewer" in self.roles

    @property
    def organisation(self) -> str:
        """The caller's organisation.

        Raises NotFound for a caller without one: nothing of a partner is theirs.
        """
        if not self.organisation_id:
            raise NotFound()
        return self.organisation_id

    def owns(self, claim: Claim) -> None:
        """Raises NotFound unless the claim is the caller's organisation's: foreign looks like
        unknown.
        """
        if claim.organisation_id != self.organisation_id:
            raise NotFound()

    @property
    def actor(self) -> Actor:
        """A partner's person as the actor of a step."""
        return Actor(
            kind="partner", sub=self.sub, name=self.name, organisation_id=self.organisation_id
        )


@dataclass(frozen=True)
class Guest:
    """The holder of a link: whoever opened the mail, as far as the link goes."""

    mail: MailRecord
    token: str

    @property
    def of_tenant(self) -> bool:
        """Whether the link may act for the whole tenant."""
        return self.mail.scope == "tenant"

    def judges(self, claim: Claim) -> bool:
        """Whether their word on this claim has a tenant link's effect: never for the claimant
        itself.
        """
        return self.of_tenant and not claim.is_partner_address(self.mail.recipient)

    @property
    def actor(self) -> Actor:
        kind = "tenant link" if self.of_tenant else "claim link"
        return Actor(kind="customer", sub=self.mail.id, name=kind)
