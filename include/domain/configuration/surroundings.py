"""What surrounds the connector: the document portal, the people, the mail server."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from include.domain.configuration.base import ConnectionId, Item, MailAddress, Name, Section, WebAddress, wrong


class WriteBack(Section):
    """Names of the metadata that receive our state and the Chorus Pro number."""

    state: str | None = Field(
        default=None,
        description="Metadata of the document that receives its state here.",
        examples=["etat_chorus"],
        json_schema_extra=wrong("A metadata that the portal does not know stays unwritten; sending goes on."),
    )
    chorus_id: str | None = Field(
        default=None,
        description="Metadata of the document that receives the number Chorus Pro gave the invoice.",
        examples=["numero_chorus"],
        json_schema_extra=wrong("A metadata that the portal does not know stays unwritten; sending goes on."),
    )


class Portal(Section):
    """The document portal that is watched. Null: no portal, so no new documents."""

    kind: Literal["folder", "http"] = Field(
        default="folder",
        description="folder: a tree of files with side-cars. http: the Portal's web services.",
        examples=["folder"],
        json_schema_extra=wrong("The other kind needs another address: url for folder, connection for http."),
    )
    url: str | None = Field(
        default=None,
        description=(
            "Address of the folder tree as fsspec reads it: file:///srv/portal, s3://bucket/portal. Mandatory for "
            "the kind folder."
        ),
        examples=["file:///srv/portal"],
        json_schema_extra=wrong(
            "A folder that is missing or cannot be read fails each pass with that sentence; nothing is taken "
            "as vanished. "
            "A password in the address refuses the file."
        ),
    )
    connection: ConnectionId | None = Field(
        default=None,
        description="Airflow connection of the portal (docs/portal.md). Mandatory for the kind http.",
        examples=["chorus_portal"],
        json_schema_extra=wrong(
            "A connection that is not defined fails each pass with that sentence; ready invoices are sent all the "
            "same. Without effect for the kind folder."
        ),
    )
    settle_seconds: float = Field(
        default=2,
        ge=0,
        le=600,
        description="Kind folder: a PDF is taken when it and its side-car kept size and time for so many seconds.",
        examples=[2],
        json_schema_extra=wrong(
            "Too small: a file still being written may be taken (and taken again when complete). Too large: "
            "each pass waits that long."
        ),
    )
    write_back: WriteBack = Field(default=WriteBack(), description="Metadata that we write into the portal.")


class User(Item):
    """A person, under the user name that Airflow knows."""

    name: Name = Field(
        description="The Airflow user name.",
        examples=["mdurand"],
        json_schema_extra=wrong(
            "A name that Airflow does not know: the person gets mails, and sees nothing after logging in."
        ),
    )
    mail: MailAddress | None = Field(
        default=None,
        description="Where mails go; without it the person is told on the dashboard only.",
        examples=["m.durand@imprimerie.example"],
        json_schema_extra=wrong(
            "An address that the mail server refuses for good: the mail is marked as failed, with an alert."
        ),
    )
    language: Literal["fr", "en"] | None = Field(
        default=None,
        description=(
            "Language of mails and screens for this person; without it mails are French, and screens follow what the "
            "person chose in Airflow."
        ),
        examples=["fr"],
    )

    @property
    def reads_mails_in(self) -> Literal["fr", "en"]:
        """The language of mails."""
        return self.language or "fr"


class Group(Item):
    """Several people under one name."""

    name: Name = Field(description="Name by which other sections mean the group.", examples=["billing"])
    users: tuple[str, ...] = Field(
        default=(),
        description="Its members, by their name in people.users.",
        examples=[["mdurand"]],
        json_schema_extra=wrong("A name that people.users lacks refuses the file."),
    )


class People(Section):
    """Users and groups that the other sections name. Each of the two lists may be left out, and is then left alone."""

    users: tuple[User, ...] = Field(
        default=(), description="Every person that is told something or may use the connector."
    )
    groups: tuple[Group, ...] = Field(default=(), description="Several people under one name.")


class Mail(Section):
    """How mails leave. Null: they go to the local sink, a folder of files."""

    connection: ConnectionId = Field(
        description="Airflow connection of the SMTP server (host, port, login, password).",
        examples=["chorus_smtp"],
        json_schema_extra=wrong(
            "A connection that is not defined: mails wait in the outbox, none is lost, and chorus doctor says so."
        ),
    )
    sender: MailAddress = Field(
        description="Sender of every mail.",
        examples=["chorus@imprimerie.example"],
        json_schema_extra=wrong("A sender that the server refuses: mails are marked as failed, with an alert."),
    )
    screens_url: WebAddress | None = Field(
        default=None,
        description="Address of our screens, for the links in mails; without it mails carry no link.",
        examples=["https://airflow.imprimerie.example/chorus"],
        json_schema_extra=wrong("Links in mails lead nowhere."),
    )
