"""Deliberate defects, and for each the test of the suite that must find it.

Those of the life of claims are in `tests/simulation/defects.py`, those of what somebody reaches
alone in `tests/security/alone/defects.py`.
"""

import re
import unicodedata
from typing import Any

from chalicelib.aws import files, keys
from chalicelib.aws.rows import Rows
from chalicelib.aws.store import tenants
from chalicelib.aws.store.values import decode
from chalicelib.directory import graph_models, tokens
from chalicelib.directory.errors import unavailable
from chalicelib.domain import amendments, file_names, office_packages, outcomes, text_types
from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import tenant_key
from chalicelib.ports import mail
from chalicelib.text import calendars
from chalicelib.text.time_zones import ZoneRange
from chalicelib.usecases import access_journal, notifications, request, size_limits
from chalicelib.web.http import cursors
from tests.simulation.defects import Defect, replace_attributes

NEVER = re.compile(r"(?!)")

# No act is in the way of another's


def size_refuses_everybody() -> Any:
    """The size of a claim is limited for the customer, reviewers and time, too."""
    return replace_attributes((size_limits, "_is_partner_step", lambda outcome: True))


def names_are_checked_letter_by_letter() -> Any:
    """Every letter of a name costs a step in Python whenever a claim is read."""

    def has_invisible(text: str) -> bool:
        return any(unicodedata.category(one) == "Cf" for one in text)

    return replace_attributes((text_types, "_has_invisible", has_invisible))


def drafts_fill_the_customers_page() -> Any:
    """What the customer's page reads includes the drafts that partners have left."""
    read_back = Rows.read_back

    def read_all(self: Rows, pk: str, between: Any, attribute: str, *rest: Any, **more: Any) -> Any:
        return read_back(self, pk, between, "no_such_attribute", *rest, **more)

    return replace_attributes((Rows, "read_back", read_all))


def lookups_are_limited_by_what_was_read() -> Any:
    """Look-ups that are made at the same time pass a limit together."""
    return replace_attributes((access_journal, "enforce_lookup_limits", lambda counts, now: None))


# Bounded reads


def page_reads_every_claim() -> Any:
    """A page reads every claim of the tenant."""
    return replace_attributes((tenants, "PAGE_ROWS", 1_000_000))


def acts_read_every_claim() -> Any:
    """What the customer does for a tenant reads every claim of it."""

    def load_all(self: Any, file: Any, newest: Any) -> Any:
        partition = keys.tenant_partition(tenant_key(file.tenant.tenant_id))
        records = (decode(Claim, row) for row in self._rows.query(partition, keys.CLAIMS))
        return tuple(one for one in records if one.id in set(file.list_named_claims()))

    return replace_attributes((tenants.DynamoTenants, "_load_named", load_all))


# Evidence


def file_names_stay_as_typed() -> Any:
    """Characters that mislead stay in the name of a file."""
    return replace_attributes((file_names, "_clean_character", lambda character: character))


def extension_is_believed() -> Any:
    """The extension that was typed stays before the one of the content type."""
    return replace_attributes((file_names, "EXTENSION", NEVER))


def announced_types_are_believed() -> Any:
    """A file is a PDF when its partner has announced one, whatever its bytes are."""
    return replace_attributes((files, "detect_file_type", lambda size, read: "pdf"))


def macro_packages_are_documents() -> Any:
    """A document with macros, or a template, is taken like a plain one."""
    kinds = office_packages.MAIN_TYPES
    macros = {
        "application/vnd.ms-word.document.macroEnabled.main+xml": "docx",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml": "xlsx",
        "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml": "pptx",
    }
    return replace_attributes(
        (office_packages, "MAIN_TYPES", kinds | macros),
        (office_packages, "ACTIVE_TYPES", NEVER),
        (office_packages, "ACTIVE_NAMES", NEVER),
        (office_packages, "ACTIVE_LINKS", NEVER),
    )


def version_of_a_file_is_not_pinned() -> Any:
    """A claim keeps the newest version of a file, not the one that was checked."""
    keep = files.EvidenceFiles.keep

    def keep_newest(self: files.EvidenceFiles, evidence: Any, stored: Any) -> Any:
        return keep(self, evidence, stored.evolve(object_version=None))

    return replace_attributes((files.EvidenceFiles, "keep", keep_newest))


# Manners of the contract


def move_without_an_event() -> Any:
    """An association or answer moves by somebody's act, and no event tells of it."""
    chain = outcomes.chain_entries

    def chain_first(acts: Any, *rest: Any) -> Any:
        return chain(acts[:1], *rest)

    return replace_attributes((outcomes, "chain_entries", chain_first))


def blank_reasons_are_reasons() -> Any:
    """A mandatory text may consist of blanks."""
    return replace_attributes((text_types, "is_blank", lambda text: False))


def if_match_is_ignored() -> Any:
    """A decision is made on any version, whichever the caller has read."""
    return replace_attributes((request.Conditions, "refuse_stale", lambda self, version: None))


def cursors_fit_every_list() -> Any:
    """A cursor is good for other routes than the one that it was made for."""
    seal = cursors._seal

    def seal_without_route(key: bytes, body: bytes, listing: Any) -> bytes:
        return seal(key, body, listing._replace(route=""))

    return replace_attributes((cursors, "_seal", seal_without_route))


