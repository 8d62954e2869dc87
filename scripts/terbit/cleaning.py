"""Clean: remove what was published, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from terbit.artifacts import MANIFEST


def clean(out: Path, names: Sequence[str], *, cache: bool) -> Iterator[Path]:
    """Remove publications (folders with a manifest) below `out`; with `cache`, kept pieces too."""
    wanted = {Path(n).resolve().name if Path(n).is_dir() else n for n in names}
    for folder in sorted(out.glob("*")) if out.is_dir() else ():
        mine = (folder / MANIFEST).is_file() or (folder / "editions").is_dir()
        if mine and (not names or folder.name in wanted):
            shutil.rmtree(folder)
            yield folder
    kept = out / ".cache"
    if kept.is_dir() and (cache or not names):
        shutil.rmtree(kept)
        yield kept
    if out.is_dir() and not any(out.iterdir()):
        out.rmdir()
