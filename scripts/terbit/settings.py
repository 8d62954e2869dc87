"""One run's settings: what the command line asked for, as values."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SOURCE = "source"
BUILD = "build"
LAST_EPOCH = 253402300799  # 9999-12-31T23:59:59Z
DEFAULT_EPOCH = 315532800  # 1980-01-01, the earliest moment a zip archive can hold


@dataclass(frozen=True, slots=True)
class Settings:
    """`formats` and `editions` empty: what the metadata say, the default edition."""

    out: Path = Path(BUILD)
    formats: tuple[str, ...] = ()
    editions: tuple[str, ...] = ("",)
    jobs: int = 1
    lenient: bool = False
    strict: bool = False
    use_cache: bool = True
    epoch: int | None = None


def source_date_epoch() -> int | None:
    """`SOURCE_DATE_EPOCH` in seconds (reproducible-builds.org), or None.

    Raises ValueError if it is set to something else than a number, or beyond the year 9999.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not text:
        return None
    epoch = int(text)
    if not 0 <= epoch <= LAST_EPOCH:
        raise ValueError(text)
    return epoch
