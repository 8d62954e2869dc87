"""What a transform may know beside the tree."""

from __future__ import annotations

from dataclasses import dataclass

from terbit.diagnostics import Finding, Place
from terbit.metadata import Metadata
from terbit.model import ChapterSource
from terbit.tree import Document


@dataclass(frozen=True, slots=True)
class Context:
    """The chapter's source and the edition's metadata. `alone`: it is the only chapter."""

    source: ChapterSource
    metadata: Metadata
    alone: bool

    def place(self, line: int) -> Place:
        return Place(self.source.file, line)


Result = tuple[Document, tuple[Finding, ...]]
