"""A small book that has one of everything: picture, table, notes, index, parts, references."""

from __future__ import annotations

from conftest import png

METADATA = """\
title: A Small “Book” & More
subtitle: With one of everything
language: en
kind: book
authors:
  - {name: A. Writer, sort: "Writer, A."}
  - {name: E. Ditor, role: edt}
publisher: A Press
date: 2026-01-02
version: "1.0"
license: CC-BY-SA-4.0
identifiers: {uuid: 6ba7b810-9dad-11d1-80b4-00c04fd430c8}
description: A book for tests.
keywords: [tests, books]
index: true
contents:
  - front: [preface.md]
  - part: First things
    chapters: [one.md, two.md]
  - part: Last things
    chapters: [three.md]
  - back: [appendix.md]
"""

PREFACE = "# Preface\n\nThe preface has roman folios.\n"

ONE = """\
# First chapter {#sec:first}

An opening paragraph about [apples]{.index} and *pears*.[^one] See @fig:map, @tbl:sizes,
@sec:second and [the table](two.md#tbl:sizes).

![A map of the place](map.png){#fig:map}

## A section

With `code`, "quotes", a [link](https://example.org/) and a second note.[^two]

### A subsection {#deep}

Deep words.

[^one]: The first note, with **strong** words.
[^two]: The second note points to [the appendix](appendix.md).
"""

TWO = """\
# Second chapter {#sec:second}

| Name | Size |
|------|-----:|
| Small | 1 |
| Large | 22 |

: Sizes of things {#tbl:sizes}

A [pear]{.index entry="pear!green"} and [apples]{.index} again, with a note.[^n] See @fig:second.

![Another map](maps/second map.png){#fig:second}

```python
def answer() -> int:
    return 42
```

[^n]: A note of the second chapter.
"""

THREE = """\
# Third chapter

::: {.callout-note}
Take note of [#deep](#deep) and of [apples]{.index see="pear"}.
:::

> A quotation.

1. one
2. two
   - nested

term

:   definition

----

Last words.
"""

APPENDIX = "# Appendix\n\nAppended words, back to [the start](one.md).\n"

FILES: dict[str, str | bytes] = {
    "publication.yaml": METADATA,
    "preface.md": PREFACE,
    "one.md": ONE,
    "two.md": TWO,
    "three.md": THREE,
    "appendix.md": APPENDIX,
    "map.png": png(40, 30),
    "maps/second map.png": png(30, 40),
}
