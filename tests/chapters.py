"""Facts of chapters for tests: Markdown in, what `resolve` gets out."""

from __future__ import annotations

from typing import Any

from terbit.metadata import Metadata
from terbit.model import Chapter, ChapterSource, Division
from terbit.pandoc import read
from terbit.pipeline.transform.rules import transform
from terbit.tree_json import from_json


def metadata(**values: Any) -> Metadata:
    return Metadata.model_validate({"title": "T", "name": "t", "language": "en", **values})


def chapter(
    text: str,
    slug: str = "one",
    division: Division = Division.BODY,
    part: int | None = None,
    about: Metadata | None = None,
) -> Chapter:
    """A chapter without line numbers: those are what `places` finds."""
    source = ChapterSource(f"{slug}.md", slug, text, division, part)
    document = from_json(read(text)[0])
    return transform(document, source, about or metadata(kind="book"), alone=False)[0]
