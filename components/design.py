"""The tokens: every colour, size and class name of the screens. Nothing else names a colour or a size.

The static style sheet (``static/printlab.css``) speaks in CSS custom properties only; this module gives them values
for the light and the dark theme and serves the sheet and the font under addresses that carry their content's hash.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from weakref import WeakKeyDictionary

from nicegui import Client, app, ui

STATIC = Path(__file__).parent / "static"
SHEETS = ("admin.css", "board.css", "board_bar.css", "board_table.css", "job.css", "viewer.css")
"""Those that some pages have beside the one of all."""
FOREVER_S = 365 * 24 * 3600
_given: WeakKeyDictionary[Client, set[str]] = WeakKeyDictionary()

# Layout.
STACK = "pl-stack"  # children below each other, 12 px apart
GROUPS = "pl-groups"  # groups below each other, 24 px apart
ROW = "pl-row"  # children beside each other, wrapping, 12 px apart
SPREAD = "pl-row pl-spread"  # the first and last at the ends
GRID = "pl-grid"  # fields in as many columns as fit
CARD = "pl-card"  # a surface with a line around it
CARD_TITLE = "pl-card-title"
PANEL = "pl-panel"  # a quiet, sunken surface inside a card
NARROW = "pl-narrow"  # one centred column of forms, 400 px
READING = "pl-reading"  # one centred column, 720 px
# Text.
DISPLAY = "pl-display"  # 28 px
TITLE = "pl-title"  # 20 px
HEADING = "pl-heading"  # 16 px, strong
SMALL = "pl-small"  # 13 px
MUTED = "pl-muted"
STRONG = "pl-strong"
BREAK = "pl-break"  # long names wrap anywhere
PROSE = "pl-prose"  # at most 72 characters a line, line breaks kept
ERROR = "pl-error"  # a sentence about what is wrong, beside its field
LINK = "pl-link"

_LIGHT = {
    "ground": "#F7F7F9",
    "surface": "#FFFFFF",
    "sunken": "#F1F0F4",
    "line": "#E3E2E8",
    "line-input": "#8E8B9A",
    "text": "#1C1A24",
    "muted": "#5D5A69",
    "shadow": "0 8px 28px rgb(20 16 34 / .16), 0 1px 3px rgb(20 16 34 / .12)",
    "positive": "#1A7038",
    "positive-soft": "#E3F5E8",
    "negative": "#B3261E",
    "negative-soft": "#FDECEA",
    "warning": "#855000",
    "warning-soft": "#FDF1DA",
    "uploaded": "#1D4FC4",
    "uploaded-soft": "#E8EFFE",
    "pending": "#855000",
    "pending-soft": "#FDF1DA",
    "rejected": "#B3261E",
    "rejected-soft": "#FDECEA",
    "ready": "#0B6666",
    "ready-soft": "#DFF4F2",
    "printing": "#6A36C2",
    "printing-soft": "#F0E9FC",
    "completed": "#1A7038",
    "completed-soft": "#E3F5E8",
    "closed": "#565463",
    "closed-soft": "#EDECF1",
    "stage": "#F1F0F4",
    "plate": "#FCFCFD",
    "plate-line": "#C9C7D2",
    "part-cut": "#4C70AE",
    # What each line of a tool path is for.
    "path-outer-wall": "#D9480F",
    "path-inner-wall": "#A87400",
    "path-overhang": "#1971C2",
    "path-infill": "#C2255C",
    "path-solid-infill": "#7048C8",
    "path-top": "#0B7285",
    "path-support": "#2B8A3E",
    "path-skirt": "#5F6B7A",
    "path-tower": "#846358",
    "path-other": "#7A8088",
    "path-travel": "#5C5F66",
}
_BOTH = {
    # The part in 3D, as in its thumbnail: its outside, its inside where it is open, and what leaves the build volume.
    "part": "#8FB2EA",
    "part-inside": "#C9554A",
    "part-outside": "#E5352B",
    "backdrop": "rgb(12 10 20 / .45)",
    "negative-fill": "#B3261E",
    "toast": "#26242F",
    "on-toast": "#FFFFFF",
    "toast-bad": "#FF9B92",
    "toast-good": "#7CD992",
}
_DARK = {
    "ground": "#121117",
    "surface": "#1B1A22",
    "sunken": "#24232D",
    "line": "#302E3A",
    "line-input": "#747182",
    "text": "#ECEBF1",
    "muted": "#A9A6B6",
    "shadow": "0 12px 32px rgb(0 0 0 / .55), 0 0 0 1px #302E3A",
    "positive": "#7CD992",
    "positive-soft": "#16351F",
    "negative": "#FF9B92",
    "negative-soft": "#421F1D",
    "warning": "#F0B95A",
    "warning-soft": "#3A2C12",
    "uploaded": "#8FB4FF",
    "uploaded-soft": "#1D2A47",
    "pending": "#F0B95A",
    "pending-soft": "#3A2C12",
    "rejected": "#FF9B92",
    "rejected-soft": "#421F1D",
    "ready": "#5CCFC9",
    "ready-soft": "#123634",
    "printing": "#C3A2FF",
    "printing-soft": "#30234B",
    "completed": "#7CD992",
    "completed-soft": "#16351F",
    "closed": "#B5B2C1",
    "closed-soft": "#2B2A34",
    "stage": "#15141B",
    "plate": "#272630",
    "plate-line": "#514E60",
    "part-cut": "#5779B5",
    "path-outer-wall": "#FF8A4C",
    "path-inner-wall": "#F2C14E",
    "path-overhang": "#4DABF7",
    "path-infill": "#F06595",
    "path-solid-infill": "#B197FC",
    "path-top": "#3BC9DB",
    "path-support": "#69DB7C",
    "path-skirt": "#A3AEBB",
    "path-tower": "#C9A394",
    "path-other": "#ADB5BD",
    "path-travel": "#8C93A3",
}

# Which characters the two font files hold: those of their own style sheet.
_LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,"
    "U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
_LATIN_EXTENDED = (
    "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9F,"
    "U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF"
)

# Names come in every script. Chinese stands first: its fonts alone hold all Han characters, so that no name is set in
# two faces; kana and Hangul that they lack come from the fonts after them. In each line: macOS and iOS, Windows, Linux
# and Android.
FONTS = (
    *("Inter Variable", "system-ui", "-apple-system", "Segoe UI"),
    *("PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC"),
    *("PingFang TC", "Microsoft JhengHei UI", "Noto Sans CJK TC", "Noto Sans TC"),
    *("Hiragino Sans", "Yu Gothic UI", "Meiryo", "Noto Sans CJK JP", "Noto Sans JP"),
    *("Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", "Noto Sans KR"),
    *("WenQuanYi Micro Hei", "Droid Sans Fallback"),
    "sans-serif",
)
_GENERIC = ("system-ui", "-apple-system", "sans-serif")

TEXT_CONTRAST = 4.5
MARK_CONTRAST = 3.0
_DARK_BRAND_CONTRAST = 5.5  # thin light strokes on dark look weaker than they measure
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme: token → CSS value."""

    tokens: dict[str, str]

    def css(self) -> str:
        """The custom properties as CSS declarations."""
        return "".join(f"--{name}:{value};" for name, value in self.tokens.items())


