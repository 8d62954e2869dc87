"""The formats side by side: the same words and numbers, whole pages, links that lead somewhere."""

from __future__ import annotations

import io
import itertools
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pypdfium2
import pytest
from lxml import etree
from lxml import html as lxml_html

import terbit.formats
from books import FILES
from conftest import ROOT, Terbit, Write, write
from terbit import outputs
from terbit.cli import main
from terbit.fragments import VOID
from terbit.verify import epub as epubcheck

CHAPTERS = ("preface", "one", "two", "three", "appendix")
XHTML = "{http://www.w3.org/1999/xhtml}"
OPS = "{http://www.idpf.org/2007/ops}"
OPF = {"opf": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/"}


@dataclass
class Built:
    """The small book in every format."""

    folder: Path

    @property
    def pdf(self) -> bytes:
        return (self.folder / "small.pdf").read_bytes()

    def epub(self, name: str) -> bytes:
        with zipfile.ZipFile(self.folder / "small.epub") as archive:
            return archive.read(f"EPUB/{name}")

    def document(self, name: str) -> etree._Element:
        return etree.fromstring(self.epub(name))

    @property
    def single(self) -> str:
        return (self.folder / "small.html").read_text(encoding="utf-8")

    @property
    def site(self) -> dict[str, str]:
        folder = self.folder / "site"
        return {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.html"))}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("formats")
    source = write(folder / "small", FILES)
    arguments = ["build", str(source), "--out", str(folder / "build"), "--jobs", "1"]
    assert main(arguments) == 0
    return Built(folder / "build" / "small")


@pytest.fixture(scope="module")
def pdf(book: Built) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(book.pdf)
    yield document
    document.close()


# words


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def chapter_in_html(element: etree._Element) -> list[str]:
    """The words of a chapter without its notes and their calls."""
    for gone in element.xpath(
        "//*[@role='doc-noteref' or @role='doc-footnote' or @role='doc-endnotes']"
    ):
        gone.drop_tree() if hasattr(gone, "drop_tree") else _drop(gone)
    return words(" ".join(element.itertext()))


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)


def in_epub(book: Built, name: str) -> list[str]:
    body = book.document(f"text/{name}.xhtml").find(f"{XHTML}body")
    assert body is not None
    return chapter_in_html(body)


def in_site(book: Built, name: str) -> list[str]:
    (body,) = lxml_html.fromstring(book.site[f"{name}.html"]).xpath("//main")
    return chapter_in_html(body)


def in_single(book: Built, name: str) -> list[str]:
    (body,) = lxml_html.fromstring(book.single).xpath(f"//div[@id='{name}--']")
    return chapter_in_html(lxml_html.fromstring(lxml_html.tostring(body)))


def in_pdf(pdf: pypdfium2.PdfDocument) -> list[str]:
    text = "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
    return words(re.sub("[\ufffe\x02]\r?\n?|\u00ad", "", text))


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_same_words(book: Built, name: str) -> None:
    expected = in_epub(book, name)
    assert len(expected) > 4
    assert in_site(book, name) == expected
    assert in_single(book, name) == expected


def test_the_same_words_in_print(book: Built, pdf: pypdfium2.PdfDocument) -> None:
    """In the same order, with notes and furniture in between."""
    printed = iter(in_pdf(pdf))
    for name in CHAPTERS:
        for word in in_epub(book, name):
            assert word in printed, f"“{word}” of {name}"


def test_the_notes_are_in_every_format(book: Built, pdf: pypdfium2.PdfDocument) -> None:
    printed = " ".join(in_pdf(pdf))
    for note in ("The first note", "The second note points", "A note of the second chapter"):
        assert note in printed
        assert note in book.single
        assert sum(note in page for page in book.site.values()) == 1
        assert sum(note in book.epub(f"text/{n}.xhtml").decode() for n in CHAPTERS) == 1


def test_the_same_numbers(book: Built, pdf: pypdfium2.PdfDocument) -> None:
    labels = ["Figure 1.1", "Table 2.1", "Figure 2.1"]
    for text in (
        "".join(book.epub(f"text/{n}.xhtml").decode() for n in CHAPTERS),
        "".join(book.site[f"{n}.html"] for n in CHAPTERS),
        book.single,
    ):
        assert re.findall(r'class="label">([^<]+)<', text) == labels
        assert re.findall(r'class="number">([^<]+)</span> \w', text)[-5:] == [
            *("1", "1.1", "1.1.1", "2", "3"),
        ]
        calls = re.findall(r'role="doc-noteref"[^>]*>(\d+)<', text)
        assert calls == ["1", "2", "1"]
    printed = " ".join(in_pdf(pdf))
    for label in ("Figure 1 1 A map", "Table 2 1 Sizes", "Figure 2 1 Another", "1 1 1 A subsec"):
        assert label in printed


# PDF


def test_page_labels(pdf: pypdfium2.PdfDocument) -> None:
    labels = [pdf.get_page_label(i) for i in range(len(pdf))]
    assert labels[0] == "C1"
    front = [label for label in labels if re.fullmatch("[ivx]+", label)]
    body = [label for label in labels if label.isdecimal()]
    assert front[:4] == ["i", "ii", "iii", "iv"]
    assert body == [str(n) for n in range(1, len(body) + 1)]
    assert labels == [*labels[: len(labels) - len(front) - len(body)], *front, *body]


def test_contents_name_the_pages(pdf: pypdfium2.PdfDocument) -> None:
    texts = {pdf.get_page_label(i): p.get_textpage().get_text_bounded() for i, p in enumerate(pdf)}
    (contents,) = [t for t in texts.values() if t.startswith("Contents")]
    for title in ("Preface", "First chapter", "Second chapter", "Third chapter", "Appendix"):
        line = next(line for line in contents.splitlines() if title in line)
        folio = re.split(r"[\s.]+", line.strip())[-1]
        assert re.search(rf"^{title}", texts[folio], flags=re.MULTILINE), line


def test_outline(pdf: pypdfium2.PdfDocument) -> None:
    outline = [(item.level, item.get_title()) for item in pdf.get_toc()]
    assert [entry for entry in outline if entry[1] not in ("Contents", "Index")] == [
        (0, "Preface"),
        (0, "First things"),
        (1, "1 First chapter"),
        (2, "1.1 A section"),
        (3, "1.1.1 A subsection"),
        (1, "2 Second chapter"),
        (0, "Last things"),
        (1, "3 Third chapter"),
        (0, "Appendix"),
    ]


def test_document_information(pdf: pypdfium2.PdfDocument) -> None:
    said = pdf.get_metadata_dict()
    assert said["Title"] == "A Small “Book” & More: With one of everything"
    assert said["Author"] == "A. Writer"
    assert said["CreationDate"].startswith("D:20260102")


def streams(data: bytes) -> Iterator[bytes]:
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, flags=re.DOTALL):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            yield found[1]


