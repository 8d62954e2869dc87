"""Ids: one form for every output, unique in the chapter."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chapters import chapter, metadata
from terbit.model import ChapterSource
from terbit.pipeline.transform.anchors import LABEL, anchor_of, anchors
from terbit.pipeline.transform.context import Context
from terbit.tree import Attr, Document, Header, Para, Span, Str, walk

# NCName of XML 1.0, fifth edition
NAME = re.compile(
    r"(?![-.0-9\u00b7\u0300-\u036f\u203f\u2040])[-.0-9A-Z_a-z\u00b7\u00c0-\u00d6\u00d8-\u00f6"
    r"\u00f8-\u037d\u037f-\u1fff\u200c\u200d\u203f\u2040\u2070-\u218f\u2c00-\u2fef"
    r"\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]+"
)
CONTEXT = Context(ChapterSource("one.md", "one", ""), metadata(kind="book"), False)


@pytest.mark.parametrize(
    ("written", "anchor"),
    [
        ("fig:map", "fig-map"),
        ("fig-map", "fig-map"),
        ("a b", "a-b"),
        ("1x", "_1x"),
        ("-x", "_-x"),
        ("Élan", "Élan"),
        ("", "_"),
        ("a/b#c", "a-b-c"),
    ],
)
def test_anchor_of(written: str, anchor: str) -> None:
    assert anchor_of(written) == anchor


@given(st.text(max_size=20))
@example("²x")
@example("a²")
@example("\u0300")
@example("a\u0300")
@example("ª")
@example("\U00010400")
@example("a\u203f")
def test_an_anchor_is_an_xml_name(identifier: str) -> None:
    anchor = anchor_of(identifier)
    assert ":" not in anchor
    assert NAME.fullmatch(anchor)
    assert anchor_of(anchor) == anchor


IDS = st.sampled_from(["", "a", "a-1", "a-2", "fig:a", "fig-a", "fn-1", "index-1", "section", "1"])
NODES = st.lists(
    st.one_of(
        st.builds(
            lambda i, t: Header(1, Attr(i), (Str(t),)), IDS, st.sampled_from(["a", "A", "!"])
        ),
        st.builds(lambda i: Para((Span(Attr(i, ("index",)), (Str("x"),)),)), IDS),
        st.builds(lambda i: Para((Span(Attr(i), (Str("x"),)),)), IDS),
    ),
    max_size=8,
)


@given(NODES)
def test_ids_are_unique_whatever_is_written(nodes: list[Header | Para]) -> None:
    document, found = anchors(Document(tuple(nodes)), CONTEXT)
    ids = [n.attr.id for n in walk(document) if isinstance(n, (Header, Span)) and n.attr.id]
    assert len(ids) == len(set(ids))
    assert all(n.attr.id for n in walk(document) if isinstance(n, Header))
    assert {f.code for f in found} <= {"duplicate-label"}


@given(NODES)
def test_anchoring_twice_changes_nothing(nodes: list[Header | Para]) -> None:
    once, found = anchors(Document(tuple(nodes)), CONTEXT)
    if not found:
        assert [type(n) for n in walk(once)] == [type(n) for n in walk(anchors(once, CONTEXT)[0])]


@pytest.mark.parametrize(
    ("label", "kind"), [("fig:a", "fig"), ("tbl-a", "tbl"), ("sec:a:b", "sec"), ("eq:1", "eq")]
)
def test_labels(label: str, kind: str) -> None:
    found = LABEL.match(label)
    assert found
    assert found[1] == kind


@pytest.mark.parametrize("label", ["fig", "fig:", "figure:a", "smith2020", "Fig:a"])
def test_what_is_no_label(label: str) -> None:
    assert not LABEL.match(label)


def test_facts_name_every_anchor() -> None:
    made = chapter("# One {#sec:one}\n\n[x]{#here} [term]{.index}\n\n::: {#box}\ntext\n:::\n")
    assert set(made.facts.anchors) == {"sec-one", "here", "index-1", "box"}
    assert all(re.fullmatch(r"[\w.-]+", anchor) for anchor in made.facts.anchors)


def test_ids_in_raw_html_can_be_linked_to() -> None:
    made = chapter(
        "# One\n\n<a id=\"here\"></a>Text.\n\n<p class=x id='there'>Text.</p>\n\n<b id=x:y>\n"
    )
    assert {"here", "there"} <= set(made.facts.anchors)
    assert "x-y" not in made.facts.anchors, "what is written differently in the output is no target"
