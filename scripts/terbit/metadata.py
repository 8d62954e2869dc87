"""The schema of `publication.yaml`: every key, its type, its default.

The keys are those of the manual's chapter on metadata. Values are checked by
pydantic in strict mode; a wrong value carries a code of `diagnostics.RULES` and
a hint, which `pipeline/load.py` joins with the file and line of the key.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Annotated, Any, Literal

import langcodes
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from stdnum import isbn as stdnum_isbn
from stdnum.iso7064 import mod_11_2

from terbit.diagnostics import RULES, Severity


def _fault(code: str, message: str, hint: str = "") -> PydanticCustomError:
    """A value error that carries a finding's code and hint through pydantic."""
    return PydanticCustomError(
        code,
        "{message}",
        {"message": message, "hint": hint},
    )


# values that are checked


def _language(value: str) -> str:
    if not langcodes.tag_is_valid(value):
        raise _fault(
            "bad-language",
            f"“{value}” is not a language tag",
            "write a BCP 47 tag, such as id, en, en-GB or zh-Hant",
        )
    return str(langcodes.standardize_tag(value))


def _isbn(value: str) -> str:
    compact = stdnum_isbn.compact(value)
    if not stdnum_isbn.is_valid(compact):
        raise _fault(
            "bad-isbn",
            f"“{value}” is not a valid ISBN",
            "copy all 13 digits from the agency's letter; the last is a check digit",
        )
    return str(stdnum_isbn.to_isbn13(compact))


def _doi(value: str) -> str:
    bare = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", value.strip(), flags=re.I)
    if not re.fullmatch(r"10\.\d{4,9}/\S+", bare):
        raise _fault("bad-identifier", f"“{value}” is not a DOI", "a DOI looks like 10.1000/182")
    return bare


def _uuid(value: str) -> str:
    try:
        return str(uuid.UUID(value.removeprefix("urn:uuid:")))
    except ValueError:
        raise _fault(
            "bad-identifier", f"“{value}” is not a UUID", "leave the key out to have one made"
        ) from None


def _orcid(value: str) -> str:
    bare = re.sub(r"^https?://orcid\.org/", "", value.strip())
    if not re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", bare) or not mod_11_2.is_valid(
        bare.replace("-", "")
    ):
        raise _fault(
            "bad-identifier",
            f"“{value}” is not an ORCID",
            "an ORCID looks like 0000-0002-1825-0097; the last sign is a check digit",
        )
    return bare


def _license(value: str) -> str:
    try:
        return str(canonicalize_license_expression(value))
    except InvalidLicenseExpression:
        raise _fault(
            "bad-license",
            f"“{value}” is not an SPDX licence expression",
            "write an identifier of spdx.org/licenses, such as CC-BY-SA-4.0 or CC0-1.0;"
            " put words of your own in rights",
        ) from None


def _name(value: str) -> str:
    if not re.fullmatch(r"[^\W_][\w.-]*", value) or value.endswith(".") or len(value) > 100:
        raise _fault(
            "bad-name",
            f"“{value}” cannot name files",
            "use letters, digits, hyphens, dots and underscores, starting with a letter or digit",
        )
    return value


_DEVICE_NAMES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def _portable(value: str) -> str:
    if _DEVICE_NAMES.fullmatch(value):
        raise _fault("bad-name", f"“{value}” is a device's name on Windows", "choose another name")
    return value


_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(mm|cm|in|pt|q|Q|pc|px)")
PAPER_MM = {
    "A3": (297.0, 420.0),
    "A4": (210.0, 297.0),
    "A5": (148.0, 210.0),
    "A6": (105.0, 148.0),
    "B4": (250.0, 353.0),
    "B5": (176.0, 250.0),
    "B6": (125.0, 176.0),
    "Letter": (215.9, 279.4),
    "Legal": (215.9, 355.6),
}
_MM = {"mm": 1, "cm": 10, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6, "px": 25.4 / 96, "q": 0.25}


def millimetres(length: str) -> float:
    """A CSS length in millimetres; ValueError if it is none."""
    found = _LENGTH.fullmatch(length.strip())
    if not found:
        raise ValueError(length)
    return float(found[1]) * _MM[found[2].lower()]


