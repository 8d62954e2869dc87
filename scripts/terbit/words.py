"""Terbit's own words in a publication's language: gettext catalogues and Babel's dates.

A catalogue is a `.po` file, `locales/<language>.po`; the first folder that has
one for the language, or for its parent (`id` for `id-ID`), wins word by word.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import babel
from babel.dates import format_date, format_skeleton
from babel.messages.pofile import read_po


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one language: `words("Contents")`. `complete`: a catalogue was found."""

    language: str
    messages: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True

    def __call__(self, message: str) -> str:
        return self.messages.get(message) or message

    @property
    def direction(self) -> str:
        return "rtl" if _locale(self.language).text_direction == "rtl" else "ltr"

    def date(self, iso: str) -> str:
        """A date of day, month or year precision, as the language writes it."""
        numbers = [int(n) for n in iso.split("-")]
        if len(numbers) == 1:
            return iso
        locale = _locale(self.language)
        day = dt.date(numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else 1)
        if len(numbers) == 2:
            return str(format_skeleton("yMMMM", day, locale=locale))
        return str(format_date(day, format="long", locale=locale))

    def language_name(self, tag: str) -> str:
        """A language's name in that language itself, without its region."""
        own = _locale(tag)
        name = own.languages.get(tag.split("-")[0]) or tag
        return name[:1].upper() + name[1:]


def _locale(language: str) -> babel.Locale:
    for tag in (language, language.split("-")[0], "en"):
        try:
            return babel.Locale.parse(tag, sep="-")
        except (babel.UnknownLocaleError, ValueError):
            continue
    return babel.Locale("en")


def load_words(language: str, folders: Sequence[Path]) -> Words:
    """The words of a language from catalogue folders, the first winning."""
    messages: dict[str, str] = {}
    found = False
    for tag in dict.fromkeys((language, language.split("-")[0])):
        for folder in folders:
            path = folder / f"{tag}.po"
            if path.is_file():
                found = True
                for message in read_po(io.BytesIO(path.read_bytes())):
                    if message.id and message.string and not message.fuzzy:
                        messages.setdefault(str(message.id), str(message.string))
    return Words(language, messages, found)
