"""The page box: size, margins, bleed and marks of `page`, as CSS (Paged Media 3, 7)."""

from __future__ import annotations

from terbit.metadata import Page, page_size_mm
from terbit.metadata import margins_mm as given_margins

# top, outer, bottom, inner, as shares of the page's width and height
_SHARES = (0.105, 0.115, 0.115, 0.125)


def margins_mm(page: Page) -> tuple[float, float, float, float]:
    """Top, outer, bottom and inner margin in millimetres, given or in proportion to the page."""
    width, height = page_size_mm(page.size)
    if page.margins is None:
        measure = min(width * (1 - _SHARES[1] - _SHARES[3]), 125.0)
        side = width - measure
        outer = side * _SHARES[1] / (_SHARES[1] + _SHARES[3])
        return height * _SHARES[0], outer, height * _SHARES[2], side - outer
    return given_margins(page.margins)


def text_area_mm(page: Page) -> tuple[float, float]:
    """Width and height of the text area."""
    width, height = page_size_mm(page.size)
    top, outer, bottom, inner = margins_mm(page)
    return width - outer - inner, height - top - bottom


def page_css(page: Page) -> str:
    """The `@page` rules of a publication."""
    width, height = page_size_mm(page.size)
    top, outer, bottom, inner = (f"{m:.2f}mm" for m in margins_mm(page))
    extra = f"bleed:{page.bleed};" + ("marks:crop cross;" if page.marks else "")
    css = f"@page{{size:{width:g}mm {height:g}mm;{extra}}}\n"
    css += f"@page:right{{margin:{top} {outer} {bottom} {inner}}}\n"
    css += f"@page:left{{margin:{top} {inner} {bottom} {outer}}}\n"
    css += "@page cover{margin:0}@page cover:right{margin:0}@page cover:left{margin:0}\n"
    if page.columns > 1:
        css += f".chapter-body{{columns:{page.columns};column-gap:6mm}}\n"
    return css
