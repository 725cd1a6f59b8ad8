"""The table that a person decides on before invoices are sent again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from include.application.ports.resubmission import Resendable
from include.domain.configuration import Configuration
from include.texts import Language, label, show_amount, translate

_SHOWN = 50


def preview(chosen: Sequence[Resendable], configuration: Configuration, language: Language) -> str:
    """What would be sent, as Markdown: counts, numbers and totals by provider and state."""
    if not chosen:
        return translate("resend.nothing", language)
    groups: dict[tuple[str, str], list[Resendable]] = {}
    for one in chosen:
        groups.setdefault((one.provider_key, one.state), []).append(one)
    lines = [_heading("provider", "state", "invoices", "total", language=language), "|---|---|---|---|"]
    for (key, state), ones in sorted(groups.items()):
        provider = configuration.provider_by_key(key)
        total = sum((one.total_incl_tax or Decimal() for one in ones), Decimal())
        cells = (provider.name if provider else key, _state(state, language), len(ones), show_amount(total, language))
        lines.append(_row(cells))
    lines += ["", _heading("document", "number", "recipient", "total", "state", language=language)]
    lines.append("|---|---|---|---|---|")
    for one in chosen[:_SHOWN]:
        total_shown = None if one.total_incl_tax is None else show_amount(one.total_incl_tax, language)
        lines.append(_row((one.document_id, one.number, one.recipient_siret, total_shown, _state(one.state, language))))
    if len(chosen) > _SHOWN:
        lines += ["", translate("resend.more", language, count=len(chosen) - _SHOWN)]
    lines += ["", translate("resend.what_is_done", language)]
    return "\n".join(lines)


def _heading(*columns: str, language: Language) -> str:
    return _row([translate(f"column.{name}", language) for name in columns])


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _state(state: str, language: Language) -> str:
    return label("state", state, language)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
