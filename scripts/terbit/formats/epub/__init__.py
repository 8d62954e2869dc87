"""EPUB 3.3: own XHTML documents, packaged by ebooklib."""

from __future__ import annotations

from terbit.formats.epub.make import make

__all__ = ["make"]
