"""Which journeys of the largest modules run on the emulator, too, in every run.

Together with the modules that are not named here, they make every kind of request and call of AWS,
and have every kind of due work done, that all journeys make; the others differ from them by rules
of the domain, for which the database in memory is enough. `make journeys` runs them all.
"""

ON_EMULATOR = {
    "test_act_limits": {
        "test_a_partner_comments_fifty_times_a_day_on_a_claim",
    },
    "test_amending": {
        "test_an_amendment_needs_the_version_that_was_read",
        "test_another_role_means_a_new_notice_and_a_new_clock",
        "test_the_editable_fields_are_those_that_can_be_amended",
    },
    "test_answering_disputes": {
        "test_a_question_in_a_dispute_needs_codes_and_words",
        "test_who_asks_about_a_dispute_answers_it",
    },
    "test_confirmations": {
        "test_an_agreement_takes_effect_only_when_it_is_confirmed",
        "test_opening_the_tenant_again_is_confirmed",
    },
    "test_customer": {
        "test_a_claim_link_has_no_power_over_the_tenant",
        "test_a_locked_tenant_takes_no_new_claims_until_it_is_unlocked",
        "test_a_no_after_activation_ends_the_association_and_undoing_it_makes_a_new_one",
        "test_an_agreement_by_tenant_link_counts_at_once",
        "test_invisible_characters_do_not_keep_a_customer_from_objecting",
        "test_mail_scanners_open_links_and_change_nothing",
        "test_one_no_can_answer_every_claim_on_the_tenant",
    },
    "test_disputes": {
        "test_a_claim_shows_until_when_its_decision_can_be_disputed",
        "test_a_dispute_of_a_lost_case_is_answered_by_a_new_case_with_two_other_seniors",
        "test_a_dispute_with_new_evidence_is_upheld_by_another_senior_and_the_customer_is_asked_again",
        "test_nothing_else_that_ended_can_be_disputed",
    },
    "test_life": {
        "test_a_claim_becomes_official_and_opens_the_figures_of_its_item_alone",
        "test_a_claim_that_waits_for_provisioning_is_submitted_once_it_is_done",
    },
    "test_merge_patch": {
        "test_a_new_address_alone_keeps_name_and_title",
        "test_revenue_details_are_merged_and_taken_away",
    },
    "test_notices": {
        "test_a_late_bounce_pauses_what_rested_on_silence_until_a_reviewer_has_looked",
        "test_an_address_that_a_reviewer_found_counts",
        "test_an_address_that_the_claimant_chose_is_never_taken_for_a_found_one",
        "test_events_that_come_twice_or_late_change_nothing",
    },
    "test_objections": {
        "test_an_objection_to_a_rejected_claim_leaves_the_decision_and_prevents_a_dispute",
    },
    "test_reminders": {
        "test_a_reminder_comes_at_nine_on_the_third_business_day",
    },
    "test_renewals": {
        "test_a_missing_subscription_pauses_at_the_first_lookup_and_ends_at_the_third",
        "test_the_subscription_that_follows_becomes_a_draft_with_everything_copied",
    },
    "test_size_limits": {
        "test_a_filing_takes_fifty_files",
        "test_a_partner_is_refused_from_the_first_byte_over_the_limit",
        "test_the_largest_claim_is_decided_revoked_and_ended_as_any_other",
        "test_the_partner_of_the_largest_claim_is_blocked",
    },
    "test_ended_together": {
        "test_what_is_withdrawn_item_by_item_is_one_mail_a_day",
    },
}
