"""The page box: size, margins, bleed and marks of `page`, as CSS (Paged Media 3, 7)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from terbit.metadata import Page
from terbit.metadata_values import margins_mm as given_margins
from terbit.metadata_values import millimetres, page_size_mm

# top, outer, bottom, inner, as shares of the page's width and height: of a spread's four
# sides the inner one is the narrowest, as the two inner ones are seen together
_SHARES = (0.1, 0.15, 0.125, 0.125)


def margins_mm(page: Page, measure_mm: float) -> tuple[float, float, float, float]:
    """Top, outer, bottom and inner margin in millimetres, given or in proportion to the page.

    Those in proportion leave the text no wider than `measure_mm` (two columns: twice that).
    """
    width, height = page_size_mm(page.size)
    if page.margins is None:
        measure = min(width * (1 - _SHARES[1] - _SHARES[3]), measure_mm * page.columns)
        side = width - measure
        outer = side * _SHARES[1] / (_SHARES[1] + _SHARES[3])
        return height * _SHARES[0], outer, height * _SHARES[2], side - outer
    return given_margins(page.margins)


def measure_mm(tokens: Mapping[str, str]) -> float:
    """The layout's measure, which counts in the size of the text, in millimetres."""
    ems = re.fullmatch(r"([\d.]+)em", tokens["measure"])
    try:
        if ems:
            return float(ems[1]) * millimetres(tokens["font-size"])
        return millimetres(tokens["measure"])
    except ValueError:
        return math.inf


def text_area_mm(page: Page, tokens: Mapping[str, str]) -> tuple[float, float]:
    """Width and height of the text area."""
    width, height = page_size_mm(page.size)
    top, outer, bottom, inner = margins_mm(page, measure_mm(tokens))
    return width - outer - inner, height - top - bottom


def page_css(page: Page, tokens: Mapping[str, str]) -> str:
    """The `@page` rules of a publication."""
    width, height = page_size_mm(page.size)
    top, outer, bottom, inner = (f"{m:.2f}mm" for m in margins_mm(page, measure_mm(tokens)))
    extra = f"bleed:{page.bleed};" + ("marks:crop cross;" if page.marks else "")
    css = f"@page{{size:{width:g}mm {height:g}mm;{extra}}}\n"
    css += f"@page:right{{margin:{top} {outer} {bottom} {inner}}}\n"
    css += f"@page:left{{margin:{top} {inner} {bottom} {outer}}}\n"
    css += "@page cover{margin:0}@page cover:right{margin:0}@page cover:left{margin:0}\n"
    bleed = millimetres(page.bleed)
    if bleed:
        css += f".cover-picture{{top:-{bleed}mm;left:-{bleed}mm;"
        css += f"width:{width + 2 * bleed}mm;height:{height + 2 * bleed}mm}}\n"
    if page.columns > 1:
        css += f".chapter-body{{columns:{page.columns};column-gap:6mm}}\n"
    return css
