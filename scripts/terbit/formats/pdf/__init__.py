"""PDF: units set by WeasyPrint, joined into one tagged file."""

from __future__ import annotations

from terbit.formats.pdf.assemble import assemble
from terbit.formats.pdf.typeset import draw_cover, typeset
from terbit.formats.pdf.units import units

__all__ = ["assemble", "draw_cover", "typeset", "units"]
