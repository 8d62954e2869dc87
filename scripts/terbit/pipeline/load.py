"""Load: a folder -> a `Publication`, or all that is wrong with it, together.

Reads `publication.yaml`, the `defaults.yaml` beside the folder, and every
chapter. Editions are metadata of their own: the publication's with the
edition's changes laid over them, checked the same way.
"""

from __future__ import annotations

import contextlib
import copy
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from terbit.diagnostics import Finding, Place
from terbit.metadata import NO_EFFECT_YET, Metadata
from terbit.model import Publication, Sibling
from terbit.pipeline import sources, yaml_reader
from terbit.pipeline.complaints import complaints, place_of, real_path
from terbit.pipeline.contents import chapters_of
from terbit.pipeline.yaml_reader import YAML_NAME

DEFAULTS_NAME = "defaults.yaml"
Path_ = yaml_reader.Path


def load(folder: Path) -> tuple[Publication | None, tuple[Finding, ...]]:
    """Read a publication.

    If its metadata are wrong it is not `sound`: what is wrong with them is left out of it,
    so that the steps can look for the other faults of the run, and nothing is published.
    """
    values, places, findings = _values(folder)
    if values is None:
        return None, findings
    editions, wrong = _editions(values, places)
    findings += wrong
    sound = "" in editions
    if not sound:
        rest = _without_faults(values, places)
        if rest is None:
            return None, findings
        editions = {"": rest}
    metadata = editions[""]
    prelude, more = _prelude(folder, metadata, places)
    findings += more + _no_effect(values, places)
    chapters, parts, more = chapters_of(folder, metadata, places)
    findings += more + _named_files(folder, editions, places)
    publication = Publication(
        folder=folder,
        editions=editions,
        chapters=chapters,
        parts=parts,
        prelude=prelude,
        siblings=_siblings(folder, metadata),
        places=places,
        sound=sound,
    )
    return publication, findings


# metadata


def _values(
    folder: Path,
) -> tuple[dict[str, Any] | None, dict[Path_, Place], tuple[Finding, ...]]:
    """The merged plain values of publication.yaml and the defaults, with their places."""
    own = folder / YAML_NAME
    if not own.is_file():
        near = [
            p.name for p in (folder / "publication.yml", folder / "metadata.yaml") if p.exists()
        ]
        hint = f"rename {near[0]} to {YAML_NAME}" if near else "make one with: terbit new"
        what = (
            f"there is no {YAML_NAME} in {folder}" if folder.is_dir() else f"there is no {folder}"
        )
        return None, {}, (Finding("no-publication", what, None, hint),)
    values, places, findings = _mapping(own, YAML_NAME)
    defaults = folder.parent / DEFAULTS_NAME
    if defaults.is_file():
        shared, shared_places, wrong = _mapping(defaults, f"../{DEFAULTS_NAME}")
        findings += wrong
        if values is not None and shared is not None:
            values = merge(shared, values)
            places = {**shared_places, **places}
    if findings or values is None:
        return None, places, findings
    values.setdefault("name", default_name(folder.resolve().name))
    return values, places, ()


def name_of(folder: Path) -> str:
    """The name that a folder's publication is built under, found without reading its text."""
    values, _, _ = _values(folder)
    name = values.get("name") if values else None
    return name if isinstance(name, str) else default_name(folder.resolve().name)


