"""New: a folder with a first text in it, in the language of the publication."""

from __future__ import annotations

import uuid
from pathlib import Path

from terbit.diagnostics import Finding
from terbit.errors import InputError
from terbit.settings import SOURCE

_TEXTS: dict[str, dict[str, str]] = {
    "id": {
        "title": "Judul",
        "chapter": "Pendahuluan",
        "second": "Isi",
        "words": "Tulislah di sini. Baris kosong memisahkan paragraf, *kata miring* dan"
        " **kata tebal** ditulis seperti ini, dan catatan kaki seperti ini.[^1]",
        "note": "Isi catatan kaki.",
        "list": "Sebuah daftar:",
        "items": "- pertama\n- kedua",
    },
    "en": {
        "title": "Title",
        "chapter": "Introduction",
        "second": "Contents",
        "words": "Write here. An empty line parts paragraphs, *italic words* and **bold words** are"
        " written like this, and a footnote like this.[^1]",
        "note": "The text of the footnote.",
        "list": "A list:",
        "items": "- first\n- second",
    },
}


def create(path: Path, kind: str, language: str, title: str | None) -> Path:
    """Make the publication; the folder's path. Raises InputError if it would overwrite one."""
    from pydantic import TypeAdapter, ValidationError

    from terbit.metadata_values import Language, Name

    folder = (
        Path(SOURCE) / path
        if not path.is_absolute() and Path(SOURCE).is_dir() and len(path.parts) == 1
        else path
    )
    for kind_of, value in ((Name, folder.name), (Language, language)):
        try:
            TypeAdapter(kind_of).validate_python(value)
        except ValidationError as error:
            item = error.errors()[0]
            context = item.get("ctx") or {}
            raise InputError(
                [Finding(item["type"], context["message"], None, context["hint"])]
            ) from None
    if folder.exists() and any(folder.iterdir()):
        raise InputError(
            [
                Finding(
                    "name-clash",
                    f"{folder} is there already and not empty",
                    None,
                    "choose another name",
                )
            ]
        )
    words = _TEXTS.get(language.split("-")[0], _TEXTS["en"])
    folder.mkdir(parents=True, exist_ok=True)
    name = title or folder.name.replace("-", " ").replace("_", " ").capitalize()
    lines = [
        f"title: {_quoted(name)}",
        f"language: {language}",
        f"kind: {kind}",
        "identifiers:",
        f"  uuid: {uuid.uuid4()}",
        "# authors: [Your name]",
        "# date: 2026-11-24",
        "# license: CC-BY-SA-4.0",
    ]
    (folder / "publication.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = (
        f"# {words['chapter']}\n\n{words['words']}\n\n[^1]: {words['note']}\n\n"
        f"{words['list']}\n\n{words['items']}\n"
    )
    (folder / "01.md").write_text(text, encoding="utf-8")
    if kind in ("book", "course"):
        (folder / "02.md").write_text(
            f"# {words['second']}\n\n{words['words'].split('. ')[0]}.\n", encoding="utf-8"
        )
    return folder


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
