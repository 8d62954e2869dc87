"""Load: a folder -> a `Publication`, or all that is wrong with it, together.

Reads `publication.yaml`, the `defaults.yaml` beside the folder, and every
chapter. Editions are metadata of their own: the publication's with the
edition's changes laid over them, checked the same way.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from terbit.diagnostics import RULES, Finding, Place
from terbit.metadata import (
    NO_EFFECT_YET,
    BackMatter,
    Chapters,
    FrontMatter,
    Metadata,
    PartOfBook,
)
from terbit.model import ChapterSource, Division, Publication, Sibling
from terbit.pipeline import sources, yaml_reader

YAML_NAME = "publication.yaml"
DEFAULTS_NAME = "defaults.yaml"
RESERVED_SLUGS = frozenset({"index", "404", "nav", "cover", "title", "imprint", "contents", "toc"})
Path_ = yaml_reader.Path


def load(folder: Path) -> tuple[Publication | None, tuple[Finding, ...]]:
    """Read a publication. No value comes back if its metadata are wrong."""
    values, places, findings = _values(folder)
    if values is None:
        return None, findings
    editions, wrong = _editions(values, places)
    findings += wrong
    if "" not in editions:
        return None, findings
    metadata = editions[""]
    prelude, more = _prelude(folder, metadata, places)
    findings += more + _no_effect(values, places)
    chapters, parts, more = _chapters(folder, metadata, places)
    findings += more + _named_files(folder, editions, places)
    publication = Publication(
        folder=folder,
        editions=editions,
        chapters=chapters,
        parts=parts,
        prelude=prelude,
        siblings=_siblings(folder, metadata),
        places=places,
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
        findings += _complaints(error, places, ())
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
            said = _complaints(error, places, top)
            findings += [f for f in said if f.place and f.place != _place(top, places)]
    return editions, tuple(dict.fromkeys(findings))


def _tuples(value: Any) -> Any:
    """Lists as tuples: the schema's values are frozen and checked strictly."""
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(v) for v in value)
    return value


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a map of keys",
    "model_type": "a map of keys",
    "model_attributes_type": "a map of keys",
}


def _complaints(
    error: ValidationError, places: Mapping[Path_, Place], prefix: Path_
) -> Iterable[Finding]:
    """pydantic's errors as findings, one for each key (unions report each branch)."""
    seen: set[tuple[Path_, str]] = set()
    for item in error.errors(include_url=False):
        path = _real_path(item["loc"], places, prefix)
        key = (path, str(item["loc"][-1]) if item["type"] == "missing" else "")
        if key in seen:
            continue
        seen.add(key)
        yield _complaint(item, path, _place(path, places))


def _real_path(loc: tuple[int | str, ...], places: Mapping[Path_, Place], prefix: Path_) -> Path_:
    """The path of keys in the file: pydantic names the branches of unions in between."""
    path: Path_ = prefix
    for key in loc:
        if (*path, key) in places:
            path = (*path, key)
    return path


def _place(path: Path_, places: Mapping[Path_, Place]) -> Place:
    while path and path not in places:
        path = path[:-1]
    return places.get(path, Place(YAML_NAME, 1))


