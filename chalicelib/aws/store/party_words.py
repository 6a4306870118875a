"""The statements of a case's parties, and the questions to them: a row for each party.

The case's own row has only the times, so its size does not depend on the partners' texts. A case
that was stored before has these texts in its own row until they change.
"""

from collections.abc import Iterator, Mapping

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import read_text
from chalicelib.domain.arbitration import Arbitration, Party, Question, Statement
from chalicelib.domain.base import Frozen


class PartyWords(Frozen):
    """The row of a party."""

    statement: Statement | None = None
    questions: tuple[Question, ...] = ()


def party_key(case_id: str, organisation_id: str) -> Key:
    """The key of a party's texts: after the case, and read with it."""
    case = keys.arbitration(case_id)
    return Key(case.pk, f"{case.sk}#{organisation_id}")


def list_changed_words(case: Arbitration) -> Iterator[tuple[Key, PartyWords]]:
    """List the rows of the parties whose words change with this version of the case."""
    for party in case.parties:
        if party.words_rev == case.rev:
            words = PartyWords(statement=party.statement, questions=party.questions)
            yield party_key(case.id, party.organisation_id), words


def without_words(case: Arbitration) -> Arbitration:
    """Return the case without the words that have rows of their own."""
    return case.evolve(
        parties=tuple(p.redact(words=True, files=True) if p.words_rev else p for p in case.parties)
    )


def list_word_keys(case: Arbitration, organisation_id: str | None = None) -> list[Key]:
    """List the keys of the rows of a case's parties, or of one of them."""
    return [
        party_key(case.id, party.organisation_id)
        for party in case.parties
        if party.words_rev and organisation_id in (None, party.organisation_id)
    ]


def with_words(case: Arbitration, rows: Mapping[Key, Row]) -> Arbitration:
    """Return the case with the words of those parties whose rows are given."""
    return case.evolve(parties=tuple(_join(case.id, party, rows) for party in case.parties))


def _join(case_id: str, party: Party, rows: Mapping[Key, Row]) -> Party:
    found = rows.get(party_key(case_id, party.organisation_id)) if party.words_rev else None
    if found is None:
        return party
    words = PartyWords.model_validate_json(read_text(found))
    return party.evolve(statement=words.statement, questions=words.questions)
