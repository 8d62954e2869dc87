"""Raw HTML made safe: nh3 on a whole fragment, written back as XHTML.

Never piece by piece: a tag that opens in one piece of raw HTML may close in another.
"""

from __future__ import annotations

import re

import nh3
from lxml import etree
from lxml import html as lxml_html

from terbit.fragments import VOID

_TAGS = frozenset(nh3.ALLOWED_TAGS) | {
    *("section", "figure", "figcaption", "aside", "main", "nav", "header", "footer", "article"),
    *("video", "audio", "source", "picture", "details", "summary", "u", "mark", "ruby", "rt", "rp"),
    *("colgroup", "col", "caption", "tfoot", "kbd", "samp", "var", "time", "wbr", "bdi", "bdo"),
    *("q", "cite", "dfn", "abbr", "small", "ins", "del", "s"),
}
_ATTRIBUTES = {
    "*": {
        *("id", "class", "lang", "xml:lang", "dir", "title", "role", "tabindex", "style"),
    },
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "td": {"rowspan", "colspan", "headers"},
    "th": {"rowspan", "colspan", "headers", "scope", "abbr"},
    "col": {"span"},
    "colgroup": {"span"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "time": {"datetime"},
    "details": {"open"},
}
_STYLES = {"width", "height", "text-align", "font-style", "font-weight", "text-decoration"}


_SCHEMES = {"http", "https", "mailto", "tel"}


def is_safe(tag: str, attribute: str = "", value: str = "") -> bool:
    """True if `make_safe` keeps a tag, or an attribute of it with that value."""
    if tag not in _TAGS or not attribute:
        return tag in _TAGS
    if attribute in ("href", "src", "cite"):
        scheme = value.strip().partition(":")[0].casefold()
        if ":" in value.split("/")[0].split("#")[0] and scheme not in _SCHEMES:
            return False
    return (
        attribute in _ATTRIBUTES["*"]
        or attribute in _ATTRIBUTES.get(tag, ())
        or attribute.startswith(("data-", "aria-"))
    )


def is_address(href: str) -> bool:
    """True for the web's addresses, and for the internal links that `markup` writes."""
    return bool(re.match(r"(https?|mailto|tel):|#[^/]*/", href.strip(), re.I))


def make_safe(html: str) -> str:
    """What is left of an HTML fragment when all that can act is taken out; XHTML."""
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        generic_attribute_prefixes={"data-", "aria-"},
        filter_style_properties=_STYLES,
        link_rel=None,
        url_schemes=_SCHEMES,
    )
    if not clean.strip():
        return ""
    root = lxml_html.fragment_fromstring(clean, create_parent="div")
    for element in root.iter():
        if element.tag not in VOID and not len(element) and not element.text:
            element.text = ""  # written with an end tag: it is read as HTML again
        # a link of raw HTML within the publication has no one who would look where it leads
        href = element.get("href") if element.tag == "a" else None
        if href and not is_address(href):
            del element.attrib["href"]
        # pictures of raw HTML would need a file that no one has looked into
        source = element.get("src") if isinstance(element.tag, str) else None
        if source and not source.startswith("images/"):
            del element.attrib["src"]
            element.tag = "span"
            element.text = element.attrib.pop("alt", "") or source
    text: str = etree.tostring(root, encoding="unicode", method="xml")
    return text.partition(">")[2].removesuffix("</div>")