def luminance(color: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1 (WCAG 2.2, "relative luminance")."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def adjusted(color: str, against: str, ratio: float) -> str:
    """``color``, made lighter or darker in its own hue until its contrast to ``against`` is at least ``ratio``.

    A colour that has it already comes back unchanged; away from ``against`` is the direction.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)))
    goal = 0.0 if luminance(against) > 0.18 else 1.0  # middle grey
    candidate = color
    for step in range(_STEPS + 1):
        if contrast(candidate, against) >= ratio:
            break
        mixed = lightness + (goal - lightness) * step / _STEPS
        candidate = "#" + "".join(f"{round(c * 255):02X}" for c in colorsys.hls_to_rgb(hue, mixed, saturation))
    return candidate


def safe_hex(color: str, fallback: str = "#808080") -> str:
    """``color`` when it is ``#rrggbb``, otherwise ``fallback``: for colours that people typed."""
    return color if _HEX.fullmatch(color) else fallback


def palettes(brand: str, accent: str) -> tuple[Palette, Palette]:
    """The light and the dark theme for a lab's ``#rrggbb`` colours, adjusted to the contrast rule.

    ``brand`` is for text and marks, ``brand-fill`` carries ``on-brand`` text, ``mark`` is the deep ground of the
    brand sign with ``accent`` on it.
    """
    mark = adjusted(brand, "#FFFFFF", TEXT_CONTRAST)
    sign = {"mark": mark, "accent": adjusted(accent, mark, MARK_CONTRAST), "on-brand": "#FFFFFF"}
    light_soft, dark_soft = _tint(brand, 0.94), _tint(brand, 0.20)
    light_brand = adjusted(adjusted(brand, _LIGHT["sunken"], TEXT_CONTRAST), light_soft, TEXT_CONTRAST)
    dark_brand = adjusted(adjusted(brand, _DARK["sunken"], _DARK_BRAND_CONTRAST), dark_soft, TEXT_CONTRAST)
    light = {"brand": light_brand, "brand-fill": light_brand, "brand-soft": light_soft, "focus": light_brand}
    dark = {
        "brand": dark_brand,
        "brand-fill": adjusted(mark, _DARK["surface"], MARK_CONTRAST),
        "brand-soft": dark_soft,
        "focus": dark_brand,
    }
    return Palette(_BOTH | _LIGHT | sign | light), Palette(_BOTH | _DARK | sign | dark)


def _tint(color: str, lightness: float) -> str:
    hue, _, saturation = colorsys.rgb_to_hls(*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)))
    rgb = colorsys.hls_to_rgb(hue, lightness, saturation * 0.7)
    return "#" + "".join(f"{round(c * 255):02X}" for c in rgb)


