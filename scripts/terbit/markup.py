"""Tree -> semantic HTML: one fragment for each chapter, the same for all formats.

A fragment is well-formed XHTML without namespaces. Links to other chapters read
`#slug/anchor`, pictures `images/NAME`: each format gives them its own addresses.
Notes come apart, for each format to put where its readers look for them. Roles
are those of DPUB-ARIA 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape as _escape

from terbit import tree
from terbit.highlight import highlight
from terbit.model import Chapter, Fragment, Kind, RenderedNote, Slice, Target
from terbit.raw_html import make_safe
from terbit.tree import Attr, Blocks, Inlines, Node, plain_text
from terbit.words import Words

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LENGTH = re.compile(r"\d+(\.\d+)?(%|px|cm|mm|in|pt|em|rem|ex)")
_OUTSIDE = re.compile(r"(https?|mailto|tel|ftp|sftp|xmpp|irc|news|geo):|//", re.I)
REFERENCE_WORDS = {
    Kind.FIGURE: "Figure",
    Kind.TABLE: "Table",
    Kind.EQUATION: "Equation",
    Kind.LISTING: "Listing",
    Kind.SECTION: "Section",
}
CALLOUTS = {
    "note": "Note",
    "tip": "Tip",
    "important": "Important",
    "warning": "Warning",
    "caution": "Caution",
}
_LIST_TYPES = {"LowerAlpha": "a", "UpperAlpha": "A", "LowerRoman": "i", "UpperRoman": "I"}
_SIMPLE = {
    tree.Emph: "em",
    tree.Strong: "strong",
    tree.Strikeout: "s",
    tree.Superscript: "sup",
    tree.Subscript: "sub",
}


def escape(text: str) -> str:
    """Text for XHTML, attribute values included; what XML cannot hold is left out."""
    return _escape(_ILLEGAL.sub("", text), quote=True)


def render(
    chapter: Chapter, part: Slice, words: Words, *, shift: int = 0, raw_html: str = "safe"
) -> Fragment:
    """One chapter's fragment. `shift` moves headings down (1 below a page's own h1).

    `raw_html` is safe (cleaned), none (left out) or as-is.
    """
    writer = _Writer(part, words, shift, raw_html, chapter.source.slug)
    html = writer.sections(chapter.tree.blocks)
    notes = tuple(writer.notes)
    if writer.raw and raw_html == "safe":
        html = make_safe(html)
        notes = tuple(RenderedNote(n.anchor, n.number, make_safe(n.html)) for n in notes)
    title = chapter.facts.title
    number = part.numbers.get(chapter.facts.headings[0].anchor, "") if title else ""
    return Fragment(
        chapter.source.slug, chapter.source.division, plain_text(title), number, html, notes
    )


def inline_html(content: Inlines, words: Words) -> str:
    """Inlines for contents and running heads: no links, no notes."""
    return _Writer(Slice({}, {}, {}, {}), words, 0, "none", "", flat=True).inlines(content)


@dataclass(slots=True)
class _Writer:
    """Writes one chapter; `notes` gathers the notes met, `raw` whether raw HTML was."""

    part: Slice
    words: Words
    shift: int
    raw_html: str
    slug: str
    flat: bool = False
    notes: list[RenderedNote] = field(default_factory=list)
    raw: bool = False

    # structure

    def sections(self, blocks: Blocks) -> str:
        """Blocks with each heading and what belongs to it inside a section."""
        out: list[str] = []
        levels: list[int] = []
        for block in blocks:
            if isinstance(block, tree.Header):
                while levels and levels[-1] >= block.level:
                    levels.pop()
                    out.append("</section>\n")
                levels.append(block.level)
                out.append(self._section_start(block))
            else:
                out.append(self.block(block))
        out.append("</section>\n" * len(levels))
        return "".join(out)

    def _section_start(self, header: tree.Header) -> str:
        classes = [c for c in header.attr.classes if c not in ("unnumbered", "unlisted")]
        names = " ".join([f"level-{header.level}", *classes])
        return (
            f'<section id="{escape(header.attr.id)}" class="{escape(names)}"'
            f"{self._language(header.attr)}>\n{self._heading(header)}"
        )

    def _heading(self, header: tree.Header) -> str:
        level = min(header.level + self.shift, 6)
        number = self.part.numbers.get(header.attr.id, "")
        label = f'<span class="number">{escape(number)}</span> ' if number else ""
        return f"<h{level}>{label}{self._balanced(header.content)}</h{level}>\n"

    def blocks(self, blocks: Blocks) -> str:
        html = "".join(self.block(b) for b in blocks)
        raw = self.raw_html == "safe" and any(isinstance(b, tree.RawBlock) for b in blocks)
        return make_safe(html) if raw else html

    def _balanced(self, content: Inlines) -> str:
        """Inlines whose raw HTML closes what it opens: a stray tag must not reach further."""
        html = self.inlines(content)
        raw = self.raw_html == "safe" and any(
            isinstance(node, tree.RawInline) for node in tree.walk(content)
        )
        return make_safe(html) if raw else html

    def block(self, node: Node) -> str:  # noqa: C901 - one case for each kind of node
        match node:
            case tree.Plain(content=content):
                return self._balanced(content) + "\n"
            case tree.Para(content=content):
                return f"<p>{self._balanced(content)}</p>\n"
            case tree.Header():
                return self._loose_heading(node)
            case tree.CodeBlock():
                return self._code(node)
            case tree.BulletList(items=items):
                kind = ' class="task-list"' if all(_is_task(i) for i in items) else ""
                return f"<ul{kind}>\n{self._items(items)}</ul>\n"
            case tree.OrderedList():
                return self._ordered(node)
            case tree.DefinitionList(items=items):
                return self._definitions(items)
            case tree.BlockQuote(content=content):
                return f"<blockquote>\n{self.blocks(content)}</blockquote>\n"
            case tree.Table():
                return self._table(node)
            case tree.Figure():
                return self._figure(node)
            case tree.Div():
                return self._div(node)
            case tree.LineBlock(lines=lines):
                rows = "".join(
                    f'<span class="line">{self.inlines(line) or "&#160;"}</span>\n'
                    for line in lines
                )
                return f'<p class="lines">{rows}</p>\n'
            case tree.HorizontalRule():
                return "<hr/>\n"
            case tree.RawBlock(format=form, text=text):
                return self._raw(form, text) + "\n"
        raise AssertionError(f"no way to write {type(node).__name__}")

    def _loose_heading(self, header: tree.Header) -> str:
        """A heading inside a quotation or a division: it opens no section."""
        html = self._heading(header)
        return html.replace(">", f' id="{escape(header.attr.id)}">', 1)

    def _code(self, node: tree.CodeBlock) -> str:
        language = next((c for c in node.attr.classes if c not in ("numberLines",)), "")
        code = highlight(_ILLEGAL.sub("", node.text), language)
        attr = f' data-language="{escape(language)}"' if language else ""
        pre = f'<pre tabindex="0"{attr}><code>{code}</code></pre>\n'
        caption = node.attr.get("caption")
        label = self._label(node.attr, Kind.LISTING)
        if not caption and not label:
            identifier = f' id="{escape(node.attr.id)}"' if node.attr.id else ""
            return pre.replace("<pre", f"<pre{identifier}", 1)
        return (
            f'<figure class="listing"{self._id(node.attr)}>\n'
            f"<figcaption>{label}{escape(caption)}</figcaption>\n{pre}</figure>\n"
        )

    def _items(self, items: Sequence[Blocks]) -> str:
        return "".join(f"<li>{self.blocks(item).rstrip()}</li>\n" for item in items)

    def _ordered(self, node: tree.OrderedList) -> str:
        kind = _LIST_TYPES.get(node.style, "")
        attrs = f' type="{kind}"' if kind else ""
        attrs += f' start="{node.start}"' if node.start != 1 else ""
        return f"<ol{attrs}>\n{self._items(node.items)}</ol>\n"

    def _definitions(self, items: Sequence[tuple[Inlines, tuple[Blocks, ...]]]) -> str:
        out = ["<dl>\n"]
        for term, definitions in items:
            out.append(f"<dt>{self.inlines(term)}</dt>\n")
            out += [f"<dd>{self.blocks(d).rstrip()}</dd>\n" for d in definitions]
        out.append("</dl>\n")
        return "".join(out)

    def _figure(self, node: tree.Figure) -> str:
        body = self.blocks(node.content)
        caption = self.blocks(node.caption.content).strip()
        label = self._label(node.attr, Kind.FIGURE)
        shown = f"<figcaption>{label}{caption}</figcaption>\n" if caption or label else ""
        return f"<figure{self._attrs(node.attr)}>\n{body}{shown}</figure>\n"

    def _div(self, node: tree.Div) -> str:
        for name, title in CALLOUTS.items():
            if node.attr.has(f"callout-{name}"):
                heading = node.attr.get("title") or self.words(title)
                attr = Attr(node.attr.id, ("callout", *node.attr.classes))
                return (
                    f'<aside{self._attrs(attr)} aria-label="{escape(heading)}">\n'
                    f'<p class="callout-title">{escape(heading)}</p>\n'
                    f"{self.blocks(node.content)}</aside>\n"
                )
        return f"<div{self._attrs(node.attr)}>\n{self.blocks(node.content)}</div>\n"

    def _table(self, node: tree.Table) -> str:
        caption = self.blocks(node.caption.content).strip()
        label = self._label(node.attr, Kind.TABLE)
        shown = bool(caption or label)
        out = [f"<figure{self._attrs(_table_figure(node.attr))}>\n"] if shown else []
        if shown:
            out.append(f"<figcaption>{label}{caption}</figcaption>\n")
        attrs = "" if shown else self._attrs(node.attr)
        out.append(f'<div class="table-frame"><table{attrs}>\n')
        if any(c.width for c in node.columns):
            cols = "".join(
                f'<col style="width:{c.width * 100:.2f}%"/>' if c.width else "<col/>"
                for c in node.columns
            )
            out.append(f"<colgroup>{cols}</colgroup>\n")
        aligns = [c.align for c in node.columns]
        if node.head:
            out.append(f"<thead>\n{self._rows(node.head, aligns, 99, 'col')}</thead>\n")
        for body in node.bodies:
            head = self._rows(body.head, aligns, 99, "colgroup")
            rows = self._rows(body.rows, aligns, body.row_heads, "row")
            if head or rows:
                out.append(f"<tbody>\n{head}{rows}</tbody>\n")
        if node.foot:
            out.append(f"<tfoot>\n{self._rows(node.foot, aligns, 0, 'row')}</tfoot>\n")
        out.append("</table></div>\n" + ("</figure>\n" if shown else ""))
        return "".join(out)

    def _rows(self, rows: Sequence[tree.Row], aligns: Sequence[str], heads: int, scope: str) -> str:
        """Rows; the first `heads` cells of each are head cells of the scope given."""
        out: list[str] = []
        for row in rows:
            out.append("<tr>")
            column = 0
            for cell in row.cells:
                align = cell.align if cell.align != "AlignDefault" else ""
                align = align or (aligns[column] if column < len(aligns) else "")
                side = {"AlignRight": "right", "AlignCenter": "center"}.get(align, "")
                attrs = f' class="align-{side}"' if side else ""
                attrs += f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
                attrs += f' colspan="{cell.columns}"' if cell.columns > 1 else ""
                body = self.blocks(cell.content).strip()
                if column < heads and (body or scope == "row"):
                    wide = "colgroup" if scope == "col" and cell.columns > 1 else scope
                    out.append(f'<th scope="{wide}"{attrs}>{body}</th>')
                else:
                    out.append(f"<td{attrs}>{body}</td>")
                column += cell.columns
            out.append("</tr>\n")
        return "".join(out)

    def _raw(self, form: str, text: str) -> str:
        if self.raw_html == "none" or form not in ("html", "html5", "html4"):
            return ""
        self.raw = True
        return text

    # attributes

    def _id(self, attr: Attr) -> str:
        return f' id="{escape(attr.id)}"' if attr.id else ""

    def _language(self, attr: Attr) -> str:
        lang, direction = attr.get("lang"), attr.get("dir")
        out = f' lang="{escape(lang)}" xml:lang="{escape(lang)}"' if lang else ""
        return out + (f' dir="{direction}"' if direction in ("ltr", "rtl", "auto") else "")

    def _attrs(self, attr: Attr) -> str:
        classes = f' class="{escape(" ".join(attr.classes))}"' if attr.classes else ""
        return self._id(attr) + classes + self._language(attr)

    def _label(self, attr: Attr, kind: Kind) -> str:
        number = self.part.numbers.get(attr.id, "") if attr.id else ""
        if not number:
            return ""
        word = self.words(REFERENCE_WORDS[kind])
        return f'<span class="label">{escape(word)} {escape(number)}</span> '

    # inlines

    def inlines(self, content: Inlines) -> str:
        return "".join(self.inline(node) for node in content)

    def inline(self, node: Node) -> str:  # noqa: C901 - one case for each kind of node
        tag = _SIMPLE.get(type(node))
        if tag:
            return f"<{tag}>{self.inlines(node.content)}</{tag}>"  # type: ignore[attr-defined]
        match node:
            case tree.Str(text=text):
                return escape(text)
            case tree.Space():
                return " "
            case tree.SoftBreak():
                return "\n"
            case tree.LineBreak():
                return "<br/>\n" if not self.flat else " "
            case tree.Quoted(double=double, content=content):
                opening, closing = ("“", "”") if double else ("‘", "’")
                return self.words(opening) + self.inlines(content) + self.words(closing)
            case tree.Code(text=text):
                return f"<code>{escape(text)}</code>"
            case tree.Underline(content=content):
                return f'<span class="underline">{self.inlines(content)}</span>'
            case tree.SmallCaps(content=content):
                return f'<span class="small-caps">{self.inlines(content)}</span>'
            case tree.Math(display=display, text=text):
                kind = "display" if display else "inline"
                return f'<code class="math {kind}">{escape(text)}</code>'
            case tree.RawInline(format=form, text=text):
                return self._raw(form, text)
            case tree.Link():
                return self._link(node)
            case tree.Image():
                return self._image(node)
            case tree.Note(content=content):
                return self._note(content)
            case tree.Span():
                return self._span(node)
            case tree.Cite():
                return self._cite(node)
        raise AssertionError(f"no way to write {type(node).__name__}")

    def _span(self, node: tree.Span) -> str:
        inside = self.inlines(node.content)
        if self.flat:
            return inside
        if node.attr.has("index") and node.attr.get("entry") and not node.content:
            return f'<span{self._id(node.attr)} class="index"></span>'
        return f"<span{self._attrs(node.attr)}>{inside}</span>"

    def _link(self, node: tree.Link) -> str:
        # a note's call is a link of its own, which none may hold
        inside = self.inlines(tuple(n for n in node.content if not isinstance(n, tree.Note)))
        calls = self.inlines(tuple(n for n in node.content if isinstance(n, tree.Note)))
        if self.flat:
            return inside
        title = f' title="{escape(node.title)}"' if node.title else ""
        attributes = f"{self._attrs(node.attr)}{title}"
        place = self.part.links.get(node.url)
        if place is not None:
            return f'<a href="#{escape("/".join(place))}"{attributes}>{inside}</a>{calls}'
        if _OUTSIDE.match(node.url):
            url = escape(node.url.replace(" ", "%20"))
            return f'<a href="{url}"{attributes}>{inside}</a>{calls}'
        return f'<span class="broken-link">{inside}</span>{calls}'

    def _image(self, node: tree.Image) -> str:
        alt = node.attr.get("alt") or plain_text(node.content)
        if self.flat:
            return escape(alt)
        name = self.part.pictures.get(node.url)
        if name is None:
            missing = f"{self.words('Missing picture')}: {node.url[:200]}"
            return f'<span class="missing-picture"{self._id(node.attr)}>{escape(missing)}</span>'
        decorative = node.attr.has("decorative")
        style = "".join(
            f"{key}:{node.attr.get(key)};"
            for key in ("width", "height")
            if _LENGTH.fullmatch(node.attr.get(key))
        )
        style = f' style="{style}"' if style else ""
        role = ' role="presentation"' if decorative else ""
        shown = "" if decorative else alt
        title = f' title="{escape(node.title)}"' if node.title else ""
        return (
            f'<img src="images/{name}" alt="{escape(shown)}"{role}'
            f"{self._attrs(node.attr)}{title}{style}/>"
        )

    def _note(self, content: Blocks) -> str:
        if self.flat:
            return ""
        number = str(len(self.notes) + 1)
        anchor = f"fn-{number}"
        self.notes.append(RenderedNote(anchor, number, ""))
        body = self.blocks(content)
        self.notes[int(number) - 1] = RenderedNote(anchor, number, body)
        return (
            f'<a id="fnref-{number}" class="noteref" role="doc-noteref"'
            f' href="#{self.slug}/{anchor}">{number}</a>'
        )

    def _cite(self, node: tree.Cite) -> str:
        if not all(c.key in self.part.targets for c in node.citations):
            return self.inlines(node.content)
        out = []
        for citation in node.citations:
            target = self.part.targets[citation.key]
            bare = citation.mode == "SuppressAuthor"
            text = reference_text(target, self.words, bare=bare, chapters=self.shift == 0)
            prefix = self.inlines(citation.prefix)
            if prefix:
                text = f"{prefix} {escape(target.number)}" if target.number else prefix
            else:
                text = escape(text)
            suffix = self.inlines(citation.suffix)
            if self.flat:
                out.append(text + suffix)
                continue
            href = f"#{target.slug}/{target.anchor}"
            out.append(f'<a class="reference" href="{href}">{text}</a>{suffix}')
        return ", ".join(out)


def _is_task(item: Blocks) -> bool:
    """An item of a task list begins with a box that is empty or crossed."""
    first = next(iter(getattr(item[0], "content", ())), None) if item else None
    return isinstance(first, tree.Str) and first.text in ("☐", "☒")


def _table_figure(attr: Attr) -> Attr:
    """A table with a caption is a figure, so that the caption need not be as narrow as it."""
    return Attr(attr.id, ("table", *attr.classes), attr.pairs)


def reference_text(
    target: Target, words: Words, *, bare: bool = False, chapters: bool = True
) -> str:
    """A reference as printed: “Figure 4.2”, “Chapter 3”, or an unnumbered section's title.

    Without `chapters` (in an article) a heading of the first level is a section too.
    """
    if not target.number:
        return words("“") + plain_text(target.title) + words("”")
    if bare:
        return target.number
    chapter = chapters and target.kind is Kind.SECTION and target.level == 1
    word = "Chapter" if chapter else REFERENCE_WORDS[target.kind]
    return f"{words(word)}\u00a0{target.number}"
