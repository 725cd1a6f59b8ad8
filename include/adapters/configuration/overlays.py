"""Lays overlays over a base: mappings merge by key, lists of named things by identity, other lists are replaced."""

from __future__ import annotations

from include.adapters.configuration.nodes import Mapping, Scalar, Sequence, Tree

IDENTITIES: dict[tuple[str, ...], str] = {
    ("people", "users"): "name",
    ("people", "groups"): "name",
    ("criteria",): "name",
    ("metadata_association",): "classification_rule",
    ("recipients",): "siret",
}
"""The key that names an item, by the list it stands in; providers have rules of their own."""


def lay_over(base: Mapping, overlay: Mapping, path: tuple[str, ...] = ()) -> Mapping:
    """The base changed in place: what the overlay says wins, and brings its own line with it."""
    for key, child in overlay.items.items():
        below = (*path, key)
        base.items[key] = _laid(base.items.get(key), child, below)
        base.keys[key] = overlay.keys[key]
    return base


def _laid(base: Tree | None, overlay: Tree, path: tuple[str, ...]) -> Tree:
    if isinstance(base, Mapping) and isinstance(overlay, Mapping):
        return lay_over(base, overlay, path)
    named = path == ("providers",) or path in IDENTITIES
    if named and isinstance(base, Sequence) and isinstance(overlay, Sequence):
        for item in overlay.items:
            _into_list(base, item, path)
        return base
    return overlay


def _into_list(base: Sequence, item: Tree, path: tuple[str, ...]) -> None:
    same = _same_item(base, item, path) if isinstance(item, Mapping) else None
    if same is not None and isinstance(item, Mapping):
        lay_over(same, item, path)
    else:
        base.items.append(item)


def _same_item(base: Sequence, item: Mapping, path: tuple[str, ...]) -> Mapping | None:
    candidates = [candidate for candidate in base.items if isinstance(candidate, Mapping)]
    if path == ("providers",):
        return _same_provider(candidates, item)
    return _only_match(candidates, item, (IDENTITIES[path],))


def _same_provider(candidates: list[Mapping], item: Mapping) -> Mapping | None:
    """Its identity is siret and environment; else its name, which is unique; else a SIRET that one provider has.

    By name, an overlay may move a provider to another environment: that is what overlays per environment are for.
    """
    by_identity = _only_match(candidates, item, ("siret", "environment"))
    by_name = by_identity or _only_match(candidates, item, ("name",))
    if by_name is not None or "name" in item.items:
        return by_name
    return None if "environment" in item.items else _only_match(candidates, item, ("siret",))


def _only_match(candidates: list[Mapping], item: Mapping, keys: tuple[str, ...]) -> Mapping | None:
    wanted = [_text(item, key) for key in keys]
    if None in wanted:
        return None
    found = [candidate for candidate in candidates if [_text(candidate, key) for key in keys] == wanted]
    return found[0] if len(found) == 1 else None


def _text(item: Mapping, key: str) -> str | None:
    child = item.items.get(key)
    return child.written.strip() if isinstance(child, Scalar) and child.written else None
