"""Assemble: all pieces -> one tagged PDF, with page labels, the same bytes each time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import pydyf

from terbit.diagnostics import Finding
from terbit.formats.pdf import engine
from terbit.formats.pdf.typeset import VARIANT
from terbit.furniture import identifier, license_name
from terbit.model import Edition, Pages
from terbit.outputs import Made, Piece, Tools

_DEFAULT = ' xml:lang="x-default"'


def assemble(edition: Edition, tools: Tools, pieces: Sequence[Piece], pages: Pages) -> Made:
    """Join the pieces' pages. The file identifier is a digest of what is printed."""
    findings: list[Finding] = [f for piece in pieces for f in piece.body[1]]
    documents = [piece.body[0] for piece in pieces]
    joined = documents[0].copy([page for d in documents for page in d.pages])
    joined.metadata = _metadata(edition, documents)
    identifier = hashlib.sha256(
        repr((edition.metadata.name, edition.name, edition.modified, pages.labels)).encode()
        + "".join(f.html for f in edition.fragments).encode()
    ).digest()[:16]

    def finish(document: Any, pdf: Any) -> None:
        _page_labels(pdf, pages)
        _viewer_preferences(pdf, tools)

    with engine.messages() as said, engine.dated(edition.modified):
        data: bytes = joined.write_pdf(
            finisher=finish, pdf_variant=VARIANT, pdf_tags=True, pdf_identifier=identifier
        )
    findings += [
        Finding("layout-engine", f"WeasyPrint says: {m}", None, "see the layout's style sheet")
        for m in dict.fromkeys(said)
    ]
    return Made({f"{edition.metadata.name}.pdf": data}, tuple(findings))


def _metadata(edition: Edition, documents: Sequence[Any]) -> Any:
    """Title, language and dates are the edition's, whichever unit comes first."""
    import datetime as dt

    metadata = documents[0].metadata
    moment = dt.datetime.fromtimestamp(edition.modified, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata.created = metadata.modified = moment
    metadata.generator = None
    write = metadata.generate_rdf_metadata
    more = _more_xmp(edition).encode()
    metadata.generate_rdf_metadata = lambda *args, **options: write(*args, **options).replace(
        b"</rdf:RDF>", more + b"</rdf:RDF>"
    )
    return metadata


def _more_xmp(edition: Edition) -> str:
    """What WeasyPrint leaves out of the XMP (part 1, 8.3): language, rights, publisher, id."""
    about = edition.metadata
    isbn = about.identifiers.isbn.pdf
    rights = about.rights or (license_name(about.license)[0] if about.license else None)
    lists = {
        "language": ("Bag", about.language),
        "publisher": ("Bag", about.publisher),
        "rights": ("Alt", rights),
    }
    values = "".join(
        f"<dc:{name}><rdf:{kind}><rdf:li{_DEFAULT if kind == 'Alt' else ''}>{escape(value)}"
        f"</rdf:li></rdf:{kind}></dc:{name}>"
        for name, (kind, value) in lists.items()
        if value
    )
    values += f"<dc:identifier>{f'urn:isbn:{isbn}' if isbn else identifier(about)}</dc:identifier>"
    space = "http://purl.org/dc/elements/1.1/"
    return f'<rdf:Description rdf:about="" xmlns:dc="{space}">{values}</rdf:Description>'


def _page_labels(pdf: Any, pages: Pages) -> None:
    """Page labels (ISO 32000-1, 12.4.2): cover by name, roman front matter, arabic body."""
    numbers = pydyf.Array()
    previous = ""
    for i, label in enumerate(pages.labels):
        kind = "cover" if label.startswith("C") else "body" if label.isdecimal() else "front"
        if kind == previous:
            continue
        previous = kind
        style = {
            "cover": {"P": pydyf.String("C"), "S": "/D"},
            "front": {"S": "/r"},
            "body": {"S": "/D"},
        }
        entry: dict[str, Any] = dict(style[kind])
        numbers.extend([i, pydyf.Dictionary(entry)])
    pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": numbers})


def _viewer_preferences(pdf: Any, tools: Tools) -> None:
    preferences = pdf.catalog.get("ViewerPreferences") or pydyf.Dictionary()
    preferences["DisplayDocTitle"] = "true"
    if tools.words.direction == "rtl":
        preferences["Direction"] = "/R2L"
    pdf.catalog["ViewerPreferences"] = preferences
