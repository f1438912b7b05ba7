"""The 3D view in a real browser: what its pixels show, for files of the lab and for files in the student's hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Playwright, expect

from tests.browser.chromium import launched
from tests.browser.people import PHONE
from tests.browser.viewing import (
    BED,
    SHOWN_MS,
    Opening,
    Pixels,
    Site,
    Triangles,
    View,
    binary_stl,
    blue,
    box,
    differs,
    glb,
    is_blue,
    near_white,
    obj_of_a_prism,
    red,
    share,
    site,
    tools_in_reach,
    view,
)
from tests.browser.waiting import measured

_SHOWN = [site, view]  # fixtures that are asked for by name


def text_stl(triangles: Triangles) -> bytes:
    """The triangles as a text STL, in capitals and with a name that looks like the format's own words."""
    facets = "".join(
        "FACET NORMAL 0 0 0\r\n OUTER LOOP\r\n"
        + "".join(f"  VERTEX {x:.6e} {y:+.3f} {z}\r\n" for x, y, z in three)
        + " ENDLOOP\r\nENDFACET\r\n"
        for three in triangles.tolist()
    )
    return f"solid a vertex of 1 2 3\r\n{facets}endsolid a vertex of 1 2 3\r\n".encode()


# ---------- the lab's files ----------


@pytest.mark.parametrize("window", [{}, PHONE], ids=["laptop", "phone"])
def test_the_part_stands_large_on_the_bed(view: Opening, window: dict[str, Any]) -> None:
    opened = view(f"glb=box.glb&bed={BED}&theme=light", **window).is_in("shown")
    assert (opened.data("triangles"), opened.data("size"), opened.data("fits")) == ("12", "60.0 40.0 30.0", "true")
    pixels = opened.pixels()
    assert 0.04 < blue(pixels) < 0.6
    assert near_white(pixels) > 0.15
    assert red(pixels) == 0


def test_without_a_bed_there_is_the_part_alone(view: Opening) -> None:
    pixels = view("glb=box.glb&theme=light").is_in("shown").pixels()
    assert blue(pixels) > 0.08
    assert near_white(pixels) < 0.02


def test_what_leaves_the_build_volume_is_red_and_said(view: Opening) -> None:
    opened = view(f"glb=tall.glb&bed={BED}").is_in("shown")
    assert opened.data("fits") == "false"
    expect(opened.page.get_by_text("Red stripes: outside the build volume", exact=True)).to_be_visible()
    expect(opened.page.get_by_role("application")).to_have_accessible_name(re.compile(r"outside the build volume\."))
    expect(opened.page.locator("[aria-live=polite]").last).to_contain_text(
        "it does not fit the Prusa MK4S. Red stripes: outside the build volume."
    )
    pixels = opened.pixels()
    assert red(pixels) > 0.005
    assert blue(pixels) > 0.005


def test_things_farther_apart_than_the_bed_is_wide_are_shown_without_it(view: Opening, site: Site) -> None:
    """A project of two plates has the second one's things where its slicer draws that plate: beside the first."""
    for name, mm in (("apart", 300), ("near", 100)):
        things = np.concatenate([box(25, 25, 25), box(25, 25, 25) + np.array([mm, 0, 0])])
        (site.folder / f"{name}.glb").write_bytes(glb(things))
    apart = view(f"glb=apart.glb&items=2&bed={BED}&theme=light").is_in("shown")
    expect(apart.page.locator(".plv-bed")).to_have_text(
        "As the file lays them out: wider than one bed, so shown without it"
    )
    pixels = apart.pixels()
    assert near_white(pixels) < 0.05  # the words over the picture
    assert blue(pixels) > 0.005
    near = view(f"glb=near.glb&items=2&bed={BED}&theme=light").is_in("shown")
    expect(near.page.locator(".plv-bed")).to_have_text("Prusa MK4S · 250 × 210 × 220 mm")
    assert near_white(near.pixels()) > 0.1
    one = view(f"glb=apart.glb&items=1&bed={BED}&theme=light").is_in("shown")
    assert near_white(one.pixels()) > 0.1  # one thing that does not fit lies on the bed all the same


def test_another_bed_and_another_scale_are_judged_at_once(view: Opening) -> None:
    opened = view(f"glb=box.glb&bed={BED}").is_in("shown")
    opened.button("small bed").click()
    expect(opened.host).to_have_attribute("data-fits", "false")
    assert red(opened.pixels()) > 0.05
    opened.button("no bed").click()
    expect(opened.host).to_have_attribute("data-fits", "")
    assert red(opened.pixels()) == 0
    opened.button("inches").click()
    expect(opened.host).to_have_attribute("data-size", "1524.0 1016.0 762.0")


