"""Keys and values of the configuration as a person reads them: in the words of the form on which they are set.

Keys without a form of their own, which the file alone holds, have words under `setting.` in the catalogues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from include.domain.configuration import Configuration
from include.domain.configuration.base import Audience
from include.domain.configuration.schema import file_fields, models
from include.texts import Language, has_text, label, translate

ON_FORMS: Mapping[str, str] = {
    "people.users.name": "persons.name",
    "people.users.mail": "persons.mail",
    "people.users.language": "persons.language",
    "people.groups.name": "persons.name",
    "people.groups.users": "persons.members",
    "providers.name": "providers.name",
    "providers.siret": "providers.siret",
    "providers.environment": "providers.environment",
    "providers.connection": "providers.connection",
    "providers.authentication": "providers.authentication",
    "providers.automatic_submission": "providers.automatic_submission",
    "providers.send_attachments": "providers.send_attachments",
    "providers.loading": "providers.loading",
    "providers.hold_on_conflict": "providers.hold_on_conflict",
    "providers.remote_reading": "providers.remote_reading",
    "providers.trust_remote_reading": "providers.trust_remote_reading",
    "providers.notify": "providers.notify",
    "providers.use": "providers.use",
    "providers.defaults": "providers.defaults",
    "providers.defaults.invoicing_framework": "field.invoicing_framework",
    "providers.defaults.vat_type": "field.vat_type",
    "providers.defaults.payment_mode": "field.payment_mode",
    "providers.defaults.vat_exemption_reason": "field.vat_exemption_reason",
    "providers.bank_details": "banks.title",
    "providers.bank_details.default": "banks.default",
    "providers.bank_details.labels": "banks.label",
    "providers.bank_details.labels.label": "banks.label",
    "providers.bank_details.labels.name": "banks.account",
    "providers.confidence": "providers.thresholds",
    "providers.supplier_service": "providers.supplier_service",
    "criteria.name": "criteria.name",
    "criteria.classification_rule": "criteria.rule",
    "criteria.folder": "criteria.folder",
    "criteria.subfolders": "criteria.subfolders",
    "criteria.providers": "criteria.providers",
    "criteria.since": "criteria.since_field",
    "metadata_association.classification_rule": "association.rule",
    "metadata_association.fields": "association.metadata",
    "recipients.siret": "providers.siret",
    "recipients.wordings": "recipients.wordings",
    "recipients.services": "recipients.services",
    "recipients.services.code": "recipients.service_code",
    "recipients.services.wordings": "recipients.wordings",
    "label_rights.user": "persons.person",
    "label_rights.label": "labels.label",
    "attachments.switch_value": "attaching.switch_value",
    "attachments.default_type": "attaching.default_type",
    "attachments.links.invoice_rule": "attaching.invoice_rule",
    "attachments.links.attachment_rule": "attaching.attachment_rule",
    "attachments.links.pairs": "attaching.pairs",
    "attachments.links.type": "attaching.type",
    "attachments.links.since": "attaching.since",
    "templates.subject": "templates.subject",
    "templates.body": "templates.body",
}
"""By the way to the key, the code of its label on the form."""

_CHOICES = {
    "providers.environment": "providers.choice",
    "providers.loading": "providers.choice",
    "providers.authentication": "providers.choice",
    "providers.remote_reading": "providers.choice",
    "providers.defaults.invoicing_framework": "choice",
    "providers.defaults.vat_type": "choice",
    "providers.defaults.payment_mode": "choice",
    "learned_recipients.environment": "providers.choice",
    "portal.kind": "setting.choice",
    "reading.engine": "setting.choice",
    "reading.searchable_copy": "setting.choice",
}
"""Keys of closed lists, and where their values have words."""

_SECRETS = {
    "login": "providers.account",
    "password": "providers.password",  # pragma: allowlist secret
    "piste_client_id": "providers.client_id",
    "piste_client_secret": "providers.client_secret",  # pragma: allowlist secret
    "host": "providers.host",
    "certificate_file": "providers.certificate_file",
    "certificate_format": "providers.certificate_format",
    "certificate_password": "providers.certificate_password",  # pragma: allowlist secret
}
"""What of a connection is told when it was replaced."""

_LEARNED = {
    "learned_recipients.environment": "providers.environment",
    "learned_recipients.siret": "providers.siret",
    "learned_recipients.service_code": "recipients.service_code",
    "learned_recipients.invoice": "setting.learned_from",
    "layouts.classification_rule": "association.rule",
    "layouts.invoices": "setting.learned_from",
    "layouts.fields": "association.field",
}
"""What was learned stands beside the file, and its changes in the same history."""

_BY_FIELD = ("providers.confidence", "metadata_association.fields")
"""Keys that hold one value for each of some fields of an invoice."""

_CONNECTION = re.compile(r"connection (?P<id>\S+)")
_ITEM = re.compile(r"(?P<list>[\w.]+)\[(?P<item>.*)\](?:\.(?P<below>[\w.]+))?")

STEP = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


def keys() -> Iterator[str]:
    """The way to every key of the file, such as `providers.bank_details.default`, the keys of sections too."""
    yield from file_fields(Configuration)
    for path, model, _ in models():
        yield from (f"{path.replace('[]', '')}.{name}" for name in file_fields(model))


def sections() -> set[str]:
    """Sections and the lists inside them, as the history names them."""
    found = {
        path.removesuffix("[]") for path, _, is_item in models() if "." not in path or (is_item and "[]." not in path)
    }
    return found | {"learned_recipients", "layouts"}


def own_words() -> set[str]:
    """Codes below `setting` of what has neither a form nor a section's words."""
    audiences = [path.replace("[]", "") for path, model, _ in models() if model is Audience]
    told = {*ON_FORMS, *sections(), *(f"{path}.{name}" for path in audiences for name in Audience.model_fields)}
    return {key.replace(".", "_") for key in keys() if key not in told} | {"learned_from", "yes", "no"}