def _length(value: str) -> str:
    try:
        millimetres(value)
    except ValueError:
        raise _fault(
            "bad-page", f"“{value}” is not a length", "write a number and a unit, such as 18mm"
        ) from None
    return value.strip()


MIN_TEXT_MM = 30


def margins_mm(value: str) -> tuple[float, float, float, float]:
    """Top, outer, bottom and inner margin in millimetres of one to four CSS lengths.

    Raises ValueError if the text is something else.
    """
    given = [millimetres(word) for word in value.split()]
    if not 1 <= len(given) <= 4:
        raise ValueError(value)
    top = given[0]
    outer = given[1] if len(given) > 1 else top
    bottom = given[2] if len(given) > 2 else top
    return top, outer, bottom, given[3] if len(given) > 3 else outer


def page_size_mm(value: str) -> tuple[float, float]:
    """Width and height in millimetres of `A5`, `A4 landscape` or `150mm 230mm`."""
    words = value.split()
    papers = {name.lower(): size for name, size in PAPER_MM.items()}
    if words and words[0].lower() in papers and words[1:] in ([], ["landscape"], ["portrait"]):
        width, height = papers[words[0].lower()]
        return (height, width) if words[1:] == ["landscape"] else (width, height)
    if len(words) == 2:
        return millimetres(words[0]), millimetres(words[1])
    raise ValueError(value)


def _page_size(value: str) -> str:
    try:
        width, height = page_size_mm(value)
    except ValueError:
        raise _fault(
            "bad-page",
            f"“{value}” is not a page size",
            f"write one of {', '.join(PAPER_MM)}, with landscape if wanted, or two lengths"
            " such as 150mm 230mm",
        ) from None
    if not (50 <= width <= 1200 and 50 <= height <= 1700):
        raise _fault(
            "bad-page", f"a page of {value} is not between 50 and 1200 mm wide", "mend the size"
        )
    return " ".join(value.split())


