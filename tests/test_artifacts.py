"""Nothing half written: staging, journal, recovery, locks, whatever happens in between."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from conftest import ROOT, Terbit, Write, command, tree_bytes
from terbit import artifacts
from terbit.artifacts import MANIFEST, Artifact, publish, read_manifest, recover

ABOUT = {"name": "sample", "edition": "", "toolchain": {}}
OLD = [
    Artifact("sample.pdf", "pdf", b"old pdf", 3),
    Artifact("sample.epub", "epub", b"old epub"),
    Artifact("site/index.html", "html", b"old index"),
    Artifact("site/gone.html", "html", b"old page"),
    Artifact("site/images/gone.png", "html", b"old picture"),
]
NEW = [
    Artifact("sample.pdf", "pdf", b"new pdf", 4),
    Artifact("site/index.html", "html", b"new index"),
    Artifact("site/fonts/new.woff2", "html", b"new font"),
]


def entry(folder: Path, path: str) -> dict[str, object]:
    return next(e for e in read_manifest(folder)["files"] if e["path"] == path)


def bodies(folder: Path) -> dict[str, bytes]:
    return {k: v for k, v in tree_bytes(folder).items() if k != MANIFEST}


def test_files_and_manifest(tmp_path: Path) -> None:
    publish(tmp_path, OLD, "source 1", ABOUT)
    assert bodies(tmp_path) == {a.path: a.data for a in OLD}
    assert {p.name for p in tmp_path.iterdir()} == {"sample.pdf", "sample.epub", "site", MANIFEST}
    assert read_manifest(tmp_path)["source"] == "source 1"
    assert entry(tmp_path, "sample.pdf")["pages"] == 3
    assert all(artifacts.is_intact(tmp_path, e) for e in read_manifest(tmp_path)["files"])


def test_what_a_format_no_longer_makes_goes(tmp_path: Path) -> None:
    publish(tmp_path, OLD, "source 1", ABOUT)
    publish(tmp_path, NEW, "source 2", ABOUT)
    expected = {a.path: a.data for a in NEW} | {"sample.epub": b"old epub"}
    assert bodies(tmp_path) == expected
    assert not (tmp_path / "site" / "images").exists(), "empty folders go as well"


def test_formats_that_were_not_made_stay_and_are_marked(tmp_path: Path) -> None:
    publish(tmp_path, OLD, "source 1", ABOUT)
    publish(tmp_path, OLD[:1], "source 1", ABOUT)
    assert [e["stale"] for e in read_manifest(tmp_path)["files"]] == [False] * 5
    publish(tmp_path, NEW[:1], "source 2", ABOUT)
    assert entry(tmp_path, "sample.epub")["stale"] is True
    assert entry(tmp_path, "sample.epub")["source"] == "source 1"
    assert entry(tmp_path, "sample.pdf")["stale"] is False
    publish(tmp_path, OLD[:1], "source 1", ABOUT)
    assert entry(tmp_path, "sample.epub")["stale"] is False


def test_a_file_that_was_changed_is_not_intact(tmp_path: Path) -> None:
    publish(tmp_path, OLD, "source 1", ABOUT)
    (tmp_path / "sample.pdf").write_bytes(b"changed")
    (tmp_path / "sample.epub").unlink()
    assert not artifacts.is_intact(tmp_path, entry(tmp_path, "sample.pdf"))
    assert not artifacts.is_intact(tmp_path, entry(tmp_path, "sample.epub"))


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_damaged_manifest_reads_as_none(tmp_path: Path, damage: bytes) -> None:
    publish(tmp_path, OLD, "source 1", ABOUT)
    (tmp_path / MANIFEST).write_bytes(damage)
    assert read_manifest(tmp_path) == {}
    publish(tmp_path, NEW, "source 2", ABOUT)
    assert read_manifest(tmp_path)["source"] == "source 2"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b"{}"])
def test_a_damaged_journal_changes_nothing(tmp_path: Path, damage: bytes) -> None:
    publish(tmp_path, OLD, "source 1", ABOUT)
    (tmp_path / ".journal.json").write_bytes(damage)
    before = tree_bytes(tmp_path)
    recover(tmp_path)
    assert set(tree_bytes(tmp_path)) == set(before) - {".journal.json"}


# killed in between

KILLED = """
import os, shutil, sys
from pathlib import Path
from terbit.artifacts import Artifact, publish, recover

