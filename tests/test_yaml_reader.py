"""YAML with the place of every key; whatever it is given, it answers in findings."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from terbit.diagnostics import Place
from terbit.pipeline.yaml_reader import MAX_BYTES, read

FILE = "publication.yaml"


def test_values_and_places() -> None:
    values, places, found = read("title: T\npage:\n  size: A5\nkeywords:\n  - a\n  - b\n", FILE)
    assert not found
    assert values == {"title": "T", "page": {"size": "A5"}, "keywords": ["a", "b"]}
    assert places["title",] == Place(FILE, 1, 1)
    assert places["page", "size"] == Place(FILE, 3, 3)
    assert places["keywords", 1] == Place(FILE, 6, 5)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),  # YAML 1.2: only true and false are booleans
        ("off", "off"),
        ("true", True),
        ("007", 7),
        ("1.10", 1.1),
        ("2026-11-24", "2026-11-24"),
        ("2026-02-31", "2026-02-31"),
        ("12:30:45", "12:30:45"),
        ("", None),
        ("~", None),
        ("'1984'", "1984"),
        ("|\n  a\n  b", "a\nb\n"),
        (">\n  a\n  b", "a b\n"),
        ("“quotes” – and dashes", "“quotes” – and dashes"),
    ],
)
def test_scalars(written: str, value: object) -> None:
    values, _, found = read(f"key: {written}\n", FILE)
    assert not found
    assert values == {"key": value}


def test_plain_types_alone() -> None:
    values, _, _ = read("a: {b: [1, 2.5, x, true, null]}\n", FILE)
    assert type(values) is dict
    assert [type(v) for v in values["a"]["b"]] == [int, float, str, bool, type(None)]


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: &x 1\nb: *x\n", 2, "aliases"),
        ("a: !x 1\n", 1, "tags"),
        ("a: 1\na: 2\n", 2, "duplicate key"),
        ("a: 1\n\tb: 2\n", 2, ""),
        ("a: [1\n", 2, ""),
        ("a: 'open\n", 2, ""),
        ("a: " + "[" * 50 + "]" * 50, 1, "nested too deeply"),
        ("a: 1\n" * 3 + "x" * MAX_BYTES, 1, "larger than a megabyte"),
    ],
    ids=["alias", "tag", "double", "tab", "list", "quote", "deep", "large"],
)
def test_refused(text: str, line: int, part: str) -> None:
    values, _, (finding,) = read(text, FILE)
    assert values is None
    assert finding.code == "bad-yaml"
    assert part in finding.message
    assert finding.place is not None
    assert finding.place.line == line


def test_an_alias_bomb_costs_no_time() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    started = time.monotonic()
    assert read("\n".join(lines), FILE)[0] is None
    assert time.monotonic() - started < 1


YAMLISH = st.text(
    st.sampled_from("ab:-,[]{}&*!|>'\"%@`#?\n\t ~0123456789.=<\\xu\u00e9\u2028\ufeff"), max_size=80
)


@given(st.one_of(YAMLISH, st.text(max_size=80)))
@example("? [a]\n: b\n")
@example("<<: {a: 1}\n")
@example("a: !!binary x\n")
@example("a: !!set {b}\n")
@example("%YAML 9.9\n---\na: 1\n")
@example("a: 0x_\n")
@example("a: 1:99\n")
@example("a: 0o9\n")
@example("a: .inf\nb: .nan\n")
@example("a: 1_\n")
@example("a: +.\n")
@example('a: "\\ud800"\n')
@example("---\n---\n")
def test_it_never_raises(text: str) -> None:
    values, places, found = read(text, FILE)
    assert () in places
    if found:
        assert values is None
        assert {f.code for f in found} <= {"bad-yaml", "control-character"}
        lines = text.count("\n") + 2
        assert all(f.place and 1 <= f.place.line <= lines for f in found)


SCALARS = st.one_of(
    st.booleans(),
    st.none(),
    st.integers(-(10**6), 10**6),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=12),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("abc-", min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1), VALUES, max_size=5))
def test_json_is_yaml(value: dict[str, object]) -> None:
    import json

    values, places, found = read(json.dumps(value, ensure_ascii=False), FILE)
    assert (values, found) == (value, ())
    assert all((key,) in places for key in value)
