"""A client that knows nothing of ours: raw HTTP with httpx, and the bodies of the official documentation."""

from __future__ import annotations

import base64
import copy
import secrets
from typing import Any

import httpx

from include.simulator.server import RunningSimulator

Json = dict[str, Any]
SUPPLIER = "33254021516357"
BODY = "12345678200051"
SUBMIT = "factures/soumettre"
SEARCH = "factures/rechercher/fournisseur"
PDF = b"%PDF-1.4\n% a file of the tests\n"


def encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def path(operation: str) -> str:
    """`factures/soumettre` -> `/cpro/factures/v1/soumettre`."""
    api, rest = operation.split("/", 1)
    return f"/cpro/{api}/v1/{rest}"


class Caller:
    """Speaks for one technical account."""

    def __init__(self, simulator: RunningSimulator, login: str | None = None, password: str | None = None) -> None:
        self.simulator = simulator
        self.login, self.password = login or simulator.login, password or simulator.password
        self.http = httpx.Client(base_url=simulator.url, timeout=30)
        self.renew()

    def close(self) -> None:
        self.http.close()

    def ask_token(self, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.simulator.client_id,
            "client_secret": self.simulator.client_secret,
            "scope": "openid",
        }
        return self.http.post("/api/oauth/token", data={**form, **changes})

    def renew(self) -> None:
        self.headers = {
            "Authorization": f"Bearer {self.ask_token().json()['access_token']}",
            "cpro-account": encode(f"{self.login}:{self.password}".encode()),
        }

    def call(self, operation: str, body: Json | None = None, **headers: str | None) -> httpx.Response:
        merged = {**self.headers, **headers}
        kept = {name: value for name, value in merged.items() if value is not None}
        return self.http.post(path(operation), json=body or {}, headers=kept)

    def ok(self, operation: str, body: Json | None = None) -> Json:
        """Call, and insist on success."""
        answer = self.call(operation, body)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        assert told["codeRetour"] == 0, told
        return told

    def refused(self, operation: str, body: Json | None = None) -> int:
        """Call, insist on a business refusal, and give its number."""
        answer = self.call(operation, body)
        assert answer.status_code == 200, answer.text
        code: int = answer.json()["codeRetour"]
        assert code != 0
        assert answer.json()["libelle"]
        assert ("x-sim-invented" in answer.headers) == (code >= 29900)
        return code

    def control(self, name: str, body: Json | None = None, **query: Any) -> Json:
        """The control door: GET without a body, POST with one."""
        address = f"/_control/{name}"
        answer = self.http.get(address, params=query) if body is None else self.http.post(address, json=body)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    @property
    def supplier_id(self) -> int:
        found = self.ok("transverses/recuperer/structures/actives/fournisseur")["listeStructures"]
        return int(found[0]["idStructureCPP"])

    def upload(self, content: bytes = PDF, name: str = "facture.pdf") -> int:
        body = {
            "pieceJointeFichier": encode(content),
            "pieceJointeNom": name,
            "pieceJointeTypeMime": "application/pdf",
            "pieceJointeExtension": name.rsplit(".", 1)[1].upper(),
        }
        return int(self.ok("transverses/ajouter/fichier", body)["pieceJointeId"])

    def invoice(self, **changes: Any) -> Json:
        """A complete body of `soumettre`; `changes` name places by dotted path."""
        body: Json = {
            "modeDepot": "DEPOT_PDF_API",
            "numeroFactureSaisi": f"FA-{secrets.token_hex(6)}",
            "dateFacture": "2026-11-20",
            "destinataire": {"codeDestinataire": BODY},
            "fournisseur": {"idFournisseur": self.supplier_id},
            "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
            "references": {
                "deviseFacture": "EUR",
                "typeFacture": "FACTURE",
                "typeTva": "TVA_SUR_DEBIT",
                "modePaiement": "VIREMENT",
            },
            "lignePoste": [],
            "ligneTva": [],
            "montantTotal": {"montantHtTotal": 850, "montantTVA": 170, "montantTtcTotal": 1020, "montantAPayer": 1020},
            "pieceJointePrincipale": [{"pieceJointePrincipaleDesignation": "Facture", "pieceJointePrincipaleId": 0}],
        }
        for place, value in changes.items():
            put(body, place, value)
        main = body.get("pieceJointePrincipale")
        if main and isinstance(main, list) and main[0].get("pieceJointePrincipaleId") == 0:
            main[0]["pieceJointePrincipaleId"] = self.upload()
        return body

    def submit(self, **changes: Any) -> Json:
        return self.ok(SUBMIT, self.invoice(**changes))

    def search(self, **filters: Any) -> list[Json]:
        found: list[Json] = self.ok(SEARCH, filters)["listeFactures"]
        return found

    def deposited(self, **filters: Any) -> list[Json]:
        """What the platform really took, from its own list."""
        items: list[Json] = self.control("invoices", **filters)["items"]
        return items


def put(body: Json, place: str, value: Any) -> None:
    """Set `a__b` in a nested body; a value of `...` removes the key."""
    *groups, last = place.split("__")
    for one in groups:
        body = body.setdefault(one, {})
    if value is ...:
        body.pop(last, None)
    else:
        body[last] = copy.deepcopy(value)
