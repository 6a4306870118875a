"""What a mail of each kind says, and in which order.

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
_PARTNER = {
    "submitted": "what case items review? customer link",
    "held": "what case items codes ask until effect link",
    "held_over": "what case items codes ask again? again_after? link",
    "held_wanting": "what case items codes next link",
    "comment_added_partner": "what case items message next link",
    "info_requested": "what until link case items codes message",
    "approved": "what case items next until? link",
    "activated": "what case items may link",
    "rejected": "what case items codes message dispute? link",
    "customer_opted_out_partner": "what case items effect undo? again_after? link",
    "customer_agreed_partner": "what case items next link",
    "customer_undone_partner": "what case items until? link",
    "withdrawn": "what case items again? again_after? link",
    "disputed": "what case items until link",
    "contested": "what case items next link",
    "arbitration_opened": "what case items until sealed link",
    "arbitration_question": "what case items message until link",
    "arbitration_decided": "what case items codes grounds dispute? link",
    "winner_left": "what case items effect link",
    "winner_back": "what case items effect link",
    "expired": "what case items again? again_after? link",
    "association_ended": "what case items codes message effect dispute? link",
    "paused": "what case items codes next until? link",
    "resumed": "what case items link",
    "renewal_warning": "what case items next link",
    "renewal_draft": "what case items next link",
    "mail_undeliverable": "what case items until? ask link",
}
# About the partner's own programs, to its administrators or to the contact that they named.
_ADMINISTRATORS = {
    "api_key_made": "what ends effect link",
    "api_key_ends": "what effect next link",
    "webhook_failing": "what codes effect link",
    "webhook_disabled": "what codes effect next link",
}
_PROGRAMME = {
    "clock_warning": "what case items link",
    "comment_added": "what case items link",
    "clock_escalated": "what case items link",
    "nobody_eligible": "what case items link",
    "notice_alarm": "what case items link",
    "calendar_ended": "what case items link",
    "late_bounce": "what case items link",
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
