"""The values of `publication.yaml` that are checked: languages, identifiers, lengths, dates.

Each check gives the value in its canonical form, or an error that carries the
finding's code and hint through pydantic.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Annotated, Any

import langcodes
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from pydantic import AfterValidator, BeforeValidator, Field, StrictStr
from pydantic_core import PydanticCustomError
from stdnum import isbn as stdnum_isbn
from stdnum.iso7064 import mod_11_2


def fault(code: str, message: str, hint: str = "") -> PydanticCustomError:
    """A value error that carries a finding's code and hint through pydantic."""
    return PydanticCustomError(
        code,
        "{message}",
        {"message": message, "hint": hint},
    )


# values that are checked


def _language(value: str) -> str:
    if not langcodes.tag_is_valid(value):
        raise fault(
            "bad-language",
            f"“{value}” is not a language tag",
            "write a BCP 47 tag, such as id, en, en-GB or zh-Hant",
        )
    return str(langcodes.standardize_tag(value))


def _isbn(value: str) -> str:
    compact = stdnum_isbn.compact(value)
    if not stdnum_isbn.is_valid(compact):
        raise fault(
            "bad-isbn",
            f"“{value}” is not a valid ISBN",
            "copy all 13 digits from the agency's letter; the last is a check digit",
        )
    return str(stdnum_isbn.to_isbn13(compact))


def _doi(value: str) -> str:
    bare = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", value.strip(), flags=re.I)
    if not re.fullmatch(r"10\.\d{4,9}/\S+", bare):
        raise fault("bad-identifier", f"“{value}” is not a DOI", "a DOI looks like 10.1000/182")
    return bare


def _uuid(value: str) -> str:
    try:
        return str(uuid.UUID(value.removeprefix("urn:uuid:")))
    except ValueError:
        raise fault(
            "bad-identifier", f"“{value}” is not a UUID", "leave the key out to have one made"
        ) from None


def _orcid(value: str) -> str:
    bare = re.sub(r"^https?://orcid\.org/", "", value.strip())
    if not re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", bare) or not mod_11_2.is_valid(
        bare.replace("-", "")
    ):
        raise fault(
            "bad-identifier",
            f"“{value}” is not an ORCID",
            "an ORCID looks like 0000-0002-1825-0097; the last sign is a check digit",
        )
    return bare


def _license(value: str) -> str:
    try:
        return str(canonicalize_license_expression(value))
    except InvalidLicenseExpression:
        raise fault(
            "bad-license",
            f"“{value}” is not an SPDX licence expression",
            "write an identifier of spdx.org/licenses, such as CC-BY-SA-4.0 or CC0-1.0;"
            " put words of your own in rights",
        ) from None


def _name(value: str) -> str:
    if not re.fullmatch(r"[^\W_][\w.-]*", value) or value.endswith(".") or len(value) > 100:
        raise fault(
            "bad-name",
            f"“{value}” cannot name files",
            "use letters, digits, hyphens, dots and underscores, starting with a letter or digit",
        )
    return value


_DEVICE_NAMES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def _portable(value: str) -> str:
    if _DEVICE_NAMES.fullmatch(value):
        raise fault("bad-name", f"“{value}” is a device's name on Windows", "choose another name")
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
        raise fault(
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
        raise fault(
            "bad-page",
            f"“{value}” is not a page size",
            f"write one of {', '.join(PAPER_MM)}, with landscape if wanted, or two lengths"
            " such as 150mm 230mm",
        ) from None
    if not (50 <= width <= 1200 and 50 <= height <= 1700):
        raise fault(
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
    raise fault("wrong-type", f"“{value}” is not a date", "write 2026, 2026-11 or 2026-11-24")


def _number_as_text(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise fault(
            "wrong-type",
            f"{value} is a number here, and 1.10 would become 1.1",
            f'put it in quotes: "{value}"',
        )
    return value


Language = Annotated[StrictStr, AfterValidator(_language)]
Isbn = Annotated[StrictStr, BeforeValidator(_number_as_text), AfterValidator(_isbn)]
License = Annotated[StrictStr, AfterValidator(_license)]
Name = Annotated[StrictStr, AfterValidator(_name), AfterValidator(_portable)]
Date = Annotated[StrictStr, BeforeValidator(_text_date, json_schema_input_type=str | int)]
Length = Annotated[StrictStr, AfterValidator(_length)]
Text = Annotated[StrictStr, BeforeValidator(_number_as_text), Field(min_length=1)]
Doi = Annotated[StrictStr, AfterValidator(_doi)]
Uuid = Annotated[StrictStr, AfterValidator(_uuid)]
Orcid = Annotated[StrictStr, AfterValidator(_orcid)]
PageSize = Annotated[StrictStr, AfterValidator(_page_size)]
