"""What is kept is what was made, or it is made again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terbit.cache import Cache, digest


def files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


def test_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    key = digest("key")
    assert cache.get(key) is None
    cache.put(key, b"body")
    assert cache.get(key) == b"body"
    assert Cache(tmp_path).get(key) == b"body"


@pytest.mark.parametrize("damage", [b"", b"x", b"y" * 31, b"z" * 200])
def test_a_damaged_entry_is_absent(damage: bytes, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(digest("key"), b"body")
    (path,) = files(tmp_path)
    path.write_bytes(damage)
    assert cache.get(digest("key")) is None
    cache.put(digest("key"), b"body")
    assert cache.get(digest("key")) == b"body"


def test_an_entry_cut_short_is_absent(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(digest("key"), b"body")
    (path,) = files(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    assert cache.get(digest("key")) is None


def test_a_disk_that_refuses_costs_the_entry_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    cache = Cache(tmp_path)
    cache.put(digest("key"), b"body")
    assert cache.get(digest("key")) is None
    assert files(tmp_path) == []


def test_no_folder_keeps_nothing() -> None:
    cache = Cache(None)
    cache.put(digest("key"), b"body")
    assert cache.get(digest("key")) is None


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_borders_count(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


def test_text_and_its_bytes_are_the_same() -> None:
    assert digest("é") == digest("é".encode())
