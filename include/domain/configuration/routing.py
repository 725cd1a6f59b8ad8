"""Which documents are invoices for us, where their values come from, to whom they go, what goes along."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import Field

from include.domain.configuration.base import Code, Expects, Item, Name, Section, Since, Siret, starts_at, wrong
from include.domain.configuration.payment import TERMS, BodyKind

FolderPath = Annotated[str, Field(pattern=r"^/"), Expects("folder")]

_SINCE = (
    "From when on documents count, by the portal's date of arrival: a date (midnight in Paris), a time, or always; "
    "left out: the time of the first apply."
)


class Criterion(Item):
    """Which portal documents are invoices for us: by classification rule or by folder, exactly one of them."""

    name: Name = Field(
        description="Its identity.",
        examples=["accounting folder"],
        json_schema_extra=wrong("A name used twice refuses the file."),
    )
    classification_rule: Name | None = Field(
        default=None,
        description="Documents of this classification rule (document type); not together with folder.",
        examples=["Facture client"],
        json_schema_extra=wrong("A rule that no document has takes nothing; each document shows why it was not taken."),
    )
    folder: FolderPath | None = Field(
        default=None,
        description="Documents in this folder; not together with classification_rule.",
        examples=["/Comptabilite/Factures"],
        json_schema_extra=wrong(
            "A folder that does not exist takes nothing; each document shows why it was not taken."
        ),
    )
    subfolders: bool = Field(default=False, description="The folder's subfolders count too.", examples=[True])
    providers: tuple[Name, ...] = Field(
        default=(),
        description=(
            "Providers for which it holds, by name or SIRET; empty: the one whose SIRET the invoice names as supplier."
        ),
        examples=[["Imprimerie Durand"]],
        json_schema_extra=wrong(
            "A provider that does not exist, or a SIRET that two providers have, refuses the file."
        ),
    )
    since: Since = Field(
        default=None,
        description=_SINCE,
        examples=["2026-10-01"],
        json_schema_extra=wrong(
            "Too early, or always: old invoices are taken as well, even those sent by other means. Too late: "
            "documents are ignored, with that reason."
        ),
    )

    @property
    def starts_at(self) -> dt.datetime | None:
        """The moment from which arrivals count; None: always."""
        return starts_at(self.since)


class Association(Item):
    """For one classification rule: which metadata carries which field. Metadata wins over what was read."""

    identified_by: ClassVar[tuple[str, ...]] = ("classification_rule",)

    classification_rule: Name = Field(
        description="Its identity.",
        examples=["Facture client"],
        json_schema_extra=wrong("A rule that no document has is never used."),
    )
    fields: dict[str, Name] = Field(
        description="Field name -> name of the metadata that carries it.",
        examples=[{"total_incl_tax": "montant"}],
        json_schema_extra=wrong(
            "An unknown field name refuses the file. A metadata that a document lacks is passed over; "
            "a value that cannot be converted is a reason with the value in it."
        ),
    )


class Service(Item):
    """A service of a recipient and the wordings that mean it."""

    identified_by: ClassVar[tuple[str, ...]] = ("code",)

    code: Code = Field(
        description="Service code of the directory.",
        examples=["ST01"],
        json_schema_extra=wrong(
            "A code that the directory does not list for the body, or a closed service, is a reason on the invoice."
        ),
    )
    wordings: tuple[Name, ...] = Field(
        default=(),
        description=(
            "Wordings on invoices or in metadata that mean this service; case, accents and outer blanks do not count."
        ),
        examples=[["Service technique"]],
        json_schema_extra=wrong("One wording for two services of a body refuses the file."),
    )


class Recipient(Item):
    """A public body and the wordings on invoices that mean it."""

    identified_by: ClassVar[tuple[str, ...]] = ("siret",)

    siret: Siret = Field(
        description="SIRET of the body in the Chorus Pro directory; its identity.",
        examples=["12345678200051"],
        json_schema_extra=wrong("A body that is unknown or inactive in the directory is a reason on the invoice."),
    )
    wordings: tuple[Name, ...] = Field(
        default=(),
        description=(
            "Wordings on invoices or in metadata that mean this body; case, accents and outer blanks do not count."
        ),
        examples=[["Mairie d'Annecy"]],
        json_schema_extra=wrong(
            "One wording for two bodies refuses the file. A wording that means another body sends invoices there."
        ),
    )
    services: tuple[Service, ...] = Field(default=(), description="Services of the body with their wordings.")
    kind: BodyKind | None = Field(
        default=None,
        description=(
            "What kind of body it is, which decides how long it has to pay: 30 days for the State and local "
            "authorities, 50 for a public health establishment, 60 for a public undertaking. Left out: the first."
        ),
        examples=["health_establishment"],
        json_schema_extra=wrong("Invoices count as overdue too early or too late; nothing that is sent depends on it."),
    )
    payment_days: int | None = Field(
        default=None,
        ge=1,
        le=60,
        description="Days that the body has to pay where the contract says fewer than its kind has.",
        examples=[20],
        json_schema_extra=wrong("Invoices count as overdue too early or too late; nothing that is sent depends on it."),
    )

    @property
    def term(self) -> int | None:
        """Days to pay; None where nothing is said of this body."""
        return self.payment_days or (None if self.kind is None else TERMS[self.kind])


class LabelRight(Item):
    """The user sees only invoices that carry one of the labels given to them. Local mode only."""

    identified_by: ClassVar[tuple[str, ...]] = ("user", "label")

    user: Name = Field(
        description="The user, by the name in people.users.",
        examples=["mdurand"],
        json_schema_extra=wrong("A name that people.users lacks refuses the file."),
    )
    label: Name = Field(
        description="Value of the field user_label; case, accents and outer blanks do not count.",
        examples=["Durand"],
        json_schema_extra=wrong("A label that no invoice carries: the user sees no invoice."),
    )


class LinkPair(Section):
    """Metadata of the invoice and of the attachment that must be equal."""

    invoice: Name = Field(
        description="Metadata of the invoice.", examples=["commande"], json_schema_extra=wrong("Nothing is linked.")
    )
    attachment: Name = Field(
        description="Metadata of the attachment.", examples=["commande"], json_schema_extra=wrong("Nothing is linked.")
    )


class LinkRule(Item):
    """Documents of one rule that are attachments of invoices of another; all its pairs must hold."""

    identified_by: ClassVar[tuple[str, ...]] = ("invoice_rule", "attachment_rule", "pairs")

    invoice_rule: Name = Field(
        description="Classification rule of the invoices; the one of the submission criteria.",
        examples=["Facture client"],
        json_schema_extra=wrong("Nothing is linked."),
    )
    attachment_rule: Name = Field(
        description="Classification rule of the attachments.",
        examples=["Bon de livraison"],
        json_schema_extra=wrong("Nothing is linked."),
    )
    pairs: tuple[LinkPair, ...] = Field(
        min_length=1,
        description=(
            "Pairs of metadata, one from each side; each pair must have a value in common, and empty values are none. "
            "Case, accents and outer blanks do not count."
        ),
    )
    type: Code | None = Field(
        default=None,
        description="Type code of the attachments on the platform (typespj); null: attachments.default_type.",
        examples=["BL"],
        json_schema_extra=wrong("A code that the platform does not list is a reason on the invoice."),
    )
    since: Since = Field(
        default=None,
        description=_SINCE + " The later of the two documents counts.",
        examples=["always"],
        json_schema_extra=wrong(
            "Too late: nothing is linked until chorus links backfill. Too early, or always: documents that are not "
            "sent yet get older attachments."
        ),
    )

    @property
    def identity(self) -> str:
        """Both rules and the pairs: with other pairs it links other documents, so it is another rule."""
        pairs = ", ".join(sorted(f"{pair.invoice} = {pair.attachment}" for pair in self.pairs))
        return f"{self.invoice_rule} -> {self.attachment_rule} ({pairs})"

    @property
    def starts_at(self) -> dt.datetime | None:
        """The moment from which arrivals count; None: always."""
        return starts_at(self.since)


class Attachments(Section):
    """What is sent beside the invoice. The list `links` may be left out, and is then left alone."""

    links: tuple[LinkRule, ...] = Field(default=(), description="Rules that link documents to invoices.")
    switch_value: Name = Field(
        default="PJ",
        description=(
            "Value of the field attachment_switch that means: send attachments; case, accents and outer blanks do "
            "not count."
        ),
        examples=["PJ"],
        json_schema_extra=wrong("No invoice that has the switch metadata sends its attachments."),
    )
    default_type: Code | None = Field(
        default=None,
        description="Type code of attachments on the platform (typespj); null: the platform's first for invoices.",
        examples=["DIVERS"],
        json_schema_extra=wrong("A code that the platform does not list is a reason on each invoice with attachments."),
    )
