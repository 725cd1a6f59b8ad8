"""docs/configuration.md, made from the models so that it cannot drift. A test holds the committed file to this.

Written anew by `python -m include.application.administration.configuration_docs > docs/configuration.md`.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from include.application.administration.configuration_text import inline
from include.domain.configuration import Configuration
from include.domain.configuration.base import Audience, Item
from include.domain.configuration.schema import ExpectedValue, children, file_fields, models
from include.domain.configuration_rules.idle import IDLE
from include.domain.fields.registry import FIELD_NAMES
from include.texts import Language, Text, has_text, label

_HEAD = """\
# The configuration file

Made from the program's own models: do not change this page, change their descriptions (`include/domain/configuration/`)
and run `python -m include.application.administration.configuration_docs > docs/configuration.md`.

One YAML file, `version: 1`, optionally with overlays per environment:

```
chorus config example > chorus.yaml                  # every section, every field, commented
chorus config validate chorus.yaml production.yaml   # every fault with its line
chorus config plan chorus.yaml production.yaml       # what would change, like a diff
chorus config apply chorus.yaml production.yaml
chorus config export | log | schema                  # the stored one | who changed what | for editors
```

**Secrets never stand in the file.** Technical account, PISTE client and mail password live in Airflow connections; the
file names the connection.

**A section that is left out is left alone**, and so are the lists `people.users`, `people.groups` and
`attachments.links` inside a section that is present. **A list that is present is the whole list**: what is missing from
it is removed. A provider that is removed and has submissions is retired: it stops sending and is still tracked. One
that gets another name stays the same (SIRET and environment): `criteria` that are left out follow. `null` for `portal`,
`mail` or `alerts` removes that section.

**Overlays**: mappings merge by key. Items merge by identity in `providers` (siret and environment, else name, else a
SIRET that one provider has), `people.users`, `people.groups` and `criteria` (name), `metadata_association` (rule) and
`recipients` (siret); every other list is replaced. What an overlay does not name stays as the base says.

**SIRETs and codes stand in quotes**: YAML reads `00000000415073` as another number, so a bare number is refused.
Wordings, labels and the switch are compared without regard to case, accents and outer blanks.

**A value outside the column "allowed" refuses the file**: the message has file, line and path, the allowed values and
what to do; all faults are told at once and nothing is stored. The column "when it is wrong" says what happens when a
value is allowed and still wrong.

**On screens**: the column "page" names the page of the settings on which a key is edited, `/chorus/settings/<page>`;
each page leads back to its keys. A key of the page `file` is edited as text there, as in this file.

