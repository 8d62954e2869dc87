"""The typed Pandoc tree: it keeps everything, and rewriting shares what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terbit import pandoc, tree, tree_json
from terbit.tree import Attr, Emph, Header, Para, Space, Str, plain_text, rewrite, walk
from terbit.tree_json import from_json, meta_inlines

EVERYTHING = """\
---
title: A *title*
---

# Heading {#sec:one .unnumbered lang=id}

Words *emphasis* **strong** ~~struck~~ H~2~O x^2^ [small]{.smallcaps} [under]{.underline}
"double" 'single' `code`{.python} $x$ $$y$$ [link](a.md "title") ![image](b.png "title")
<kbd>raw</kbd> note[^1] [span]{.index} [@key, p. 3; -@other] line\\
break

[^1]: A note

    of two paragraphs.

- one
- two

3) three
4) four

term

:   definition

> quotation

| line
| block

```python
code
```

---

::: {.callout-note}
division
:::

![A figure](b.png){#fig:b}

| a | b |
|---|--:|
| c | d |

: A table {#tbl:t}

\\begin{verse}
raw block
\\end{verse}
"""


@pytest.fixture(scope="module")
def document() -> tree.Document:
    return from_json(pandoc.read(EVERYTHING)[0])


def test_every_kind_of_node_is_read(document: tree.Document) -> None:
    met = {type(node).__name__ for node in walk(document)}
    assert set(tree_json._READ) - met == set()


def test_plain_text_leaves_notes_and_raw_markup_out(document: tree.Document) -> None:
    text = plain_text(document.blocks)
    assert "of two paragraphs" not in text
    assert "<kbd>" not in text
    assert "“double” ‘single’ code x y link image" in text
    assert "  " not in text


def test_an_unchanged_tree_is_the_same_object(document: tree.Document) -> None:
    assert rewrite(document, lambda node: node) is document


def test_only_what_changes_is_new(document: tree.Document) -> None:
    new = rewrite(document, lambda n: Str("Words!") if n == Str("Words") else n)
    assert new != document
    assert sum(a is not b for a, b in zip(new.blocks, document.blocks, strict=True)) == 1


def test_a_node_can_go_or_become_several() -> None:
    para = Para((Str("a"), Space(), Emph((Str("b"),))))
    assert rewrite(para, lambda n: None if isinstance(n, Space) else n) == Para(
        (Str("a"), Emph((Str("b"),)))
    )
    assert rewrite(para, lambda n: (n, n) if isinstance(n, Str) else n) == Para(
        (Str("a"), Str("a"), Space(), Emph((Str("b"), Str("b"))))
    )


def test_lines_take_no_part_in_comparisons() -> None:
    assert Para((Str("a"),), 3) == Para((Str("a", 9),), 7)
    assert Header(1, Attr("x"), (), 1) == Header(1, Attr("x"), (), 2)


def test_meta_inlines() -> None:
    meta = pandoc.read("---\ntitle: A *b*\nlist: [1]\n---\n")[0]["meta"]
    assert plain_text(meta_inlines(meta["title"])) == "A b"
    assert meta_inlines(meta["list"]) == ()
    assert meta_inlines(None) == ()


# generated trees

INLINES: Any = st.recursive(
    st.one_of(st.text(min_size=1, max_size=8).map(Str), st.just(Space())),
    lambda inner: st.lists(inner, max_size=3).map(lambda c: Emph(tuple(c))),
    max_leaves=12,
)
BLOCKS: Any = st.recursive(
    st.lists(INLINES, max_size=4).map(lambda c: Para(tuple(c))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda c: tree.BlockQuote(tuple(c))),
        st.lists(st.lists(inner, max_size=2).map(tuple), max_size=3).map(
            lambda items: tree.BulletList(tuple(items))
        ),
    ),
    max_leaves=8,
)
DOCUMENTS = st.lists(BLOCKS, max_size=4).map(lambda b: tree.Document(tuple(b)))


@given(DOCUMENTS)
def test_rewriting_nothing_is_the_identity(generated: tree.Document) -> None:
    assert rewrite(generated, lambda node: node) is generated


@given(DOCUMENTS)
def test_rewriting_meets_every_node_that_walking_meets(generated: tree.Document) -> None:
    met: list[object] = []

    def note(node: tree.Node) -> tree.Node:
        met.append(node)
        return node

    rewrite(generated, note)
    assert sorted(map(repr, met)) == sorted(map(repr, walk(generated)))


@given(DOCUMENTS)
def test_taking_every_text_out_leaves_no_text(generated: tree.Document) -> None:
    bare = rewrite(generated, lambda n: None if isinstance(n, Str) else n)
    assert plain_text(bare.blocks) == ""


@given(st.text(max_size=300))
def test_whatever_pandoc_reads_can_be_read(text: str) -> None:
    text = "".join(c for c in text if c.isprintable() or c == "\n")
    value = {"blocks": [{"t": "Para", "c": [{"t": "Str", "c": text}]}], "meta": {}}
    assert from_json(value).blocks == (Para((Str(text),)),)
