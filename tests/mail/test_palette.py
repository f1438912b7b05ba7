"""Whatever colour a lab calls its own, its mails can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.mail.palette import TEXT_CONTRAST, Theme, contrast, dark, light

colors = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def _assert_readable(theme: Theme) -> None:
    pairs = [
        (theme.text, theme.surface),
        (theme.text, theme.soft),
        (theme.muted, theme.surface),
        (theme.muted, theme.ground),
        (theme.on_bar, theme.bar),
        (theme.on_action, theme.action),
        (theme.action, theme.surface),
        (theme.link, theme.surface),
        (theme.link, theme.ground),
    ]
    assert [pair for pair in pairs if contrast(*pair) < TEXT_CONTRAST] == []


@given(brand=colors, accent=colors)
def test_every_text_has_enough_contrast_in_both_themes(brand: str, accent: str) -> None:
    _assert_readable(light(brand, accent))
    _assert_readable(dark(brand, accent))


def test_a_readable_brand_colour_stays_as_it_is() -> None:
    assert light("#461D7C", "#FDD023").action == "#461D7C"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("text", ["purple", "#fff", "#12345G", "", "#461D7C;} body{"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        light(text, "#FDD023")
