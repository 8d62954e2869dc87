"""The step places: the source line of everything in a tree."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pypandoc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terbit import tree
from terbit.pipeline.code_spans import fences
from terbit.pipeline.places import place
from terbit.tree import (
    NO_ATTR,
    Caption,
    Citation,
    Cite,
    Document,
    Emph,
    Figure,
    Image,
    Node,
    Note,
    Para,
    Plain,
    SoftBreak,
    Space,
    Str,
    walk,
)
from terbit.tree_json import from_json

CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"


def read(text: str, extensions: str = "") -> Document:
    """The tree of a text, without places."""
    written = pypandoc.convert_text(text, "json", format="markdown" + extensions)
    return from_json(json.loads(written))


def placed(text: str, extensions: str = "") -> Document:
    return place(read(text, extensions), text)


def lines_of(text: str, kind: type[Node], extensions: str = "") -> list[int]:
    """The lines of all nodes of a kind, in the order of the tree."""
    nodes = walk(placed(text, extensions))
    return [node.line for node in nodes if isinstance(node, kind)]  # type: ignore[attr-defined]


def words(text: str, extensions: str = "") -> dict[str, int]:
    """Where each word is placed; of a word that is there twice the last place."""
    return {n.text: n.line for n in walk(placed(text, extensions)) if isinstance(n, Str)}


# words ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\n\nthree", {"one": 1, "two": 2, "three": 4}),
        ("a\nin*ter*na**tional**", {"in": 2, "ter": 2, "na": 2, "tional": 2}),
        ("a\n'b' \"c\" d--e f... don't", {"b": 2, "c": 2, "d–e": 2, "f…": 2, "don’t": 2}),
        ("a\nb\n— … *?*\nc", {"—": 3, "…": 3, "?": 3, "c": 4}),
        ("a\n\n“…”\n—\n\nb", {"“…”": 3, "—": 4, "b": 6}),
        ("a\ncaf&eacute; R&amp;D\nb", {"café": 2, "R&D": 2, "b": 3}),
        ("a\n\\\nsnake\\_case\nb", {"a": 1, "snake_case": 3, "b": 4}),
        ("a\\\nb  \nc", {"a": 1, "b": 2, "c": 3}),
        ("- a\n- b\n\n  c\n    1. d\n       e\n", {"a": 1, "b": 2, "c": 4, "d": 5, "e": 6}),
        ("> a\n> b\n>\n> > c", {"a": 1, "b": 2, "c": 4}),
        ("| a\n| b\n|   c", {"a": 1, "b": 2, "\u00a0\u00a0c": 3}),
        ("Term\n:   one\n\n    two\n\nOther\n:   three", {"Term": 1, "two": 4, "Other": 6}),
        ("x^2^\nH~2~O\n~~gone~~ [Small]{.smallcaps}", {"x": 1, "O": 2, "gone": 3, "Small": 3}),
        ("日本語の*文*\n次の行", {"日本語の": 1, "文": 1, "次の行": 2}),
        ("नमस्ते\nदुनिया", {"नमस्ते": 1, "दुनिया": 2}),
        ("<!-- a\nb -->\n\nc <!-- d --> e", {"c": 4, "e": 4}),
    ],
)
def test_words(text: str, expected: dict[str, int]) -> None:
    found = words(text)
    assert {word: found[word] for word in expected} == expected


def test_metadata_attract_no_words() -> None:
    text = "---\ntitle: The whale\nabstract: The sea\n...\n\n# The whale\n\nThe sea\n"
    found = words(text)
    assert (found["The"], found["whale"], found["sea"]) == (8, 6, 8)
    assert lines_of("% The whale\n% Ann\n\n# The whale\n\nAnn", tree.Header) == [4]


def test_definitions_attract_no_words() -> None:
    text = "[whale]: sea.md 'The whale'\n[sea]: whale.md\n\nThe [whale] and\nthe [sea]."
    assert lines_of(text, tree.Link) == [4, 5]
    assert lines_of(text, Para) == [4]
    assert words(text)["whale"] == 4


def test_the_same_words_again_and_again() -> None:
    text = "\n\n".join(["the same words", "- the same", "# the same words", "*the* words"] * 30)
    kinds = (Para, tree.BulletList, tree.Header)
    lines = [n.line for n in placed(text).blocks if isinstance(n, kinds)]
    assert lines == list(range(1, 240, 2))


def test_through_a_line_map() -> None:
    document = place(read("a\nb\n\nc"), "a\nb\n\nc", [0, 7, 7, 9])
    assert [n.line for n in walk(document) if isinstance(n, Str)] == [0, 7, 9]
    assert [n.line for n in walk(document) if isinstance(n, Para)] == [0, 9]


# inlines -------------------------------------------------------------------


def test_code_mathematics_and_raw() -> None:
    text = "a\n`b` $c$\n`d\ne` $f\n+g$\n`+`\n`<i>`{=html} <b>h</b>\n\n$$\nx\n$$ {#eq:x}\n\n$+$"
    assert lines_of(text, tree.Code) == [2, 3, 6]
    assert lines_of(text, tree.Math) == [2, 4, 9, 13]
    assert lines_of(text, tree.RawInline) == [7, 7, 7]
    assert words(text)["{#eq:x}"] == 11


def test_links_stand_where_their_text_stands() -> None:
    text = (
        "[one](a.md) and\n[two][r] and [a long\ntext](b.md 'title')\n<https://x.org/p>\n"
        "[](#fig:map){.page} [r]\n\n[r]: c.md"
    )
    assert lines_of(text, tree.Link) == [1, 2, 2, 4, 5, 5]


def test_pictures() -> None:
    text = (
        "a ![](x.png) b\n![](y.png)\n![alt][p] ![](<my file.png>)\n\n![](z.png){.decorative}\n\n"
        "[p]: p.png"
    )
    assert lines_of(text, Image) == [1, 2, 3, 3, 5]


def test_spans_and_their_labels() -> None:
    text = "a\n[b]{.index}\n[]{#here} [c\nd]{#there}\n<span id='e'>f</span> [_g_]{.term}"
    assert lines_of(text, tree.Span) == [2, 3, 3, 5, 5]


def test_citations() -> None:
    text = "a [see @one, p. 3;\nalso @two, ch. 4]\n@three [p. 5] b\n[-@fig:map]"
    assert lines_of(text, Cite) == [1, 3, 4]
    cites = [node for node in walk(placed(text)) if isinstance(node, Cite)]
    found = {n.text: n.line for c in cites[0].citations for n in walk((c.prefix, c.suffix))
             if isinstance(n, Str)}  # fmt: skip
    assert found == {"see": 1, ",": 2, "p.\u00a03": 1, "also": 2, "ch.\u00a04": 2}


def test_notes() -> None:
    text = (
        "a[^one] b\nc[^two] d^[in *the*\nline] e[^one]\n\n[^two]: second a b c\n\n    more\n\n"
        "    ```\n    code\n    ```\n\n[^one]: first a\n  b c\nlazy\n\nend"
    )
    notes = [node for node in walk(placed(text)) if isinstance(node, Note)]
    assert [note.line for note in notes] == [1, 2, 2, 3]
    inside = [[n.line for n in walk(note.content) if hasattr(n, "line")] for note in notes]
    first = [13, 13, 13, 14, 14, 15]
    assert inside == [first, [5, 5, 5, 5, 5, 7, 7, 9], [2, 2, 2, 3], first]
    assert words(text)["end"] == 17


def test_notes_that_say_the_same() -> None:
    text = "a[^1]\nb[^2]\n\n[^1]: Ibid.\n[^2]: Ibid.\n"
    inside = [n.content[0] for n in walk(placed(text)) if isinstance(n, Note)]
    assert [n.line for n in inside if isinstance(n, Para)] == [4, 5]


# blocks --------------------------------------------------------------------


def test_headings() -> None:
    text = (
        "# One {#sec:one .c}\n\ntext\n\nTwo\n===\n\n## `three` ##\n\n#\n\n"
        "### ![](x.png)\n\nFour *five*\n---\n\n# {#six}\n"
    )
    assert lines_of(text, tree.Header) == [1, 5, 8, 10, 12, 14, 17]


def test_code_blocks_start_at_their_fence() -> None:
    text = (
        "```python {#lst:a}\n\n\nx = 1\n```\n\n~~~~\n~~~\n{}\n~~~~\n\n```\n```\n\n    indented\n\n"
        "    on\n\n- a\n\n  ```\n  b\n  ```\n\n> ~~~\n> c\n> ~~~\n\n``` {=html}\n<i>\n```\n\n"
        "<p>\nraw\n</p>\n"
    )
    assert lines_of(text, tree.CodeBlock) == [1, 7, 12, 15, 21, 25]
    assert lines_of(text, tree.RawBlock)[:2] == [29, 33]


def test_divs_start_at_their_colons() -> None:
    text = (
        "::: {.callout-note #n}\n\n::: {.a}\ntext\n:::\n\n:::\n\n::: {.empty}\n:::\n\n"
        '<div class="b">\n\ntext\n\n</div>\n\n:::: Warning ::::\n::: {#x}\ntext\n:::\n::::\n'
    )
    assert lines_of(text, tree.Div) == [1, 3, 9, 12, 18, 19]
    assert lines_of("a\n\n> [!NOTE]\n> Text\n", tree.Div, "+alerts")[0] == 3


def test_figures_start_at_their_picture() -> None:
    text = (
        "a\n\n![A long\ncaption](x.png){#fig:x}\n\n![Caption](y.png){alt='Other words'}\n\n"
        '<figure>\n<img src="z.png" alt="alt">\n<figcaption>Says</figcaption>\n</figure>\n'
    )
    assert lines_of(text, Figure)[:2] == [3, 6]
    assert lines_of(text, Image)[:2] == [3, 6]
    found = words(text)
    assert [found[w] for w in ("caption", "Other", "words", "Caption")] == [4, 6, 6, 6]


TABLES = {
    "pipe": "a\n\n| b | c |\n|---|---|\n| d | + |\n| e | f |\n\n: Caption d {#tbl:x}\n",
    "above": "a\n\nTable: Caption d\n\n| b | c |\n|---|---|\n| d | + |\n| e | f |\n",
    "simple": "a\n\n b    c\n---- ----\n d    +\n e    f\n\n: Caption d\n",
    "headless": "a\n\n---- ----\n b    c\n d    +\n e    f\n---- ----\n\nTable: Caption d\n",
}
TABLE_LINES = {
    "pipe": (3, {"b": 3, "c": 3, "+": 5, "e": 6, "f": 6, "Caption": 8, "d": 8}),
    "above": (5, {"b": 5, "c": 5, "+": 7, "e": 8, "f": 8, "Caption": 3, "d": 3}),
    "simple": (3, {"b": 3, "c": 3, "+": 5, "e": 6, "f": 6, "Caption": 8, "d": 8}),
    "headless": (4, {"b": 4, "c": 4, "+": 5, "e": 6, "f": 6, "Caption": 9, "d": 9}),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_start_at_their_first_row(name: str) -> None:
    text, (line, expected) = TABLES[name], TABLE_LINES[name]
    assert lines_of(text, tree.Table) == [line]
    document = placed(text)
    table = next(node for node in walk(document) if isinstance(node, tree.Table))
    cells = {n.text: n.line for n in walk(table.bodies) if isinstance(n, Str)}
    head = {n.text: n.line for n in walk(table.head) if isinstance(n, Str)}
    caption = {n.text: n.line for n in walk(table.caption) if isinstance(n, Str)}
    assert {**head, **cells, **caption} == expected
    assert cells["d"] == expected["+"]


def test_cells_with_several_lines() -> None:
    text = (
        "+--------+--------+------+\n| one    | four   | a    |\n| two    | five   | b    |\n"
        "| three  | six    | c    |\n+========+========+======+\n| seven  | nine   | - d  |\n"
        "| eight  | ten    | - e  |\n+--------+--------+------+\n\nend"
    )
    document = placed(text)
    lines = [n.line for n in walk(document) if isinstance(n, Str)]
    assert lines == [2, 3, 4] * 3 + [6, 7] * 3 + [10]


def test_rules_and_empty_blocks() -> None:
    text = "a\n\n* * *\n\nb\n\n---\n\n- \n-\n- c\n\n***\n"
    assert lines_of(text, tree.HorizontalRule) == [3, 7, 13]
    assert lines_of(text, tree.BulletList)[0] in (9, 10, 11)


def test_containers_start_with_their_first_line() -> None:
    text = "a\n\n- - b\n  - c\n\n1. d\n\n> - e\n\n| f\n\n(@) g\n\ng\n:   h\n"
    blocks = placed(text).blocks
    assert [block.line for block in blocks] == [1, 3, 6, 8, 10, 12, 14]  # type: ignore[attr-defined]


def test_nothing_but_lines_changes() -> None:
    text = "\n\n".join([*TABLES.values(), "a[^1] ![b](c){#d}", "[^1]: e", "Term\n: f"])
    before = read(text)
    after = place(before, text)
    assert after == before
    assert all(node.line for node in walk(after) if hasattr(node, "line"))


# any document --------------------------------------------------------------


def build(kind: str, n: int, filler: str) -> tuple[list[str], dict[str, int]]:
    """The lines of a block and the offset of the line where each of its markers is to be."""
    m = f"marker{n}x"
    match kind:
        case "para":
            return [f"{filler} the", f"and {m}b {filler}", "the end"], {f"{m}b": 1}
        case "heading":
            return [f"## {filler} {m} {{#{m}id}}"], {m: 0, f"#{m}id": 0}
        case "setext":
            return [f"{filler} {m}", "------"], {m: 0}
        case "list":
            return [f"- {filler}", f"- {m}a", "", f"  {m}b {filler}"], {f"{m}a": 1, f"{m}b": 3}
        case "code":
            return [f"```{{#{m}id}}", "", f"{filler} {m}", "```"], {f"#{m}id": 0}
        case "figure":
            return [f"![{filler}", f"{m}]({filler}.png){{#{m}id}}"], {m: 1, f"#{m}id": 0}
        case "div":
            return [f"::: {{.note #{m}id}}", f"{filler} {m}", ":::"], {m: 1, f"#{m}id": 0}
        case "table":
            row = f"| {filler} | {m} |"
            head = f"| the | {filler} |"
            return [head, "|---|---|", row, "", f": {m}c {{#{m}id}}"], {
                m: 2, f"{m}c": 4, f"#{m}id": 0
            }  # fmt: skip
        case "quote":
            return [f"> {filler}", f"> {m} *{filler}*"], {m: 1}
        case "note":
            return [f"{filler}[^{m}] the", "", f"[^{m}]: {m} {filler}"], {m: 2}
    raise ValueError(kind)


KINDS = ("para", "heading", "setext", "list", "code", "figure", "div", "table", "quote", "note")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS), st.sampled_from(["the", "a", "word", "end"]), st.integers(1, 3)
        ),
        min_size=1,
        max_size=25,
    )
)
def test_every_marked_thing_gets_its_line(blocks: list[tuple[str, str, int]]) -> None:
    lines: list[str] = []
    expected: dict[str, int] = {}
    for n, (kind, filler, gap) in enumerate(blocks):
        block, markers = build(kind, n, filler)
        expected.update({marker: len(lines) + 1 + at for marker, at in markers.items()})
        lines += [*block, *[""] * gap]
    found: dict[str, int] = {}
    for node in walk(placed("\n".join(lines))):
        if isinstance(node, Str) and node.text in expected and not found.get(node.text):
            found[node.text] = node.line
        attr = getattr(node, "attr", NO_ATTR)
        if f"#{attr.id}" in expected:
            found[f"#{attr.id}"] = node.line  # type: ignore[attr-defined]
    assert found == expected


_PARTS = [*"ab \n\n\t#*_`~:|-+>![](){}^@$<&;\\\"'.1=é", "[^1]", "[^1]: ", "```\n", "\n::: a\n"]
_ANY = st.lists(st.sampled_from(_PARTS), max_size=80).map("".join)


@settings(max_examples=60, deadline=None)
@given(_ANY, _ANY)
def test_any_text_with_any_tree(text: str, other: str) -> None:
    """Whatever the text is, even one the tree does not come from, each line is one of it."""
    document = read(text)
    for source in (text, other):
        result = place(document, source)
        assert result == document
        last = source.count("\n") + 1
        assert all(1 <= n.line <= last for n in walk(result) if hasattr(n, "line"))


# hostile input -------------------------------------------------------------


def paragraph(text: str) -> Document:
    """A paragraph of the words of a text, made without Pandoc."""
    inlines: list[Node] = []
    for line in text.split("\n"):
        for word in line.split():
            inlines += [Str(word), Space()]
        inlines.append(SoftBreak())
    return Document((Para(tuple(inlines)),))


def noise(seed: int, letters: str, count: int) -> str:
    random = Random(seed)
    return " ".join(random.choice(letters) for _ in range(count))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words_", "source"),
    [
        ("word " * 400_000, "word " * 400_000),
        ("word\n" * 400_000, "x word\n" * 300_000 + "y word " * 200_000),
        (noise(1, "ab", 300_000), noise(2, "ab", 300_000)),
        (noise(1, "abcdefghijkl", 300_000), noise(2, "abcdefghijkl", 300_000)),
        (" ".join(map(str, range(300_000))), " ".join(map(str, range(300_000, 0, -1)))),
    ],
    ids=["one word", "one word out of step", "two letters", "twelve letters", "reversed"],
)
def test_time_is_near_linear(words_: str, source: str) -> None:
    document = paragraph(words_)
    start = time.process_time()
    place(document, source)
    assert time.process_time() - start < 15


SIGNS = (
    *("[", "{", "{.a ", "](", "](a(", "<div ", "<div class=", "{#", "![[^1]^[", "&", "`", "> "),
    *("- ", "* * * a", ":", "[a]: b\n", "[^1]: b\n", "---\na: b\n\n", "a\n---\n", "~~~\n"),
)


@pytest.mark.parametrize("sign", SIGNS)
def test_no_sign_is_slow(sign: str) -> None:
    document = paragraph("a b")
    start = time.process_time()
    place(document, sign * 50_000)
    assert time.process_time() - start < 5


@pytest.mark.slow
@pytest.mark.parametrize("source", ["other words " * 100_000, "[^1] ^[n " * 50_000 + "\n\n[^1]: n"])
def test_many_things_that_stand_elsewhere(source: str) -> None:
    q, n, plain = (Str("q"),), (Para((Str("n"),)),), (Plain((Str("c"),)),)
    cite = Cite((Citation("k", (Str("p"),), (Str("s"),), "NormalCitation"),), q)
    figure = Figure(NO_ATTR, Caption(None, plain), (Plain((Image(NO_ATTR, q, "u", ""),)),))
    blocks = (Para((*q, Note(n), cite)), figure) * 10_000
    start = time.process_time()
    place(Document(blocks), source)
    assert time.process_time() - start < 15


def test_depth_is_no_matter() -> None:
    content: tuple[Node, ...] = (Str("deep"),)
    for _ in range(5000):
        content = (Emph(content),)
    inner = place(Document((Para(content),)), "a\n\ndeep").blocks
    for _ in range(5001):
        inner = inner[0].content  # type: ignore[attr-defined]
    assert isinstance(inner[0], Str)
    assert inner[0].line == 3


# real books ----------------------------------------------------------------

_TAG = re.compile("\ue000([0-9]+)\ue000")
_KEEP = re.compile(  # what a tag would change, or else a word
    r"`+.+?`+|\]\([^)]*\)|\{[^}]*\}|<[^>]*>|&\w+;|\]\[[^\]]*\]|\[[^\]]*\]|https?://\S+"
    r"|\$[^$]*\$|[@\\]\S+|(?P<word>[A-Za-z]{2,})"
)
_NOT_PROSE = re.compile(r"\s*[+|:\[%<#]|.*-{4}|    |\t|.*\s{3}")


def tagged_line(line: str, tag: str) -> str:
    return _KEEP.sub(lambda match: match[0] + (tag if match["word"] else ""), line)


def tagged(text: str) -> str:
    """The text with each word of its prose followed by its line number, unseen by Pandoc."""
    lines = text.split("\n")
    closing = fences(lines)
    out: list[str] = []
    number = 0
    if lines[0] == "---":
        number = next((n + 1 for n, line in enumerate(lines) if n and line == "---"), 0)
        out += lines[:number]
    while number < len(lines):
        end = closing.get(number)
        if end is not None:
            out += lines[number : end + 1]
            number = end
        elif _NOT_PROSE.match(lines[number]):
            out.append(lines[number])
        else:
            out.append(tagged_line(lines[number], f"\ue000{number + 1}\ue000"))
        number += 1
    return "\n".join(out)


def without_tags(node: Node) -> Node:
    text = getattr(node, "text", "")
    if "\ue000" in text:
        return replace(node, text=_TAG.sub("", text))  # type: ignore[call-arg]
    return node


BOOKS = {
    "rust-book": "src/ch*.md",
    "dasar-golang-id": "content/*.md",
    "middlemarch-novel": "*.md",
    "thesis-mobile-consent": "thesis/*.md",
    "python-novice-inflammation": "episodes/*.md",
    "pandoc-manual": "MANUAL.txt",
}


@pytest.mark.slow
@pytest.mark.parametrize("book", BOOKS)
def test_words_of_real_books_are_on_their_lines(book: str) -> None:
    """Each word of the prose knows its line by a tag, which neither the tree nor the text that
    are aligned hold any more."""
    files = sorted((CORPUS / book).glob(BOOKS[book]))
    if not files:
        pytest.skip(f"the corpus has no {book} here")
    right = wrong = 0
    for file in files:
        text = file.read_text(encoding="utf-8")
        known = read(tagged(text))
        result = place(tree.rewrite(known, without_tags), text)
        pairs = zip(walk(known), walk(result), strict=True)
        lines = [(m[1], b.line) for a, b in pairs  # type: ignore[attr-defined]
                 if isinstance(a, Str) and (m := _TAG.search(a.text))]  # fmt: skip
        right += sum(int(line) == found for line, found in lines)
        wrong += sum(int(line) != found for line, found in lines)
    assert right > 1000
    assert wrong / right < 0.001
