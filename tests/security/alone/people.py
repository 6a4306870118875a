"""Who may try to reach something alone: the accounts, mailboxes and links of each."""

from dataclasses import dataclass

from chalicelib.usecases.callers import Caller
from tests.simulation.directory_data import TENANTS
from tests.simulation.environment import Sent

TENANT = TENANTS[0]
DOMAIN = TENANT.domains[0]
NAMED = f"anna@{DOMAIN}"  # the contact that claimants name
ATTACKER = "org_a"
OWN_DOMAIN = "reviewers.example"  # where reviewers read mail

PARTNER_ROLES = {
    "org_a_admin": "incentives_admin",
    "org_a_user": "incentives_user",
    "org_a_billing": "billing_admin",
    "org_a_global": "global_admin",
}
EXTRA_CALLERS = {
    name: Caller(sub=name, name=name, organisation_id=ATTACKER, roles=frozenset({role}))
    for name, role in PARTNER_ROLES.items()
} | {
    "olga": Caller(sub="olga", name="Olga", roles=frozenset({"operator"})),
    "audra": Caller(sub="audra", name="Audra", roles=frozenset({"auditor"})),
}


@dataclass(frozen=True)
class Actor:
    """One party that acts alone, with all its people.

    callers: the accounts that it signs in with.
    mailboxes: addresses whose mails it reads.
    has_forwarded_link: it also has the links of the tenant's own contacts, but not their mailboxes.
    """

    name: str
    callers: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    has_forwarded_link: bool = False

    def has_link(self, sent: Sent) -> bool:
        """Whether the link in a mail is in its hands."""
        if sent.to in self.mailboxes:
            return True
        return self.has_forwarded_link and sent.to in TENANT.contacts and not sent.confirms


PARTNER = Actor("partner", tuple(PARTNER_ROLES), ("pia@org-a.example",))
REVIEWER = Actor("reviewer", ("rita",), (f"rita@{OWN_DOMAIN}",))
SENIOR = Actor("senior", ("sena",), (f"sena@{OWN_DOMAIN}",))


def _join(name: str, *actors: Actor) -> Actor:
    callers = tuple(caller for one in actors for caller in one.callers)
    mailboxes = tuple(address for one in actors for address in one.mailboxes)
    return Actor(name, callers, mailboxes, has_forwarded_link=True)


ACTORS = (
    PARTNER,
    _join("partner with a forwarded link", PARTNER),
    REVIEWER,
    SENIOR,
    Actor("operator", ("olga",), ("olga@operators.example",)),
    Actor("auditor", ("audra",)),
    Actor("named contact", (), (NAMED,)),
    Actor("own contact", (), TENANT.contacts),
    Actor("outsider"),
    Actor("outsider with a forwarded link", has_forwarded_link=True),
    _join("partner, reviewer and a forwarded link", PARTNER, REVIEWER),
    _join("partner, senior and a forwarded link", PARTNER, SENIOR),
)
