"""Changes of the configuration on a page: what was and what is, in the words of the forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from include.application.administration.setting_names import STEP, setting_words, value_words
from include.application.ports.configuration import Action, ConfigurationChange
from include.texts import Language, label, translate

Sign = Literal["", "+", "-"]


@dataclass(frozen=True, kw_only=True)
class DiffLine:
    """One line of a diff on a page: `sign` is `+` or `-`, or nothing for the heading of the lines below it."""

    sign: Sign
    words: str


def diff_lines(changes: Sequence[ConfigurationChange], language: Language) -> Iterator[DiffLine]:
    """The changes line by line, what was before what is; of lists only what came and what went."""
    heading = None
    for change in changes:
        whole = change.field is None
        title = label("section", change.section.replace(".", "_").replace(" ", "_"), language)
        if not whole and change.item is not None:
            title = f"{title}{STEP}{change.item}"
        if title != heading:
            heading = title
            yield DiffLine(sign="", words=title)
        yield from _whole(change, language) if whole else _before_and_after(change, language)


def _whole(change: ConfigurationChange, language: Language) -> Iterator[DiffLine]:
    if change.action == Action.REORDERED:
        order = translate("plan.order", language)
        yield DiffLine(sign="-", words=_line(order, ", ".join(change.before), language))
        yield DiffLine(sign="+", words=_line(order, ", ".join(change.after), language))
        return
    added = change.action == Action.ADDED
    sign: Sign = "+" if added else "-"
    content = change.after if added else change.before
    name = change.item or ""
    if name:
        retired = change.action == Action.RETIRED
        yield DiffLine(sign=sign, words=translate("plan.retired", language, name=name) if retired else name)
    if isinstance(content, Mapping):
        for key, value in content.items():
            if value == name:  # stands in the line above
                continue
            yield DiffLine(sign=sign, words=f"{'    ' if name else ''}{_setting(change, key, value, language)}")


def _before_and_after(change: ConfigurationChange, language: Language) -> Iterator[DiffLine]:
    before, after = change.before, change.after
    if isinstance(before, list) and isinstance(after, list):
        gone, come = [one for one in before if one not in after], [one for one in after if one not in before]
        before, after = (gone or None, come or None) if gone or come else (before, after)
    if before is not None:
        yield DiffLine(sign="-", words=_setting(change, change.field or "", before, language))
    if after is not None:
        yield DiffLine(sign="+", words=_setting(change, change.field or "", after, language))


def _setting(change: ConfigurationChange, field: str, value: Any, language: Language) -> str:
    name = setting_words(change.section, field, language)
    return _line(name, value_words(change.section, field, value, language), language)


def _line(name: str, value: str, language: Language) -> str:
    return translate("plan.line", language, name=name, value=value)
