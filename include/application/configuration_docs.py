"""docs/configuration.md, made from the models so that it cannot drift. A test holds the committed file to this.

Written anew by `python -m include.application.configuration_docs > docs/configuration.md`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from include.application.configuration_text import inline
from include.domain.codes import FIELD_NAMES
from include.domain.configuration import Configuration
from include.domain.configuration.base import Item
from include.domain.configuration.schema import Spot, children, file_fields, models
from include.domain.configuration_rules.idle import IDLE

_HEAD = """\
# The configuration file

Made from the program's own models: do not change this page, change their descriptions (`include/domain/configuration/`)
and run `python -m include.application.configuration_docs > docs/configuration.md`.

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
it is removed. A provider that is removed and has submissions is retired: it stops sending and is still tracked. `null`
for `portal`, `mail` or `alerts` removes that section.

**Overlays**: mappings merge by key. Items merge by identity in `providers` (siret and environment, else name, else a
SIRET that one provider has), `people.users`, `people.groups` and `criteria` (name), `metadata_association` (rule) and
`recipients` (siret); every other list is replaced. What an overlay does not name stays as the base says.

**SIRETs and codes stand in quotes**: YAML reads `00000000415073` as another number, so a bare number is refused.
Wordings, labels and the switch are compared without regard to case, accents and outer blanks.

**A value outside the column "allowed" refuses the file**: the message has file, line and path, the allowed values and
what to do; all faults are told at once and nothing is stored. The last column says what happens when a value is allowed
and still wrong.

Any effective change makes a new revision: invoices that are not sent yet are judged again in the next pass. Applying
the same file twice makes none.
"""

_REFUSED = "Any other value refuses the file."


def markdown() -> str:
    """The whole page."""
    parts = [_HEAD, *_sections(), _field_names(), _idle()]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _sections() -> Iterator[str]:
    yield "## Sections\n\n" + _table(Configuration, "")
    for path, model, is_item in models():
        if model.__name__ == "Audience" and "." in path:
            continue
        level = "##" if "." not in path else "###"
        identity = ""
        if is_item and issubclass(model, Item):
            identity = f" Identity: {', '.join(f'`{name}`' for name in model.identified_by)}."
        yield f"{level} `{path}`\n\n{_first_paragraph(model)}{identity}\n\n{_table(model, path)}"


def _table(model: type[BaseModel], path: str) -> str:
    rows = [
        "| field | meaning | allowed | default | example | when it is wrong |",
        "|---|---|---|---|---|---|",
        *(_row(name, field, path) for name, field in file_fields(model).items()),
    ]
    return "\n".join(rows) + "\n"


def _row(name: str, field: FieldInfo, path: str) -> str:
    cells = [
        f"`{name}`",
        field.description or "",
        _allowed(field, path, name),
        _default(field),
        _example(field),
        _wrong(field),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _allowed(field: FieldInfo, path: str, name: str) -> str:
    child = children(field)
    if child is None:
        return Spot(annotation=field.annotation, field=field).expectation.replace(" | ", ", ")
    is_list = Spot(annotation=field.annotation).model is None
    below = f"{path}.{name}" if path else name
    if child.__name__ == "Audience":
        return "`users` and `groups`, as in `administer`"
    return f"a list, see `{below}[]`" if is_list else f"a mapping, see `{below}`"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "mandatory"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "its defaults"
    return f"`{inline(list(value) if isinstance(value, tuple) else value)}`"


def _example(field: FieldInfo) -> str:
    return f"`{inline(field.examples[0])}`" if field.examples else ""


def _wrong(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    said = extra.get("x-when-wrong") if isinstance(extra, dict) else None
    if said is None and children(field) is not None:
        return "See there."
    return str(said or _REFUSED)


def _first_paragraph(model: type[BaseModel]) -> str:
    return " ".join(inspect.getdoc(model).split()) if model.__doc__ else ""  # type: ignore[union-attr]


def _field_names() -> str:
    names = ", ".join(f"`{name}`" for name in FIELD_NAMES)
    return f"## Field names\n\nFor `metadata_association[].fields` and `providers[].confidence`: {names}.\n"


def _idle() -> str:
    lines = [f"- `{idle.setting}`: {idle.becomes}." for idle in IDLE]
    intro = "Accepted and stored; `validate`, `plan` and `apply` name each that is used as a warning.\n"
    return "\n".join(["## Without effect yet\n", intro, *lines])


if __name__ == "__main__":
    sys.stdout.write(markdown())
