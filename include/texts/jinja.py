"""The catalogues inside Jinja2 templates: `{{ _("mail.others", count=others) }}`, by Jinja2's own i18n extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.texts.catalogue import Language, translate

if TYPE_CHECKING:
    from jinja2 import Environment


def speak(environment: Environment, language: Language) -> None:
    """Puts `_` into the environment. Its answers are plain texts, so that autoescape treats them like all others.

    Not the extension's "newstyle": that fills in parameters by `%`, which would make every `%` of a text a mistake.
    """

    def text(code: str, /, **params: object) -> str:
        return translate(code, language, **params)

    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(text, text, newstyle=False)  # type: ignore[attr-defined]