def _mapping(
    path: Path, file: str
) -> tuple[dict[str, Any] | None, dict[Path_, Place], tuple[Finding, ...]]:
    data = sources.read_bytes(path, file, None)
    text = data if isinstance(data, Finding) else sources.decode(data, file)
    if isinstance(text, Finding):
        return None, {}, (text,)
    value, places, findings = yaml_reader.read(text, file)
    if findings:
        return None, places, findings
    if value is None and not text.strip():
        value = {}
    if not isinstance(value, dict):
        wrong = Finding(
            "bad-yaml", "the file is not a map of keys", Place(file, 1), "write key: value"
        )
        return None, places, (wrong,)
    return value, places, ()


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` wins; maps merge, lists are replaced."""
    out = dict(base)
    for key, value in over.items():
        old = out.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        out[key] = merge(old, value) if both else value  # type: ignore[arg-type]
    return out


def default_name(folder: str) -> str:
    """A folder's name as a name for files: letters, digits, hyphens, dots, underscores."""
    name = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", folder)).strip("-._")
    return name or "publication"


def _editions(
    values: dict[str, Any], places: Mapping[Path_, Place]
) -> tuple[dict[str, Metadata], tuple[Finding, ...]]:
    editions: dict[str, Metadata] = {}
    findings: list[Finding] = []
    try:
        editions[""] = Metadata.model_validate(_tuples(values))
    except ValidationError as error:
        findings += complaints(error, places, ())
    plain = {k: v for k, v in values.items() if k != "editions"}
    changes_of = values.get("editions")
    for name, changes in changes_of.items() if isinstance(changes_of, dict) else ():
        if not isinstance(changes, dict):
            continue
        shaping = {k: v for k, v in changes.items() if k in Metadata.model_fields}
        try:
            editions[name] = Metadata.model_validate(_tuples(merge(plain, shaping)))
        except ValidationError as error:
            top = ("editions", name)
            said = complaints(error, places, top)
            findings += [f for f in said if f.place and f.place != place_of(top, places)]
    return editions, tuple(dict.fromkeys(findings))


def _without_faults(values: dict[str, Any], places: Mapping[Path_, Place]) -> Metadata | None:
    """The metadata without the keys that are wrong; None if too little is left."""
    left = copy.deepcopy({k: v for k, v in values.items() if k != "editions"})
    for _ in range(4):
        try:
            return Metadata.model_validate(_tuples(left))
        except ValidationError as error:
            faults = error.errors(include_url=False)
        paths = {real_path(f["loc"], places, ()) for f in faults if f["type"] != "missing"}
        paths |= {real_path(f["loc"], places, ()) for f in faults if len(f["loc"]) > 1}
        # a list of contents with a hole in it would make faults of its own
        paths = {path[:1] if path[:1] == ("contents",) else path for path in paths}
        for path in sorted(paths - {()}, key=repr, reverse=True):
            _drop(left, path)
        for key, value in (("title", "?"), ("language", "en"), ("name", "publication")):
            left.setdefault(key, value)
    return None


def _drop(value: Any, path: Path_) -> None:
    """Take the value at a path of keys out; nothing happens if it is gone already."""
    for key in path[:-1]:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return
    with contextlib.suppress(KeyError, IndexError, TypeError):
        del value[path[-1]]


def _tuples(value: Any) -> Any:
    """Lists as tuples: the schema's values are frozen and checked strictly."""
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(v) for v in value)
    return value


def _no_effect(values: Mapping[str, Any], places: Mapping[Path_, Place]) -> tuple[Finding, ...]:
    found = []
    for pattern in NO_EFFECT_YET:
        for path in _matches(values, pattern, ()):
            name = ".".join(str(p) for p in path)
            found.append(
                Finding(
                    "no-effect-yet",
                    f"{name} is valid but has no effect in this version",
                    place_of(path, places),
                    "leave it: it will have its effect in a later version",
                )
            )
    if (values.get("markdown") or {}).get("raw_html") == "as-is":
        found.append(
            Finding(
                "no-effect-yet",
                "markdown.raw_html: as-is is valid but read as safe in this version",
                place_of(("markdown", "raw_html"), places),
                "leave it: it will have its effect in a later version",
            )
        )
    return tuple(found)


def _matches(value: Any, pattern: tuple[str, ...], path: Path_) -> Iterable[Path_]:
    if not pattern:
        yield path
    elif isinstance(value, Mapping):
        keys = list(value) if pattern[0] == "*" else [pattern[0]]
        for key in keys:
            if key in value:
                yield from _matches(value[key], pattern[1:], (*path, key))


# files


def _prelude(
    folder: Path, metadata: Metadata, places: Mapping[Path_, Place]
) -> tuple[str, tuple[Finding, ...]]:
    if metadata.prelude is None:
        return "", ()
    text = sources.read_text(folder, metadata.prelude, place_of(("prelude",), places))
    return ("", (text,)) if isinstance(text, Finding) else (text, ())


def _named_files(
    folder: Path, editions: Mapping[str, Metadata], places: Mapping[Path_, Place]
) -> tuple[Finding, ...]:
    """Style sheets, fonts and covers that the metadata name must be there."""
    findings: dict[Finding, None] = {}
    for edition, metadata in editions.items():
        top: Path_ = ("editions", edition) if edition else ()
        named: list[tuple[Path_, str]] = [(("cover",), metadata.cover)] if metadata.cover else []
        named += [(("fonts", i), name) for i, name in enumerate(metadata.fonts)]
        for key in ("all", "pdf", "epub", "html"):
            named += [(("css", key, i), name) for i, name in enumerate(getattr(metadata.css, key))]
        for path, name in named:
            place = place_of((*top, *path), places)
            found = sources.locate(folder, name, place)
            if isinstance(found, Finding):
                findings.setdefault(found)
    return tuple(findings)


# siblings in other languages


def _stem(name: str, language: str) -> str:
    """The name without its language: `manual-id` in Indonesian is `manual`."""
    for tag in (language, language.split("-")[0]):
        for suffix in (f"-{tag}", f".{tag}", f"_{tag}"):
            if name.casefold().endswith(suffix.casefold()):
                return name[: -len(suffix)]
    return name


def _siblings(folder: Path, metadata: Metadata) -> tuple[Sibling, ...]:
    """Publications beside this one whose names differ in the language alone."""
    stem = _stem(metadata.name, metadata.language)
    out = []
    for path in sorted(folder.resolve().parent.glob(f"*/{YAML_NAME}")):
        other = path.parent
        if other == folder.resolve() or stem.casefold() not in other.name.casefold():
            continue
        values, places, _ = _values(other)
        editions, _ = _editions(values, places) if values else ({}, ())
        if "" not in editions:
            continue
        found = editions[""]
        if found.language != metadata.language and _stem(found.name, found.language) == stem:
            chapters, parts, _ = chapters_of(other, found, places)
            alone = len(chapters) == 1 and not parts and not found.index  # a site of one page
            out.append(
                Sibling(
                    found.name,
                    found.language,
                    found.title,
                    found.html.url,
                    () if alone else tuple(c.slug for c in chapters),
                )
            )
    return tuple(sorted(out, key=lambda s: s.language))