def css_variables(brand: str, accent: str) -> str:
    """The custom properties of both themes: what the system asks for, unless the page says light or dark."""
    light, dark = (palette.css() for palette in palettes(brand, accent))
    return (
        f":root{{--font:{_font_family()}}}"
        f":root,body.body--light{{{light}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"body.body--dark{{{dark}}}"
    )


def _font_family() -> str:
    return ",".join(name if name in _GENERIC else f"'{name}'" for name in FONTS)


@cache
def static_url(path: Path) -> str:
    """The address of a static file, with the hash of its content in it, so that browsers may keep it for good."""
    digest = sha256(path.read_bytes()).hexdigest()[:12]
    return f"/static/{path.stem}.{digest}{path.suffix}"


def add_sheets(*names: str) -> None:
    """Give this page style sheets of ``SHEETS``, each once."""
    given = _given.setdefault(ui.context.client, set())
    new = [name for name in names if name not in given]
    given.update(new)
    if new:
        ui.add_head_html("".join(f'<link rel="stylesheet" href="{static_url(STATIC / name)}">' for name in new))


def _serve(path: Path) -> str:
    url = static_url(path)
    app.add_static_file(local_file=path, url_path=url, max_cache_age=FOREVER_S)
    return url


def install(brand: str, accent: str, logo: Path | None = None) -> None:
    """Serve style sheet, font and logo, and put the theme into every page. Call once, before the server starts."""
    font, more = (_serve(STATIC / f"inter-{part}-wght-normal.woff2") for part in ("latin", "latin-ext"))
    sheet = _serve(STATIC / "printlab.css")
    for name in ("viewer.js", "viewer-worker.js", *SHEETS):
        _serve(STATIC / name)
    if logo is not None:
        _serve(logo)
    faces = _font_face(font, _LATIN) + _font_face(more, _LATIN_EXTENDED)
    ui.add_head_html(
        f'<link rel="preload" href="{font}" as="font" type="font/woff2" crossorigin>'
        f"<style>{faces}{css_variables(safe_hex(brand), safe_hex(accent))}</style>"
        f'<link rel="stylesheet" href="{sheet}">',
        shared=True,
    )
    _set_defaults()


def _font_face(url: str, unicode_range: str) -> str:
    return (
        "@font-face{font-family:'Inter Variable';font-style:normal;font-display:swap;font-weight:100 900;"
        f"src:url({url}) format('woff2');unicode-range:{unicode_range}}}"
    )


def _set_defaults() -> None:
    """What every field and button of the app has in common."""
    for field in (ui.input, ui.number, ui.textarea, ui.select):
        field.default_props("outlined dense hide-bottom-space stack-label")
    ui.button.default_props("no-caps unelevated")
    ui.checkbox.default_props("dense")
    ui.dialog.default_props("transition-duration=140")
