"""The colours keep their contrast, whatever the lab's own colours are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.design import (
    FONTS,
    MARK_CONTRAST,
    STATIC,
    TEXT_CONTRAST,
    Palette,
    adjusted,
    contrast,
    css_variables,
    palettes,
    safe_hex,
)
from printlab.slicers.features import FEATURES

colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
STATUSES = ("uploaded", "pending", "rejected", "ready", "printing", "completed", "closed")
GROUNDS = ("ground", "surface", "sunken")


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#461D7C", "#121117") == pytest.approx(1.5, abs=0.15)


def test_a_readable_colour_stays_as_it_is() -> None:
    assert adjusted("#461D7C", "#FFFFFF", TEXT_CONTRAST) == "#461D7C"


@given(color=colors, against=st.sampled_from(("#FFFFFF", "#F1F0F4", "#24232D", "#121117")))
def test_any_colour_becomes_readable(color: str, against: str) -> None:
    assert contrast(adjusted(color, against, TEXT_CONTRAST), against) >= TEXT_CONTRAST


@given(brand=colors, accent=colors)
def test_any_brand_keeps_the_contrast_rule_in_both_themes(brand: str, accent: str) -> None:
    for palette in palettes(brand, accent):
        tokens = palette.tokens
        for ground in GROUNDS:
            assert contrast(tokens["brand"], tokens[ground]) >= TEXT_CONTRAST
        assert contrast(tokens["on-brand"], tokens["brand-fill"]) >= TEXT_CONTRAST
        assert contrast(tokens["brand-fill"], tokens["surface"]) >= MARK_CONTRAST
        assert contrast(tokens["accent"], tokens["mark"]) >= MARK_CONTRAST
        assert contrast(tokens["brand"], tokens["brand-soft"]) >= TEXT_CONTRAST
        assert contrast(tokens["text"], tokens["brand-soft"]) >= TEXT_CONTRAST


@pytest.mark.parametrize("palette", palettes("#461D7C", "#FDD023"), ids=["light", "dark"])
def test_texts_fields_and_statuses_can_be_read(palette: Palette) -> None:
    tokens = palette.tokens
    for ground in GROUNDS:
        for text in ("text", "muted", "positive", "negative", "warning"):
            assert contrast(tokens[text], tokens[ground]) >= TEXT_CONTRAST, (text, ground)
    for status in STATUSES:
        assert contrast(tokens[status], tokens[f"{status}-soft"]) >= TEXT_CONTRAST, status
        assert contrast(tokens[status], tokens["surface"]) >= TEXT_CONTRAST, status
    assert contrast(tokens["line-input"], tokens["surface"]) >= MARK_CONTRAST
    assert contrast(tokens["on-brand"], tokens["negative-fill"]) >= TEXT_CONTRAST
    assert contrast(tokens["on-toast"], tokens["toast"]) >= TEXT_CONTRAST


@pytest.mark.parametrize("palette", palettes("#461D7C", "#FDD023"), ids=["light", "dark"])
def test_every_line_of_a_tool_path_can_be_seen_and_told_apart(palette: Palette) -> None:
    colors = [palette.tokens[f"path-{name}"] for name in (*FEATURES, "travel")]
    assert len(set(colors)) == len(colors)
    for color in colors:
        for ground in ("surface", "stage", "plate"):
            assert contrast(color, palette.tokens[ground]) >= MARK_CONTRAST, (color, ground)


@pytest.mark.parametrize("typed", ["red", "#12345", "#12345g", "#123456;background:url(x)", "", "#1234567"])
def test_only_plain_colours_reach_a_style(typed: str) -> None:
    assert safe_hex(typed) == "#808080"


@pytest.mark.parametrize(
    "system_fonts",
    [
        ("PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo"),
        ("Microsoft YaHei", "Yu Gothic UI", "Malgun Gothic"),
        ("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR"),
    ],
    ids=["macOS", "Windows", "Linux"],
)
def test_names_in_chinese_japanese_and_korean_have_a_system_font(system_fonts: tuple[str, ...]) -> None:
    places = [FONTS.index(name) for name in system_fonts]
    assert places == sorted(places)
    assert 0 < places[0] < places[-1] < FONTS.index("sans-serif")
    style = css_variables("#461D7C", "#FDD023")
    assert all(f"'{name}'" in style for name in system_fonts)
    assert "var(--font)" in (STATIC / "printlab.css").read_text(encoding="utf-8")
