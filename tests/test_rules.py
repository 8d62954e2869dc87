"""Markdown and the HTML that is made of it, paragraph by paragraph: `rules/*.md`.

A file holds a title, a line with a dot, the Markdown, a line with a dot, the HTML, a
line with a dot; then the next. Notes follow the text, each after its number.
`UPDATE_GOLDEN=1` writes the HTML anew: read it before it is committed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from chapters import chapter, metadata
from conftest import ROOT
from terbit import markup
from terbit.model import Fragment, Slice
from terbit.pipeline.resolve.links import links, references
from terbit.pipeline.resolve.numbers import numbers
from terbit.words import load_words

RULES = Path(__file__).parent / "rules"
LOCALES = ROOT / "layouts" / "shared" / "locales"
_BLOCK = re.compile(r"(.*?)\n\.\n(.*?)\n\.\n(.*?)\n?\.\n", re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """One paragraph of a file."""

    file: str
    title: str
    markdown: str
    html: str


def rules(path: Path) -> Iterator[Rule]:
    text = path.read_text(encoding="utf-8")
    position = 0
    while found := _BLOCK.match(text, position):
        title, markdown, html = found.groups()
        yield Rule(path.stem, title.strip(), markdown, html)
        position = found.end()
    assert not text[position:].strip(), f"{path.name}: the end is no rule"


ALL = [rule for path in sorted(RULES.glob("*.md")) for rule in rules(path)]


def fragment(text: str, language: str = "en", raw_html: str = "safe") -> Fragment:
    """A chapter on its own, with every picture there."""
    about = metadata(language=language)
    made = chapter(text, about=about)
    facts = made.facts
    resolved = numbers([facts], about, ())
    led, _ = links(facts, [facts], ".", {})
    referred, _ = references(facts, [facts], resolved.targets)
    part = Slice(
        {a: t.number for (_, a), t in resolved.targets.items()},
        referred,
        led,
        {use.target: use.target for use in facts.pictures if "missing" not in use.target},
    )
    return markup.render(made, part, load_words(language, [LOCALES]), raw_html=raw_html)


def shown(made: Fragment) -> str:
    notes = "".join(f"[{note.number}] {note.html.strip()}\n" for note in made.notes)
    return (made.html.strip() + "\n" + notes).strip()


def renew(path: Path) -> None:
    text = "\n".join(
        f"{r.title}\n.\n{r.markdown}\n.\n{shown(fragment(r.markdown))}\n.\n" for r in rules(path)
    )
    path.write_text(text, encoding="utf-8")


if os.environ.get("UPDATE_GOLDEN"):

    @pytest.mark.parametrize("path", sorted(RULES.glob("*.md")), ids=lambda p: p.stem)
    def test_renew(path: Path) -> None:
        renew(path)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: f"{rule.file}: {rule.title}")
def test_rule(rule: Rule) -> None:
    made = fragment(rule.markdown)
    if not os.environ.get("UPDATE_GOLDEN"):
        assert shown(made) == rule.html
    for html in (made.html, *(note.html for note in made.notes)):
        root = etree.fromstring(f"<div>{html}</div>")  # well-formed, without named entities
        assert not root.xpath("//script | //@*[starts-with(name(), 'on')]")


def test_titles_are_unique() -> None:
    names = [(rule.file, rule.title) for rule in ALL]
    assert len(names) == len(set(names))
    assert len(ALL) > 60


def test_quotation_marks_are_those_of_the_language() -> None:
    assert "“a ‘b’”" in fragment("\"a 'b'\"", "id").html


def test_words_are_those_of_the_language() -> None:
    text = "See @fig:a.\n\n![A](a.png){#fig:a}\n\n::: {.callout-warning}\nx\n:::\n"
    assert "Figure\u00a01" in fragment(text).html
    made = fragment(text, "id").html
    assert "Gambar\u00a01" in made
    assert "Peringatan" in made


def test_raw_html_can_be_left_out() -> None:
    text = "Press <kbd>A</kbd>.\n\n<div>block</div>\n"
    assert "<kbd>" in fragment(text).html
    made = fragment(text, raw_html="none").html
    assert "kbd" not in made
    assert "Press A." in made


PIECES = [
    *("# ", "## ", "- ", "1. ", "> ", "| ", "\n", "\n\n", "    ", "a", "b c", "*", "**", "_", "`"),
    *("```\n", "::: {.box}\n", ":::\n", "[x](#a)", "![y](z.png)", "^[n]", "[^1]", "{#a}"),
    *("{.index}", "&nbsp;", "&", "<", ">", '"', "'", "\\", "$x$", "$$", "@a", "[@fig:a]"),
    *("<b>", "</b>", "<div>", "</div>", "<p>", "</p>", "<table>", "<td>", "</section>", "<!--"),
    *("-->", "<br>", "<a href='x'>", "<svg>", "<math>", "<style>", "<script>", "<img src=x>"),
    *("<ul>", "<li>", "<title>", "<select>"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(max_examples=40, deadline=None)
@example("<table><td>a\n\n# b\n\n</td>")
@example("<div>\n\n- a</div>\n")
def test_whatever_is_written_the_fragment_is_whole(text: str) -> None:
    made = fragment(text)
    identifiers = []
    for html in (made.html, *(note.html for note in made.notes)):
        root = etree.fromstring(f"<div>{html}</div>")
        identifiers += root.xpath("//@id")
        assert not root.xpath("//script | //style | //@*[starts-with(name(), 'on')]")
    assert len(identifiers) == len(set(identifiers))
