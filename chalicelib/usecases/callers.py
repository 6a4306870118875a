"""The actors of use cases: a signed-in caller, or the holder of a link."""

from dataclasses import dataclass, field

from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Actor
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.refusals import Forbidden, NotFound

PARTNER_ROLES = frozenset({"incentives_admin", "incentives_user", "billing_admin", "global_admin"})
PROGRAMME_ROLES = frozenset({"reviewer", "senior_reviewer", "operator", "auditor"})


@dataclass(frozen=True)
class Caller:
    """The holder of a verified token: a person of one partner organisation, or of the programme.

    Attributes:
        sub: the subject of the token.
        name: the person's name, if the token has one.
        organisation_id: the partner organisation; None: a person of the programme.
        roles: those of its roles that apply to this kind of caller.
        locale: the language named by the token.
        networks: of an API key, the networks (CIDR) that it may be used from; none: all.
    """

    sub: str
    name: str = ""
    organisation_id: str | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    locale: str | None = None
    networks: tuple[str, ...] = ()

    @property
    def is_senior(self) -> bool:
        return "senior_reviewer" in self.roles

    @property
    def organisation(self) -> str:
        """The caller's organisation.

        Raises NotFound for a caller of the programme, which owns nothing of a partner.
        """
        if not self.organisation_id:
            raise NotFound()
        return self.organisation_id

    def require_own(self, claim: Claim) -> None:
        """Raise NotFound unless the claim belongs to the caller's organisation.

        A foreign claim looks like an unknown one.
        """
        if claim.organisation_id != self.organisation_id:
            raise NotFound()

    @property
    def as_partner(self) -> Actor:
        """The actor of a step that a partner takes."""
        return Actor(
            kind="partner", sub=self.sub, name=self.name, organisation_id=self.organisation_id
        )

    @property
    def as_reviewer(self) -> Actor:
        """The actor of a step that a reviewer takes."""
        return Actor(kind="reviewer", sub=self.sub, name=self.name)


@dataclass(frozen=True)
class Guest:
    """The holder of a link: the person who opened the mail, as far as the link goes.

    Attributes:
        mail: the record of the mail that the link was sent in.
        token: the link's token.
    """

    mail: MailRecord
    token: str

    @property
    def has_tenant_link(self) -> bool:
        """Whether the link may act for the whole tenant."""
        return self.mail.scope == "tenant"

    def may_judge(self, claim: Claim) -> bool:
        """Return whether an answer to this claim has the effect of a tenant link.

        Never for the claimant itself.
        """
        return self.has_tenant_link and not claim.belongs_to_claimant(self.mail.recipient)

    @property
    def actor(self) -> Actor:
        """The actor of a step that the customer takes."""
        kind = "tenant link" if self.has_tenant_link else "claim link"
        return Actor(kind="customer", sub=self.mail.id, name=kind)


def require_senior_for_dispute(claim: Claim, caller: Caller) -> None:
    """Raise Forbidden unless a senior answers a dispute, whichever route it is answered by."""
    if claim.status == "disputed" and not caller.is_senior:
        raise Forbidden("senior_needed")
