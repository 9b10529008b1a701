"""The language of what commands say (contract §3.1): English, and of few sentences also Catalan.

Sentences that programs of others look at are here; everything else is said in English in either language.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import click

LANGUAGE_VARIABLE: Final = "DECISION_GATE_LANG"


class Language(StrEnum):
    """The languages that may be asked for."""

    ENGLISH = "en"
    CATALAN = "ca"


NOTE: Final = "Nota: traducció automàtica, i només d'algunes frases. (Machine translation, of some sentences only.)"
"""Printed on standard error before anything is said in another language."""

_CATALAN: Final = {"Config valid.": "Configuració vàlida."}


class LanguageError(click.ClickException):
    """The environment asks for a language that there is not."""

    def show(self, file: object = None) -> None:
        """Write the message to stderr, as it is."""
        del file
        click.echo(self.format_message(), err=True)


def chosen_language(option: str | None, environment: Mapping[str, str]) -> Language:
    """Return the language of the option, else of the environment, else English. Raise ``LanguageError``."""
    if option is not None:
        return Language(option)
    asked = environment.get(LANGUAGE_VARIABLE)
    if asked is None:
        return Language.ENGLISH
    try:
        return Language(asked.strip().lower())
    except ValueError:
        raise LanguageError(f"Invalid value for {LANGUAGE_VARIABLE}: {asked}. Expected en or ca.") from None


def told(sentence: str) -> str:
    """Return an English sentence in the language of the running command."""
    return _CATALAN.get(sentence, sentence) if _current() is Language.CATALAN else sentence


def _current() -> Language:
    context = click.get_current_context(silent=True)
    language = None if context is None else context.find_root().obj
    return language if isinstance(language, Language) else Language.ENGLISH
