"""What made a file: Terbit, its libraries and the native ones below them.

The digest of this is part of every source digest: same source and same toolchain
mean same bytes, and another toolchain means that all is made again.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import json
import platform
from importlib import metadata
from pathlib import Path

_LIBRARIES = (
    "weasyprint",
    "pydyf",
    "tinycss2",
    "cssselect2",
    "pyphen",
    "fonttools",
    "brotli",
    "zopfli",
    "ebooklib",
    "pypandoc_binary",
    "jinja2",
    "pillow",
    "pypdfium2",
    "lxml",
    "pygments",
    "babel",
    "nh3",
    "pydantic",
    "ruamel.yaml",
    "langcodes",
)


def version() -> str:
    try:
        return metadata.version("terbit")
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


@functools.cache
def toolchain() -> dict[str, str]:
    """Names and versions. The code's own digest stands for changes between releases."""
    found = {"terbit": version(), "code": _code_digest(), "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    found.update(native())
    return found


# names as WeasyPrint looks for them, with the function that tells the version
_NATIVE = {
    "pango": (
        ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0"),
        "pango_version_string",
    ),
    "harfbuzz": (("libharfbuzz.so.0", "libharfbuzz.0.dylib", "libharfbuzz-0"), "hb_version_string"),
    "harfbuzz-subset": (
        ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0"),
        "",
    ),
}


@functools.cache
def native() -> dict[str, str]:
    """The native libraries below WeasyPrint that are there, with their versions.

    Without HarfBuzz's subsetter WeasyPrint takes fontTools', and other bytes come out.
    """
    found = {}
    for name, (files, function) in _NATIVE.items():
        for file in files:
            try:
                library = ctypes.CDLL(file)
            except OSError:
                continue
            found[name] = "there"
            if function:
                tell = getattr(library, function)
                tell.restype = ctypes.c_char_p
                found[name] = str(tell().decode())
            break
    return found


@functools.cache
def _code_digest() -> str:
    here = Path(__file__).resolve().parent
    h = hashlib.sha256()
    for path in sorted(here.rglob("*.py")):
        h.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    return h.hexdigest()[:16]


def digest() -> str:
    return hashlib.sha256(json.dumps(toolchain(), sort_keys=True).encode()).hexdigest()
