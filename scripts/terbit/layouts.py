"""Layouts: themes found by name, their templates, style sheets, tokens, words and fonts.

A theme is a folder with the rooms of the built-in one (`shared/`, `html/`,
`epub/`, `pdf/`, `cover/`); what it lacks comes from the built-in. It is looked
for in `layouts/` of the publication and of the folder above its parent (the
project).
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import jinja2
import tinycss2
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from terbit import fonts as font_files
from terbit.diagnostics import Finding, Place
from terbit.errors import LayoutFault
from terbit.fonts import Font
from terbit.words import Words, load_words

BUILT_IN = "terbit"
_VAR = re.compile(r"var\(--([\w-]+)\)")


def built_in_folder() -> Path:
    """The layouts that come with Terbit: in the package of a wheel, at the top of a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "_layouts"
    return inside if inside.is_dir() else here.parents[1] / "layouts"


@dataclass(frozen=True)
class Layout:
    """A theme: its folders, the first winning."""

    name: str
    folders: tuple[Path, ...]

    def path(self, name: str) -> Path | None:
        return next((f / name for f in self.folders if (f / name).is_file()), None)

    @cached_property
    def environment(self) -> jinja2.Environment:
        return jinja2.Environment(
            loader=jinja2.FileSystemLoader([str(f) for f in self.folders]),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, template: str, **values: Any) -> str:
        """Fill a template; everything in it is escaped unless it is Markup.

        Raises LayoutFault.
        """
        try:
            return self.environment.get_template(template).render(**values)
        except jinja2.TemplateSyntaxError as error:
            raise LayoutFault(f"{error.filename}:{error.lineno}: {error.message}") from None
        except jinja2.TemplateNotFound as error:
            raise LayoutFault(f"the layout has no template {error.name}") from None
        except jinja2.UndefinedError as error:
            raise LayoutFault(f"the layout's template {template}: {error.message}") from None

    def words(self, language: str) -> Words:
        return load_words(language, [f / "shared" / "locales" for f in self.folders])

    @cached_property
    def default_tokens(self) -> dict[str, str]:
        """The design tokens; a theme's own win over the built-in ones."""
        tokens: dict[str, str] = {}
        for folder in reversed(self.folders):
            path = folder / "shared" / "tokens.yaml"
            if path.is_file():
                tokens.update({k: str(v) for k, v in _yaml(path).items()})
        return tokens

    def tokens(self, style: Mapping[str, object]) -> dict[str, str]:
        """The tokens with a publication's overrides; `scale` says how its size compares."""
        tokens = {**self.default_tokens, **{k: str(v) for k, v in style.items()}}
        tokens["scale"] = _ratio(tokens["font-size"], self.default_tokens["font-size"])
        return tokens

    def stylesheet(self, room: str, tokens: Mapping[str, str], *, live: bool = False) -> str:
        """`shared/typography.css` and `<room>/<room>.css`, with the tokens in them.

        `live` keeps them as custom properties, with `dark-…` tokens for dark screens.
        """
        css = ""
        for name in ("shared/typography.css", f"{room}/{room}.css"):
            path = self.path(name)
            css += path.read_text(encoding="utf-8") + "\n" if path else ""
        return _properties(tokens) + css if live else substitute(css, tokens)

    @cached_property
    def fonts(self) -> tuple[Font, ...]:
        """The faces that the layout declares, in order of fallback."""
        folder = next(f for f in self.folders if (f / "shared" / "fonts.yaml").is_file())
        listed = _yaml(folder / "shared" / "fonts.yaml").get("fonts")
        try:
            faces = tuple(
                Font(
                    f["family"],
                    folder / "shared" / "fonts" / f["file"],
                    f.get("weight", 400),
                    f.get("style", "normal"),
                )
                for f in listed or ()
            )
        except (KeyError, TypeError, AttributeError):
            faces = ()
        gone = [f.path for f in faces if not f.path.is_file()]
        if gone or not faces:
            what = f"{gone[0]} is missing" if gone else "it must list fonts: family and file"
            raise LayoutFault(f"{folder / 'shared' / 'fonts.yaml'}: {what}")
        return faces

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every file of the layout."""
        return folder_digest(self.folders)


def folder_digest(folders: tuple[Path, ...]) -> str:
    h = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                h.update(path.relative_to(folder).as_posix().encode() + b"\0")
                h.update(hashlib.sha256(path.read_bytes()).digest())
    return h.hexdigest()


@lru_cache(maxsize=32)
def _layout(name: str, folders: tuple[Path, ...]) -> Layout:
    return Layout(name, folders)


def find(name: str, publication: Path, place: Place) -> Layout | Finding:
    """The theme of that name, or the finding that there is none."""
    base = built_in_folder()
    if name == BUILT_IN:
        return _layout(name, (base,))
    root = publication.resolve()
    homes = (root / "layouts", root.parent.parent / "layouts")
    for home in homes:
        if (home / name).is_dir():
            return _layout(name, (home / name, base))
    there = sorted(
        {p.name for home in homes if home.is_dir() for p in home.iterdir() if p.is_dir()}
        | {BUILT_IN}
    )
    near = difflib.get_close_matches(name, there, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(there)}"
    return Finding("bad-layout", f"there is no layout “{name}”", place, hint)


def check_tokens(
    layout: Layout, style: Mapping[str, object], places: Mapping[str, Place]
) -> tuple[Finding, ...]:
    """Overrides must name a token and hold one CSS value."""
    findings = []
    for name, value in style.items():
        place = places.get(name)
        if name not in layout.default_tokens:
            near = difflib.get_close_matches(name, layout.default_tokens, 1)
            hint = (
                f"did you mean {near[0]}?"
                if near
                else f"the layout has: {', '.join(sorted(layout.default_tokens))}"
            )
            findings.append(Finding("bad-token", f"the layout has no token {name}", place, hint))
        elif not _is_value(str(value)):
            findings.append(
                Finding(
                    "bad-token",
                    f"“{value}” is not one CSS value for {name}",
                    place,
                    f"write a value such as {layout.default_tokens[name]}",
                )
            )
        elif name == "font-size" and not re.fullmatch(r"\d+(\.\d+)?(pt|px|mm)", str(value)):
            findings.append(
                Finding(
                    "bad-token", f"font-size must be a length, not “{value}”", place, "write 12pt"
                )
            )
    return tuple(findings)


def _is_value(value: str) -> bool:
    if re.search(r"[;{}@<>\\]|url\(|/\*", value) or not value.strip():
        return False
    return all(t.type != "error" for t in tinycss2.parse_component_value_list(value))


def _ratio(size: str, default: str) -> str:
    def points(text: str) -> float:
        found = re.fullmatch(r"([\d.]+)(pt|px|mm)", text)
        return float(found[1]) * {"pt": 1, "px": 0.75, "mm": 72 / 25.4}[found[2]] if found else 1

    return f"{points(size) / points(default):.4g}"


def substitute(css: str, tokens: Mapping[str, str]) -> str:
    """`var(--name)` replaced by the token's value, in rounds: tokens may name tokens."""
    for _ in range(4):
        new = _VAR.sub(lambda m: tokens.get(m[1], m[0]), css)
        if new == css:
            break
        css = new
    left = _VAR.search(css)
    if left:
        raise LayoutFault(f"a style sheet of the layout uses an unknown token: {left[1]}")
    return css


def _properties(tokens: Mapping[str, str]) -> str:
    light = "".join(f"--{k}:{v};" for k, v in tokens.items() if not k.startswith("dark-"))
    dark = "".join(
        f"--{k.removeprefix('dark-')}:{v};" for k, v in tokens.items() if k.startswith("dark-")
    )
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    )


def _yaml(path: Path) -> dict[str, Any]:
    try:
        value = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise LayoutFault(f"{path}: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(value, dict):
        raise LayoutFault(f"{path}: it is not a map of keys")
    return value


def own_fonts(
    publication: Path, names: tuple[str, ...], places: Mapping[int, Place]
) -> tuple[tuple[Font, ...], tuple[Finding, ...]]:
    """The publication's own font files, described."""
    found: list[Font] = []
    findings: list[Finding] = []
    for i, name in enumerate(names):
        try:
            found.append(font_files.describe(publication / name))
        except ValueError as error:
            findings.append(
                Finding(
                    "bad-font", f"“{name}” is no font: {error}", places.get(i), "use OTF or TTF"
                )
            )
    return tuple(found), tuple(findings)
