"""Reading files inside the fence: only below the publication's folder.

Links are resolved before a path is compared with the folder; text must be
UTF-8, which is said before Pandoc sees it (Pandoc 3.9 runs for minutes on
Shift_JIS).
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath

from terbit.diagnostics import Finding, Place

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BOMS = ((b"\xff\xfe\x00\x00", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def locate(
    folder: Path, name: str, place: Place | None, code: str = "missing-file"
) -> Path | Finding:
    """The file that `name` (relative, with forward slashes) means, or why there is none.

    A name in another Unicode normal form finds its file (NFC and NFD look alike).
    """
    outside = "outside-picture" if code == "missing-picture" else "outside-folder"
    if "\0" in name or PurePosixPath(name).is_absolute() or re.match(r"[A-Za-z]:|\\", name):
        return Finding(
            outside,
            f"“{name}” is not a path within the publication",
            place,
            "copy the file into the publication's folder and name it from there",
        )
    root = folder.resolve()
    try:
        for form in dict.fromkeys(
            (name, *(unicodedata.normalize(f, name) for f in ("NFC", "NFD")))
        ):
            path = (root / form).resolve()
            if not path.is_relative_to(root):
                return Finding(
                    outside,
                    f"“{name}” leads out of the publication's folder",
                    place,
                    "copy the file into the publication's folder and name it from there",
                )
            if path.is_file():
                return path
    except OSError as error:
        return Finding(code, f"“{name}” cannot be found: {error.strerror}", place)
    except RuntimeError:  # what resolve() raises before Python 3.13
        return Finding(code, f"“{name}” cannot be found: it links to itself", place)
    return Finding(code, f"there is no file “{name}”", place, _nearest(root, name))


def _nearest(root: Path, name: str) -> str:
    import difflib

    parent = (root / name).parent
    try:
        there = sorted(p.name for p in parent.iterdir() if p.is_file())
    except OSError:
        return f"there is no folder “{PurePosixPath(name).parent}” either"
    wanted = PurePosixPath(name).name
    same = [n for n in there if n.casefold() == wanted.casefold()]
    near = same or difflib.get_close_matches(wanted, there, 1)
    return f"did you mean “{PurePosixPath(name).with_name(near[0])}”?" if near else "mend the path"


def read_bytes(path: Path, name: str, place: Place | None) -> bytes | Finding:
    try:
        return path.read_bytes()
    except OSError as error:
        return Finding(
            "unreadable-file", f"“{name}” cannot be read: {error.strerror}", place or Place(name)
        )


def decode(data: bytes, file: str) -> str | Finding:
    """UTF-8 text with LF line ends and no byte order mark, or the finding that says why not."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return Finding(
                "not-utf8", f"the file is {name}, not UTF-8", Place(file, 1), "save it as UTF-8"
            )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        before = data[:start].removeprefix(b"\xef\xbb\xbf")
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        return Finding(
            "not-utf8",
            f"the file is not UTF-8 (byte 0x{data[start]:02x})",
            Place(file, line, column),
            "save it as UTF-8 in your editor",
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _CONTROL.search(text)
    if found:
        return Finding(
            "control-character",
            f"the text holds a control character (U+{ord(found[0]):04X})",
            place_at(text, found.start(), file),
            "delete it: it has no meaning in a book and some readers stop at it",
        )
    return text


def control_character(text: str) -> str:
    """The first character that neither XML nor a reader can take; "" if there is none."""
    found = _CONTROL.search(text)
    return found[0] if found else ""


def place_at(text: str, offset: int, file: str) -> Place:
    """The line and column of an offset into the text."""
    line = text.count("\n", 0, offset) + 1
    return Place(file, line, offset - (text.rfind("\n", 0, offset) + 1) + 1)


def read_text(folder: Path, name: str, place: Place | None) -> str | Finding:
    """Locate, read and decode one text file of the publication."""
    path = locate(folder, name, place)
    if isinstance(path, Finding):
        return path
    data = read_bytes(path, name, place)
    return data if isinstance(data, Finding) else decode(data, name)
