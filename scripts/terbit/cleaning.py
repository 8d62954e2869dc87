"""Clean: remove what was published, and nothing else.

What was published is what the manifests of Terbit list: a folder may hold other
things, and others write files called manifest.json too.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from terbit import artifacts


def clean(out: Path, names: Sequence[str], *, cache: bool) -> Iterator[Path]:
    """Remove publications below `out`; with `cache`, or of all, kept pieces too."""
    for folder in sorted(out.glob("*")) if out.is_dir() else ():
        if not names or folder.name in names:
            editions = sorted((folder / "editions").glob("*"))
            if any([artifacts.withdraw(place) for place in (*editions, folder)]):
                _remove_empty(folder)
                yield folder
    kept = out / ".cache"
    if kept.is_dir() and (cache or not names):
        shutil.rmtree(kept)
        yield kept
    with contextlib.suppress(OSError):
        out.rmdir()


def _remove_empty(folder: Path) -> None:
    for path in (folder / "editions", folder):
        with contextlib.suppress(OSError):
            path.rmdir()