def test_xmp(book: Built) -> None:
    (packet,) = [s for s in streams(book.pdf) if b"rdf:RDF" in s]
    text = packet.decode()
    etree.fromstring(packet.strip())
    assert "A Small “Book” &amp; More" in text
    assert "A. Writer" in text
    assert ">en<" in text
    assert "pdfuaid" in text


def test_pages_have_the_size_asked_for(pdf: pypdfium2.PdfDocument) -> None:
    assert {(round(p.get_width()), round(p.get_height())) for p in pdf} == {(420, 595)}


# EPUB


def test_epubcheck(book: Built) -> None:
    lacking = epubcheck.missing()
    if lacking:
        pytest.skip(lacking)
    assert epubcheck.check(book.folder / "small.epub") == ()


def test_mimetype_is_first_and_stored(book: Built) -> None:
    with zipfile.ZipFile(book.folder / "small.epub") as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read(first) == b"application/epub+zip"


def test_package(book: Built) -> None:
    package = book.document("content.opf")

    def text(path: str) -> list[str]:
        return [e.text for e in package.xpath(path, namespaces=OPF)]

    assert text("//dc:title") == ["A Small “Book” & More", "With one of everything"]
    assert text("//dc:creator") == ["A. Writer"]
    assert text("//dc:contributor") == ["E. Ditor"]
    assert text("//dc:language") == ["en"]
    assert text("//dc:identifier") == ["urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"]
    manifest = {i.get("id"): i.get("href") for i in package.xpath("//opf:item", namespaces=OPF)}
    spine = [manifest[r.get("idref")] for r in package.xpath("//opf:itemref", namespaces=OPF)]
    chapters = [f"text/{name}.xhtml" for name in CHAPTERS]
    assert [s for s in spine if s in chapters] == chapters
    assert spine[0] == "text/cover.xhtml"
    assert spine[-1] == "text/index.xhtml"
    assert spine.index("text/part-1.xhtml") == spine.index("text/one.xhtml") - 1