def setting_words(section: str, field: str, language: Language) -> str:
    """The key of a change (`ConfigurationChange`): each step of the way to it, and the item where it is one's."""
    connection = _CONNECTION.fullmatch(field)
    if connection:
        return translate("plan.secrets", language, connection=connection["id"])
    item = _ITEM.fullmatch(field)
    if item is None:
        return STEP.join(_steps(section, field.split("."), language))
    names = [*_steps(section, item["list"].split("."), language)]
    names[-1] = f"{names[-1]} {item['item']}"
    below = item["below"].split(".") if item["below"] else []
    return STEP.join([*names, *_steps(f"{section}.{item['list']}", below, language)])


def key_words(path: str, language: Language) -> str:
    """What a key such as `providers[].siret` is called on its form; empty for the version of the file."""
    section, _, field = path.replace("[]", "").partition(".")
    return setting_words(section, field, language).rpartition(STEP)[2]


def value_words(section: str, field: str | None, value: Any, language: Language) -> str:
    """A value of that key; of the whole section where there is no key. Values of closed lists have their words."""
    path = _path(section, field or "")
    if value is None:
        return translate("plan.none", language)
    if isinstance(value, bool):
        return translate("setting.yes" if value else "setting.no", language)
    if isinstance(value, Mapping):
        item = _ITEM.fullmatch(field or "")
        named = None if item is None else item["item"]  # stands before the values already
        told = [
            (_step(path, key, language), value_words(path, key, one, language))
            for key, one in value.items()
            if one != named
        ]
        return " \N{MIDDLE DOT} ".join(translate("plan.line", language, name=name, value=one) for name, one in told)
    if isinstance(value, list):
        apart = " / " if any(isinstance(one, Mapping) for one in value) else ", "
        return apart.join(value_words(section, field, one, language) for one in value)
    if field is not None and _CONNECTION.fullmatch(field):
        return _word(_SECRETS.get(value, value), language)
    part = _CHOICES.get(path)
    return label(part, value, language) if part else str(value)


def _path(section: str, field: str) -> str:
    """The way to a key, without the items on it."""
    item = _ITEM.fullmatch(field)
    if item is not None:
        field = ".".join(filter(None, (item["list"], item["below"])))
    return ".".join(filter(None, (section.replace(" ", "_"), field)))


def _steps(above: str, names: Sequence[str], language: Language) -> Iterator[str]:
    path = _path(above, "")
    for name in names:
        yield _step(path, name, language)
        path = f"{path}.{name}"


def _step(path: str, name: str, language: Language) -> str:
    """The words of one key below another; the key itself where it is none of ours (any more)."""
    if path in _BY_FIELD:
        return label("field", name, language)
    if path.rpartition(".")[2] in _AUDIENCES and name in Audience.model_fields:
        return label("persons", name, language)
    key = f"{path}.{name}"
    code = ON_FORMS.get(key) or _LEARNED.get(key) or f"setting.{key.replace('.', '_')}"
    return _word(code, language) if has_text(code) else name


def _word(code: str, language: Language) -> str:
    part, _, name = code.rpartition(".")
    return label(part, name, language) if part else code


_AUDIENCES = frozenset(path.rpartition(".")[2] for path, model, _ in models() if model is Audience)
