"""What holds for every invoice, not only for those somebody thought of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from include.domain.fields import Candidate, Source, vat_row
from include.domain.fields.registry import READ_FIELDS, TOTALS
from include.domain.mapping import Draft, convert, rank, settle_amounts, totals_agree
from include.domain.values import canonical_amount, cents
from tests.unit.mapping.drafts import candidate, draft_of, read

READ_SOURCES = (Source.FACTURX, Source.TEXT, Source.OCR, Source.REMOTE)
AMOUNTS = st.decimals(min_value=0, max_value=9_999_999, places=2).map(canonical_amount)
FEW_AMOUNTS = st.sampled_from(
    ["0.00", "100.00", "120.00", "20.00", "1250.00", "250.00", "1500.00", "300.00", "1800.00"]
)


def candidates(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[Candidate]]:
    return st.lists(st.builds(candidate, values, st.sampled_from(READ_SOURCES)), max_size=3)


@st.composite
def drafts(draw: st.DrawFn, values: st.SearchStrategy[str] = FEW_AMOUNTS) -> Draft:
    """Amounts from any mixture of sources, most of them contradicting each other."""
    names = (*TOTALS, "amount_due")
    fields: dict[str, list[Candidate]] = {name: draw(candidates(values)) for name in names}
    rates = st.sampled_from(["20.00", "10.00", "5.50", "0.00"])
    rows = draw(st.lists(st.builds(vat_row, rates, values, values), max_size=2))
    if rows:
        fields["vat"] = [candidate(tuple(rows), draw(st.sampled_from(READ_SOURCES)))]
    metadata = draw(st.dictionaries(st.sampled_from(names), values, max_size=3))
    edits = draw(st.dictionaries(st.sampled_from(names), values, max_size=2))
    regime = draw(st.sampled_from(["", "SANS_TVA", "TVA_SUR_DEBIT"]))
    found = {name: list(given) for name, given in fields.items() if given}
    return draft_of(read(**found), metadata={**metadata, "vat_type": regime}, edits=edits)  # type: ignore[arg-type]


@given(drafts() | drafts(AMOUNTS))
def test_a_total_is_altered_only_when_it_follows_from_others_and_then_they_agree(draft: Draft) -> None:
    after = settle_amounts(draft)
    for name in TOTALS:
        before, found = draft.fields.get(name), after.fields.get(name)
        if before is not None and found is not None and found.value != before.value:
            assert totals_agree(after)
            assert found.others[0] == before.chosen
            assert "amounts_computed" in [warning.code for warning in after.warnings]
        if before is not None:
            assert found is not None


@given(drafts() | drafts(AMOUNTS))
def test_the_most_trusted_totals_are_never_altered(draft: Draft) -> None:
    known = {name: draft.fields[name] for name in TOTALS if name in draft.fields}
    top = min((rank(found.source) for found in known.values()), default=0)
    after = settle_amounts(draft)
    for name, found in known.items():
        if rank(found.source) == top:
            assert after.fields[name] == found


@given(drafts())
def test_what_a_person_or_the_metadata_gave_is_never_altered(draft: Draft) -> None:
    after = settle_amounts(draft)
    typed = [name for name in (*TOTALS, "amount_due") if name in draft.fields]
    for name in typed:
        if draft.fields[name].source is Source.PERSON:
            assert after.fields[name] == draft.fields[name]


@given(drafts())
def test_settling_twice_is_settling_once(draft: Draft) -> None:
    once = settle_amounts(draft)
    assert settle_amounts(once).fields == once.fields


@given(st.sampled_from(READ_FIELDS[8:10]), st.lists(st.sampled_from(READ_SOURCES), min_size=1, max_size=6), st.data())
def test_nobody_less_trusted_is_chosen(name: str, sources: Sequence[Source], data: st.DataObject) -> None:
    page = [candidate(str(place), source) for place, source in enumerate(sources)]
    metadata = data.draw(st.booleans())
    person = data.draw(st.booleans())
    draft = draft_of(
        read(**{name: page}),  # type: ignore[arg-type]
        metadata={name: "metadata"} if metadata else {},
        edits={name: "person"} if person else {},
    )
    found = draft.fields[name]
    everyone = [found.source, *(other.source for other in found.others)]
    assert everyone == sorted(everyone, key=rank)
    assert len(everyone) == len(sources) + metadata + person


@given(st.decimals(min_value=-9_999_999, max_value=9_999_999, places=2))
def test_an_amount_survives_french_spelling(amount: Decimal) -> None:
    french = f"{amount:,.2f} EUR".replace(",", " ").replace(".", ",")
    assert convert("total_incl_tax", [french]) == cents(amount)
