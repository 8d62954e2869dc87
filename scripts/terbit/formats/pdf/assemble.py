"""Assemble: all pieces -> one tagged PDF, with page labels, the same bytes each time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pydyf

from terbit.diagnostics import Finding
from terbit.formats.pdf import engine
from terbit.formats.pdf.typeset import VARIANT
from terbit.model import Edition, Pages
from terbit.outputs import Made, Piece, Tools


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

    with engine.messages() as said:
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
    return metadata


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
