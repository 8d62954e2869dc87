"""A content-addressed store: key -> bytes, verified when read, written atomically.

A damaged or half-written entry reads as absent, so it is made again. Two builds
may use one folder at once: entries never change, and a rename puts them there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


def digest(*parts: str | bytes) -> str:
    """SHA-256 over parts, each preceded by its length so that borders count."""
    h = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        h.update(b"%d:" % len(data))
        h.update(data)
    return h.hexdigest()


@dataclass(frozen=True, slots=True)
class Cache:
    """Entries lie in `folder`; without a folder nothing is kept."""

    folder: Path | None = None

    def _path(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / key[:2] / key[2:]

    def get(self, key: str) -> bytes | None:
        if self.folder is None:
            return None
        try:
            data = self._path(key).read_bytes()
        except OSError:
            return None
        checksum, body = data[:32], data[32:]
        return body if hashlib.sha256(body).digest() == checksum else None

    def put(self, key: str, body: bytes) -> None:
        """Keep an entry. A full or read-only disk costs the entry, not the build."""
        if self.folder is None:
            return
        path = self._path(key)
        temporary = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(body).digest())
                file.write(body)
            Path(temporary).replace(path)
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()
