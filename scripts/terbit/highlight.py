"""Code highlighting by Pygments: short class names, colours in the style sheets."""

from __future__ import annotations

import functools
import re
from html import escape

from pygments import highlight as _highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound


@functools.lru_cache(maxsize=4096)
def highlight(text: str, language: str) -> str:
    """The code as XHTML with `<span class="tok-…">`; plain where the language is not known.

    Each line is a span of its own, so that style sheets can indent what runs over.
    """
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False) if language else None
    except ClassNotFound:
        lexer = None
    if lexer is None:
        return _lines(escape(text))
    html = str(_highlight(text, lexer, HtmlFormatter(nowrap=True, classprefix="tok-")))
    html = html.removesuffix("\n") if not text.endswith("\n") else html
    html = re.sub(r'<span class="tok-(?:w|p|n|o)">([^<]*)</span>', r"\1", html)
    return _lines(html.replace("<span></span>", ""))


def _lines(html: str) -> str:
    """Pygments closes its spans at the end of each line, so lines can be wrapped."""
    lines = html.removesuffix("\n").split("\n")
    return "".join(f'<span class="code-line">{line}\n</span>' for line in lines)