def test_a_part_that_fits_only_when_turned_is_turned(view: Opening, site: Site) -> None:
    site.put("long.glb", box(280, 8, 8))
    opened = view(f"glb=long.glb&bed={BED}").is_in("shown")
    assert opened.data("fits") == "true"
    assert red(opened.pixels()) == 0


@pytest.mark.parametrize(("longer_mm", "fits"), [(0, "true"), (0.00003, "true"), (0.001, "false")])
def test_a_chosen_file_is_judged_to_the_last_digit(view: Opening, longer_mm: float, fits: str) -> None:
    opened = view(f"local=1&bed={BED}").is_in("empty")
    opened.choose("plate.stl", binary_stl(box(250 + longer_mm, 210, 3) - [500, -300, 40])).is_in("shown")
    assert opened.data("fits") == fits


def test_what_was_measured_decides_and_not_the_coarser_corners_of_the_glb(view: Opening, site: Site) -> None:
    site.put("plate.glb", box(250.001, 210, 3))
    assert view(f"glb=plate.glb&bed={BED}").is_in("shown").data("fits") == "false"
    assert view(f"glb=plate.glb&bed={BED}&pose=250x210x3").is_in("shown").data("fits") == "true"


def test_a_hole_shows_the_inside_in_red(view: Opening, site: Site) -> None:
    site.put("open.glb", box(60, 40, 30, open_top=True))
    assert red(view("glb=open.glb").is_in("shown").press("4")) > 0.05


def test_the_inside_of_a_surface_is_told_from_what_is_outside(view: Opening, site: Site) -> None:
    site.put("open.glb", box(60, 40, 30, open_top=True))
    opened = view(f"glb=open.glb&bed={BED}&insides=Red: a hole").is_in("shown")
    said = "Red: a hole"
    expect(opened.page.get_by_text(said, exact=True)).to_be_visible()
    expect(opened.page.get_by_role("application")).to_have_accessible_name(re.compile(rf"{said}\."))
    expect(opened.page.locator("[aria-live=polite]").last).to_contain_text(said)
    expect(opened.page.get_by_text("Red stripes")).to_have_count(0)
    inside = shades_of_red(opened.press("4"))
    opened.button("small bed").click()
    expect(opened.page.get_by_text("Red stripes: outside the build volume", exact=True)).to_be_visible()
    assert shades_of_red(opened.press("4")) > 2 * inside


