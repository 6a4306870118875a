"""What a problem's pointer is about, in words, and which field of a form it is."""

from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.forms import name_field

# The first step of a pointer, and the text that labels it.
LABELS = {
    "tenant_id": "ui.claim.tenant",
    "domain": "ui.claim.domain",
    "location_id": "ui.claim.location",
    "partner_role": "ui.claim.role",
    "solution_area": "ui.claim.role",
    "items": "ui.filing.items",
    "customer_contact": "ui.claim.customer_contact",
    "technical_contact": "ui.claim.technical_contact",
    "partner_contact": "ui.claim.partner_contact",
    "evidence": "ui.claim.evidence",
    "name": "ui.claim.name",
    "external_reference": "ui.claim.reference",
    "comment": "ui.filing.comment",
    "revenue_details": "ui.filing.revenue",
    "reason": "ui.claim.reason",
    "message": "ui.case.sentence",
    "codes": "ui.case.missing",
    "text": "ui.claim.new_comment",
    "email": "ui.account.mail",
    "roles": "ui.account.roles",
    "language": "ui.account.language",
    "time_zone": "ui.account.zone",
    "role": "ui.account.roles",
    "expires_on": "ui.keys.expires_on",
    "from_addresses": "ui.keys.from_addresses",
    "contact": "ui.keys.contact",
    "url": "ui.hooks.url",
    "types": "ui.hooks.types",
    "description": "ui.hooks.description",
    "overlap": "ui.hooks.overlap",
    "from": "ui.hooks.from",
    "since": "ui.events.since",
    "until": "ui.hooks.until",
}
# The field that stands for a whole group, or that has another name than in the body.
ANCHORS = {
    "partner_role": "role",
    "solution_area": "role",
    "items": "items-0-code",
    "customer_contact": "customer_contact-name",
    "technical_contact": "technical_contact-name",
    "partner_contact": "partner_contact-name",
    "evidence": "files",
}


def find_label(language: str, pointer: str) -> str:
    """Return what a pointer is about, '' if that is not known."""
    steps = name_field(pointer).split("/")
    label = translate(language, LABELS[steps[0]]) if steps[0] in LABELS else ""
    if steps[0] == "items" and len(steps) > 1 and steps[1].isdecimal():
        return translate(language, "ui.filing.item", number=int(steps[1]) + 1)
    return label


def find_anchor(pointer: str) -> str:
    """Return the id of the field that a pointer is about, if the page has it."""
    name = name_field(pointer)
    parts = name.split("/")
    if parts[0] == "items" and len(parts) == 3 and parts[2] in ("product", "workload"):
        return f"items-{parts[1]}-code"
    return ANCHORS.get(name) or name.replace("/", "-")
