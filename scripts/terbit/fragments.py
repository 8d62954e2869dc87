"""Fragments as elements: what formats do to a rendered chapter before they wrap it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from lxml import etree

_INTERNAL = re.compile(r"#([^/]*)/(.*)", re.S)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)


def parse_fragment(html: str) -> etree._Element:
    """A fragment's elements inside one `<div>` that is not part of it."""
    return etree.fromstring(f"<div>{html}</div>".replace("&nbsp;", "\u00a0"), _PARSER)


def serialise(root: etree._Element, method: Literal["xml", "html"]) -> str:
    """The content of the element that `parse_fragment` gave, as `xml` or `html`."""
    if method == "xml":
        for element in root.iter():
            if not len(element) and not element.text and element.tag not in VOID:
                element.text = ""
    text = etree.tostring(root, encoding="unicode", method=method, with_tail=False)
    return text[text.index(">") + 1 : text.rindex("<")] if not text.endswith("/>") else ""


def address(root: etree._Element, href: Callable[[str, str], str]) -> None:
    """Give every internal link `#slug/anchor` below `root` the address `href(slug, anchor)`."""
    for link in root.iter("a"):
        found = _INTERNAL.fullmatch(link.get("href", ""))
        if found:
            link.set("href", href(found[1], found[2]))


def lower_headings(root: etree._Element, by: int) -> None:
    """Move every heading down, below a first heading of the page's own (or up, if negative)."""
    for element in root.iter(*(f"h{n}" for n in range(1, 7))):
        element.tag = f"h{min(6, max(1, int(str(element.tag)[1]) + by))}"
