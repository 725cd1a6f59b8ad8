"""Teaches the layout memory: what a person typed at once, what the platform took at the start of the next pass.

A person's value counts as soon as it is typed, because it counts only where the page prints it: a slip of the finger is
seldom printed. A value that was read off the page and merely accepted proves nothing by itself, since the platform does
not look at the page; it may fill a gap, claims to be unsure, and never makes anything surer. A value that memory itself
proposed teaches nothing. So no wrong value can strengthen itself; and one correction removes whatever led to it.

Nothing here may cost an edit, a pass or a submission: faults are logged.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from include.application.ports.clock import Clock
from include.application.ports.layouts import LayoutExamples, Material, Scope, StoredExample
from include.domain.configuration import Configuration, Provider, Recipient
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.layout_memory.example import LEARNED_FIELDS, Example, Memory, Standing
from include.domain.extraction.layout_memory.learn import Known, corrected_by, document_of, learn, surplus
from include.domain.extraction.layout_memory.regions import printed, same
from include.domain.extraction.reread_with_memory import reread
from include.domain.fields import Source, Value, from_text
from include.domain.reading import Reading
from include.domain.values import fold

logger = logging.getLogger(__name__)

AT_ONCE = 40
"""Most accepted invoices that one pass learns from: each costs some 30 ms."""

MOST_RENEWED = 200
"""Most invoices waiting for a person that are looked at again when their layout was learned."""

_PAGE = frozenset({Source.TEXT, Source.OCR})
_WITNESSES = frozenset({Source.PERSON, Source.METADATA, Source.FACTURX})
"""Sources that do not depend on how we read the page."""


def scope_of(provider_key: str, classification_rule: str | None) -> Scope:
    """The scope of a provider's documents of one rule."""
    return Scope(provider_key=provider_key, classification_rule=fold(classification_rule or ""))


@dataclass(frozen=True, kw_only=True)
class LayoutLearner:
    """Teaches the layout memory from edits and accepted invoices."""

    examples: LayoutExamples
    configuration: Configuration
    clock: Clock

    def edited(self, invoice_id: int) -> None:
        """A person typed values, or took them back."""
        self._safely(lambda: self._edited(invoice_id), f"Nothing could be learned from what was typed: {invoice_id}")

    def begin_pass(self) -> None:
        """Learns from what the platform took since, and looks again at what waits, where a layout became known."""
        self._safely(self._accepted, "Nothing could be learned from what was accepted")
        self._safely(self._take_effect, "What was learned could not be used for what waits")

    def _safely(self, step: Callable[[], None], fault: str) -> None:
        try:
            step()
        except Exception:  # learning never costs what it learns from
            logger.exception("%s", fault)

    def _edited(self, invoice_id: int) -> None:
        material = self.examples.material(invoice_id)
        if material is not None:
            self._teach(material)

    def _accepted(self) -> None:
        for material in self.examples.due(limit=AT_ONCE):
            try:
                self._teach(material)
            except Exception:  # one invoice that cannot be learned from does not keep back the others
                logger.exception("Nothing could be learned from invoice %s", material.invoice_id)
                self.examples.keep(material.content_sha256, None, others=(), gone=())  # never tried again and again

    # -- teaching --------------------------------------------------------------------------------------------------

    def _teach(self, material: Material) -> None:
        provider = self._provider(material)
        known = dict(known_values(material))
        document = document_of(material.reading.pages)
        if provider is None or document is None:
            return self.examples.keep(material.content_sha256, None, others=(), gone=())
        scope = scope_of(provider.key, material.classification_rule)
        known |= named_recipient(document, known, self.configuration.recipients)
        example = learn(document, known, supplier_siret=provider.siret)
        stored = [one for one in self.examples.examples([scope]) if one.content_sha256 != material.content_sha256]
        if example is None:
            return self.examples.keep(material.content_sha256, None, others=(), gone=())
        corrected = corrected_by(document, example.fingerprint, known, [one.example for one in stored])
        others = [dataclasses.replace(old, example=new) for old, new in zip(stored, corrected, strict=True)]
        mine = StoredExample(
            content_sha256=material.content_sha256,
            invoice_id=material.invoice_id,
            scope=scope,
            example=example,
            accepted=material.accepted,
            taught_at=self.clock.now(),
            by_person=bool(material.edits),
        )
        self.examples.keep(
            material.content_sha256,
            mine,
            others=[new for new, old in zip(others, stored, strict=True) if new != old],
            gone=_surplus([mine, *others]),
        )
        logger.info("Invoice %s: its layout teaches %s", material.invoice_id, ", ".join(example.learned))

    def _provider(self, material: Material) -> Provider | None:
        """The invoice's provider; before it is known, the one that was typed, or the only one it can be."""
        if material.provider_key is not None:
            return self.configuration.provider_by_key(material.provider_key)
        allowed = [p for p in self.configuration.providers if p.name in (material.provider_scope or (p.name,))]
        typed = material.edits.get("supplier_siret") or material.draft.text("supplier_siret")
        named = [provider for provider in allowed if provider.siret == typed] if typed else allowed
        return named[0] if len(named) == 1 else None

    # -- what waits already ----------------------------------------------------------------------------------------

    def _take_effect(self) -> None:
        """Invoices that wait for a person get what is known now; their words are used as they were read."""
        for scope in self.examples.fresh():
            memory = memory_of(self.examples.examples([scope]))
            for waiting in self.examples.waiting(scope, limit=MOST_RENEWED):
                better = reread(
                    waiting.reading,
                    memory,
                    supplier_sirets=frozenset(provider.siret for provider in self.configuration.providers),
                    recipient_sirets=frozenset(recipient.siret for recipient in self.configuration.recipients),
                )
                if better is not None:
                    self.examples.renew(waiting, better, now=self.clock.now())
            self.examples.used(scope)