def _text_date(value: Any) -> Any:
    """Dates as YAML reads them, or as text: a year, a month or a day (ISO 8601)."""
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and 1000 <= value <= 9999:
        return str(value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", value):
        try:
            dt.date.fromisoformat((value + "-01-01")[:10])
        except ValueError:
            pass
        else:
            return value
    raise _fault("wrong-type", f"“{value}” is not a date", "write 2026, 2026-11 or 2026-11-24")


def _number_as_text(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise _fault(
            "wrong-type",
            f"{value} is a number here, and 1.10 would become 1.1",
            f'put it in quotes: "{value}"',
        )
    return value


Language = Annotated[StrictStr, AfterValidator(_language)]
Isbn = Annotated[StrictStr, BeforeValidator(_number_as_text), AfterValidator(_isbn)]
License = Annotated[StrictStr, AfterValidator(_license)]
Name = Annotated[StrictStr, AfterValidator(_name), AfterValidator(_portable)]
Date = Annotated[StrictStr, BeforeValidator(_text_date)]
Length = Annotated[StrictStr, AfterValidator(_length)]
Text = Annotated[StrictStr, BeforeValidator(_number_as_text), Field(min_length=1)]


class Part(BaseModel):
    """What all parts of the schema have in common: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Author(Part):
    """A person or body; `role` is a MARC relator code (id.loc.gov/vocabulary/relators)."""

    name: Text
    sort: Text | None = None
    role: Annotated[StrictStr, Field(pattern=r"^[a-z]{3}$")] = "aut"
    orcid: Annotated[StrictStr, AfterValidator(_orcid)] | None = None
    affiliation: Text | None = None


class Isbns(Part):
    pdf: Isbn | None = None
    epub: Isbn | None = None
    print: Isbn | None = None


class Identifiers(Part):
    uuid: Annotated[StrictStr, AfterValidator(_uuid)] | None = None
    doi: Annotated[StrictStr, AfterValidator(_doi)] | None = None
    isbn: Isbns = Isbns()


class Subject(Part):
    scheme: Text
    code: Text
    label: Text | None = None


class Series(Part):
    title: Text
    number: StrictInt | StrictFloat | Text | None = None


class FrontMatter(Part):
    front: tuple[Text, ...]


class BackMatter(Part):
    back: tuple[Text, ...]


class PartOfBook(Part):
    part: Text
    chapters: tuple[Text, ...]


class Chapters(Part):
    chapters: tuple[Text, ...]


def _sort_of_item(value: object) -> str:
    """Which form of contents item is meant, so that complaints are about that form alone."""
    if isinstance(value, dict):
        for key in ("part", "front", "back", "chapters"):
            if key in value:
                return f"a {key} item"
        return "a part item"
    found = (name for name, kind in _ITEMS.items() if type(value) is kind)
    return f"a {next(found, 'text')} item"


_ITEMS: dict[str, type] = {
    "front": FrontMatter,
    "back": BackMatter,
    "part": PartOfBook,
    "chapters": Chapters,
}
ContentsItem = Annotated[
    Annotated[Text, Tag("a text item")]
    | Annotated[FrontMatter, Tag("a front item")]
    | Annotated[BackMatter, Tag("a back item")]
    | Annotated[PartOfBook, Tag("a part item")]
    | Annotated[Chapters, Tag("a chapters item")],
    Discriminator(_sort_of_item),
]
Contents = Annotated[
    Annotated[Text, Tag("a file")] | Annotated[tuple[ContentsItem, ...], Tag("a list")],
    Discriminator(lambda value: "a file" if isinstance(value, str) else "a list"),
]


class Numbering(Part):
    chapters: Literal["book", "part", False] = "book"
    sections: Annotated[StrictInt, Field(ge=0, le=6)] = 2


class Toc(Part):
    depth: Annotated[StrictInt, Field(ge=0, le=6)] = 2


class Links(Part):
    root: Text = "."


class MarkdownReader(Part):
    extensions: Annotated[StrictStr, Field(pattern=r"^([+-][a-z0-9_]+)*$")] = ""
    raw_html: Literal["safe", "none", "as-is"] = "safe"


class Page(Part):
    """The printed page. `margins`: one to four CSS lengths — top, outer, bottom, inner."""

    size: Annotated[StrictStr, AfterValidator(_page_size)] = "A5"
    margins: Text | None = None
    bleed: Length = "0mm"
    marks: StrictBool = False
    columns: Annotated[StrictInt, Field(ge=1, le=3)] = 1

    @field_validator("margins")
    @classmethod
    def _lengths(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                margins_mm(value)
        except ValueError:
            raise _fault(
                "bad-page",
                f"“{value}” is not one to four lengths",
                "write top, outer, bottom and inner margin, such as 20mm 16mm 24mm 18mm",
            ) from None
        return value

    @model_validator(mode="after")
    def _room_for_text(self) -> Page:
        if self.margins is not None:
            width, height = page_size_mm(self.size)
            top, outer, bottom, inner = margins_mm(self.margins)
            if width - outer - inner < MIN_TEXT_MM or height - top - bottom < MIN_TEXT_MM:
                raise _fault(
                    "bad-page",
                    f"margins of {self.margins} leave less than {MIN_TEXT_MM} mm for the text",
                    "make the margins smaller or the page larger",
                )
        return self


class Site(Part):
    url: Annotated[StrictStr, Field(pattern=r"^https?://[^\s<>\"]+$")] | None = None
    search: StrictBool = True


class Stylesheets(Part):
    pdf: tuple[Text, ...] = ()
    epub: tuple[Text, ...] = ()
    html: tuple[Text, ...] = ()
    all: tuple[Text, ...] = ()


class Head(Part):
    course: Text | None = None
    class_: Text | None = Field(default=None, alias="class")
    date: Text | None = None
    week: Text | None = None


class Accessibility(Part):
    summary: Text | None = None


FormatName = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9-]*$")]
TokenValue = StrictStr | StrictInt | StrictFloat
FindingLevel = Literal["error", "warning", "note", "off"]


def _off(value: Any) -> Any:
    """YAML 1.1 habits: a bare off is a boolean to some readers."""
    return "off" if value is False else value


class EditionChanges(Part):
    """What an edition changes: any key that shapes the outcome, and what it shows."""

    show: tuple[Text, ...] = ()
    hide: tuple[Text, ...] = ()
    only: tuple[Text, ...] = ()
    head: Head | None = None
    numbers: Literal["book", "own"] = "own"
    title: Text | None = None
    subtitle: Text | None = None
    description: Text | None = None
    formats: tuple[FormatName, ...] | None = None
    numbering: dict[str, Any] | None = None
    toc: dict[str, Any] | None = None
    page: dict[str, Any] | None = None
    style: dict[str, TokenValue] | None = None
    css: dict[str, Any] | None = None
    layout: Name | None = None
    cover: Text | None = None
    variables: dict[str, Any] | None = None
    solutions: Literal["place", "chapter", "book"] | None = None


def _authors(value: Any) -> Any:
    """Text alone is a name; a single author needs no list."""
    if isinstance(value, (str, dict)):
        value = [value]
    if isinstance(value, (list, tuple)):
        return tuple({"name": v} if isinstance(v, str) else v for v in value)
    return value


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _css(value: Any) -> Any:
    return {"all": value} if isinstance(value, (str, list, tuple)) else value


class Metadata(Part):
    """`publication.yaml`, checked, with its defaults."""

    title: Text
    name: Name
    language: Language
    kind: Literal["article", "book", "handout", "course"] = "article"
    subtitle: Text | None = None
    authors: Annotated[tuple[Author, ...], BeforeValidator(_authors)] = ()
    publisher: Text | None = None
    place: Text | None = None
    date: Date | None = None
    version: Text | None = None
    rights: Text | None = None
    license: License | None = None
    identifiers: Identifiers = Identifiers()
    description: Text | None = None
    keywords: Annotated[tuple[Text, ...], BeforeValidator(_as_tuple)] = ()
    subjects: tuple[Subject, ...] = ()
    audience: Text | None = None
    series: Series | None = None
    contents: Contents | None = None
    formats: Annotated[tuple[FormatName, ...], Field(min_length=1)] = (
        "pdf",
        "epub",
        "html",
        "single",
    )
    numbering: Numbering = Numbering()
    toc: Toc = Toc()
    lists: tuple[Literal["figures", "tables", "listings", "equations", "exercises"], ...] = ()
    bibliography: Annotated[tuple[Text, ...], BeforeValidator(_as_tuple)] = ()
    csl: Text | None = None
    references: Literal["book", "chapter"] = "book"
    solutions: Literal["place", "chapter", "book"] = "place"
    prelude: Text | None = None
    links: Links = Links()
    attach: tuple[Text, ...] = ()
    index: StrictBool = False
    glossary: Text | None = None
    markdown: MarkdownReader = MarkdownReader()
    templating: StrictBool = False
    variables: dict[str, Any] = Field(default_factory=dict)
    filters: tuple[Text, ...] = ()
    layout: Name = "terbit"
    style: dict[str, TokenValue] = Field(default_factory=dict)
    css: Annotated[Stylesheets, BeforeValidator(_css)] = Stylesheets()
    page: Page = Page()
    cover: Text | None = None
    fonts: Annotated[tuple[Text, ...], BeforeValidator(_as_tuple)] = ()
    html: Site = Site()
    editions: dict[Name, EditionChanges] = Field(default_factory=dict)
    accessibility: Accessibility = Accessibility()
    findings: dict[
        Literal[tuple(RULES)],  # type: ignore[valid-type]
        Annotated[FindingLevel, BeforeValidator(_off)],
    ] = Field(default_factory=dict)

    @property
    def levels(self) -> dict[str, Severity]:
        return {code: Severity[level.upper()] for code, level in self.findings.items()}


# Keys that are read and checked, but whose effect arrives with a later version.
# A path of keys; `*` stands for any name.
NO_EFFECT_YET: tuple[tuple[str, ...], ...] = (
    ("lists",),
    ("bibliography",),
    ("csl",),
    ("references",),
    ("solutions",),
    ("attach",),
    ("glossary",),
    ("filters",),
    ("html", "search"),
    ("editions", "*", "show"),
    ("editions", "*", "hide"),
    ("editions", "*", "only"),
    ("editions", "*", "head"),
    ("editions", "*", "numbers"),
    ("editions", "*", "solutions"),
)
