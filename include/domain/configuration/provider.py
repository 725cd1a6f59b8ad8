"""Providers: the supplier's establishments, each with its account on the platform."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from include.domain.codes import Environment, InvoicingFramework, PaymentMode, VatType
from include.domain.configuration.base import Audience, ConnectionId, Fraction, Item, Name, Section, Siret, wrong
from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE


class Defaults(Section):
    """Values that a provider's invoices get where no source gives one."""

    invoicing_framework: InvoicingFramework = Field(
        default=InvoicingFramework.A1_FACTURE_FOURNISSEUR,
        description="Invoicing framework (cadre de facturation).",
        examples=["A1_FACTURE_FOURNISSEUR"],
        json_schema_extra=wrong("Chorus Pro refuses the invoice, or the body treats it as another kind."),
    )
    vat_type: VatType = Field(
        default=VatType.TVA_SUR_DEBIT,
        description="VAT regime of the supplier.",
        examples=["TVA_SUR_DEBIT"],
        json_schema_extra=wrong(
            "Invoices go out with the wrong regime; EXONERATION also needs vat_exemption_reason, here or on each one."
        ),
    )
    vat_exemption_reason: Name | None = Field(
        default=None,
        description="Code of Chorus Pro's own list of motives of exemption, for invoices under EXONERATION that name "
        "none; null: a person chooses one on each.",
        examples=["MOTIF_FORMATION"],
        json_schema_extra=wrong("Chorus Pro refuses a code that it does not list; another motive goes out unseen."),
    )
    payment_mode: PaymentMode = Field(
        default=PaymentMode.VIREMENT,
        description="How the body is to pay.",
        examples=["VIREMENT"],
        json_schema_extra=wrong("Invoices go out with the wrong mode."),
    )


class BankLabel(Item):
    """A metadata value and the bank details it stands for."""

    identified_by: ClassVar[tuple[str, ...]] = ("label",)

    label: Name = Field(
        description="Value of the metadata associated with bank_details; case, accents and outer blanks do not count. "
        "Or an account number (IBAN): it chooses for invoices without that metadata that print it.",
        examples=["CIC"],
        json_schema_extra=wrong(
            "An invoice with a label that is not listed is not sent: a reason names the label. Once an account number "
            "is listed, neither is one that prints another account."
        ),
    )
    name: Name = Field(
        description="Name of the bank details as Chorus Pro lists them for this supplier.",
        examples=["Compte CIC"],
        json_schema_extra=wrong("A name that the platform does not list, or lists twice, is a reason on the invoice."),
    )


class BankDetails(Section):
    """Bank details of a provider: which by default, which for which label."""

    default: str | None = Field(
        default=None,
        description="Name of the bank details that are used where no label says otherwise; null: none is sent.",
        examples=["Compte courant"],
        json_schema_extra=wrong("A name that the platform does not list, or lists twice, is a reason on each invoice."),
    )
    labels: tuple[BankLabel, ...] = Field(
        default=(), description="Bank details by metadata value, or by the account that is printed."
    )


