"""Codes of the API in words: every code that a page may show has a sentence."""

import pytest

from chalicelib.domain.review_codes import REJECTION_CODES
from chalicelib.text.i18n import LANGUAGES, list_keys
from chalicelib.text.mail_layouts import PLANS
from chalicelib.web.pages.shell.words import name_mail, name_outcome, name_reason

REASONS = [key.partition(".")[2] for key in list_keys() if key.startswith("reason.")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_sentence(language):
    for code in [*REJECTION_CODES, *REASONS]:
        assert name_reason(language, code) != code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_mail_has_a_subject(language):
    for kind in PLANS:
        assert name_mail(language, kind, partner="Fabrikam", tenant="Contoso") not in ("", kind)


@pytest.mark.parametrize("outcome", ["approved", "rejected", "revoked"])
def test_every_outcome_is_named(outcome):
    assert name_outcome("en", outcome) != outcome


def test_a_finding_whose_sentence_needs_values_is_not_cut():
    assert name_reason("en", "partner_type_unusual") == (
        "The type of this location is unusual for this role."
    )
