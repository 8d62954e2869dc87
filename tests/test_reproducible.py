"""Same source, same toolchain, same bytes: wherever, whenever and however it is built."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from books import FILES
from conftest import command, tree_bytes, write

CONDITIONS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "here": ((), {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"}),
    "elsewhere": (
        ("--no-cache",),
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4242", "HOME": "/"},
    ),
}


def build(folder: Path, name: str) -> dict[str, bytes]:
    """Build the book in a folder of that name, under the conditions of that name."""
    options, environment = CONDITIONS[name]
    source = write(folder / name / "source" / "small", FILES)
    if name != "here":  # files that are met in another order, at another time
        for path in sorted(source.rglob("*"), reverse=True):
            if path.is_file():
                copy = path.with_name(path.name + ".copy")
                shutil.copyfile(path, copy)
                copy.replace(path)
    other = "title: Other\nlanguage: en\nformats: [epub]\n"
    write(folder / name / "source" / "other", {"publication.yaml": other, "01.md": "# Other\n"})
    jobs = ("--jobs", "1", "small") if name == "here" else ("--jobs", "2")
    done = command("build", *options, *jobs, cwd=folder / name, environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return tree_bytes(folder / name / "build" / "small")


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("reproducible")
    here, elsewhere = (build(folder, name) for name in CONDITIONS)
    return here, elsewhere


def test_the_same_files(twice: tuple[dict[str, bytes], dict[str, bytes]]) -> None:
    here, elsewhere = twice
    assert set(here) == set(elsewhere)
    assert {"small.pdf", "small.epub", "small.html", "manifest.json"} <= set(here)


def test_the_same_bytes(twice: tuple[dict[str, bytes], dict[str, bytes]]) -> None:
    here, elsewhere = twice
    assert [name for name in here if here[name] != elsewhere[name]] == []


def test_the_epub_holds_the_same(twice: tuple[dict[str, bytes], dict[str, bytes]]) -> None:
    """Says which entry differs, where the archives do."""
    archives = [zipfile.ZipFile(io.BytesIO(files["small.epub"])) for files in twice]
    one, other = archives
    assert one.namelist() == other.namelist()
    assert [n for n in one.namelist() if one.read(n) != other.read(n)] == []
    assert {i.date_time for i in one.infolist()} == {(2026, 1, 2, 0, 0, 0)}


def test_the_toolchain_is_in_the_manifest(
    twice: tuple[dict[str, bytes], dict[str, bytes]],
) -> None:
    import json

    toolchain = json.loads(twice[0]["manifest.json"])["toolchain"]
    assert {"terbit", "python", "weasyprint", "pypandoc_binary", "ebooklib"} <= set(toolchain)


def test_source_date_epoch_dates_the_files(tmp_path: Path) -> None:
    write(tmp_path / "sample", {"01.md": "# One\n\nText.\n"})
    environment = {"SOURCE_DATE_EPOCH": "1700000000"}
    done = command("build", "sample", "--to", "epub", cwd=tmp_path, environment=environment)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "build" / "sample" / "sample.epub") as archive:
        assert {i.date_time for i in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
        names = [n for n in archive.namelist() if n.endswith(".opf")]
        assert b"2023-11-14T22:13:20Z" in archive.read(names[0])
