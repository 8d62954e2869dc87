"""The page box: size, margins, bleed and marks of `page`, as CSS (Paged Media 3, 7)."""

from __future__ import annotations

from terbit.metadata import Page, millimetres, page_size_mm

# top, outer, bottom, inner, as shares of the page's width and height
_SHARES = (0.105, 0.115, 0.115, 0.125)


def margins_mm(page: Page) -> tuple[float, float, float, float]:
    """Top, outer, bottom and inner margin in millimetres.

    Raises ValueError if the text given is not one to four lengths.
    """
    width, height = page_size_mm(page.size)
    if page.margins is None:
        measure = min(width * (1 - _SHARES[1] - _SHARES[3]), 125.0)
        side = width - measure
        outer = side * _SHARES[1] / (_SHARES[1] + _SHARES[3])
        return height * _SHARES[0], outer, height * _SHARES[2], side - outer
    given = [millimetres(word) for word in page.margins.split()]
    if not 1 <= len(given) <= 4:
        raise ValueError(page.margins)
    top = given[0]
    outer = given[1] if len(given) > 1 else top
    bottom = given[2] if len(given) > 2 else top
    return top, outer, bottom, given[3] if len(given) > 3 else outer


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
