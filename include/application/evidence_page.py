"""The page of a pack of evidence that a person reads: in French, without scripts, everything from outside escaped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from include.domain.notification import PARIS, label, one_line
from include.domain.wordings.moves import STATES_ON_THE_WAY, cause_in_french
from include.domain.wordings.notification import STATES, STATUSES

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:#222}
table{border-collapse:collapse;width:100%;margin:.5em 0 2em}
th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee}"""


@dataclass(frozen=True, kw_only=True)
class Content:
    """A file that was sent: its name in the pack, as it was sent, and its digest."""

    name: str
    shown_as: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Sending:
    """One attempt, numbered as its folder in the pack."""

    number: int
    facts: Mapping[str, Any]
    fingerprint: str | None


def summary(
    invoice: Mapping[str, Any],
    document: Mapping[str, Any] | None,
    edits: Mapping[str, Any],
    sendings: Sequence[Sending],
    searches: Sequence[Mapping[str, Any]],
    contents: Sequence[Content],
) -> str:
    """The whole page."""
    number = invoice["invoice_number"] or invoice["id"]
    parts = [
        f"<h1>Dossier de preuve de la facture {_text(number)}</h1>",
        _table("L'essentiel", ("Quoi", "Valeur"), _essentials(invoice, document)),
        _table(
            "Fichiers envoyés (octet pour octet)",
            ("Fichier", "Nom à l'envoi", "Empreinte SHA-256"),
            [(content.name, content.shown_as, content.sha256) for content in contents],
        ),
        _table(
            "Envois à Chorus Pro",
            ("N°", "Début", "Fin", "Résultat", "N° Chorus Pro", "Empreinte du dépôt", "Refus ou remarque"),
            [_sent(sending) for sending in sendings],
        ),
        _table(
            "Recherches sur Chorus Pro, quand l'issue d'un envoi restait à prouver",
            ("Première fois", "Dernière fois", "Fois", "Numéro cherché (fournisseur)", "Réponse"),
            [_searched(search) for search in searches],
        ),
        _table(
            "Historique sur Chorus Pro",
            ("Date", "Type", "Statut ou action", "Commentaire"),
            [
                (e["at"], _KINDS.get(e["kind"], e["kind"]), label(STATUSES, e["code"], "fr"), e["comment"])
                for e in invoice["history"]
            ],
        ),
        _table(
            "Valeurs saisies à la main",
            ("Champ", "Valeur", "Par", "Date"),
            [(name, edit["value"], edit["actor"], edit["at"]) for name, edit in edits.items()],
        ),
        _table(
            "Qui a fait quoi dans le connecteur",
            ("Date", "De", "À", "Pourquoi", "Par"),
            [
                (m["at"], _state(m["from"]), _state(m["to"]), _cause(m["cause"]), _actor(m["actor"]))
                for m in invoice["moves"]
            ],
        ),
        "<p>Heures de Paris. La commande <code>chorus verify</code> contrôle que rien n'a été modifié dans ce "
        "dossier : manifest.json contient l'empreinte de chaque fichier et leur chaînage.</p>",
    ]
    title = escape(f"Facture {number}")
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _essentials(invoice: Mapping[str, Any], document: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    foreign = "saisie sur le portail de Chorus Pro ou envoyée par un autre logiciel ; aucun envoi par ce connecteur"
    return [
        ("Numéro de facture", invoice["invoice_number"]),
        ("Fournisseur", invoice["provider"]),
        ("SIRET du destinataire", invoice["recipient_siret"]),
        ("Montant TTC", _amount(invoice["total_incl_tax"])),
        ("N° Chorus Pro", invoice["chorus_id"]),
        ("Statut sur Chorus Pro", label(STATUSES, invoice["status"], "fr") if invoice["status"] else None),
        ("Date du statut", invoice["status_at"]),
        ("État dans le connecteur", _state(invoice["state"])),
        ("Document du portail", document["portal_id"] if document else foreign),
        ("Arrivé dans le portail", document["arrived_at"] if document else None),
        ("Empreinte SHA-256 du document", document["content_sha256"] if document else None),
    ]


def _sent(sending: Sending) -> tuple[Any, ...]:
    facts = sending.facts
    notes = [facts["refusal_number"], facts["refusal_label"], facts["note"]]
    told = " - ".join(str(note) for note in notes if note is not None)
    closed = (facts["closed_at"], _OUTCOMES.get(facts["state"], facts["state"]))
    return (f"{sending.number:02d}", facts["claimed_at"], *closed, facts["chorus_id"], sending.fingerprint, told)


_KINDS = {"status": "Statut", "action": "Action", "event": "Événement"}


def _searched(search: Mapping[str, Any]) -> tuple[Any, ...]:
    asked = ", ".join(f"{one['number']} ({one['supplier_siret']})" for one in search["asked"])
    found = "; ".join(
        f"n° {row['chorus_id']}, {label(STATUSES, row['status'], 'fr')}, TTC {_amount(row['total_incl_tax'])}"
        for row in search["found"]
    )
    return (search["first_at"], search["last_at"], search["times"], asked, found or "Aucune facture")


_OUTCOMES = {
    "open": "en cours",
    "not_sent": "pas parti",
    "unresolved": "réponse inconnue",
    "taken": "accepté",
    "refused": "refusé",
}


def _amount(amount: str | None) -> str | None:
    return None if amount is None else str(amount).replace(".", ",")


def _state(state: str | None) -> str:
    if not state:
        return ""
    return STATES_ON_THE_WAY.get(state) or label(STATES, state, "fr")


def _actor(actor: str) -> str:
    return "le connecteur" if actor == "system" else actor


def _cause(cause: str) -> str:
    """The cause in words, with the status too where the platform moved it."""
    source, _, status = cause.partition(": ")
    return f"{source} : {label(STATUSES, status, 'fr')}" if status in STATUSES else cause_in_french(cause)


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["".join(f"<td>{_text(cell)}</td>" for cell in row) for row in rows]
    if not lines:
        return f"<h2>{escape(title)}</h2><p>Rien.</p>"
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    return f"<h2>{escape(title)}</h2><table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(PARIS):%d/%m/%Y %H:%M:%S}"
    return escape(one_line(str(value)))