def test_nav_ncx_and_landmarks(book: Built) -> None:
    nav = book.document("nav.xhtml")
    navs = {n.get(f"{OPS}type"): n for n in nav.iter(f"{XHTML}nav")}
    assert {"toc", "landmarks"} <= set(navs)
    links = [a.get("href") for a in navs["toc"].iter(f"{XHTML}a")]
    assert links[0] == "text/preface.xhtml#preface"
    assert "text/part-1.xhtml" in links
    ncx = book.document("toc.ncx")
    points = [e.get("src") for e in ncx.iter("{*}content")]
    assert points == links
    kinds = [a.get(f"{OPS}type") for a in navs["landmarks"].iter(f"{XHTML}a")]
    assert {"cover", "titlepage", "bodymatter", "index", "toc"} <= set(kinds)


def test_every_link_of_the_epub_leads_somewhere(book: Built) -> None:
    with zipfile.ZipFile(book.folder / "small.epub") as archive:
        names = [n for n in archive.namelist() if n.endswith(".xhtml")]
        pages = {n: etree.fromstring(archive.read(n)) for n in names}
        everything = set(archive.namelist())
    for name, root in pages.items():
        identifiers = [e.get("id") for e in root.iter() if e.get("id")]
        assert len(identifiers) == len(set(identifiers)), name
        for element in root.iter(etree.Element):
            for key in ("href", "src"):
                target = urlsplit(element.get(key) or "")
                if not element.get(key) or target.scheme:
                    continue
                path = (PurePosixPath(name).parent / unquote(target.path)).as_posix()
                path = str(Path("/", path).resolve())[1:] if target.path else name
                assert path in everything, f"{name}: {element.get(key)}"
                if target.fragment:
                    ids = {e.get("id") for e in pages[path].iter()}
                    assert target.fragment in ids, f"{name}: {element.get(key)}"


# HTML


