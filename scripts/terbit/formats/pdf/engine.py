"""WeasyPrint, fenced: only declared fonts, only the edition's own pictures, no silence.

`FONTCONFIG_FILE` names our own set before WeasyPrint reads it: `@font-face` alone
does not stop a missing character from being taken from whatever is installed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from terbit.errors import LayoutFault

BASE = "http://publication.invalid/"
LOGGER = "weasyprint"
# said of a picture without words: the source called it decorative, or a finding has named it
_DECORATIVE = "has no required alt description"
_lock = threading.Lock()


@lru_cache(maxsize=8)
def font_configuration(folders: tuple[Path, ...]) -> Any:
    """A WeasyPrint FontConfiguration that knows the fonts of these folders alone."""
    with _lock, tempfile.TemporaryDirectory(prefix="terbit-fonts-") as folder:
        dirs = "".join(f"<dir>{escape(str(f.resolve()))}</dir>" for f in folders)
        conf = Path(folder) / "fonts.conf"
        conf.write_text(
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
            f"<fontconfig>{dirs}<cachedir>{escape(folder)}/cache</cachedir></fontconfig>",
            encoding="utf-8",
        )
        before = os.environ.get("FONTCONFIG_FILE")
        os.environ["FONTCONFIG_FILE"] = str(conf)
        try:
            from weasyprint.text.fonts import FontConfiguration

            return FontConfiguration()
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before


def document(xhtml: str, files: Mapping[str, tuple[str, bytes]]) -> Any:
    """A WeasyPrint HTML object of well-formed XHTML.

    WeasyPrint reads only HTML, whose parser moves block content out of notes; this
    hands it the tree. `files` maps an address below `BASE` to media type and bytes.
    """
    import cssselect2
    from weasyprint import HTML

    class Xhtml(HTML):  # type: ignore[misc]
        def __init__(self) -> None:
            self.base_url = BASE
            self.url_fetcher = fetcher(files)
            self.media_type = "print"
            root = ElementTree.fromstring(xhtml)
            self.wrapper_element = cssselect2.ElementWrapper.from_html_root(
                root, content_language=None
            )
            self.etree_element = self.wrapper_element.etree_element

    return Xhtml()


@lru_cache(maxsize=4)
def stylesheet(css: str, folders: tuple[Path, ...], own_fonts: tuple[Path, ...]) -> Any:
    """A parsed style sheet, kept for the units that share it. Its only files are fonts."""
    from weasyprint import CSS

    files = {f"fonts/{p.name}": ("font/otf", p.read_bytes()) for p in own_fonts}
    configuration = font_configuration(folders)
    return CSS(string=css, base_url=BASE, font_config=configuration, url_fetcher=fetcher(files))


@contextlib.contextmanager
def fenced() -> Iterator[None]:
    """A file that a style sheet or template asks for and may not have ends the edition."""
    from weasyprint.urls import FatalURLFetchingError

    try:
        yield
    except FatalURLFetchingError as error:
        raise LayoutFault(str(error)) from None


def fetcher(files: Mapping[str, tuple[str, bytes]]) -> Any:
    """Gives the edition's own files and `data:` addresses; refuses everything else."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Fence(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            found = files.get(url.removeprefix(BASE))
            if found is None:
                raise FatalURLFetchingError(f"{url} is not one of the publication's own files")
            return URLFetcherResponse(url, found[1], {"Content-Type": found[0]})

    return Fence(allowed_protocols=("data", "http"), allow_redirects=False)


@contextlib.contextmanager
def dated(moment: int) -> Iterator[None]:
    """fontTools dates the fonts that it writes into a PDF: by this moment, not by the clock."""
    name = "SOURCE_DATE_EPOCH"
    before = os.environ.get(name)
    os.environ[name] = str(moment)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextlib.contextmanager
def messages() -> Iterator[list[str]]:
    """What WeasyPrint logs as warning or error within the block."""
    said: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if _DECORATIVE not in record.getMessage():
                said.append(record.getMessage())

    logger = logging.getLogger(LOGGER)
    handler, before, propagate = Keep(logging.WARNING), logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [handler], False
    try:
        yield said
    finally:
        logger.handlers, logger.propagate = before, propagate
