"""Texts of strangers where a terminal or a log shows them: nothing in them steers anything."""

from __future__ import annotations

import re
import unicodedata

_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_PICTURES = 0x2400
"""Where Unicode has pictures of the first 32 control signs, in their order."""
_DELETE, _PICTURE_OF_DELETE = 0x7F, 0x2421
_IN_JSON = re.compile("[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")


def visible(text: str, *, lines: bool = False) -> str:
    """The text with each control sign shown as a sign of its own; with `lines` it may have several lines."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _shown(char, lines) for char in text)


def json_visible(text: str) -> str:
    """A JSON text that means the same and steers no terminal."""
    return _IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _shown(char: str, lines: bool) -> str:
    if (lines and char in "\n\t") or unicodedata.category(char) not in _STEERING:
        return char
    code = ord(char)
    if code < ord(" "):
        return chr(_PICTURES + code)
    if code == _DELETE:
        return chr(_PICTURE_OF_DELETE)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