left = 10**9

def counted(function):
    def step(*a, **k):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return function(*a, **k)
    return step

for name in ("replace", "unlink", "rmdir", "mkdir", "open"):
    setattr(Path, name, counted(getattr(Path, name)))
os.fsync = counted(os.fsync)
shutil.rmtree = counted(shutil.rmtree)

def killed(steps, call, *arguments):
    global left
    child = os.fork()
    if not child:
        left = steps
        call(*arguments)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) in (0, 9)

base, old, new, about = Path(sys.argv[1]), {old!r}, {new!r}, {about!r}
for steps in range({steps}):
    folder = base / str(steps)
    if old:
        publish(folder, old, "source 1", about)
    killed(steps, publish, folder, new, "source 2", about)
    # the next start is killed as well, and the one after it comes through
    killed(steps % 5, recover, folder)
    recover(folder)
"""
STEPS = 60


def kill_at_every_step(base: Path, old: list[Artifact], new: list[Artifact]) -> list[Path]:
    """Publish `new` over `old` again and again, killed one step later each time."""
    script = KILLED.format(old=old, new=new, about=ABOUT, steps=STEPS)
    done = command_line(script, str(base))
    assert done.returncode == 0, done.stderr
    return [base / str(steps) for steps in range(STEPS)]


def command_line(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_whole(folder: Path) -> str:
    """All old or all new, and nothing else; which of them."""
    old = {a.path: a.data for a in OLD}
    new = {a.path: a.data for a in NEW} | {"sample.epub": b"old epub"}
    found = bodies(folder)
    assert found in (old, new)
    source = "source 1" if found == old else "source 2"
    assert read_manifest(folder)["source"] == source
    assert all(artifacts.is_intact(folder, e) for e in read_manifest(folder)["files"])
    return source


def test_killed_at_every_step(tmp_path: Path) -> None:
    outcomes = [assert_whole(folder) for folder in kill_at_every_step(tmp_path, OLD, NEW)]
    assert outcomes == sorted(outcomes), "once it is new it stays new"
    assert (outcomes[0], outcomes[-1]) == ("source 1", "source 2")


def test_killed_in_a_first_build(tmp_path: Path) -> None:
    folders = kill_at_every_step(tmp_path, [], NEW)
    published = [bodies(folder) for folder in folders if folder.exists()]
    whole = {a.path: a.data for a in NEW}
    assert all(found in ({}, whole) for found in published)
    assert published[-1] == whole
    assert all((folder / MANIFEST).exists() == bool(bodies(folder)) for folder in folders)


# a system that refuses


@pytest.mark.parametrize("after", range(7))
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    publish(tmp_path, OLD, "source 1", ABOUT)
    before = tree_bytes(tmp_path)
    write, left = artifacts._write, [after]

    def full(path: Path, data: bytes) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, data)

    monkeypatch.setattr(artifacts, "_write", full)
    if after < len(NEW) + 2:  # the files, the manifest, the journal
        with pytest.raises(OSError, match="No space"):
            publish(tmp_path, NEW, "source 2", ABOUT)
        assert tree_bytes(tmp_path) == before
    else:
        publish(tmp_path, NEW, "source 2", ABOUT)
        assert assert_whole(tmp_path) == "source 2"


def test_a_full_disk_at_the_first_build_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(artifacts, "_write", full)
    with pytest.raises(OSError, match="No space"):
        publish(tmp_path / "new", OLD, "source 1", ABOUT)
    assert not (tmp_path / "new").exists()


def test_a_rename_that_fails_is_finished_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, OLD, "source 1", ABOUT)
    replace = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if target.name == "index.html":
            raise PermissionError(errno.EACCES, "Permission denied")
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(PermissionError):
            publish(tmp_path, NEW, "source 2", ABOUT)
    assert artifacts.is_unfinished(tmp_path)
    recover(tmp_path)
    assert assert_whole(tmp_path) == "source 2"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_the_command_line_says_so(
    number: int, publication: Write, terbit: Terbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = publication()
    assert terbit("build", "sample", "--to", "epub").code == 0
    before = tree_bytes(Path("build"))
    (folder / "01.md").write_text("# One\n\nOther text.\n", encoding="utf-8")

    def refuse(*_: object) -> None:
        raise OSError(number, "It will not be")

    monkeypatch.setattr(artifacts, "_write", refuse)
    run = terbit("build", "sample", "--to", "epub")
    assert run.code == 2
    assert "cannot be written: It will not be" in run.out
    assert tree_bytes(Path("build")) == before


# one writer


def test_a_second_writer_waits(tmp_path: Path) -> None:
    with artifacts.writing(tmp_path, "sample"):
        lock = FileLock(tmp_path / ".cache" / "locks" / "sample.lock", timeout=0)
        with pytest.raises(Timeout):
            lock.acquire()
        with artifacts.writing(tmp_path, "other"):
            pass
    with lock:
        pass


def test_two_builds_at_once(publication: Write, tmp_path: Path) -> None:
    publication()
    script = "import sys; from terbit.cli import main; sys.exit(main())"
    arguments = [sys.executable, "-c", script, "build", "sample", "--to", "epub,html"]
    both = [
        subprocess.Popen(
            arguments,
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT / "scripts"), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    texts = " ".join(out for out, _ in said)
    assert texts.count("published") == 1
    assert texts.count("nothing to do") == 1
    place = tmp_path / "build" / "sample"
    assert all(artifacts.is_intact(place, e) for e in read_manifest(place)["files"])
    assert not [p.name for p in place.iterdir() if p.name.startswith(".")]


def test_a_build_finishes_what_a_killed_one_left(publication: Write, tmp_path: Path) -> None:
    publication()
    assert command("build", "sample", "--to", "epub", cwd=tmp_path).returncode == 0
    place = tmp_path / "build" / "sample"
    (place / ".staged").mkdir()
    (place / ".staged" / "sample.epub").write_bytes(b"half")
    (place / ".journal.json").write_text(
        json.dumps({"rename": ["sample.epub"], "remove": []}), encoding="utf-8"
    )
    assert command("build", "sample", "--to", "epub", cwd=tmp_path).returncode == 0
    assert {p.name for p in place.iterdir()} == {"sample.epub", MANIFEST}
    assert all(artifacts.is_intact(place, e) for e in read_manifest(place)["files"])


# cleaning


def test_withdraw_removes_what_is_listed_alone(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    publish(folder, OLD, "source 1", ABOUT)
    (folder / "site" / "mine.txt").write_text("mine", encoding="utf-8")
    assert artifacts.withdraw(folder)
    assert list(tree_bytes(folder)) == ["site/mine.txt"]
    assert not artifacts.withdraw(folder)


def test_withdraw_leaves_the_manifests_of_others(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text('{"name": "an app", "files": []}', encoding="utf-8")
    assert not artifacts.withdraw(tmp_path)
    assert (tmp_path / MANIFEST).is_file()


def test_withdraw_does_not_reach_outside(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("mine", encoding="utf-8")
    folder = tmp_path / "sample"
    publish(folder, OLD, "source 1", ABOUT)
    manifest = read_manifest(folder)
    manifest["files"].append({**manifest["files"][0], "path": "../secret.txt"})
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert artifacts.withdraw(folder)
    assert secret.is_file()
