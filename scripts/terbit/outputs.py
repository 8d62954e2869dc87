"""Formats, found by name: one module in `formats/` each, nothing to register.

A format's module has a docstring whose first line says what it makes, and
`make(edition, tools) -> Made`. One that sets pages also has `units` and
`typeset` (see `Paged`), which `pipeline/paginate.py` drives.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from terbit.cache import Cache
from terbit.diagnostics import Finding
from terbit.fonts import Font
from terbit.layouts import Layout
from terbit.model import Edition, PageFacts, Pages
from terbit.words import Words

PACKAGE = "terbit.formats"


@dataclass(frozen=True, slots=True)
class Tools:
    """What formats work with beside the edition. `text`: every character that is printed."""

    layout: Layout
    words: Words
    tokens: Mapping[str, str]
    fonts: tuple[Font, ...]
    cache: Cache
    text: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A format's files (path within the edition's folder -> bytes) and its findings."""

    files: Mapping[str, bytes]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A layout unit, set. `body` is the engine's own; `recto`: it must start on a recto."""

    facts: PageFacts
    body: Any = field(compare=False)


@dataclass(frozen=True, slots=True)
class Unit:
    """What lies between two forced page breaks.

    `numbering` is cover (no folio), front (roman) or body (arabic); `cites` says
    that its text holds page numbers; `recto` that it starts on a right-hand page.
    """

    name: str
    numbering: str
    cites: bool = False
    recto: bool = False


@runtime_checkable
class Format(Protocol):
    """The contract of a format's module."""

    __doc__: str

    def make(self, edition: Edition, tools: Tools) -> Made: ...


@runtime_checkable
class Paged(Protocol):
    """A format that sets pages."""

    def units(self, edition: Edition) -> Sequence[Unit]: ...

    def typeset(
        self, edition: Edition, tools: Tools, unit: Unit, first: int, pages: Pages
    ) -> Piece: ...

    def assemble(
        self, edition: Edition, tools: Tools, pieces: Sequence[Piece], pages: Pages
    ) -> Made: ...


def names() -> tuple[str, ...]:
    """The formats there are, in order of their names."""
    package = importlib.import_module(PACKAGE)
    return tuple(sorted(m.name for m in pkgutil.iter_modules(package.__path__)))


def load(name: str) -> Any:
    """A format's module; it is a `Format` or a `Paged`."""
    return importlib.import_module(f"{PACKAGE}.{name}")
