"""Writes our own metadata into a document of the portal.

No public client was ever seen changing metadata, so the call is an assumption: the fields of an upload
(`metadatas[<id>]`), sent to the address of the document. A portal may take a field that is left out for an empty one,
therefore every metadata of the document is sent as it was read; and what the portal shows afterwards decides.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import NoReturn

from include.adapters.portal.http.answers import GoneError, NoAnswerError, RefusedError
from include.adapters.portal.http.calls import Calls
from include.adapters.portal.http.facts import Metadatum, UnclearError, values_by_name
from include.adapters.portal.http.settings import PortalSettings
from include.adapters.portal.http.taking import Taking
from include.domain.errors import ConfigurationError, DocumentError, PortalUnavailableError
from include.texts import Spoken, Text

logger = logging.getLogger(__name__)


def write_metadata(
    calls: Calls, settings: PortalSettings, taking: Taking, portal_id: str, values: Mapping[str, str]
) -> None:
    """Sets these metadata; an empty text means no value.

    DocumentError where the portal does not take them for this document, PortalUnavailableError where it does not
    answer, ConfigurationError where the call changed what it must not.
    """
    try:
        before = taking.detail(portal_id).metadata
        wanted = {name: (text,) for name, text in values.items() if text}
        if _ours(before, values) == wanted:
            return
        method, _, path = settings.write_back.partition(" ")
        calls.change(method, path.replace("{id}", portal_id), list(_form(before, values)))
        after = taking.detail(portal_id).metadata
    except NoAnswerError as error:
        raise PortalUnavailableError("portal_no_answer_for_document", portal_id=portal_id, cause=error.cause) from error
    except (GoneError, RefusedError, UnclearError) as error:
        _not_taken(portal_id, values, error.cause)
    if _others(before, values) != _others(after, values):
        raise ConfigurationError("other_metadata_changed", portal_id=portal_id)
    if _ours(after, values) != wanted:
        _not_taken(portal_id, values, Text("portal.not_shown_afterwards"))


def _form(before: Collection[Metadatum], values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    keys = {one.name: one.key for one in before}
    for one in before:
        if one.name not in values:
            for value in one.values:
                yield f"metadatas[{one.key}]" + ("[]" if one.multiple else ""), value
    for name, text in values.items():
        yield f"metadatas[{keys.get(name, name)}]", text


def _ours(metadata: Collection[Metadatum], values: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: found for name, found in values_by_name(metadata, ()).items() if name in values}


def _others(metadata: Collection[Metadatum], values: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return values_by_name(metadata, values.keys())


def _not_taken(portal_id: str, values: Mapping[str, str], why: Spoken) -> NoReturn:
    raise DocumentError("metadata_not_taken", metadata=", ".join(values), portal_id=portal_id, cause=why)
