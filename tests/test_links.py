"""What a link or a reference means, and what is said of one that means nothing."""

from __future__ import annotations

import pytest

from chapters import chapter, metadata
from terbit.model import Chapter, Division, Kind
from terbit.pipeline.resolve.links import is_outside, links, references
from terbit.pipeline.resolve.numbers import numbers

FILES = {"data.csv": True, "one.md": True}


def book(*texts: str) -> list[Chapter]:
    names = ("one", "sub/two", "three", "four")
    out = []
    for text, name in zip(texts, names, strict=False):
        made = chapter(text, name.replace("/", "-"))
        source = type(made.source)(f"{name}.md", made.source.slug, text)
        out.append(Chapter(source, made.tree, _filed(made, f"{name}.md")))
    return out


def _filed(made: Chapter, file: str) -> object:
    from dataclasses import replace

    return replace(made.facts, file=file)


SECOND = "# Second {#sec:second}\n\n## A *heading* here\n\n[back](../one.md#first) [top](/one.md)\n"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("#first", ("one", "first")),
        ("#", ("one", "")),
        ("#sec:second", ("sub-two", "sec-second")),
        ("#sec-second", ("sub-two", "sec-second")),
        ("#a-heading-here", ("sub-two", "a-heading-here")),
        ("#sub-two", ("sub-two", "")),
        ("sub/two.md", ("sub-two", "")),
        ("./sub/../sub/two.md", ("sub-two", "")),
        ("sub/two.html", ("sub-two", "")),
        ("sub/two", ("sub-two", "")),
        ("sub/two.md#a-heading-here", ("sub-two", "a-heading-here")),
        ("sub/two.md?x=1#a-heading-here", ("sub-two", "a-heading-here")),
        ("sub/two.md#a%2Dheading-here", ("sub-two", "a-heading-here")),
        ("s%75b/two.md", ("sub-two", "")),
        ("/sub/two.md", ("sub-two", "")),
        ("one.md#first", ("one", "first")),
    ],
)
def test_inside(target: str, expected: tuple[str, str]) -> None:
    files = [c.facts for c in book(f"# First\n\n[x]({target})\n", SECOND)]
    found, wrong = links(files[0], files, ".", FILES)
    assert (found, wrong) == ({target: expected}, ())


def test_paths_start_at_the_chapter() -> None:
    files = [c.facts for c in book("# First\n", SECOND)]
    found, wrong = links(files[1], files, ".", FILES)
    assert found == {"../one.md#first": ("one", "first"), "/one.md": ("one", "")}
    assert not wrong


def test_the_nearest_anchor_is_meant() -> None:
    files = [c.facts for c in book("# A\n\n## Same\n", "# B\n", "# C\n\n[x](#same)\n", "## Same\n")]
    assert links(files[2], files, ".", FILES)[0] == {"#same": ("four", "same")}


@pytest.mark.parametrize(
    ("target", "code", "hint"),
    [
        ("#fist", "broken-link", "did you mean #first?"),
        ("sub/tow.md", "broken-link", "did you mean sub/two.md?"),
        ("sub/two.md#a-heading", "broken-link", "did you mean #a-heading-here?"),
        ("data.csv", "broken-link", "list it in contents"),
        ("../outside.md", "broken-link", "link to a chapter"),
        ("javascript:alert(1)", "unsafe-markup", "link to a chapter"),
        ("file:///etc/passwd", "unsafe-markup", "link to a chapter"),
        ("JavaScript:alert(1)", "unsafe-markup", "link to a chapter"),
        ("vbscript:x", "unsafe-markup", "link to a chapter"),
        ("data:text/html,x", "unsafe-markup", "link to a chapter"),
    ],
)
def test_nowhere(target: str, code: str, hint: str) -> None:
    files = [c.facts for c in book(f"# First\n\n[x](<{target}>)\n", SECOND)]
    found, (wrong,) = links(files[0], files, ".", FILES)
    assert found == {}
    assert wrong.code == code
    assert hint in wrong.hint


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.org/x", "HTTP://example.org", "mailto:a@example.org", "tel:+62-21"),
        *("//example.org/x", "https://example.org/[x", "ftp://example.org"),
    ],
)
def test_outside(url: str) -> None:
    assert is_outside(url) or "[" in url
    files = [c.facts for c in book(f"# First\n\n[x](<{url}>)\n")]
    found, wrong = links(files[0], files, ".", FILES)
    assert found == {}
    assert not wrong or "[" in url


# references

FIRST = """\
# One {#sec:one}

![A](a.png){#fig:a}

| a |
|---|
| b |

: B {#tbl:b}

```{.python #lst:c caption="C"}
x
```

## Part {#sec:part .unnumbered}
"""


def refer(text: str) -> tuple[dict[str, str], list[str]]:
    files = [c.facts for c in book(FIRST, f"# Two\n\n{text}\n")]
    resolved = numbers(files, metadata(kind="book"), ())
    found, wrong = references(files[1], files, resolved.targets)
    return {k: f"{t.kind.name} {t.number}" for k, t in found.items()}, [f.code for f in wrong]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@fig:a", {"fig:a": "FIGURE 1.1"}),
        ("@fig-a", {"fig-a": "FIGURE 1.1"}),
        ("[@fig:a; @tbl:b]", {"fig:a": "FIGURE 1.1", "tbl:b": "TABLE 1.1"}),
        ("[-@lst:c]", {"lst:c": "LISTING 1.1"}),
        ("@sec:one", {"sec:one": "SECTION 1"}),
        ("@sec:part", {"sec:part": "SECTION "}),
    ],
)
def test_reference(text: str, found: dict[str, str]) -> None:
    assert refer(text) == (found, [])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("@fig:z", ["broken-reference"]),
        ("[@fig:a; @fig:z]", ["broken-reference"]),
        ("@somebody", ["not-a-citation"]),
        ("::: {.example #exm:x}\nText.\n:::\n\n@exm:x", ["broken-reference"]),
    ],
)
def test_broken_reference(text: str, codes: list[str]) -> None:
    assert refer(text)[1] == codes


def test_kinds_have_labels_of_their_own() -> None:
    assert [k.value for k in Kind] == ["sec", "fig", "tbl", "eq", "lst"]
    assert [d.value for d in Division] == ["front", "body", "back"]
