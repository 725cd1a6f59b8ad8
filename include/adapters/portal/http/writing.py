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
        raise PortalUnavailableError(f"The portal did not answer for document {portal_id}: {error}.") from error
    except (GoneError, RefusedError, UnclearError) as error:
        _not_taken(portal_id, values, str(error))
    if _others(before, values) != _others(after, values):
        raise ConfigurationError(
            f"Writing into document {portal_id} changed metadata that are not ours.",
            why="The portal understands this call differently; nothing more is written in this pass.",
            todo="Correct extra.write_back of the connection or take portal.write_back out, and look at the document.",
        )
    if _ours(after, values) != wanted:
        _not_taken(portal_id, values, "the portal does not show them afterwards")


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


def _not_taken(portal_id: str, values: Mapping[str, str], why: str) -> NoReturn:
    raise DocumentError(
        f"The portal does not take the metadata {', '.join(values)} for document {portal_id}: {why}.",
        why="The document does not show how its invoice stands; sending is not concerned.",
        todo="Check that its classification rule has them and that the account may change them.",
    )
