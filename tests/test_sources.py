"""Reading inside the fence, and text that is UTF-8 or is refused."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terbit.diagnostics import Finding
from terbit.pipeline.sources import control_character, decode, locate, place_at, read_text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\nb", "a\nb"),
        (b"\xef\xbb\xbfa\r\nb\rc\n", "a\nb\nc\n"),
        ("é漢\U0001f600\t".encode(), "é漢\U0001f600\t"),
        (b"", ""),
    ],
)
def test_text(data: bytes, text: str) -> None:
    assert decode(data, "a.md") == text


@pytest.mark.parametrize(
    ("data", "place", "part"),
    [
        (b"a\n\nb\xe9", "a.md:3:2", "byte 0xe9"),
        ("é\xe9".encode("latin-1"), "a.md:1:1", "byte 0xe9"),
        ("日本\n日\n".encode() + "日".encode("shift_jis"), "a.md:3:1", "byte 0x93"),
        (b"\xef\xbb\xbfa\xff", "a.md:1:2", "byte 0xff"),
        ("a".encode("utf-16"), "a.md:1", "UTF-16"),
        ("a".encode("utf-32"), "a.md:1", "UTF-32"),
        (b"\xfe\xff\0a", "a.md:1", "UTF-16"),
        (b"a\n b\0", "a.md:2:3", "U+0000"),
        ("a\ufffe".encode(), "a.md:1:2", "U+FFFE"),
        (b"\xed\xa0\x80", "a.md:1:1", "byte 0xed"),
    ],
)
def test_refused(data: bytes, place: str, part: str) -> None:
    found = decode(data, "a.md")
    assert isinstance(found, Finding)
    assert str(found.place) == place
    assert part in found.message


@given(st.binary(max_size=60))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    found = decode(data, "a.md")
    if isinstance(found, str):
        assert "\r" not in found
        assert not control_character(found)
        found.encode()
    else:
        assert found.place
        assert found.place.line <= data.count(b"\n") + data.count(b"\r") + 1


@given(st.text("ab\n", max_size=20), st.data())
def test_places(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    place = place_at(text, offset, "a.md")
    lines = text.split("\n")
    assert sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1 == offset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "book"
    (root / "part").mkdir(parents=True)
    (root / "part" / "one.md").write_text("text", encoding="utf-8")
    (root / unicodedata.normalize("NFD", "café.md")).write_text("text", encoding="utf-8")
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    (tmp_path / "bookshelf").mkdir()
    (tmp_path / "bookshelf" / "x.md").write_text("secret", encoding="utf-8")
    (root / "out.md").symlink_to(tmp_path / "secret.md")
    (root / "in.md").symlink_to(root / "part" / "one.md")
    (root / "loop").symlink_to(root / "loop")
    (root / "dangling.md").symlink_to(root / "nowhere.md")
    return root


@pytest.mark.parametrize(
    "name", ["part/one.md", "./part/../part/one.md", "in.md", "caf\u00e9.md", "cafe\u0301.md"]
)
def test_found(folder: Path, name: str) -> None:
    assert isinstance(locate(folder, name, None), Path)
    assert read_text(folder, name, None) == "text"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("part/tow.md", "missing-file"),
        ("part", "missing-file"),
        ("dangling.md", "missing-file"),
        ("none/one.md", "missing-file"),
        ("x" * 5000, "missing-file"),
        ("loop", "missing-file"),
        ("loop/x.md", "missing-file"),
        ("out.md", "outside-folder"),
        ("../secret.md", "outside-folder"),
        ("../bookshelf/x.md", "outside-folder"),
        ("part/../../secret.md", "outside-folder"),
        ("/etc/hostname", "outside-folder"),
        ("C:\\x.md", "outside-folder"),
        ("\\\\server\\x.md", "outside-folder"),
        ("a\0b", "outside-folder"),
    ],
)
def test_not_found(folder: Path, name: str, code: str) -> None:
    found = locate(folder, name, None)
    assert isinstance(found, Finding)
    assert found.code == code


def test_the_nearest_name(folder: Path) -> None:
    for name, near in (("part/One.md", "part/one.md"), ("part/on.md", "part/one.md")):
        found = locate(folder, name, None)
        assert isinstance(found, Finding)
        assert found.hint == f"did you mean “{near}”?"
