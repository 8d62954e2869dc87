"""Fonts: what they have, what they lack, and subsets that keep what is printed."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from conftest import ROOT
from terbit import fonts, layouts
from terbit.cache import Cache
from terbit.diagnostics import Place
from terbit.fonts import Font

FOLDER = ROOT / "layouts" / "shared" / "fonts"
SERIF = Font("Libertinus Serif", FOLDER / "LibertinusSerif-Regular.otf")
NO_CACHE = Cache(None)


@pytest.fixture(scope="module")
def declared() -> tuple[Font, ...]:
    layout = layouts.find("terbit", Path(), Place(""))
    assert isinstance(layout, layouts.Layout)
    return layout.fonts


def test_every_declared_font_is_there_and_none_else(declared: tuple[Font, ...]) -> None:
    files = {p.name for p in FOLDER.iterdir() if p.suffix in (".otf", ".ttf")}
    assert {f.path.name for f in declared} == files


def test_licences_lie_beside_the_fonts() -> None:
    assert [p for p in FOLDER.rglob("*") if re.search("(?i)ofl|licen", p.name)]


def test_faces_are_what_they_are_declared_to_be(declared: tuple[Font, ...]) -> None:
    for font in declared:
        found = fonts.describe(font.path)
        assert found.style == font.style, font.path.name
        assert abs(found.weight - font.weight) <= 100, font.path.name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Indonesian", "Bahasa Indonesia: é è ê, “kutipan”, ‘apostrof’, tanda — – … ©®™ Rp½"),
        ("Latin", "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßŁłŒœŠšŽžĀāĒēĪīŌōŪūĂăȘșẞ"),
        (
            "IPA",
            "ɑɐɒæɓʙβɔɕçɗɖðʤəɘɚɛɜɝɞɟʄɡɠɢʛɦɧħɥʜɨɪʝɭɬɫɮʟɱɯɰŋɳɲɴøɵɸθœɶʘɹɺɾɻʀʁɽʂʃʈʧʉʊʋⱱʌɣɤʍχʎʏʑʐʒʔʡʕʢˈˌːˑ",
        ),
        ("Greek", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ"),
        ("Cyrillic", "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяёЁіїєґ"),
        ("arrows", "←↑→↓↔↕⇐⇒⇔↦↩"),
        ("mathematics", "∀∂∃∅∆∇∈∉∋∏∑−±×÷√∝∞∠∧∨∩∪∫∴≈≠≡≤≥⊂⊃⊆⊇⊕⊗⊥⋅ℕℤℚℝℂ"),
    ],
)
def test_coverage(name: str, text: str, declared: tuple[Font, ...]) -> None:
    assert fonts.missing(text, declared) == (), name


def test_missing_characters_in_order_and_once() -> None:
    assert fonts.missing("a漢b字漢\u200b\ufe0f\u00ad", [SERIF]) == ("漢", "字")


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("漢", "U+6F22 CJK UNIFIED IDEOGRAPH-6F22"),
        ("é", "U+00E9 LATIN SMALL LETTER E WITH ACUTE"),
        ("\ue000", "U+E000 with no name"),
    ],
)
def test_names(character: str, name: str) -> None:
    assert fonts.character_name(character) == name


@pytest.mark.parametrize("data", [b"", b"text", b"OTTO", b"\0\1\0\0" + bytes(200), b"wOF2abc"])
def test_what_is_no_font(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.otf"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r".*"):
        fonts.describe(path)


@pytest.mark.parametrize("keep", [100, 500, 2_000, 20_000, 100_000])
def test_a_font_cut_short_is_an_answer(keep: int, tmp_path: Path) -> None:
    path = tmp_path / "x.otf"
    path.write_bytes(SERIF.path.read_bytes()[:keep])
    with contextlib.suppress(ValueError):
        fonts.describe(path)


@pytest.mark.parametrize("flavor", [None, "woff2"])
def test_a_subset_has_the_characters_and_their_features(flavor: str | None) -> None:
    text = "office “Quote” fi 123"
    data = fonts.subset(SERIF, text, flavor, NO_CACHE)
    with TTFont(io.BytesIO(data)) as font:
        assert set(map(ord, text)) <= set(font.getBestCmap())
        assert ord("z") not in font.getBestCmap()
        features = {f.FeatureTag for f in font["GSUB"].table.FeatureList.FeatureRecord}
        assert {"liga", "onum"} <= features
    assert len(data) < len(SERIF.path.read_bytes()) / 4


def test_subsets_are_the_same_each_time_and_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    one = fonts.subset(SERIF, "abc", "woff2", cache)
    assert fonts.subset(SERIF, "cbaabc", "woff2", cache) == one
    assert fonts.subset(SERIF, "abc", "woff2", NO_CACHE) == one
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def test_only_families_that_are_needed_are_shipped(declared: tuple[Font, ...]) -> None:
    def families(text: str) -> set[str]:
        return {font.family for font, _ in fonts.needed(declared, text)}

    assert "DejaVu Sans" not in families("plain text")
    everything = "".join(map(chr, fonts.coverage(declared[-1].path)))
    assert "DejaVu Sans" in families(everything)


def test_a_rule_for_a_face() -> None:
    rule = fonts.face_rule(SERIF, "fonts/x.otf")
    assert rule.startswith('@font-face{font-family:"Libertinus Serif";src:url("fonts/x.otf")')
