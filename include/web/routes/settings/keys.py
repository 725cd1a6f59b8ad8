"""What each key of the configuration means, page by page of the settings: the text of docs/configuration.md."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from fastapi import Request, Response

from include.application.administration.configuration_docs import DocumentedKey, documented_keys
from include.application.administration.setting_names import key_words
from include.texts import Language, said
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, guarded
from include.web.rendering.language import language_of
from include.web.settings.menu import MENU, settings_page

router = guarded(Right.SETTINGS)


@router.get("/settings/keys")
def keys(request: Request, person: CurrentPerson) -> Response:
    """Those of one page; of all pages where none is named, or one that no key is edited on."""
    found, language = list(documented_keys()), language_of(request, person)
    pages = list(dict.fromkeys(one.page for one in found))
    asked = request.query_params.get("page")
    entries = {entry.name: entry.code for entries in MENU.values() for entry in entries if entry.name in pages}
    shown = asked if asked in entries else None
    return settings_page(
        request,
        "keys",
        "settings_keys.html",
        keys={
            page: _by_section([one for one in found if one.page == page], language)
            for page in entries
            if shown in (None, page)
        },
        entries=entries,
        shown=shown,
    )


Rows = list[tuple[DocumentedKey, str, str, str]]


def _by_section(found: Iterable[DocumentedKey], language: Language) -> list[tuple[str, Rows]]:
    """Each key with its name on the form, what it means and its allowed values, in words."""
    return [
        (
            section,
            [
                (one, key_words(one.path, language), one.meaning_in(language), said(one.allowed, language))
                for one in keys
            ],
        )
        for section, keys in itertools.groupby(found, lambda one: one.section)
    ]