Any effective change makes a new revision: invoices that are not sent yet are assessed again in the next pass. Applying
the same file twice makes none.
"""

FILE = "file"
"""The page on which the whole configuration is edited as text."""

_SCREENS = {
    "people": "people",
    "administer": "people",
    "providers[]": "providers",
    "criteria[]": "criteria",
    "metadata_association[]": "association",
    "recipients[]": "recipients",
    "label_rights[]": "label-rights",
    "attachments": "attachments",
    "templates[]": "templates",
    "providers[].bank_details": "bank-details",
    "portal": "portal",
    "mail": "mail",
    "submission": "operation",
    "reading": "operation",
    "directory": "operation",
    "alerts": "operation",
    "watchdog": "operation",
    "late_payment": "operation",
    "retention": "operation",
}
"""The page on which a section, or one key of it, is edited; the others stand in the file alone."""

_ABOUT_NULL = re.compile(r"[.;] null: .*", re.IGNORECASE)

_REFUSED = "Any other value refuses the file."


@dataclass(frozen=True, kw_only=True)
class DocumentedKey:
    """One value of the file. `path` such as `providers[].siret`; `page` of the settings on which it is edited.

    `default` and `example` as the file writes them, None where there is none to be shown.
    """

    path: str
    page: str
    meaning: str
    allowed: Text | str
    mandatory: bool
    default: str | None
    example: str | None
    when_wrong: str

    @property
    def section(self) -> str:
        """Where it stands; empty at the top of the file."""
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        """What it is called there."""
        return self.path.rpartition(".")[2]

    def meaning_in(self, language: Language) -> str:
        """What it means, in English where the catalogues have no words of their own for it."""
        return _worded(self.path, self.meaning, language)


def section_meaning(section: str, language: Language) -> str:
    """What a section at the top of the file is for; what leaving it out means is told where that is chosen."""
    field = Configuration.model_fields[section]
    model = children(field)
    told = field.description or "" if model in (None, Audience) else _first_paragraph(model)
    return _worded(section, f"{_ABOUT_NULL.split(told)[0]}.".replace("..", "."), language)


def meaning_code(path: str) -> str:
    """Of a key or a section, below `meaning` in the catalogues."""
    return path.replace("[]", "").replace(".", "_")


def _worded(path: str, english: str, language: Language) -> str:
    code = f"meaning.{meaning_code(path)}"
    return label("meaning", meaning_code(path), language) if has_text(code) else english


def documented_keys() -> Iterator[DocumentedKey]:
    """Every value of the file in its order; sections and lists of sections are told by the keys inside them."""
    sections: list[tuple[str, type[BaseModel]]] = [("", Configuration), *((path, model) for path, model, _ in models())]
    for path, model in sections:
        if model is Audience and "." in path:
            continue
        for name, field in file_fields(model).items():
            if _is_value(field) and (path or children(field) is None):
                yield _key(f"{path}.{name}" if path else name, field)


def _key(path: str, field: FieldInfo) -> DocumentedKey:
    return DocumentedKey(
        path=path,
        page=_page_of(path),
        meaning=field.description or "",
        allowed=ExpectedValue(annotation=field.annotation, field=field).expectation,
        mandatory=field.is_required(),
        default=_default(field),
        example=inline(field.examples[0]) if field.examples else None,
        when_wrong=_wrong(field),
    )


def _page_of(path: str) -> str:
    """By the longest beginning that is told apart."""
    known = [one for one in _SCREENS if path == one or path.startswith(f"{one}.")]
    return _SCREENS[max(known, key=len)] if known else FILE


def markdown() -> str:
    """The whole page."""
    parts = [_HEAD, *_sections(), _field_names(), _idle()]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _sections() -> Iterator[str]:
    yield "## Sections\n\n" + _table(Configuration, "")
    for path, model, is_item in models():
        if model is Audience and "." in path:
            continue
        level = "##" if "." not in path else "###"
        page = f" On screens: `/chorus/settings/{_page_of(path)}`." if level == "##" else ""
        identity = ""
        if is_item and issubclass(model, Item):
            identity = f" Identity: {', '.join(f'`{name}`' for name in model.identified_by)}."
        yield f"{level} `{path}`\n\n{_first_paragraph(model)}{identity}{page}\n\n{_table(model, path)}"


def _table(model: type[BaseModel], path: str) -> str:
    rows = [
        "| field | meaning | allowed | default | example | when it is wrong | page |",
        "|---|---|---|---|---|---|---|",
        *(_row(name, field, path) for name, field in file_fields(model).items()),
    ]
    return "\n".join(rows) + "\n"


def _row(name: str, field: FieldInfo, path: str) -> str:
    key = _key(f"{path}.{name}" if path else name, field)
    cells = [
        f"`{name}`",
        key.meaning,
        _allowed(field, key),
        "mandatory" if key.mandatory else "its defaults" if key.default is None else f"`{key.default}`",
        "" if key.example is None else f"`{key.example}`",
        key.when_wrong,
        f"[{key.page}](screens.md#the-settings)" if _is_value(field) else "",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _is_value(field: FieldInfo) -> bool:
    """A key that holds further ones is told by those."""
    return children(field) in (None, Audience)


def _allowed(field: FieldInfo, key: DocumentedKey) -> str:
    child = children(field)
    if child is None:
        return str(key.allowed).replace(" | ", ", ")
    is_list = ExpectedValue(annotation=field.annotation).model is None
    if child is Audience:
        return "`users` and `groups`, as in `administer`"
    return f"a list, see `{key.path}[]`" if is_list else f"a mapping, see `{key.path}`"


def _default(field: FieldInfo) -> str | None:
    value = None if field.is_required() else field.get_default(call_default_factory=True)
    if field.is_required() or isinstance(value, BaseModel):
        return None
    return inline(list(value) if isinstance(value, tuple) else value)


def _wrong(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    said = extra.get("x-when-wrong") if isinstance(extra, dict) else None
    if said is None and children(field) is not None:
        return "See there."
    return str(said or _REFUSED)


def _first_paragraph(model: type[BaseModel]) -> str:
    return " ".join(inspect.cleandoc(model.__doc__ or "").split())


def _field_names() -> str:
    names = ", ".join(f"`{name}`" for name in FIELD_NAMES)
    return f"## Field names\n\nFor `metadata_association[].fields` and `providers[].confidence`: {names}.\n"


def _idle() -> str:
    lines = [f"- `{idle.setting}`: {idle.becomes}." for idle in IDLE]
    intro = "Accepted and stored; `validate`, `plan` and `apply` name each that is used as a warning.\n"
    return "\n".join(["## Without effect yet\n", intro, *lines])


if __name__ == "__main__":
    sys.stdout.write(markdown())
