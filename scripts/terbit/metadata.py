"""The schema of `publication.yaml`: every key, its type, its default.

The keys are those of the manual's chapter on metadata. Values are checked by
pydantic in strict mode; a wrong value carries a code of `diagnostics.RULES` and
a hint, which `pipeline/load.py` joins with the file and line of the key.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
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

from terbit.diagnostics import RULES, Severity
from terbit.metadata_values import (
    MIN_TEXT_MM,
    Date,
    Doi,
    Isbn,
    Language,
    Length,
    License,
    Name,
    Orcid,
    PageSize,
    Text,
    Uuid,
    fault,
    margins_mm,
    page_size_mm,
)


class Part(BaseModel):
    """What all parts of the schema have in common: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Author(Part):
    """A person or body; `role` is a MARC relator code (id.loc.gov/vocabulary/relators)."""

    name: Text
    sort: Text | None = None
    role: Annotated[StrictStr, Field(pattern=r"^[a-z]{3}$")] = "aut"
    orcid: Orcid | None = None
    affiliation: Text | None = None


class Isbns(Part):
    pdf: Isbn | None = None
    epub: Isbn | None = None
    print: Isbn | None = None


class Identifiers(Part):
    uuid: Uuid | None = None
    doi: Doi | None = None
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

    size: PageSize = "A5"
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
            raise fault(
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
                raise fault(
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
    return {"all": _as_tuple(value)} if isinstance(value, (str, list, tuple)) else value


# Short forms that are allowed beside the full ones: an editor's schema must know them.
_AuthorsAsWritten = Text | Author | tuple[Text | Author, ...]
_CssAsWritten = Text | tuple[Text, ...] | Stylesheets
OneOrMore = Annotated[
    tuple[Text, ...],
    BeforeValidator(_as_tuple, json_schema_input_type=Text | tuple[Text, ...]),
]


class Metadata(Part):
    """`publication.yaml`, checked, with its defaults."""

    title: Text
    name: Name
    language: Language
    kind: Literal["article", "book", "handout", "course"] = "article"
    subtitle: Text | None = None
    authors: Annotated[
        tuple[Author, ...], BeforeValidator(_authors, json_schema_input_type=_AuthorsAsWritten)
    ] = ()
    publisher: Text | None = None
    place: Text | None = None
    date: Date | None = None
    version: Text | None = None
    rights: Text | None = None
    license: License | None = None
    identifiers: Identifiers = Identifiers()
    description: Text | None = None
    keywords: OneOrMore = ()
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
    bibliography: OneOrMore = ()
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
    css: Annotated[Stylesheets, BeforeValidator(_css, json_schema_input_type=_CssAsWritten)] = (
        Stylesheets()
    )
    page: Page = Page()
    cover: Text | None = None
    fonts: OneOrMore = ()
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