def both_names_of_a_field_are_taken() -> Any:
    """A PATCH with the old and the current name of a field takes one of them."""
    return replace_attributes((amendments, "find_both_names", lambda sent: iter(())))


# Live directory


def refusal_is_an_outage() -> Any:
    """A tenant that does not let itself be read looks like a directory that is away."""
    return replace_attributes((tokens, "NotConsented", lambda: unavailable("refused")))


def state_of_a_tenant_is_dropped() -> Any:
    """The state of a tenant's address gives no subdivision, so its holidays do not count."""
    return replace_attributes((graph_models, "find_subdivision", lambda country, state: None))


# Time


def unknown_zone_is_utc() -> Any:
    """Without a zone, days end in Greenwich."""

    def find(country: str, zone: str | None) -> ZoneRange:
        return ZoneRange(zone or "UTC", zone or "UTC")

    return replace_attributes((calendars, "find_zone_range", find))


def weekend_is_the_usual_one() -> Any:
    """Everybody rests on Saturday and Sunday."""
    find = calendars.find_calendar

    def find_usual(*region: str) -> Any:
        return find(*region)._replace(weekend=frozenset({5, 6}))

    return replace_attributes((calendars, "find_calendar", find_usual))


def calendars_never_end() -> Any:
    """After the last year whose holidays are known, there are none."""
    find = calendars.find_calendar

    def find_endless(*region: str) -> Any:
        return find(*region)._replace(until=9000)

    return replace_attributes((calendars, "find_calendar", find_endless))


# Truth about mails


def refused_recipient_is_tried_again() -> Any:
    """An address that the mail service refuses is taken for a mail service in trouble."""
    postponed = (mail.MailPostponed, mail.RecipientRefused)
    return replace_attributes((notifications, "MailPostponed", postponed))


def second_copy_at_once() -> Any:
    """A mail whose sending was not confirmed in time is tried again like one that was refused."""
    find = notifications.find_next_attempt

    def find_next(attempts: int, now: Any, unconfirmed: bool) -> Any:
        return find(attempts, now, False)

    return replace_attributes(
        (notifications, "find_next_attempt", find_next),
        (notifications, "_awaits_confirmation", lambda record, now: False),
    )


_READS = "tests/security/test_bounded_reads.py::"
_MANY_CLAIMS = f"{_READS}test_no_act_reads_more_because_partners_have_filed_more"
_FILES = "tests/aws/test_files.py::"
_TENANTS = "tests/directory/test_live_tenants.py::"
_MAILS = "tests/journeys/test_failing_mail_service.py::"

DEFECTS: dict[Defect, str] = {
    size_refuses_everybody: "tests/journeys/test_size_limits.py::"
    "test_only_a_partner_is_refused_for_size",
    names_are_checked_letter_by_letter: "tests/security/monsters",
    drafts_fill_the_customers_page: f"{_READS}"
    "test_the_page_is_there_behind_drafts_that_partners_have_left",
    lookups_are_limited_by_what_was_read: "tests/security/test_lookup_limits.py::"
    "test_lookups_at_the_same_time_do_not_pass_a_limit_together",
    page_reads_every_claim: _MANY_CLAIMS,
    acts_read_every_claim: _MANY_CLAIMS,
    file_names_stay_as_typed: "tests/domain/test_file_names.py",
    extension_is_believed: "tests/domain/test_file_names.py",
    announced_types_are_believed: f"{_FILES}"
    "test_another_file_than_announced_is_reported_with_its_real_type",
    macro_packages_are_documents: "tests/domain/test_office_files.py",
    version_of_a_file_is_not_pinned: f"{_FILES}"
    "test_a_file_that_was_replaced_after_the_check_is_not_what_is_kept",
    move_without_an_event: "tests/journeys/test_events.py::"
    "test_an_objection_to_an_active_association_names_all_three_moves",
    blank_reasons_are_reasons: "tests/web/test_required_texts.py",
    if_match_is_ignored: "tests/journeys/test_if_match.py",
    cursors_fit_every_list: "tests/web/test_cursors.py",
    both_names_of_a_field_are_taken: "tests/journeys/test_merge_patch.py::"
    "test_a_field_under_both_its_names_is_an_error",
    refusal_is_an_outage: f"{_TENANTS}test_by_key_an_outage_and_a_refusal_differ",
    state_of_a_tenant_is_dropped: f"{_TENANTS}"
    "test_a_state_is_taken_where_it_names_a_subdivision_with_holidays",
    unknown_zone_is_utc: "tests/time/test_deadlines.py",
    weekend_is_the_usual_one: "tests/time/test_calendars.py::test_the_weekend_is_the_countrys_own",
    calendars_never_end: "tests/time/test_calendar_ends.py",
    refused_recipient_is_tried_again: f"{_MAILS}"
    "test_a_refused_recipient_is_a_bounce_and_keeps_no_other_from_its_mail",
    second_copy_at_once: f"{_MAILS}"
    "test_without_a_report_a_second_copy_goes_out_after_half_an_hour_and_not_earlier",
}
