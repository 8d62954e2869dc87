"""YAML with the line of every key: text -> plain values and places.

Reads YAML 1.2 by ruamel.yaml. Aliases are refused: a few lines of them can
stand for millions of values, and metadata do not need them; so are tags, which
ask for values of other kinds. A date stays the text that was written.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent

from terbit.diagnostics import Finding, Place
from terbit.pipeline import sources

YAML_NAME = "publication.yaml"
Path = tuple[str | int, ...]
MAX_BYTES = 1_000_000
MAX_DEPTH = 40


class _Constructor(RoundTripConstructor):
    """Makes values as ruamel.yaml does, but of dates the text."""


_Constructor.add_constructor(
    "tag:yaml.org,2002:timestamp", lambda self, node: self.construct_scalar(node)
)


def read(text: str, file: str) -> tuple[Any, dict[Path, Place], tuple[Finding, ...]]:
    """Values, the place of each path of keys, and findings (then the value is None)."""
    places: dict[Path, Place] = {(): Place(file, 1)}
    if len(text) > MAX_BYTES:
        return None, places, (_bad(file, 1, "the file is larger than a megabyte"),)
    try:
        refused = _refusal(text, file)
        if refused:
            return None, places, (refused,)
        yaml = YAML(typ="rt")
        yaml.Constructor = _Constructor
        yaml.allow_duplicate_keys = False
        tree = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "it cannot be read"
        line = mark.line + 1 if mark else 1
        return None, places, (_bad(file, line, " ".join(problem.split("\n")[0].split())),)
    except Exception as error:  # ruamel.yaml raises nearly anything on scalars such as 0x_
        message = str(error).split("\n")[0] or type(error).__name__
        return None, places, (_bad(file, 1, message),)
    values = _plain(tree, (), places, file)
    findings = tuple(_control_characters(values, (), places))
    return (None if findings else values), places, findings


def _bad(file: str, line: int, problem: str) -> Finding:
    return Finding(
        "bad-yaml",
        f"the YAML is malformed: {problem}",
        Place(file, line),
        "look at this line and the one before it: indentation by spaces, one space"
        " after a colon, quotes around text that holds a colon",
    )


def _refusal(text: str, file: str) -> Finding | None:
    """Aliases and depth, seen on the events, before anything is built of them."""
    depth = 0
    for event in YAML(typ="rt").parse(io.StringIO(text)):
        if isinstance(event, AliasEvent):
            return _bad(file, event.start_mark.line + 1, "aliases (*name) are not allowed")
        if getattr(event, "tag", None) not in (None, "!"):
            return _bad(file, event.start_mark.line + 1, "tags (!name) are not allowed")
        kind = type(event).__name__
        if kind in ("MappingStartEvent", "SequenceStartEvent"):
            depth += 1
            if depth > MAX_DEPTH:
                return _bad(file, event.start_mark.line + 1, "it is nested too deeply")
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            depth -= 1
    return None


def _plain(value: Any, path: Path, places: dict[Path, Place], file: str) -> Any:
    if isinstance(value, CommentedMap):
        out: dict[Any, Any] = {}
        for key, item in value.items():
            name = key if isinstance(key, str) else str(key)
            places[(*path, name)] = places[path]
            if key in (value.lc.data or ()):  # what "<<" merges has no place of its own
                line, column = value.lc.key(key)
                places[(*path, name)] = Place(file, line + 1, column + 1)
            out[name] = _plain(item, (*path, name), places, file)
        return out
    if isinstance(value, CommentedSeq):
        items: list[Any] = []
        for i, item in enumerate(value):
            line, column = value.lc.item(i)
            places[(*path, i)] = Place(file, line + 1, column + 1)
            items.append(_plain(item, (*path, i), places, file))
        return items
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _control_characters(value: Any, path: Path, places: dict[Path, Place]) -> Iterator[Finding]:
    """Those that an escape such as "\\0" brought in: no file can hold them."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _control_characters(key, (*path, key), places)
            yield from _control_characters(item, (*path, key), places)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _control_characters(item, (*path, i), places)
    elif isinstance(value, str):
        found = sources.control_character(value)
        if found:
            yield Finding(
                "control-character",
                f"the text holds a control character (U+{ord(found):04X})",
                places.get(path),
                "write the character itself, or leave it out",
            )
