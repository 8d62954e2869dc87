"""Complaints: what pydantic says of the metadata, as findings at the file and line of the key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from terbit.diagnostics import RULES, Finding, Place
from terbit.metadata import Metadata
from terbit.pipeline import yaml_reader
from terbit.pipeline.yaml_reader import YAML_NAME

Path_ = yaml_reader.Path

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


def complaints(
    error: ValidationError, places: Mapping[Path_, Place], prefix: Path_
) -> Iterable[Finding]:
    """pydantic's errors as findings, one for each key (unions report each branch)."""
    seen: set[tuple[Path_, str]] = set()
    for item in error.errors(include_url=False):
        path = real_path(item["loc"], places, prefix)
        key = (path, str(item["loc"][-1]) if item["type"] == "missing" else "")
        if key in seen:
            continue
        seen.add(key)
        yield _complaint(item, path, place_of(path, places))


def real_path(loc: tuple[int | str, ...], places: Mapping[Path_, Place], prefix: Path_) -> Path_:
    """The path of keys in the file: pydantic names the branches of unions in between."""
    path: Path_ = prefix
    for key in loc:
        if (*path, key) in places:
            path = (*path, key)
    return path


def place_of(path: Path_, places: Mapping[Path_, Place]) -> Place:
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
