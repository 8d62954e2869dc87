"""Pictures: paths as written -> bytes, read inside the fence and looked into."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import posixpath
import re
import unicodedata
import warnings
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from lxml import etree
from PIL import Image as Pillow
from PIL import ImageFile

from terbit.diagnostics import Finding, Place
from terbit.model import Picture, Use
from terbit.pipeline import sources

MAX_PIXELS = 60_000_000
MAX_BYTES = 50_000_000
_TYPES = {
    "PNG": ("image/png", "png"),
    "JPEG": ("image/jpeg", "jpg"),
    "GIF": ("image/gif", "gif"),
    "WEBP": ("image/webp", "webp"),
}
_SVG_NS = "{http://www.w3.org/2000/svg}"
_SAVE = "save it as PNG, JPEG or SVG"


def picture(folder: Path, chapter_file: str, use: Use, root: str) -> Picture | Finding:
    """One picture of a chapter. The path is relative to the chapter's file."""
    url = use.target
    if url.startswith("data:"):
        return _from_data(url, use.place)
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:|//", url):
        return Finding(
            "outside-picture",
            f"the picture {url[:80]} is not in the publication's folder",
            use.place,
            "download it into the folder and name it from there: books must not need the network",
        )
    base = root if url.startswith("/") else posixpath.dirname(chapter_file)
    found: Path | Finding | None = None
    for form in dict.fromkeys((url, unquote(url), unquote(url.split("?")[0].split("#")[0]))):
        name = posixpath.normpath(posixpath.join(base, form.lstrip("/")))
        here = sources.locate(folder, name, use.place, "missing-picture")
        found = here if found is None or isinstance(here, Path) else found
        if isinstance(here, Path):
            break
    assert found is not None
    if isinstance(found, Finding):
        return found
    data = sources.read_bytes(found, url, use.place)
    if isinstance(data, Finding):
        return Finding("unreadable-picture", data.message, use.place, "mend its permissions")
    return examine(data, found.name, use.place)


def _from_data(url: str, place: Place) -> Picture | Finding:
    head, _, body = url.partition(",")
    try:
        data = (
            base64.b64decode(unquote(body), validate=True)
            if ";base64" in head
            else unquote_to_bytes(body)
        )
    except binascii.Error:
        return Finding("unreadable-picture", "a data: picture is malformed", place, _SAVE)
    return examine(data, "inline", place)


def examine(data: bytes, name: str, place: Place | None) -> Picture | Finding:
    """Look into a picture: what it is, that it can be drawn, that it is safe."""

    def refuse(reason: str, hint: str = _SAVE) -> Finding:
        return Finding("unreadable-picture", f"the picture “{name}” {reason}", place, hint)

    if not data:
        return refuse("is empty")
    if len(data) > MAX_BYTES:
        return refuse(f"is larger than {MAX_BYTES // 1_000_000} megabytes", "make it smaller")
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return _svg(data, name, refuse)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(data)) as image:
                kind, (width, height) = image.format or "", image.size
                if width * height > MAX_PIXELS:
                    return refuse(f"has {width} × {height} pixels", "make it smaller")
                if kind not in _TYPES:
                    return refuse(f"is of the format {kind}, which not every format can show")
                _load_whole(image)
    except Pillow.DecompressionBombError:
        return refuse("has far too many pixels", "make it smaller")
    except Exception as error:  # Pillow's decoders raise nearly anything on broken files
        return refuse(f"cannot be read ({str(error).split(' <')[0][:80] or type(error).__name__})")
    media_type, suffix = _TYPES[kind]
    return Picture(file_name(name, data, suffix), media_type, data, width, height)


def _load_whole(image: Pillow.Image) -> None:
    """Decode a picture; half of one is an error, though WeasyPrint tells Pillow otherwise."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def file_name(name: str, data: bytes, suffix: str) -> str:
    """A name that is safe everywhere and says what is in the file: stem and digest."""
    stem = unicodedata.normalize("NFKD", Path(name).stem).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-").lower()[:40] or "picture"
    return f"{stem}-{hashlib.sha256(data).hexdigest()[:8]}.{suffix}"


def _svg(data: bytes, name: str, refuse: object) -> Picture | Finding:
    assert callable(refuse)
    if b"<!ENTITY" in data:
        return refuse("declares entities", "save it as plain SVG")  # type: ignore[no-any-return]
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        return refuse(f"is not well-formed SVG ({error.msg})")  # type: ignore[no-any-return]
    if root.tag != f"{_SVG_NS}svg":
        return refuse("is not SVG")  # type: ignore[no-any-return]
    before = [getattr(node, "target", "") for node in root.itersiblings(preceding=True)]
    reason = "names a style sheet" if "xml-stylesheet" in before else ""
    for element in root.iter(etree.Element):
        reason = reason or _unsafe(element)
    if reason:
        return refuse(reason, "save it as plain SVG")  # type: ignore[no-any-return]
    width, height = _svg_size(root)
    return Picture(file_name(name, data, "svg"), "image/svg+xml", data, width, height)


_OUTSIDE = "loads something from outside"
_LOADS = re.compile(r"@import|url\(\s*['\"]?(?!\s*['\"]?(#|data:image/))", re.I)


def _unsafe(element: etree._Element) -> str:
    """What an SVG element does that a picture must not; "" if it does nothing such."""
    tag = etree.QName(element).localname
    if tag in ("script", "foreignObject", "iframe", "handler"):
        return f"holds <{tag}>"
    if tag == "style" and _LOADS.search("".join(element.itertext())):
        return _OUTSIDE
    for key, value in element.attrib.items():
        local, target = etree.QName(key).localname, value.strip()
        animates = local == "attributeName" and target.casefold().endswith("href")
        if local.startswith("on") or animates:
            return "holds a script"
        if local == "href" and tag == "a" and not re.match(r"#|https?:|mailto:", target, re.I):
            return "holds a script"
        if local == "href" and tag != "a" and not re.match(r"#|data:image/", target, re.I):
            return _OUTSIDE
        if local != "href" and _LOADS.search(value):
            return _OUTSIDE
    return ""


def _svg_size(root: etree._Element) -> tuple[float, float]:
    """Width and height in CSS pixels, from the attributes or the view box."""
    units = {"": 1.0, "px": 1.0, "pt": 96 / 72, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}

    def length(text: str | None) -> float:
        found = re.fullmatch(r"\s*([\d.]+)\s*([a-z]*)\s*", text or "")
        return float(found[1]) * units.get(found[2], 0) if found else 0

    width, height = length(root.get("width")), length(root.get("height"))
    box = re.split(r"[\s,]+", (root.get("viewBox") or "").strip())
    if (not width or not height) and len(box) == 4:
        try:
            return float(box[2]), float(box[3])
        except ValueError:
            return 0, 0
    return width, height