class Provider(Item):
    """One supplier establishment."""

    identified_by: ClassVar[tuple[str, ...]] = ("siret", "environment")

    name: Name = Field(
        description="Free label, unique; other sections and commands mean the provider by it.",
        examples=["Imprimerie Durand"],
        json_schema_extra=wrong("A name used twice refuses the file."),
    )
    siret: Siret = Field(
        description="SIRET of the establishment that invoices; with environment the identity of the provider.",
        examples=["33254021516357"],
        json_schema_extra=wrong(
            "Chorus Pro does not know the supplier for this account: the login check says so, and nothing is sent."
        ),
    )
    environment: Environment = Field(
        description="Which Chorus Pro: production, qualification (tests of the State), simulator (ours).",
        examples=["simulator"],
        json_schema_extra=wrong(
            "production is refused unless CHORUS_ALLOW_PRODUCTION=1; a production address counts as "
            "production whatever stands here."
        ),
    )
    connection: ConnectionId = Field(
        description=(
            "Airflow connection that holds its secrets: login and password of the technical account, and in its extra "
            "piste_client_id and piste_client_secret, or certificate (path of the file) or certificate_base64 (its "
            "content), certificate_format (p12, which is the default, or pem) and certificate_password."
        ),
        examples=["chorus_durand"],
        json_schema_extra=wrong(
            "Not defined or wrong: stored all the same, a warning says which half of the login failed and the "
            "cure, and this provider is stopped; others go on."
        ),
    )
    authentication: Literal["oauth_piste", "certificate"] = Field(
        default="oauth_piste",
        description=(
            "oauth_piste: PISTE client and technical account. certificate: client certificate and technical account, "
            "on port 5443 (older connections only: Chorus Pro registers no new certificates)."
        ),
        examples=["oauth_piste"],
        json_schema_extra=wrong(
            "The login check says which half is missing or refused (PISTE, certificate, technical account); this "
            "provider is stopped, others go on."
        ),
    )
    automatic_submission: bool = Field(
        default=False,
        description="Complete invoices are sent every ten minutes, with nobody logged in.",
        examples=[True],
        json_schema_extra=wrong(
            "Off: invoices wait as ready until a person sends them. On for two providers of one SIRET refuses the file."
        ),
    )
    send_attachments: bool = Field(
        default=False,
        description="Linked documents go along with the invoice.",
        examples=[True],
        json_schema_extra=wrong("Off: invoices go without attachments."),
    )
    loading: Literal["local", "remote"] = Field(
        default="remote",
        description="local: the lists come from our store, filled every night. remote: they are asked live.",
        examples=["local"],
        json_schema_extra=wrong("label_rights have an effect in local mode only."),
    )
    hold_on_conflict: bool = Field(
        default=False,
        description="Invoices whose sources disagree on amount, number, date, supplier or recipient wait for a person.",
        examples=[False],
        json_schema_extra=wrong("Off: the metadata wins and the conflict is shown."),
    )
    remote_reading: Literal["never", "when_incomplete", "always"] = Field(
        default="never",
        description=(
            "Whether Chorus Pro's own reading of the PDF is asked for, as one more source behind all others. "
            "when_incomplete: where a field is missing that it can read; scans are left out, because it reads native "
            "text only."
        ),
        examples=["never"],
        json_schema_extra=wrong(
            "always costs one more call for each document. Chorus Pro down, or unable to analyse, is a warning beside "
            "the invoice and stops nothing."
        ),
    )
    trust_remote_reading: bool = Field(
        default=False,
        description=(
            "Automatic submission may use what only the platform's own reading found; off: such a field is a reason "
            "that asks a person."
        ),
        examples=[False],
        json_schema_extra=wrong("On: a value misread by the platform goes out unseen."),
    )
    notify: Audience = Field(
        default=Audience(), description="Who is told of events, by mail and on the dashboard; empty: dashboard only."
    )
    use: Audience = Field(
        default=Audience(), description="Who may use the connector for this provider, without its configuration."
    )
    defaults: Defaults = Field(default=Defaults(), description="Values where no source gives one.")
    bank_details: BankDetails = Field(default=BankDetails(), description="Which bank details invoices carry.")
    confidence: dict[str, Fraction] = Field(
        default_factory=dict,
        description=(
            "Lowest confidence from 0 to 1 with which a field that was read may be sent automatically, by field name. "
            f"Fields not named here: {', '.join(f'{name} {asked}' for name, asked in DEFAULT_CONFIDENCE.items())} "
            "(chosen from the reliability table of `make accuracy`); all others 0."
        ),
        examples=[{"total_incl_tax": 0.9}],
        json_schema_extra=wrong(
            "Too high: invoices wait for a person. Too low: a misread value goes out unseen. An unknown field name "
            "refuses the file."
        ),
    )
    supplier_service: str | None = Field(
        default=None,
        description="Code of the supplier's own service that invoices are sent for, as Chorus Pro lists it.",
        examples=["FACTURATION"],
        json_schema_extra=wrong("A code that the platform does not list for the supplier is a reason on each invoice."),
    )

    def asked_confidence(self, field: str) -> float:
        """How surely a field has to be read: as configured, else by default."""
        return self.confidence.get(field, DEFAULT_CONFIDENCE.get(field, 0.0))

    @property
    def title(self) -> str:
        """Name, SIRET and environment."""
        return f"{self.name} ({self.siret}, {self.environment})"

    @property
    def key(self) -> str:
        """Identity within the configuration."""
        return f"{self.environment}:{self.siret}"
