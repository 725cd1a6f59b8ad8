"""The configuration as text: its export, a commented example, and the JSON Schema for editors.

All three are made from the models and their descriptions. None can hold a secret: the models have no place for one.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import textwrap
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from include.domain.configuration import NOT_IN_THE_FILE, Configuration
from include.domain.configuration.base import Item
from include.domain.configuration.schema import ExpectedValue, children, file_fields

_WIDTH = 110
_PLAIN = re.compile(r"(?!(?:null|true|false|yes|no|on|off|[yn])$)[^\W\d_](?:[\w '()/.@-]|:(?=/))*", re.IGNORECASE)
"""Texts that every YAML reader takes as they are; all others stand in double quotes."""

SAMPLE: Mapping[str, Any] = {
    "portal": {"url": "file:///srv/portal"},
    "people": {
        "users": [{"name": "mdurand", "mail": "m.durand@imprimerie.example"}],
        "groups": [{"name": "billing", "users": ["mdurand"]}],
    },
    "administer": {"groups": ["billing"]},
    "mail": {
        "connection": "chorus_smtp",
        "sender": "chorus@imprimerie.example",
        "screens_url": "https://airflow.imprimerie.example/chorus",
    },
    "providers": [
        {
            "name": "Imprimerie Durand",
            "siret": "33254021516357",
            "environment": "simulator",
            "connection": "chorus_durand",
            "automatic_submission": True,
            "send_attachments": True,
            "loading": "local",
            "notify": {"groups": ["billing"]},
            "use": {"groups": ["billing"]},
            "bank_details": {"default": "Compte courant", "labels": [{"label": "CIC", "name": "Compte CIC"}]},
        }
    ],
    "criteria": [
        {"name": "customer invoices", "classification_rule": "Facture client"},
        {
            "name": "accounting folder",
            "folder": "/Comptabilite/Factures",
            "subfolders": True,
            "providers": ["Imprimerie Durand"],
            "since": "2026-10-01",
        },
    ],
    "metadata_association": [
        {
            "classification_rule": "Facture client",
            "fields": {
                "total_incl_tax": "montant",
                "invoice_number": "numero",
                "recipient_siret": "siret_dest",
                "bank_details": "rib",
                "user_label": "commercial",
                "attachment_switch": "pj",
            },
        }
    ],
    "recipients": [
        {
            "siret": "12345678200051",
            "wordings": ["Mairie d'Annecy"],
            "services": [{"code": "ST01", "wordings": ["Service technique"]}],
        }
    ],
    "label_rights": [{"user": "mdurand", "label": "Durand"}],
    "attachments": {
        "links": [
            {
                "invoice_rule": "Facture client",
                "attachment_rule": "Bon de livraison",
                "pairs": [{"invoice": "commande", "attachment": "commande"}],
            }
        ]
    },
    "late_payment": {"rates": [{"since": "2025-07-01", "percent": "2.15"}]},
}
"""A small supplier; what it leaves out shows its default."""


def export(configuration: Configuration) -> str:
    """The whole configuration as a file: applying it changes nothing. Always in the same order."""
    return _written(
        configuration, _Writer(every_field=False), "Exported from the connector; applying it changes nothing."
    )


def example() -> str:
    """A file with every section and every field, each with its meaning, ready to be changed."""
    heading = (
        "An example of every section. A section that is left out of the file is left alone; a list that is present is "
        "the whole list. Secrets never stand here: they live in Airflow connections."
    )
    return _written(Configuration.model_validate(SAMPLE), _Writer(every_field=True), heading)


def json_schema() -> dict[str, Any]:
    """The schema of the file, for editors that complete and check YAML by it."""
    schema = Configuration.model_json_schema()
    for name in NOT_IN_THE_FILE:
        schema["properties"].pop(name)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Chorus Pro connector"}


def _written(configuration: Configuration, writer: _Writer, heading: str) -> str:
    document = writer.mapping(configuration, indent=0)
    document.yaml_set_start_comment("\n".join(textwrap.wrap(heading, _WIDTH)))
    yaml = _yaml()
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


class _Writer:
    """Turns sections into YAML with comments.

    An export comments sections and shows of list items only what differs from the defaults; the example shows and
    explains every field, each once.
    """

    def __init__(self, *, every_field: bool) -> None:
        self._every_field = every_field
        self._explained: set[tuple[type[BaseModel], str]] = set()

    def mapping(self, section: BaseModel, *, indent: int, siblings: Sequence[BaseModel] = ()) -> CommentedMap:
        """One section, its fields in the order of the schema."""
        made = CommentedMap()
        for name in file_fields(type(section)):
            value = getattr(section, name)
            if not self._shown(section, name, siblings):
                continue
            made[name] = self._value(value, indent + 2)
            comment = self._comment(type(section), name, value, indent)
            if comment:
                made.yaml_set_comment_before_after_key(name, before=comment, indent=indent)
        return made

    def _shown(self, section: BaseModel, name: str, siblings: Sequence[BaseModel]) -> bool:
        """Items show what differs from the defaults; in the example all, but what another item of the list shows."""
        value, field = getattr(section, name), type(section).model_fields[name]
        if not isinstance(section, Item) or field.is_required():
            return True
        if not self._every_field:
            return bool(value != field.get_default(call_default_factory=True))
        return value is not None or all(getattr(sibling, name) is None for sibling in siblings)

    def _value(self, value: Any, indent: int) -> Any:
        if isinstance(value, BaseModel):
            return self.mapping(value, indent=indent)
        if isinstance(value, tuple):
            return self._list(value, indent)
        if isinstance(value, Mapping):
            made = CommentedMap((key, self._value(part, indent)) for key, part in value.items())
            made.fa.set_flow_style() if not value else made.fa.set_block_style()
            return made
        return _scalar(value)

    def _list(self, values: tuple[Any, ...], indent: int) -> CommentedSeq:
        items = CommentedSeq()
        for value in values:
            siblings = [other for other in values if isinstance(other, BaseModel)]
            items.append(
                self.mapping(value, indent=indent + 2, siblings=siblings)
                if isinstance(value, BaseModel)
                else _scalar(value)
            )
        if not any(isinstance(value, BaseModel) for value in values):
            items.fa.set_flow_style()
        return items

    def _comment(self, model: type[BaseModel], name: str, value: Any, indent: int) -> str:
        field = file_fields(model)[name]
        top = model is Configuration
        if (model, name) in self._explained or not (top or self._every_field):
            return ""
        self._explained.add((model, name))
        words = field.description or ""
        if self._every_field:
            words += _choice(field) + _instance(field, value)
        lines = textwrap.wrap(words, _WIDTH - indent)
        return ("\n" if top else "") + "\n".join(lines)


def _choice(field: FieldInfo) -> str:
    """The allowed values, where they are few and the description does not go through them."""
    values = str(ExpectedValue(annotation=field.annotation, field=field).expectation).split(" | ")
    if (
        children(field) is not None
        or values == ["true", "false"]
        or all(v in (field.description or "") for v in values)
    ):
        return ""
    return f" Allowed: {' | '.join(values)}." if len(values) > 1 else ""


def _instance(field: FieldInfo, value: Any) -> str:
    """An example, where the value shown beside it is empty."""
    if value or isinstance(value, bool):
        return ""
    item = children(field)
    if item is not None and value == ():
        keys = {name: (part.examples or [None])[0] for name, part in file_fields(item).items()}
        return f" Example: {inline([keys])}"
    return f" Example: {inline(field.examples[0])}" if field.examples else ""


class _NullsInWords(RoundTripRepresenter):
    """Writes `null`, where ruamel would leave the place empty."""


_NullsInWords.add_representer(
    type(None), lambda representer, _none: representer.represent_scalar("tag:yaml.org,2002:null", "null")
)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.Representer = _NullsInWords
    yaml.width = 10_000
    return yaml


def inline(value: Any) -> str:
    """A value as it may be written on one line of YAML."""
    yaml = _yaml()
    stream = io.StringIO()
    yaml.dump(_flow(value), stream)
    return stream.getvalue().removesuffix("...\n").strip()


def _flow(value: Any) -> Any:
    if isinstance(value, Mapping):
        made = CommentedMap((key, _flow(part)) for key, part in value.items())
        made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        items = CommentedSeq(_flow(part) for part in value)
        items.fa.set_flow_style()
        return items
    return _scalar(value)


def _scalar(value: Any) -> Any:
    """A single value; texts that could be read as something else stand in double quotes."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dt.date):
        return DoubleQuotedScalarString(value.isoformat().replace("+00:00", "Z"))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return DoubleQuotedScalarString(value)
    return value