def shades_of_red(pixels: Pixels) -> float:
    """How often red turns lighter or darker along the middle row: stripes do, a plane does not."""
    row = pixels[pixels.shape[0] // 2]
    r, g = row[:, 0], row[:, 1]
    return float(((np.abs(np.diff(r)) > 24) & (r[1:] - g[1:] > 60)).sum())


def test_a_part_has_the_colour_it_is_printed_in(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light&color=1F5FBF").is_in("shown")
    assert blue(opened.pixels()) > 0.08
    before = opened.frames()
    opened.button("green").click()
    expect(opened.host).not_to_have_attribute("data-frames", str(before))
    pixels = opened.pixels()
    assert blue(pixels) == 0
    assert green(pixels) > 0.08


def green(pixels: Pixels) -> float:
    r, g, b = np.moveaxis(pixels, 2, 0)
    return share((g - r > 30) & (g - b > 15))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("color", ["000000", "FFFFFF"])
def test_black_and_white_keep_their_shape(view: Opening, theme: str, color: str) -> None:
    own = view(f"glb=box.glb&bed={BED}&theme={theme}").is_in("shown")
    part = is_blue(own.pixels())
    pixels = view(f"glb=box.glb&bed={BED}&theme={theme}&color={color}").is_in("shown").pixels()
    sides = pixels[part].mean(axis=1)
    light, dark = np.percentile(sides, [90, 10])
    assert light - dark > 40
    around = pixels[~part].mean(axis=1)
    assert abs(float(np.median(sides)) - float(np.median(around))) > 20


@pytest.mark.parametrize("trouble", ["bed=250x210x20", "insides=1"])
def test_a_red_part_is_not_red_where_red_says_what_is_wrong(view: Opening, trouble: str) -> None:
    assert red(view("glb=box.glb&color=C8202F").is_in("shown").pixels()) > 0.08
    assert blue(view(f"glb=box.glb&color=C8202F&{trouble}").is_in("shown").pixels()) > 0.002


def test_another_part_takes_the_place_of_the_first_and_goes_again(view: Opening) -> None:
    opened = view("glb=box.glb").is_in("shown")
    opened.button("show tall").click()
    expect(opened.host).to_have_attribute("data-size", "60.0 40.0 400.0", timeout=SHOWN_MS)
    opened.is_in("shown").button("clear").click()
    opened.is_in("empty")
    expect(opened.page.get_by_text("Your part appears here in 3D.")).to_be_visible()
    assert opened.data("triangles") is None


def test_a_part_that_is_not_there_is_said_in_words(view: Opening, site: Site) -> None:
    opened = view("glb=missing.glb").is_in("failed")
    expect(opened.page.get_by_role("alert")).to_have_text("The 3D view could not be loaded. Reload the page.")
    (site.folder / "broken.glb").write_bytes(glb(box(1, 2, 3))[:200])
    view("glb=broken.glb").is_in("failed")


# ---------- files in the student's hand ----------

_BOX = box(50, 30, 20)


@pytest.mark.parametrize(
    ("name", "content", "triangles"),
    [
        ("plain.stl", binary_stl(_BOX), 12),
        ("Solid.STL", binary_stl(_BOX, header=b"solid exported by a program"), 12),
        ("promises-more.stl", binary_stl(_BOX, header=b"solid", count=4_000_000), 12),
        ("promises-none.stl", binary_stl(_BOX, count=0), 12),
        ("tail.stl", binary_stl(_BOX, tail=b"made with care by a program"), 12),
        ("text.stl", text_stl(_BOX), 12),
        ("unmarked.stl", text_stl(_BOX).replace(b"\r\n", b" ").replace(b"solid a vertex of 1 2 3", b"solid x", 1), 12),
        (
            "octagon.obj",
            obj_of_a_prism([(10, 0), (40, 0), (50, 10), (50, 20), (40, 30), (10, 30), (0, 20), (0, 10)], 20),
            28,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_chosen_file_is_shown_before_it_is_sent(view: Opening, name: str, content: bytes, triangles: int) -> None:
    opened = view("local=1&theme=light").is_in("empty").choose(name, content).is_in("shown")
    assert (opened.data("triangles"), opened.data("size")) == (str(triangles), "50.0 30.0 20.0")
    assert blue(opened.pixels()) > 0.08


def test_a_concave_polygon_keeps_its_notch(view: Opening) -> None:
    notched = [(0.0, 0.0), (50.0, 0.0), (50.0, 30.0), (25.0, 2.0), (0.0, 30.0)]
    opened = view("local=1&theme=light").choose("notch.obj", obj_of_a_prism(notched, 5)).is_in("shown")
    pixels = opened.press("4")
    height, width, _ = pixels.shape
    middle = pixels[: height // 2, width // 2 - 20 : width // 2 + 20]
    assert blue(middle) < 0.1
    assert blue(pixels) > 0.08


def test_the_file_goes_when_it_is_taken_away(view: Opening) -> None:
    opened = view("local=1").choose("plain.stl", binary_stl(_BOX)).is_in("shown")
    opened.page.evaluate("window.dispatchEvent(new CustomEvent('printlab-file', {detail: {file: null}}))")
    opened.is_in("empty")


@pytest.mark.parametrize(
    ("name", "content", "state", "sentence"),
    [
        ("part.3mf", b"PK\x03\x04", "empty", "This file is shown in 3D once it has arrived."),
        ("text.stl", b"solid\nendsolid\n", "failed", "This file has no part in it that could be shown."),
        (
            "nan.stl",
            binary_stl(_BOX * np.nan),
            "failed",
            "This file cannot be shown here. The lab checks it once it has",
        ),
        ("words.obj", b"f 1 2 3\n" * 20, "failed", "This file has no part in it that could be shown."),
    ],
)
def test_what_cannot_be_shown_is_said(view: Opening, name: str, content: bytes, state: str, sentence: str) -> None:
    opened = view("local=1").is_in("empty").choose(name, content).is_in(state)
    expect(opened.host.locator(".plv-cover")).to_contain_text(sentence)


# ---------- using it ----------


def test_keys_turn_zoom_and_choose_views(view: Opening) -> None:
    opened = view(f"glb=box.glb&bed={BED}&theme=light").is_in("shown")
    iso = opened.press("1")
    assert differs(iso, opened.press("ArrowLeft")) > 0.02
    assert differs(iso, opened.press("ArrowRight")) < 0.01
    near = opened.press("+")
    assert blue(near) > blue(iso) * 1.15
    assert blue(opened.press("-")) < blue(near)
    for key, proportion in (("2", 60 / 30), ("3", 40 / 30), ("4", 60 / 40)):
        width, height = (np.ptp(np.flatnonzero(is_blue(opened.press(key)).any(axis=axis))) for axis in (0, 1))
        assert width / height == pytest.approx(proportion, rel=0.1)
    assert differs(iso, opened.press("1")) < 0.01
    part = blue(opened.press("f"))
    assert blue(opened.press("0")) < part / 2  # the whole build volume
    assert blue(opened.press("f")) == pytest.approx(part, abs=0.01)


def test_dragging_and_the_wheel_move_the_view(view: Opening) -> None:
    opened = view("glb=box.glb").is_in("shown")
    before = opened.pixels()
    middle = measured(opened.page.locator(".plv-stage"))
    x, y = middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2
    opened.page.mouse.move(x, y)
    opened.page.mouse.down()
    opened.page.mouse.move(x + 120, y + 30, steps=4)
    opened.page.mouse.up()
    turned = opened.pixels()
    assert differs(before, turned) > 0.02
    opened.page.mouse.wheel(0, -300)
    assert blue(opened.pixels()) > blue(turned) * 1.1


def test_a_cut_opens_the_part(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    whole = opened.press("2")
    opened.button("Cut the part open").click()
    half = opened.pixels()
    assert blue(half) == pytest.approx(blue(whole) / 2, rel=0.2)
    slider = opened.page.get_by_label("Where the part is cut")
    slider.fill("30")
    expect(slider).to_have_attribute("aria-valuetext", "From left 15.0 mm of 60.0 mm")
    assert blue(opened.pixels()) < blue(half) * 0.7
    opened.button("Y (front–back)").click()
    assert red(opened.pixels()) == 0
    opened.button("Cut the part open").click()
    assert blue(opened.pixels()) == pytest.approx(blue(whole), rel=0.05)


def test_a_cut_says_in_mm_where_it_is_and_reaches_both_ends_of_the_part(view: Opening, site: Site) -> None:
    site.put("odd.glb", box(60, 40, 30.33))
    opened = view(f"glb=odd.glb&bed={BED}&theme=light").is_in("shown")
    whole = opened.press("2")
    opened.button("Cut the part open").click()
    opened.button("Z (height)").click()
    slider = opened.page.get_by_label("Where the part is cut")
    for key, place_mm, left in (("ArrowRight", "15.4", 0.5), ("End", "30.3", 1), ("Home", "0.0", 0)):
        slider.press(key)
        expect(opened.page.get_by_text(f"Height {place_mm} mm of 30.3 mm", exact=True)).to_be_visible()
        expect(slider).to_have_attribute("aria-valuetext", f"Height {place_mm} mm of 30.3 mm")
        assert blue(opened.pixels()) == pytest.approx(
            left * blue(whole), abs=0.2 * blue(whole)
        )  # seen a little from above


def test_the_face_of_a_cut_is_closed_though_the_part_stands_on_the_plate(view: Opening) -> None:
    opened = view(f"glb=box.glb&bed={BED}&theme=light").is_in("shown")
    opened.button("Cut the part open").click()
    opened.button("Z (height)").click()
    opened.button("Top").click()
    face = middle(opened.pixels())
    assert near_white(face) == 0
    assert float(np.ptp(face.astype(int), axis=(0, 1)).max()) < 90  # hatched, and nothing else
    opened.button("Corner").click()
    assert near_white(middle(opened.pixels())) == 0


def middle(pixels: Pixels) -> Pixels:
    """What is well within the part's outline."""
    height, width = pixels.shape[:2]
    return pixels[height * 46 // 100 : height * 54 // 100, width * 46 // 100 : width * 54 // 100]


def test_what_is_measured_on_a_cut_lies_in_its_face(view: Opening) -> None:
    opened = view(f"glb=box.glb&bed={BED}&theme=light").is_in("shown")
    opened.button("Cut the part open").click()
    opened.button("Z (height)").click()
    opened.button("Corner").click()
    opened.pixels()
    opened.button(_MEASURE).click()
    canvas, place = opened.page.locator(".plv canvas"), measured(opened.page.locator(".plv canvas"))
    for aside in (-8, 8):
        canvas.click(position={"x": place["width"] / 2 + aside, "y": place["height"] / 2})
    expect(opened.page.locator(".plv-deltas")).to_contain_text("Z 0.0 mm")
    opened.page.get_by_label("Where the part is cut").press("ArrowRight")
    expect(opened.page.locator(".plv-point")).to_have_count(0)  # they would hang in the air


@pytest.mark.parametrize(
    ("size", "place", "too_thin"),
    [
        ((60, 40, 0), "From left 30.0 mm of 60.0 mm", "Z (height)"),
        ((0, 40, 30), "From front 20.0 mm of 40.0 mm", "X (left–right)"),
    ],
)
def test_a_flat_part_is_cut_only_where_it_has_a_length(
    view: Opening, site: Site, size: tuple[float, float, float], place: str, too_thin: str
) -> None:
    site.put("flat.glb", box(*size))
    opened = view("glb=flat.glb").is_in("shown")
    opened.button("Cut the part open").click()
    slider = opened.page.get_by_label("Where the part is cut")
    expect(slider).to_have_attribute("aria-valuetext", place)
    across = opened.page.get_by_role("group", name="Cut across").get_by_role("button")
    assert [one.inner_text() for one in across.all() if one.is_disabled()] == [too_thin]
    expect(opened.button(too_thin)).to_have_attribute("title", "The part is too thin to be cut this way")


def test_a_cut_keeps_either_side(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    whole = columns(opened.press("2"))
    opened.button("Cut the part open").click()
    left = columns(opened.pixels())
    opened.button("Other side").click()
    expect(opened.button("Other side")).to_have_attribute("aria-pressed", "true")
    right = columns(opened.pixels())
    assert (left[0], right[-1]) == pytest.approx((whole[0], whole[-1]), abs=2)
    assert left[-1] == pytest.approx(right[0], abs=4)
    assert np.ptp(left) / np.ptp(whole) == pytest.approx(1 / 2, abs=0.03)


def columns(pixels: Pixels) -> NDArray[np.intp]:
    """Where the part is, from the left, in px."""
    return np.flatnonzero(is_blue(pixels).any(axis=0))


def rows(pixels: Pixels) -> NDArray[np.intp]:
    """Where the part is, from above, in px."""
    return np.flatnonzero(is_blue(pixels).any(axis=1))


_MEASURE = "Measure between two points"


def lower_edge(pixels: Pixels) -> list[dict[str, float]]:
    """Places close to the two lower corners of a part that is seen from the front."""
    across, down = columns(pixels), rows(pixels)
    return [{"x": float(column), "y": float(down[-1] - 4)} for column in (across[0] + 4, across[-1] - 4)]


def test_two_clicked_points_are_measured_and_a_third_one_begins_anew(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    places = lower_edge(opened.press("2"))
    opened.button(_MEASURE).click()
    hint, said = opened.page.locator(".plv-hint"), opened.page.locator("[aria-live=polite]").last
    expect(hint).to_have_text("Click two points of the part")
    canvas = opened.page.locator(".plv canvas")
    canvas.click(position=places[0])
    expect(hint).to_have_text("Click the second point")
    canvas.click(position=places[1])
    # Close to two corners: those are meant, to the thousandth.
    expect(opened.page.locator("#measured")).to_have_text("60.000")
    expect(said).to_contain_text("Measured 60.0 mm: 60.0 across")
    expect(opened.page.locator(".plv-length")).to_have_text("60.0 mm")
    expect(opened.page.locator(".plv-deltas")).to_have_text(re.compile(r"X 60\.0\s+Y 0\.0\s+Z 0\.0 mm"))
    expect(hint).to_have_text("Click to measure anew; Escape ends")
    canvas.click(position=places[0])
    expect(opened.page.locator(".plv-point")).to_have_count(1)
    expect(opened.page.locator(".plv-length")).to_have_count(0)
    opened.button(_MEASURE).focus()  # Escape is heard in all of the viewer
    opened.page.keyboard.press("Escape")
    expect(opened.button(_MEASURE)).to_have_attribute("aria-pressed", "false")
    expect(opened.page.locator(".plv-point")).to_have_count(0)


def test_a_click_beside_the_part_is_said_and_leaves_the_first_point(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    places = lower_edge(opened.press("2"))
    opened.button(_MEASURE).click()
    canvas = opened.page.locator(".plv canvas")
    canvas.click(position=places[0])
    said, beside = opened.page.locator("[aria-live=polite]").last, "That is beside the part; click on it."
    heard = set[str]()
    for _ in range(2):
        canvas.click(position={"x": 20, "y": 200})
        expect(opened.page.locator(".plv-hint")).to_have_text(beside)
        expect(said).to_have_text(beside)
        heard.add(said.evaluate("it => it.textContent"))
    assert len(heard) == 2  # a screen reader reads out what has changed
    expect(opened.page.locator(".plv-point")).to_have_count(1)
    canvas.click(position=places[1])
    expect(opened.page.locator("#measured")).to_have_text("60.000")


@pytest.mark.parametrize("window", [{}, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("closer", [0, 4])
def test_the_length_stands_beside_what_is_measured(view: Opening, window: dict[str, Any], closer: int) -> None:
    opened = view("glb=box.glb&theme=light", **window).is_in("shown")
    pixels = opened.press("2")
    for _ in range(closer):
        pixels = opened.press("+")
    scale = window.get("device_scale_factor", 1)
    opened.button(_MEASURE).click()
    for column in (columns(pixels)[0] + 8, columns(pixels)[-1] - 8):
        position = {"x": column / scale, "y": (rows(pixels)[0] + 12) / scale}
        opened.page.locator(".plv canvas").click(position=position)
    tag, stage = (measured(opened.page.locator(what)) for what in (".plv-tag rect", ".plv-stage"))
    others = [measured(one) for one in opened.page.locator(".plv-point, .plv-stage .plv-chip").all()]
    assert len(others) == 4
    assert not any(overlap(tag, other) for other in others)
    line = opened.page.locator(".plv-measure").evaluate("({y1, y2}) => [y1, y2].map((end) => end.baseVal.value)")
    assert max(line) < tag["y"] - stage["y"] or min(line) > tag["y"] + tag["height"] - stage["y"]
    assert all(stage[way] <= tag[way] for way in "xy")
    assert tag["x"] + tag["width"] <= stage["x"] + stage["width"]
    assert tag["y"] + tag["height"] <= stage["y"] + stage["height"]


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether two places have something in common."""
    return all(
        one[way] < other[way] + other[long] and other[way] < one[way] + one[long]
        for way, long in (("x", "width"), ("y", "height"))
    )


def test_who_measures_with_keys_sees_where_enter_will_measure(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    before = opened.press("2")
    opened.button(_MEASURE).focus()
    opened.page.keyboard.press("Enter")
    cross, canvas = opened.page.locator(".plv-cross"), opened.page.locator(".plv canvas")
    expect(canvas).to_be_focused()
    expect(opened.page.locator(".plv-hint")).to_contain_text("Enter takes the point under the cross")
    mark, stage = measured(cross), measured(opened.page.locator(".plv-stage"))
    assert mark["x"] + mark["width"] / 2 == pytest.approx(stage["x"] + stage["width"] / 2, abs=0.5)
    assert mark["y"] + mark["height"] / 2 == pytest.approx(stage["y"] + stage["height"] / 2, abs=0.5)
    middle = (slice(before.shape[0] // 2 - 18, before.shape[0] // 2 + 18),)
    middle += (slice(before.shape[1] // 2 - 18, before.shape[1] // 2 + 18),)
    assert 0.03 < differs(before[middle], opened.pixels()[middle]) < 0.5
    opened.page.keyboard.press("Enter")
    opened.page.keyboard.press("Shift+ArrowRight")
    moved = columns(opened.pixels())
    assert moved[0] < columns(before)[0]
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator(".plv-deltas")).to_have_text(re.compile(r"X [1-9]\d*\.\d\s+Y 0\.0\s+Z 0\.0 mm"))
    opened.page.keyboard.press("Escape")
    expect(cross).to_have_count(0)


def test_keys_that_point_beside_the_part_are_told_what_helps(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    opened.button(_MEASURE).focus()
    opened.page.keyboard.press("Enter")
    for _ in range(12):
        opened.page.keyboard.press("Shift+ArrowUp")
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator(".plv-hint")).to_have_text(
        "The cross is beside the part; move it there with Shift and the arrows."
    )
    opened.page.mouse.move(700, 300)
    opened.page.mouse.down()
    opened.page.mouse.up()
    expect(opened.page.locator(".plv-cross")).to_have_count(0)


def test_a_key_that_means_nothing_leaves_who_measures_with_the_mouse(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    place = lower_edge(opened.press("2"))[0]
    opened.button(_MEASURE).click()
    opened.page.locator(".plv canvas").click(position=place)
    cross, hint = opened.page.locator(".plv-cross"), opened.page.locator(".plv-hint")
    for key in ("Shift", "a", "Tab"):
        opened.page.keyboard.press(key)
        opened.pixels()
        expect(hint).to_have_text("Click the second point")
        expect(cross).to_have_count(0)
    opened.press("ArrowLeft")
    expect(hint).to_contain_text("Enter takes the second point under the cross")
    expect(cross).to_be_visible()


def test_a_finger_is_told_to_tap(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light", **PHONE).is_in("shown")
    opened.button(_MEASURE).tap()
    hint, canvas = opened.page.locator(".plv-hint"), opened.page.locator(".plv canvas")
    expect(hint).to_have_text("Tap two points of the part")
    canvas.tap(position={"x": 20, "y": 200})
    expect(hint).to_have_text("That is beside the part; tap on it.")
    canvas.tap(position={"x": 195, "y": 220})
    expect(hint).to_have_text("Tap the second point")


def test_points_do_not_hang_in_the_air_when_the_part_stands_elsewhere(view: Opening, site: Site) -> None:
    site.put("long.glb", box(280, 8, 8))
    opened = view(f"glb=long.glb&bed={BED}").is_in("shown")
    opened.press("4")
    opened.button(_MEASURE).focus()
    opened.page.keyboard.press("Enter")
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator(".plv-point")).to_have_count(1)
    opened.button("no bed").click()
    expect(opened.page.locator(".plv-point")).to_have_count(0)
    expect(opened.page.locator(".plv-hint")).to_have_text("Click two points of the part")


def test_a_picture_of_another_shape_still_shows_all_of_the_part(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    opened.pixels()
    across = columns(opened.resize(300, 1000))
    assert across[0] > 10
    assert across[-1] < 290


def test_a_click_that_measures_leaves_the_part_where_another_shape_shows_all_of_it(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    place = lower_edge(opened.press("2"))[0]
    opened.button(_MEASURE).click()
    opened.page.locator(".plv canvas").click(position=place)
    expect(opened.page.locator(".plv-point")).to_have_count(1)
    across = columns(opened.resize(300, 1000))
    assert across[0] > 10
    assert across[-1] < 290


def test_a_part_that_was_turned_stays_as_it_is_in_a_picture_of_another_shape(view: Opening) -> None:
    opened = view("glb=box.glb&theme=light").is_in("shown")
    opened.pixels()
    middle = measured(opened.page.locator(".plv-stage"))
    opened.page.mouse.move(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)
    opened.page.mouse.wheel(0, -300)
    near = rows(opened.pixels())
    assert np.ptp(rows(opened.resize(900, 768))) == pytest.approx(np.ptp(near), abs=3)


def test_which_way_the_axes_go_is_seen_from_every_side(view: Opening) -> None:
    opened = view(f"glb=box.glb&bed={BED}").is_in("shown")
    names = opened.page.locator(".plv-axis-name")
    for key, axes in (("1", ["X", "Y", "Z"]), ("2", ["X", "Z"]), ("3", ["Y", "Z"]), ("4", ["X", "Y"])):
        opened.press(key)
        expect(names).to_have_text(axes)
        places = [measured(name) for name in names.all()]
        if key != "1":  # the first one goes to the right, the second one up
            assert places[0]["x"] > places[1]["x"] + 10
            assert places[0]["y"] > places[1]["y"] + 10
    opened.button("clear").click()
    opened.is_in("empty")
    expect(names).to_have_count(0)


def test_dimensions_stand_at_the_part(view: Opening) -> None:
    opened = view("glb=box.glb").is_in("shown")
    opened.button("Dimensions").click()
    expect(opened.page.locator(".plv-length")).to_have_text(["60.0 mm", "40.0 mm", "30.0 mm"])


def test_wireframe_shows_through_and_smooth_softens(view: Opening, site: Site) -> None:
    angles = np.linspace(0, 2 * np.pi, 13)[:-1]
    ring = np.stack([30 * np.cos(angles), 30 * np.sin(angles)], axis=1)
    here, there = ring, np.roll(ring, -1, axis=0)
    a, b, c, d = (np.insert(end, 2, z, axis=1) for end, z in ((here, 0), (there, 0), (there, 40), (here, 40)))
    site.put("tube.glb", np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]))
    opened = view("glb=tube.glb&theme=light").is_in("shown")
    flat = opened.press("2")
    opened.button("Smooth surfaces").click()
    smooth = opened.pixels()
    assert len(np.unique(smooth[smooth.shape[0] // 2, :, 2])) > 2 * len(np.unique(flat[flat.shape[0] // 2, :, 2]))
    opened.button("Wireframe").click()
    assert 0.001 < blue(opened.pixels()) < blue(flat) / 4


def test_the_theme_is_followed_while_the_view_is_open(view: Opening) -> None:
    opened = view(f"glb=box.glb&bed={BED}", color_scheme="light").is_in("shown")
    light = opened.pixels()
    opened.page.emulate_media(color_scheme="dark")
    dark = opened.pixels()
    assert near_white(light) > 0.15 > 0.02 > near_white(dark)
    assert blue(dark) > 0.04


def test_nothing_is_drawn_while_nothing_happens(view: Opening) -> None:
    opened = view(f"glb=box.glb&bed={BED}").is_in("shown")
    opened.pixels()
    before = opened.frames()
    opened.page.wait_for_timeout(1500)
    assert opened.frames() == before
    opened.press("ArrowUp")
    assert before < opened.frames() <= before + 3


def test_one_viewer_of_a_page_is_live(view: Opening) -> None:
    opened = view("glb=box.glb&other=tall.glb")
    expect(opened.page.locator('.plv[data-state="shown"]')).to_have_count(1, timeout=SHOWN_MS)
    expect(opened.page.get_by_text("The 3D view is open elsewhere on this page.")).to_be_visible()
    opened.button("Show it here").click()
    expect(opened.page.get_by_text("The 3D view is open elsewhere on this page.")).to_be_visible()
    expect(opened.page.locator('.plv[data-state="shown"]')).to_have_count(1, timeout=SHOWN_MS)


def test_viewers_that_gave_way_have_the_picture_back_when_the_live_one_goes(view: Opening) -> None:
    opened = view("glb=box.glb&other=tall.glb&other=box.glb")
    viewers = opened.page.locator(".plv")
    for left in (3, 2, 1):
        expect(viewers).to_have_count(left)
        states = ["empty"] * (left - 1) + ["shown"]
        for viewer, state in zip(viewers.all(), states, strict=True):
            expect(viewer).to_have_attribute("data-state", state, timeout=SHOWN_MS)
        if left > 1:
            opened.button("remove another").click()
    assert opened.data("size") == "60.0 40.0 30.0"
    assert blue(opened.pixels()) > 0.08


def test_a_removed_viewer_gives_its_picture_back(view: Opening) -> None:
    opened = view("glb=box.glb").is_in("shown")
    canvas = opened.page.locator(".plv canvas").element_handle()
    assert canvas is not None
    opened.button("remove").click()
    expect(opened.page.locator(".plv")).to_have_count(0)
    assert canvas.evaluate("canvas => canvas.getContext('webgl2').isContextLost()")


# Chooses a file of the site; gives the longest time that the page stood still between then and a state of the viewer.
# It is noted at once: what a graphics card draws next is not the page's time, and here there is none.
_CHOOSE = """
async ([url, state]) => {
  const file = new File([await (await fetch(url)).blob()], "large.stl");
  const viewer = document.querySelector(".plv");
  let [last, longest] = [performance.now(), 0];
  const tick = () => {
    const now = performance.now();
    [last, longest] = [now, Math.max(longest, now - last)];
  };
  const ticking = setInterval(tick, 10);
  return new Promise((resolve) => {
    const seen = new MutationObserver(() => {
      if (viewer.dataset.state !== state || !viewer.dataset.frames) return;
      seen.disconnect();
      clearInterval(ticking);
      tick();
      resolve(longest);
    });
    seen.observe(viewer, { attributes: true });
    window.dispatchEvent(new CustomEvent("printlab-file", { detail: { file } }));
  });
}"""
_NEVER_DONE = "() => { window.Worker = class extends Worker { postMessage() {} }; }"  # it waits for a question for ever
_STILL_MS = 1500  # on a machine that draws without a graphics card and tests beside it


@pytest.fixture(scope="module")
def large(site: Site) -> str:
    """The address of a wavy surface of two million triangles, 100 MB."""
    place = np.arange(1_999_998)[:, None] + np.arange(3)
    x, y, z = (place % 1000) / 5, place // 1000 / 10 + np.arange(3), 10 + 5 * np.sin(place / 90)
    (site.folder / "large.stl").write_bytes(binary_stl(np.stack([x, y, z], axis=2)))
    return "/models/large.stl"


def test_a_page_does_not_stand_still_while_100_mb_are_read(
    view: Opening, large: str, record_property: Callable[[str, object], None]
) -> None:
    opened = view("local=1").is_in("empty")
    longest_ms = opened.page.evaluate(_CHOOSE, [large, "shown"])
    record_property("longest stand-still in ms", round(longest_ms))
    assert opened.data("triangles") == "1999998"
    assert longest_ms < _STILL_MS
    opened.has_workers(0)


def test_a_viewer_that_goes_while_it_reads_leaves_nothing_behind(view: Opening) -> None:
    opened = view("local=1").is_in("empty")
    canvas = opened.page.locator(".plv canvas").element_handle()
    assert canvas is not None
    opened.page.evaluate(_NEVER_DONE)
    opened.choose("plain.stl", binary_stl(_BOX)).is_in("loading")
    opened.has_workers(1)
    opened.button("remove").click()
    expect(opened.page.locator(".plv")).to_have_count(0)
    opened.has_workers(0)
    assert canvas.evaluate("canvas => canvas.getContext('webgl2').isContextLost()")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_described_and_large_enough_for_fingers(view: Opening, theme: Literal["light", "dark"]) -> None:
    opened = view(f"glb=box.glb&bed={BED}&theme={theme}", **PHONE).is_in("shown")
    picture = opened.page.get_by_role("application", name="A test part in 3D. 60 × 40 × 30 mm.")
    expect(picture).to_have_accessible_description(re.compile("Arrow keys turn the part"))
    assert len(tools_in_reach(opened.host, 44)) == 10
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_webgl_picture_and_words_stand_in(site: Site, playwright: Playwright) -> None:
    chromium = launched(playwright, arguments=["--no-sandbox", "--disable-3d-apis"])
    try:
        opened = View(chromium.new_page())
        opened.page.goto(f"{site.url}/?glb=box.glb&picture=1")
        opened.is_in("no-webgl")
        picture = opened.page.get_by_role("img", name="A test part in 3D.")
        expect(picture).to_be_visible()
        assert picture.evaluate("it => it.naturalWidth") == 90
        expect(opened.page.get_by_text("This browser shows no 3D; another one may.")).to_be_visible()
        expect(opened.page.get_by_role("toolbar")).to_have_count(0)
    finally:
        chromium.close()
