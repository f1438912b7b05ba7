"""The lab's two brand colours, made readable: WCAG 2.2 contrast for text and for marks, on light and on dark ground."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass

TEXT_CONTRAST = 4.5
_DARK_CONTRAST = 6.5  # on dark ground a tint at the limit still looks dull
_STEPS = 100
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme, each ``#rrggbb``; ``on_…`` is the text that stands on that colour."""

    ground: str
    surface: str
    soft: str
    line: str
    text: str
    muted: str
    bar: str
    on_bar: str
    mark: str
    action: str
    on_action: str
    link: str


def light(brand_color: str, accent_color: str) -> Theme:
    """The light theme for a brand; raises ValueError for what is no ``#rrggbb``."""
    action = _readable(brand_color, "#FFFFFF", TEXT_CONTRAST)
    return Theme(
        ground="#F4F3F7", surface="#FFFFFF", soft="#F7F6FA", line="#E3E0EA", text="#1C1925", muted="#5F5B6B",
        bar=brand_color, on_bar=_text_on(brand_color), mark=accent_color,
        action=action, on_action=_text_on(action), link=_readable(brand_color, "#F4F3F7", TEXT_CONTRAST),
    )  # fmt: skip


def dark(brand_color: str, accent_color: str) -> Theme:
    """The dark theme for a brand; raises ValueError for what is no ``#rrggbb``."""
    action = _readable(brand_color, "#1B1A22", _DARK_CONTRAST)
    return Theme(
        ground="#121117", surface="#1B1A22", soft="#22212B", line="#35333F", text="#EDEBF3", muted="#A9A5B6",
        bar=brand_color, on_bar=_text_on(brand_color), mark=accent_color,
        action=action, on_action=_text_on(action), link=action,
    )  # fmt: skip


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    low, high = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (high + 0.05) / (low + 0.05)


def _readable(color: str, ground: str, ratio: float) -> str:
    """``color``, or the nearest lighter or darker shade of the same hue that has this contrast on ``ground``."""
    end = 0.0 if contrast("#000000", ground) > contrast("#FFFFFF", ground) else 1.0
    shades = (_shade(color, end, step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if contrast(shade, ground) >= ratio)


def _text_on(ground: str) -> str:
    # Pure black only where the softer one is not enough; one of black and white always is.
    texts = ("#FFFFFF", "#17151F", "#000000")
    return next(text for text in texts if contrast(text, ground) >= TEXT_CONTRAST)


def _shade(color: str, end: float, share: float) -> str:
    hue, lightness, saturation = rgb_to_hls(*(channel / 255 for channel in _rgb(color)))
    shade = hls_to_rgb(hue, lightness + (end - lightness) * share, saturation)
    return "#" + "".join(f"{round(channel * 255):02X}" for channel in shade)


def _luminance(color: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _rgb(color: str) -> Rgb:
    if not _HEX.fullmatch(color):
        raise ValueError(f"{color!r} is no colour; write it like #461D7C.")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