def _complaint(item: Any, path: Path_, place: Place) -> Finding:
    name = ".".join(str(p) for p in path) or "the file"
    kind, context = item["type"], item.get("ctx") or {}
    if kind in RULES:
        return Finding(kind, f"{name}: {context['message']}", place, context["hint"])
    if kind == "extra_forbidden":
        key = str(item["loc"][-1])
        return unknown_key(key, path[:-1] if path and path[-1] == key else path, place)
    if kind == "missing":
        key = str(item["loc"][-1])
        return Finding(
            "missing-key", f"the key {key} is missing", place, f"add a line such as {key}: …"
        )
    if kind == "literal_error" and item["loc"][0] == "findings" and item["loc"][-1] == "[key]":
        code = str(item["input"])
        near = difflib.get_close_matches(code, RULES, 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else "see the manual's list of findings"
        return Finding("unknown-key", f"there is no finding {code}", place, hint)
    if kind in ("literal_error", "string_pattern_mismatch"):
        wanted = context.get("expected") or f"text of the form {context.get('pattern')}"
        value = item["input"]
        hint = f"write {wanted}".replace("'", "")
        return Finding("wrong-type", f"{name}: “{value}” is not allowed", place, hint)
    if kind in ("too_short", "string_too_short"):
        return Finding("wrong-type", f"{name} must not be empty", place, "fill it, or leave it out")
    expected = _EXPECTED.get(kind)
    if expected:
        value = item["input"]
        shown = "nothing" if value is None else f"“{_shown(value)[:60]}”"
        return Finding(
            "wrong-type", f"{name} must be {expected}, not {shown}", place, f"write {expected}"
        )
    return Finding("wrong-type", f"{name}: {item['msg'].lower()}", place, "mend the value")


def _shown(value: object) -> str:
    """A value much as it was written in the YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def unknown_key(key: str, parent: Path_, place: Place) -> Finding:
    """The finding for a key that is not in the schema, with the nearest that is."""
    valid = sorted(_valid_keys(parent))
    near = difflib.get_close_matches(key, valid, 1, 0.6)
    hint = f"did you mean {near[0]}?" if near else f"valid here: {', '.join(valid)}"
    where = ".".join(str(p) for p in parent)
    return Finding(
        "unknown-key", f"there is no key {key}" + (f" in {where}" if where else ""), place, hint
    )


def _valid_keys(path: Path_) -> set[str]:
    """The keys that the schema knows at a path."""
    models: list[Any] = [Metadata]
    if path[:1] == ("editions",) and len(path) > 2:
        path = path[2:]
    for key in path:
        found: list[Any] = []
        for model in models:
            if isinstance(key, str) and key in model.model_fields:
                found += _models(model.model_fields[key].annotation)
            else:
                found.append(model)
        models = found
    return {f.alias or name for m in models for name, f in m.model_fields.items()}


def _models(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for arg in get_args(annotation) for m in _models(arg)]


def _no_effect(values: Mapping[str, Any], places: Mapping[Path_, Place]) -> tuple[Finding, ...]:
    found = []
    for pattern in NO_EFFECT_YET:
        for path in _matches(values, pattern, ()):
            name = ".".join(str(p) for p in path)
            found.append(
                Finding(
                    "no-effect-yet",
                    f"{name} is valid but has no effect in this version",
                    _place(path, places),
                    "leave it: it will have its effect in a later version",
                )
            )
    if (values.get("markdown") or {}).get("raw_html") == "as-is":
        found.append(
            Finding(
                "no-effect-yet",
                "markdown.raw_html: as-is is valid but read as safe in this version",
                _place(("markdown", "raw_html"), places),
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
    text = sources.read_text(folder, metadata.prelude, _place(("prelude",), places))
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
            place = _place((*top, *path), places)
            found = sources.locate(folder, name, place)
            if isinstance(found, Finding):
                findings.setdefault(found)
    return tuple(findings)


def _listed(metadata: Metadata) -> list[tuple[str, Division, int | None, Path_]]:
    """Each file of `contents`: name, division, part, path of keys."""
    out: list[tuple[str, Division, int | None, Path_]] = []
    part = -1
    current: int | None = None
    for i, item in enumerate(metadata.contents or ()):
        top: Path_ = ("contents", i)
        match item:
            case FrontMatter(front=names):
                out += [(n, Division.FRONT, None, (*top, "front", k)) for k, n in enumerate(names)]
            case BackMatter(back=names):
                out += [(n, Division.BACK, None, (*top, "back", k)) for k, n in enumerate(names)]
            case PartOfBook(chapters=names):
                part += 1
                current = part
                out += [
                    (n, Division.BODY, part, (*top, "chapters", k)) for k, n in enumerate(names)
                ]
            case Chapters(chapters=names):
                out += [
                    (n, Division.BODY, current, (*top, "chapters", k)) for k, n in enumerate(names)
                ]
            case str():
                out.append((item, Division.BODY, current, top))
    return out


def _chapters(
    folder: Path, metadata: Metadata, places: Mapping[Path_, Place]
) -> tuple[tuple[ChapterSource, ...], tuple[str, ...], tuple[Finding, ...]]:
    if isinstance(metadata.contents, str):
        wrong = Finding(
            "no-effect-yet",
            "contents from a SUMMARY.md cannot be read in this version",
            _place(("contents",), places),
            "list the files: contents: [first.md, second.md]",
        )
        return (), (), (_as_error(wrong),)
    listed = _listed(metadata)
    if metadata.contents is None:
        names = sorted(
            (p.name for p in folder.glob("*.md") if p.name.casefold() != "readme.md"),
            key=natural,
        )
        prelude = PurePosixPath(metadata.prelude).name if metadata.prelude else None
        listed = [(n, Division.BODY, None, ("contents",)) for n in names if n != prelude]
    if not listed:
        wrong = Finding(
            "no-chapters",
            "there is no Markdown file to publish",
            _place(("contents",), places) if metadata.contents is not None else Place(YAML_NAME, 1),
            "write a chapter, such as 01-introduction.md, into the folder",
        )
        return (), (), (wrong,)
    chapters: list[ChapterSource] = []
    findings: list[Finding] = []
    slugs: set[str] = set(RESERVED_SLUGS)
    files: set[str] = set()
    for name, division, part, path in listed:
        place = _place(path, places)
        if name in files:
            findings.append(
                Finding("name-clash", f"“{name}” is listed twice", place, "list each file once")
            )
            continue
        files.add(name)
        text = sources.read_text(folder, name, place)
        if isinstance(text, Finding):
            findings.append(text)
        elif not text.strip():
            findings.append(
                Finding(
                    "empty-file",
                    "the chapter has no text",
                    Place(name, 1),
                    "write it, or leave it out",
                )
            )
        else:
            chapters.append(ChapterSource(name, _slug(name, slugs), text, division, part))
    parts = tuple(i.part for i in metadata.contents or () if isinstance(i, PartOfBook))
    return tuple(chapters), parts, tuple(findings)


def _as_error(finding: Finding) -> Finding:
    from dataclasses import replace

    from terbit.diagnostics import Severity

    return replace(finding, severity=Severity.ERROR)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts 2.md before 10.md, whatever the locale."""
    pieces = re.split(r"(\d+)", unicodedata.normalize("NFC", name).casefold())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in pieces if p)


def _slug(file: str, taken: set[str]) -> str:
    """A file name for the chapter that is safe everywhere: ASCII letters, digits, hyphens."""
    stem = str(PurePosixPath(file).with_suffix("")).replace("/", "-")
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    base = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower() or "chapter"
    slug, n = base, 2
    while slug in taken:
        slug, n = f"{base}-{n}", n + 1
    taken.add(slug)
    return slug


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
            chapters, _, _ = _chapters(other, found, places)
            out.append(
                Sibling(
                    found.name,
                    found.language,
                    found.title,
                    found.html.url,
                    tuple(c.slug for c in chapters),
                )
            )
    return tuple(sorted(out, key=lambda s: s.language))