class Balance(HTMLParser):
    """Complains about tags that are not closed in the order in which they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag not in VOID
        assert self.open.pop() == tag, f"</{tag}> in line {self.getpos()[0]}"


def pages_of(book: Built) -> dict[str, str]:
    return {**book.site, "small.html": book.single}


def test_pages_are_well_formed(book: Built) -> None:
    for name, text in pages_of(book).items():
        balance = Balance()
        balance.feed(text)
        balance.close()
        assert balance.open == [], name
        assert text.startswith("<!DOCTYPE html>")
        root = lxml_html.fromstring(text)
        assert root.get("lang") == "en"
        assert len(root.xpath("//h1")) == 1, name
        assert root.xpath("//main")
        levels = [int(e.tag[1]) for e in root.iter("h1", "h2", "h3", "h4", "h5", "h6")]
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), name


def test_ids_are_unique(book: Built) -> None:
    for name, text in pages_of(book).items():
        identifiers = lxml_html.fromstring(text).xpath("//@id")
        assert len(identifiers) == len(set(identifiers)), name


def test_every_link_leads_somewhere(book: Built) -> None:
    pages = {n: lxml_html.fromstring(text) for n, text in pages_of(book).items()}
    site = book.folder / "site"
    for name, root in pages.items():
        home = book.folder if name == "small.html" else site
        for element, _, target, _ in root.iterlinks():
            if element.get("rel") == "canonical" or re.match(r"https?:|data:", target):
                continue
            path, fragment = urlsplit(target).path, urlsplit(target).fragment
            page = unquote(path) or name
            assert (home / page).is_file(), f"{name}: {target}"
            if fragment:
                assert fragment in pages[page].xpath("//@id"), f"{name}: {target}"


def test_every_reference_of_aria_leads_somewhere(book: Built) -> None:
    for name, text in pages_of(book).items():
        root = lxml_html.fromstring(text)
        for value in root.xpath("//@aria-labelledby | //@aria-describedby"):
            for identifier in value.split():
                assert identifier in root.xpath("//@id"), f"{name}: {identifier}"


def test_nothing_is_fetched_from_outside(book: Built) -> None:
    for name, text in pages_of(book).items():
        root = lxml_html.fromstring(text)
        fetched = [str(s) for s in root.xpath("//@src | //@srcset | //@poster | //@data")]
        rels = ("stylesheet", "icon", "preload", "prefetch", "preconnect", "modulepreload")
        fetched += [e.get("href") for e in root.xpath("//link") if e.get("rel") in rels]
        styles = " ".join(root.xpath("//style/text()") + root.xpath("//@style"))
        if name != "small.html":
            styles += (book.folder / "site" / "style.css").read_text(encoding="utf-8")
        fetched += re.findall(r"url\(\s*['\"]?([^'\")]+)", styles)
        assert "@import" not in styles
        outside = [f for f in fetched if re.match(r"(https?:)?//", f)]
        assert outside == [], name
        if name == "small.html":
            assert [f for f in fetched if not f.startswith(("data:", "#"))] == []


def test_every_file_of_the_site_is_used(book: Built) -> None:
    site = book.folder / "site"
    text = "".join(
        p.read_text(encoding="utf-8") for p in (*site.glob("*.html"), *site.glob("*.css"))
    )
    for path in site.rglob("*"):
        if path.is_file() and path.name not in ("404.html", "index.html"):
            assert path.name in text, path


def test_pages_turn_in_reading_order(book: Built) -> None:
    order, page = [], "index.html"
    while True:
        following = lxml_html.fromstring(book.site[page]).xpath("//a[@rel='next']/@href")
        if not following:
            break
        page = following[-1]
        assert page not in order
        order.append(page)
    expected = ["preface", "part-1", "one", "two", "part-2", "three", "appendix", "book-index"]
    assert order == [f"{name}.html" for name in expected]


def test_furniture_has_names_of_its_own(publication: Write, terbit: Terbit) -> None:
    """A heading may be called what a part of the page is called."""
    names = ("Text", "Notes heading", "Contents heading", "Imprint heading", "Index heading")
    more = ("Fn 1", "Fnref 1", "Index 1", "Toc", "Cover", "Contents", "Back of book index")
    text = "".join(
        f"## {name}\n\nA [term]{{.index}}.[^{n}]\n\n" for n, name in enumerate(names + more)
    )
    text += "".join(f"[^{n}]: Note {n}.\n\n" for n in range(len(names + more)))
    publication("# One\n\n" + text, yaml="kind: book\nindex: true\n", files={"02.md": "# Two\n"})
    run = terbit("build", "sample", "--to", "html,single,epub", "--report", "json")
    assert (run.code, run.codes) == (0, [])
    for path in Path("build/sample").rglob("*.html"):
        identifiers = lxml_html.fromstring(path.read_text(encoding="utf-8")).xpath("//@id")
        assert sorted(identifiers) == sorted(set(identifiers)), path
    with zipfile.ZipFile("build/sample/sample.epub") as archive:
        for name in archive.namelist():
            if name.endswith(".xhtml"):
                identifiers = etree.fromstring(archive.read(name)).xpath("//@id")
                assert sorted(identifiers) == sorted(set(identifiers)), name


def test_chapters_may_be_called_what_pages_are_called(publication: Write, terbit: Terbit) -> None:
    names = ("index", "404", "part-1", "book-index", "nav", "cover", "title", "imprint", "style")
    listed = ", ".join(f"{n}.md" for n in names)
    publication(
        None,
        yaml=f"kind: book\nindex: true\ncontents: [{{part: P, chapters: [{listed}]}}]\n",
        files={f"{n}.md": f"# Heading {n}\n\nA [word]{{.index}} of {n}.\n" for n in names},
    )
    assert terbit("build", "sample", "--to", "html,epub").code == 0
    pages = {
        p.name: p.read_text(encoding="utf-8") for p in Path("build/sample/site").glob("*.html")
    }
    for name in names:
        holding = [p for p, text in pages.items() if f"of {name}." in text]
        assert len(holding) == 1
    with zipfile.ZipFile("build/sample/sample.epub") as archive:
        listing = [n for n in archive.namelist() if n.startswith("EPUB/text/")]
        assert len(listing) == len(set(listing))
        for name in names:
            holding = [
                n
                for n in listing
                if n.endswith("xhtml") and f"of {name}." in archive.read(n).decode()
            ]
            assert len(holding) == 1


# styles, editions, siblings


def pixels(pdf: bytes, page: int = 0) -> set[tuple[int, int, int]]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        image = document[page].render(scale=1).to_pil().convert("RGB")
        return {colour for _, colour in image.getcolors(1 << 24) or ()}
    finally:
        document.close()


def test_a_token_reaches_every_format(publication: Write, terbit: Terbit) -> None:
    publication(yaml='kind: book\nstyle: {accent: "#123456"}\n')
    assert terbit("build", "sample").code == 0
    place = Path("build/sample")
    assert (0x12, 0x34, 0x56) in pixels((place / "sample.pdf").read_bytes())
    assert "#123456" in (place / "sample.html").read_text(encoding="utf-8")
    assert "#123456" in (place / "site" / "style.css").read_text(encoding="utf-8")
    with zipfile.ZipFile(place / "sample.epub") as archive:
        assert "#123456" in archive.read("EPUB/style/book.css").decode()


def test_own_stylesheets_reach_the_formats_that_they_name(
    publication: Write, terbit: Terbit
) -> None:
    publication(
        yaml="css: {all: [all.css], epub: [epub.css], html: [html.css]}\n",
        files={f"{n}.css": f".{n}-mark {{ color: red }}\n" for n in ("all", "epub", "html")},
    )
    assert terbit("build", "sample", "--to", "epub,html").code == 0
    site = Path("build/sample/site/style.css").read_text(encoding="utf-8")
    with zipfile.ZipFile("build/sample/sample.epub") as archive:
        inside = archive.read("EPUB/style/book.css").decode()
    marks = [[n in css for n in ("all-mark", "epub-mark", "html-mark")] for css in (site, inside)]
    assert marks == [[True, False, True], [True, True, False]]


def test_an_edition_has_its_own_page_and_style(publication: Write, terbit: Terbit) -> None:
    publication(
        yaml="editions:\n  large:\n    page: {size: A4}\n    style: {font-size: 18pt}\n"
        "    title: Large\n"
    )
    assert terbit("build", "sample", "--to", "pdf", "--edition", "large").code == 0
    data = Path("build/sample/editions/large/sample.pdf").read_bytes()
    document = pypdfium2.PdfDocument(data)
    assert (round(document[0].get_width()), round(document[0].get_height())) == (595, 842)
    assert document.get_metadata_dict()["Title"] == "Large"
    document.close()
    assert not Path("build/sample/sample.pdf").exists()
    manifest = json.loads(Path("build/sample/editions/large/manifest.json").read_bytes())
    assert manifest["edition"] == "large"


def test_siblings_in_other_languages_link_to_each_other(publication: Write, terbit: Terbit) -> None:
    publication(name="source/guide-en", files={"02.md": "# Two\n"}, yaml="kind: book\n")
    folder = publication(name="source/guide-id", yaml="kind: book\n", files={"03.md": "# Tiga\n"})
    path = folder / "publication.yaml"
    path.write_text(path.read_text().replace("language: en", "language: id"), encoding="utf-8")
    assert terbit("build", "--to", "html", "--jobs", "1").code == 0
    for name, other, language in (
        ("guide-en", "guide-id", "id"),
        ("guide-id", "guide-en", "en"),
    ):
        site = Path("build") / name / "site"
        for page in ("index.html", "01.html"):
            root = lxml_html.fromstring((site / page).read_text(encoding="utf-8"))
            (link,) = root.xpath("//link[@rel='alternate']")
            assert link.get("hreflang") == language
            assert (site / link.get("href")).resolve() == (
                Path("build") / other / "site" / page
            ).resolve()
            assert (site / link.get("href")).is_file()
    root = lxml_html.fromstring(Path("build/guide-en/site/02.html").read_text(encoding="utf-8"))
    (link,) = root.xpath("//link[@rel='alternate']/@href")
    assert link.endswith("guide-id/site/index.html")


def test_the_address_on_the_web(publication: Write, terbit: Terbit) -> None:
    publication(
        yaml="kind: book\nhtml: {url: 'https://example.org/book'}\n", files={"02.md": "# Two\n"}
    )
    assert terbit("build", "sample", "--to", "html").code == 0
    site = Path("build/sample/site")
    for page, address in (("index.html", ""), ("02.html", "02.html")):
        root = lxml_html.fromstring((site / page).read_text(encoding="utf-8"))
        assert root.xpath("//link[@rel='canonical']/@href") == [
            f"https://example.org/book/{address}"
        ]


# the words of Terbit


def test_every_word_of_the_layouts_is_in_both_catalogues() -> None:
    from babel.messages.pofile import read_po

    used: set[str] = set()
    for path in (ROOT / "layouts").rglob("*"):
        if path.suffix in (".html", ".xhtml", ".css"):
            text = path.read_text(encoding="utf-8")
            used |= {a or b for a, b in re.findall(r"words\((?:\"([^\"]+)\"|'([^']+)')\)", text)}
    for path in (ROOT / "scripts").rglob("*.py"):
        if path.name == "cli.py":  # there it is another function
            continue
        used |= set(re.findall(r"words\(\"([^\"]+)\"\)", path.read_text(encoding="utf-8")))
    from terbit.furniture import _ROLES
    from terbit.markup import CALLOUTS, REFERENCE_WORDS

    used |= {*CALLOUTS.values(), *REFERENCE_WORDS.values(), *_ROLES.values()}
    assert len(used) > 30
    catalogues = {}
    for language in ("en", "id"):
        path = ROOT / "layouts" / "shared" / "locales" / f"{language}.po"
        messages = read_po(io.BytesIO(path.read_bytes()))
        catalogues[language] = {m.id for m in messages if m.id and m.string and not m.fuzzy}
        assert used - catalogues[language] == set(), language
    assert catalogues["en"] == catalogues["id"]


# a new format


DUMMY = '''"""Dummy: the titles of the chapters, one a line."""

from terbit.outputs import Made


def make(edition, tools):
    text = tools.layout.render("dummy/page.txt", edition=edition)
    return Made({f"{edition.metadata.name}.txt": text.encode()})
'''


@pytest.fixture
def dummy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    write(tmp_path / "formats", {"dummy.py": DUMMY})
    write(
        tmp_path / "layouts" / "own",
        {"dummy/page.txt": "{% for f in edition.fragments %}{{ f.title }}\n{% endfor %}"},
    )
    monkeypatch.setattr(
        terbit.formats, "__path__", [*terbit.formats.__path__, str(tmp_path / "formats")]
    )
    yield
    sys.modules.pop("terbit.formats.dummy", None)


@pytest.mark.usefixtures("dummy")
def test_a_format_is_one_module_and_one_folder(publication: Write, terbit: Terbit) -> None:
    publication(
        name="source/sample", yaml="kind: book\nlayout: own\n", files={"02.md": "# Two\n\nText.\n"}
    )
    run = terbit("build", "sample", "--to", "dummy", "--report", "json")
    assert (run.code, run.findings) == (0, [])
    assert Path("build/sample/sample.txt").read_text(encoding="utf-8") == "One\nTwo\n"
    (entry,) = json.loads(Path("build/sample/manifest.json").read_bytes())["files"]
    assert (entry["format"], entry["path"]) == ("dummy", "sample.txt")
    assert "dummy" in outputs.names()
    assert "there are: dummy, epub" in terbit("build", "sample", "--to", "dumy").err


# the contract of formats


def test_every_format_keeps_the_contract() -> None:
    assert set(outputs.names()) == {"epub", "html", "pdf", "single"}
    for name in outputs.names():
        module = outputs.load(name)
        assert module.__doc__
        assert isinstance(module, outputs.Paged if name == "pdf" else outputs.Format)