def memory_of(stored: Sequence[StoredExample]) -> Memory:
    """The examples alone."""
    return tuple(one.example for one in stored)


def _surplus(examples: Sequence[StoredExample]) -> list[str]:
    """Contents of the examples that are not needed: those that somebody vouches for stay longest, then the newest."""
    ranked = sorted(examples, key=lambda one: (not _vouched(one.example), -one.taught_at.timestamp()))
    return [ranked[position].content_sha256 for position in surplus([one.example for one in ranked])]


def _vouched(example: Example) -> bool:
    return any(field.standing.vouched for field in example.learned.values())


def known_values(material: Material) -> Iterator[tuple[str, Known]]:
    """The values of an invoice that may be learned from, and who vouches for each.

    What a person typed counts at once. Everything else counts when the platform took it, and nothing that memory itself
    proposed.
    """
    for name, value in material.edits.items():
        if name in LEARNED_FIELDS and isinstance(value, str) and value:
            typed = from_text(name, value)
            yield name, Known(value=typed, standing=_vouched_as(material.reading, name, typed))
    if not material.accepted:
        return
    for name, found in material.draft.fields.items():
        value = found.value
        if name in material.edits or name not in LEARNED_FIELDS or value == "":
            continue
        if found.source in _WITNESSES:
            yield name, Known(value=value, standing=_vouched_as(material.reading, name, value))
        elif found.source in _PAGE and found.text is not None and not found.chosen.remembered:
            yield name, Known(value=value, standing=Standing.ACCEPTED)


def named_recipient(
    document: LabelledPage, known: Mapping[str, Known], recipients: Iterable[Recipient]
) -> dict[str, Known]:
    """The recipient's name, where only its SIRET is vouched for and the page prints a wording that means it."""
    siret = known.get("recipient_siret")
    if siret is None or not siret.standing.vouched or "recipient_name" in known:
        return {}
    wordings = (wording for body in recipients if body.siret == siret.value for wording in body.wordings)
    name = next((wording for wording in wordings if printed(document, "recipient_name", wording)), None)
    return {"recipient_name": Known(value=name, standing=siret.standing)} if name else {}


def _vouched_as(reading: Reading, name: str, value: Value) -> Standing:
    read = next((found for found in reading.fields.get(name, ()) if found.source in _PAGE), None)
    return Standing.CONFIRMED if read is not None and same(name, read.value, value) else Standing.CORRECTED
