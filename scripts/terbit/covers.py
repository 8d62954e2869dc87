"""The cover as a picture: the publication's own, or the layout's, drawn.

The drawing is laid out by the same template and style sheet as the PDF's first
page, in the shape of an e-book's cover (1600 × 2560, five to eight).
"""

from __future__ import annotations

import io

from terbit.cache import Cache, digest

WIDTH, HEIGHT = 1600, 2560
PAGE_MM = (100.0, 160.0)


def rasterise(pdf: bytes, cache: Cache, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """The first page of a PDF as a PNG of exactly the size given, by PDFium."""
    key = digest("cover 1", pdf, f"{width}x{height}")
    kept = cache.get(key)
    if kept is not None:
        return kept
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        scale = max(width / page.get_width(), height / page.get_height())
        image = page.render(scale=scale).to_pil().convert("RGB")
    finally:
        document.close()
    if image.size != (width, height):
        image = image.resize((width, height))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    cache.put(key, out.getvalue())
    return out.getvalue()
