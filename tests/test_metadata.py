"""The schema of publication.yaml: defaults, values, and that every key is known everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chapters import metadata
from terbit.diagnostics import RULES, Severity
from terbit.metadata import (
    NO_EFFECT_YET,
    EditionChanges,
    Metadata,
    Page,
)
from terbit.metadata_values import _DEVICE_NAMES, PAPER_MM, millimetres, page_size_mm
from terbit.pipeline.contents import natural
from terbit.pipeline.load import default_name, merge

# the keys of the manual's chapter on metadata: a key is never lost by accident
# fmt: off
KEYS = [
    "title", "name", "language", "kind", "subtitle", "authors", "publisher", "place", "date",
    "version", "rights", "license", "identifiers", "description", "keywords", "subjects",
    "audience", "series", "contents", "formats", "numbering", "toc", "lists", "bibliography",
    "csl", "references", "solutions", "prelude", "links", "attach", "index", "glossary",
    "markdown", "templating", "variables", "filters", "layout", "style", "css", "page", "cover",
    "fonts", "html", "editions", "accessibility", "findings",
]
# fmt: on


def test_keys() -> None:
    assert sorted(Metadata.model_fields) == sorted(KEYS)


def test_every_key_but_three_has_a_default() -> None:
    required = {name for name, field in Metadata.model_fields.items() if field.is_required()}
    assert required == {"title", "language", "name"}


def test_defaults() -> None:
    about = metadata()
    assert about.formats == ("pdf", "epub", "html", "single")
    assert about.page == Page(size="A5")
    assert (about.numbering.chapters, about.numbering.sections) == ("book", 2)
    assert (about.toc.depth, about.index, about.layout, about.kind) == (
        2,
        False,
        "terbit",
        "article",
    )


def test_metadata_are_frozen() -> None:
    with pytest.raises(ValidationError):
        metadata().title = "Other"  # type: ignore[misc]


def test_an_edition_changes_keys_that_there_are() -> None:
    own = {"show", "hide", "only", "head", "numbers"}
    assert set(EditionChanges.model_fields) - own <= set(Metadata.model_fields)


@pytest.mark.parametrize("path", NO_EFFECT_YET, ids=".".join)
def test_a_key_without_effect_is_a_key(path: tuple[str, ...]) -> None:
    assert path[0] in Metadata.model_fields
    if path[0] == "editions":
        assert path[2] in EditionChanges.model_fields


@pytest.mark.parametrize(
    ("key", "written", "read"),
    [
        ("language", "EN-gb", "en-GB"),
        ("language", "in", "id"),
        ("language", "zh-hant-tw", "zh-Hant-TW"),
        ("date", 2026, "2026"),
        ("date", "2026-11", "2026-11"),
        ("license", "cc-by-sa-4.0", "CC-BY-SA-4.0"),
        ("license", "MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("keywords", "one", ("one",)),
    ],
)
def test_values_are_brought_into_one_form(key: str, written: Any, read: Any) -> None:
    assert getattr(metadata(**{key: written}), key) == read


def test_identifiers() -> None:
    about = metadata(
        identifiers={
            "isbn": {"pdf": "0-306-40615-2", "epub": "978-0-306-40615-7"},
            "doi": "https://doi.org/10.1000/182",
            "uuid": "urn:uuid:6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
        },
        authors=({"name": "A", "orcid": "https://orcid.org/0000-0002-1825-0097"},),
    )
    assert about.identifiers.isbn.pdf == about.identifiers.isbn.epub == "9780306406157"
    assert about.identifiers.doi == "10.1000/182"
    assert about.identifiers.uuid == "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    assert about.authors[0].orcid == "0000-0002-1825-0097"


@pytest.mark.parametrize(
    "authors", ["A. Writer", ("A. Writer",), {"name": "A. Writer"}, ({"name": "A. Writer"},)]
)
def test_forms_of_authors(authors: Any) -> None:
    (author,) = metadata(authors=authors).authors
    assert (author.name, author.role) == ("A. Writer", "aut")


def test_levels() -> None:
    about = metadata(findings={"no-date": "off", "broken-link": "warning", "no-heading": False})
    assert about.levels == {
        "no-date": Severity.OFF,
        "broken-link": Severity.WARNING,
        "no-heading": Severity.OFF,
    }


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("A5", (148, 210)),
        ("a5 landscape", (210, 148)),
        ("150mm 23cm", (150, 230)),
        ("letter portrait", (215.9, 279.4)),
    ],
)
def test_page_sizes(written: str, size: tuple[float, float]) -> None:
    assert page_size_mm(written) == size
    assert Page(size=written)


@given(st.text(max_size=12))
def test_page_sizes_never_surprise(text: str) -> None:
    try:
        width, height = page_size_mm(text)
    except ValueError:
        return
    assert width >= 0
    assert height >= 0


def test_lengths() -> None:
    assert millimetres("1in") == pytest.approx(25.4)
    assert millimetres("72pt") == pytest.approx(25.4)
    assert millimetres("96px") == pytest.approx(25.4)
    assert millimetres("4Q") == pytest.approx(1)
    for wrong in ("1", "mm", "-1mm", "1 mm", "1e3mm", "calc(1mm)"):
        with pytest.raises(ValueError, match=r".*"):
            millimetres(wrong)
    assert all(w < h for w, h in PAPER_MM.values())


def test_merge() -> None:
    base = {"a": 1, "page": {"size": "A5", "columns": 1}, "list": [1, 2]}
    over = {"a": 2, "page": {"size": "A4"}, "list": [3], "new": {}}
    assert merge(base, over) == {
        "a": 2,
        "page": {"size": "A4", "columns": 1},
        "list": [3],
        "new": {},
    }


JSON = st.recursive(
    st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=8
).filter(lambda v: isinstance(v, dict))


@given(JSON, JSON, JSON)
def test_merging_is_associative_and_idempotent(a: Any, b: Any, c: Any) -> None:
    assert merge(a, a) == a
    assert merge(a, {}) == a
    assert merge({}, a) == a
    if all(isinstance(x, dict) for d in (a, b, c) for x in d.values()):
        assert set(merge(merge(a, b), c)) == set(merge(a, merge(b, c)))


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my-book", "my-book"),
        ("My Book (2nd ed.)", "My-Book-2nd-ed"),
        ("Kerja sama", "Kerja-sama"),
        ("日本", "日本"),
        ("...", "publication"),
        ("-x-", "x"),
    ],
)
def test_default_name(folder: str, name: str) -> None:
    assert default_name(folder) == name


@given(st.text(min_size=1, max_size=60).filter(lambda t: "/" not in t and "\0" not in t))
def test_every_folder_has_a_default_name_that_is_valid(folder: str) -> None:
    name = default_name(folder)
    if _DEVICE_NAMES.fullmatch(name):  # con, nul and the like are refused by name
        return
    assert metadata(name=name).name == name


def test_natural_order() -> None:
    names = ["10.md", "9.md", "a10.md", "a9.md", "B.md", "1-b.md", "01-a.md"]
    assert sorted(names, key=natural) == [
        *("01-a.md", "1-b.md", "9.md", "10.md", "a9.md", "a10.md", "B.md"),
    ]


@given(st.lists(st.text(max_size=8)))
def test_natural_order_never_fails(names: list[str]) -> None:
    sorted(names, key=natural)


def test_every_fault_has_a_rule() -> None:
    assert {"bad-language", "bad-isbn", "bad-identifier", "bad-license", "bad-name"} <= set(RULES)
