"""Fonts: the declared ones alone, which characters they have, subsets of them for screens.

A layout's `shared/fonts.yaml` lists its faces in the order in which a missing
character falls from one to the next; a publication's own come first.
"""

from __future__ import annotations

import functools
import hashlib
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import uharfbuzz
from fontTools.ttLib import TTFont, TTLibError

from terbit.cache import Cache, digest

# format characters and variation selectors: they have no glyph and need none
_INVISIBLE = frozenset(
    (*range(0x20), 0x7F, 0xA0, 0xAD, *range(0x2000, 0x2010), *range(0x2028, 0x2030), 0x2060)
) | frozenset((*range(0x2061, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF))
_FEATURES = (
    "ccmp",
    "locl",
    "kern",
    "mark",
    "mkmk",
    "liga",
    "clig",
    "calt",
    "onum",
    "lnum",
    "tnum",
    "pnum",
    "smcp",
    "sups",
)
BASIC = "".join(chr(c) for c in range(0x20, 0x7F)) + "“”‘’–—…·•\u00a0©"


@dataclass(frozen=True, slots=True)
class Font:
    """One face. `own`: it is the publication's, not the layout's."""

    family: str
    path: Path
    weight: int = 400
    style: str = "normal"
    own: bool = False

    @property
    def slug(self) -> str:
        return self.path.stem


@functools.lru_cache(maxsize=256)
def coverage(path: Path) -> frozenset[int]:
    """The code points a font file has glyphs for (its cmap)."""
    with path.open("rb") as file, TTFont(file, lazy=True, fontNumber=0) as font:
        return frozenset(font.getBestCmap() or ())


def describe(path: Path) -> Font:
    """A publication's own font, described by its name and OS/2 tables.

    Raises ValueError if the file is no font.
    """
    try:
        with path.open("rb") as file, TTFont(file, lazy=True, fontNumber=0) as font:
            names = font["name"]
            family = names.getDebugName(16) or names.getDebugName(1) or path.stem
            italic = bool(font["OS/2"].fsSelection & 1) or bool(font["post"].italicAngle)
            weight = int(font["OS/2"].usWeightClass)
            font.getBestCmap()
    except (TTLibError, KeyError, OSError, AssertionError) as error:
        raise ValueError(str(error)) from error
    return Font(str(family), path, weight, "italic" if italic else "normal", own=True)


def missing(text: str, fonts: Sequence[Font]) -> tuple[str, ...]:
    """The characters of a text that no font has, in order of appearance."""
    have = set(_INVISIBLE)
    for font in fonts:
        have |= coverage(font.path)
    return tuple(c for c in dict.fromkeys(text) if ord(c) not in have)


def character_name(character: str) -> str:
    """`U+4E2D CJK UNIFIED IDEOGRAPH-4E2D`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'with no name')}"


def needed(fonts: Sequence[Font], text: str) -> tuple[tuple[Font, frozenset[str]], ...]:
    """Each font that screens need, with the characters it is to keep.

    Faces of one family share their characters; a family that only stands behind
    others is left out unless it alone has a character of the text.
    """
    characters = set(text) | set(BASIC)
    left = {c for c in characters if ord(c) not in _INVISIBLE}
    out = []
    families = list(dict.fromkeys(f.family for f in fonts))
    for family in families:
        faces = [f for f in fonts if f.family == family]
        last = family == families[-1]
        have = set().union(*(coverage(f.path) for f in faces))
        keep = {c for c in (left if last else characters) if ord(c) in have}
        left -= {c for c in left if ord(c) in have}
        if keep:
            out += [(f, frozenset(keep)) for f in faces]
    return tuple(out)


def subset(font: Font, characters: Iterable[str], flavor: str | None, cache: Cache) -> bytes:
    """The font with the characters alone, as OpenType or (`flavor="woff2"`) WOFF2.

    Layout features stay (ligatures, figures, small capitals).
    """
    wanted = "".join(sorted(set(characters)))
    data = font.path.read_bytes()
    key = digest("subset 2", hashlib.sha256(data).digest(), wanted, flavor or "otf")
    kept = cache.get(key)
    if kept is not None:
        return kept
    data = _subset(data, wanted)
    if flavor:
        out = io.BytesIO()
        with TTFont(io.BytesIO(data), recalcTimestamp=False) as opened:
            opened.flavor = flavor
            opened.save(out)
        data = out.getvalue()
    cache.put(key, data)
    return data


def _subset(data: bytes, wanted: str) -> bytes:
    """By HarfBuzz: two milliseconds a face where fontTools needs three hundred."""
    request = uharfbuzz.SubsetInput()
    request.unicode_set.update(map(ord, wanted))
    request.layout_feature_tag_set.update(int.from_bytes(f.encode()) for f in _FEATURES)
    request.flags = (
        uharfbuzz.SubsetFlags.NO_HINTING
        | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
        | uharfbuzz.SubsetFlags.DESUBROUTINIZE
    )
    subset = uharfbuzz.subset(uharfbuzz.Face(data), request)
    return bytes(subset.blob.data)


def media_type(font: Font) -> str:
    """IANA media type of the file as it is (RFC 8081)."""
    return "font/otf" if font.path.suffix.lower() == ".otf" else "font/ttf"


def face_rule(font: Font, url: str) -> str:
    """An `@font-face` rule for a font at a URL."""
    return (
        f'@font-face{{font-family:"{font.family}";src:url("{url}");'
        f"font-weight:{font.weight};font-style:{font.style};font-display:swap}}\n"
    )
