"""How the machine runs: timing of sending, limits of reading, age of the directory, watchdog, retention, mail texts."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from include.domain.configuration.base import Item, Name, Section, wrong


class Submission(Section):
    """Timing of sending. What these numbers protect is exactly-once: change them only with a reason."""

    lease_seconds: int = Field(
        default=900,
        ge=10,
        le=86_400,
        description="How long a sender owns the invoice that it is sending; at least twice send_deadline_seconds.",
        examples=[900],
        json_schema_extra=wrong(
            "Shorter than twice the deadline refuses the file: another worker could take over a call that still runs."
        ),
    )
    send_deadline_seconds: int = Field(
        default=180,
        ge=5,
        le=3_600,
        description="Total time that one sending may take before its connection is cut.",
        examples=[180],
        json_schema_extra=wrong("Too short: sendings become unknown and wait for the search."),
    )
    search_again_after_seconds: int = Field(
        default=1800,
        ge=0,
        le=604_800,
        description="After a lost answer: how long a search that finds no invoice does not prove that there is none.",
        examples=[1800],
        json_schema_extra=wrong("Shorter than the platform's own delay of indexing: an invoice could be sent twice."),
    )
    parallel: int = Field(
        default=4,
        ge=1,
        le=32,
        description="Calls of one provider side by side, in each worker.",
        examples=[4],
        json_schema_extra=wrong("Too many: the platform turns calls away, and they are repeated in the next pass."),
    )
    calls_per_second: float | None = Field(
        default=None,
        gt=0,
        le=1_000,
        description="Most calls per second of one PISTE application or certificate, by all workers; null: no limit.",
        examples=[5],
        json_schema_extra=wrong("Too low: a pass with many invoices takes long."),
    )


class ReadingLimits(Section):
    """Limits of reading; a document beyond one carries a reason that names the limit; a person completes it."""

    max_pages: int = Field(
        default=50,
        ge=1,
        le=5_000,
        description="Most pages of a document.",
        examples=[50],
        json_schema_extra=wrong("Longer documents are not read."),
    )
    max_megabytes: float = Field(
        default=20,
        gt=0,
        le=200,
        description="Largest size of a document.",
        examples=[20],
        json_schema_extra=wrong("Larger documents are not read."),
    )
    seconds: int = Field(
        default=120,
        ge=1,
        le=3_600,
        description="Longest time for reading one document.",
        examples=[120],
        json_schema_extra=wrong("Slow scans are not read."),
    )
    engine: Literal["auto", "openvino", "tesseract"] = Field(
        default="auto",
        description=(
            "What recognises scanned pages: auto is OpenVINO with PP-OCRv6, and Tesseract where that cannot run; "
            "openvino alone; or tesseract alone."
        ),
        examples=["auto"],
        json_schema_extra=wrong("tesseract: more wrong values; openvino on a machine without it: scans are not read."),
    )
    searchable_copy: Literal["never", "scans", "always"] = Field(
        default="scans",
        description=(
            "Whether a copy with the recognised words laid on its pages is kept in the content store, beside the "
            "untouched original that is sent: never, of scans, of everything. It concerns what is read from now on."
        ),
        examples=["scans"],
        json_schema_extra=wrong("never: scans in the archive cannot be searched; always: twice the disk space."),
    )


class DirectorySettings(Section):
    """How long an entry of the platform's directory is believed."""

    refresh_hours: float = Field(
        default=24,
        gt=0,
        le=8_760,
        description="Age at which an entry is asked again.",
        examples=[24],
        json_schema_extra=wrong("Too long: a body that closed is noticed late. Too short: more calls."),
    )


class Watchdog(Section):
    """When the hourly monitoring raises an alarm."""

    no_run_minutes: int = Field(
        default=60, ge=1, le=10_080, description="No good run of the ten-minute flow for so long.", examples=[60]
    )
    stuck_hours: int = Field(
        default=24,
        ge=1,
        le=8_760,
        description="A document in one and the same state of work for so long.",
        examples=[24],
    )
    silence_days: int = Field(
        default=30,
        ge=1,
        le=3_650,
        description="An invoice without news for so long, at a public body whose own habit is not known yet.",
        examples=[30],
    )
    password_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description=(
            "Days before the end of a technical password or client certificate when it is told first; again at 15, 7 "
            "and 1."
        ),
        examples=[30],
    )


class Retention(Section):
    """How long personal data is kept; the evidence of sending always stays."""

    automatic: bool = Field(
        default=False,
        description=(
            "Whether chorus_watchdog removes once a day what is older than its period; off: only `chorus retention "
            "--apply` does."
        ),
        examples=[True],
        json_schema_extra=wrong("What was removed does not come back: see `chorus retention --dry-run` first."),
    )
    agents_days: int = Field(
        default=730,
        ge=1,
        le=36_500,
        description="Names and addresses of agents in comments of the platform.",
        examples=[730],
    )
    texts_days: int = Field(
        default=730,
        ge=1,
        le=36_500,
        description="Text read from documents, and the words beside the values of settled invoices.",
        examples=[730],
    )
    events_days: int = Field(default=365, ge=1, le=36_500, description="Events and mails.", examples=[365])


class Template(Item):
    """An administrator's own wording of a mail."""

    identified_by: ClassVar[tuple[str, ...]] = ("event", "language")

    event: Name = Field(description="Event whose mail it replaces.", examples=["submitted"])
    language: Literal["fr", "en"] = Field(description="Language of the people who get it.", examples=["fr"])
    subject: Name = Field(
        description="Subject, a Jinja2 template.",
        examples=["{{ count }} facture(s) transmise(s)"],
        json_schema_extra=wrong("One that cannot be rendered refuses the file."),
    )
    body: Name = Field(
        description=(
            "Text, a Jinja2 template. It may use count, others, provider, providers, screens_url, table (the list of "
            "invoices as we show it) and rows, each with document, number, recipient, total, state, chorus_id, "
            "comment, reasons, provider and at; it may call nothing."
        ),
        examples=["{{ count }} facture(s) transmise(s) à Chorus Pro.\n{{ table }}"],
        json_schema_extra=wrong("One that cannot be rendered refuses the file."),
    )
