"""The content of each kind of mail, in order.

Sources: domain.md, "The customer's answer" and "Deadlines". Each word is a paragraph: this kind's
own text `mail.<kind>.<word>`, or one that several kinds share. The words `items`, `case`, `codes`,
`message`, `grounds` and `link` are built from facts (`mail_renderer`) and left out when there are
none. A word with `?` is left out when one of its facts is not known.
"""

_WHO = "country? domains?"
# What, until when, the button; then who asks, and what it means.
_ASKS = f"no_action until link how {_WHO} sees silence after why scope"
_ACT = "undo? link not_you?"

_CUSTOMER = {
    "notice": f"what items {_ASKS}",
    "notice_amended": f"what items {_ASKS}",
    "reminder": "what items no_action until link how sees silence after scope",
    "new_contact": f"what items no_action until? link how {_WHO} sees silence? after why scope",
    "address_changed": "what effect link",
    "customer_opted_out": f"what items by? effect {_ACT}",
    "confirm_agree": "what items effect once link",
    "confirm_undo": "what items effect once link",
    "confirm_unlock": "what effect once link",
    "confirm_allow_again": "what effect once link",
    "objection_replaced": "what items effect link",
    "customer_agreed": f"what items by? effect {_ACT}",
    "customer_undone": "what items by? effect until? link not_you?",
    "claim_ended": "what items effect link",
    "claim_goes_on": "what items effect sees after how link scope",
    "links_reissued": "what effect link",
    "tenant_locked": f"what effect {_ACT}",
    "tenant_unlocked": f"what effect {_ACT}",
    "partner_blocked": f"what effect items {_ACT}",
    "partner_allowed_again": f"what effect {_ACT}",
}
# What, until when, the button; then which claim, and what it means.
_PARTNER = {
    "submitted": "what link case items review? customer",
    "held": "what until link case items codes ask effect",
    "held_over": "what link case items codes ask again? again_after?",
    "held_wanting": "what link case items codes next",
    "comment_added_partner": "what link case items message next",
    "info_requested": "what until link case items codes message",
    "approved": "what until? link case items next",
    "activated": "what link case items may",
    "rejected": "what dispute? link case items codes message",
    "customer_opted_out_partner": "what undo? link case items effect again_after?",
    "customer_agreed_partner": "what link case items next",
    "customer_undone_partner": "what until? link case items",
    "withdrawn": "what link case items again? again_after?",
    "disputed": "what until link case items",
    "contested": "what link case items next",
    "arbitration_opened": "what until link case items sealed",
    "arbitration_question": "what until link case items message",
    "arbitration_decided": "what dispute? link case items codes grounds",
    "winner_left": "what link case items effect",
    "winner_back": "what link case items effect",
    "expired": "what link case items again? again_after?",
    "association_ended": "what dispute? link case items codes message effect",
    "paused": "what until? link case items codes next",
    "resumed": "what link case items",
    "renewal_warning": "what link case items next",
    "renewal_draft": "what link case items next",
    "mail_undeliverable": "what until? link case items ask",
}
# About the partner's own programs, to its administrators or to the contact that they named.
_ADMINISTRATORS = {
    "api_key_made": "what ends link effect",
    "api_key_ends": "what link effect next",
    "webhook_failing": "what link codes effect",
    "webhook_disabled": "what link codes effect next",
}
_PROGRAMME = {
    "clock_warning": "what link case items",
    "comment_added": "what link case items",
    "clock_escalated": "what link case items",
    "nobody_eligible": "what link case items",
    "notice_alarm": "what link case items",
    "calendar_ended": "what link case items",
    "late_bounce": "what link case items",
}

TO_CUSTOMER = frozenset(_CUSTOMER)
TO_PROGRAMME = frozenset(_PROGRAMME)
TO_ADMINISTRATORS = frozenset(_ADMINISTRATORS)
PLANS: dict[str, tuple[str, ...]] = {
    kind: tuple(plan.split())
    for kind, plan in (_CUSTOMER | _PARTNER | _ADMINISTRATORS | _PROGRAMME).items()
}
# Below the signature of every mail.
FRAME = (
    "automatic",
    "head?",
    "genuine?",
    "support?",
    "explain",
    "vendor?",
    "privacy?",
    "imprint?",
)
