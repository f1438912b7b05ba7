"""The tool path in the 3D view: layers, travel, colours, and the model beside it, by what the pixels show."""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from printlab.slicers.features import FEATURES
from printlab.slicers.toolpath import tool_path
from tests.browser.people import PHONE
from tests.browser.toolpaths import block_gcode, hue, orange
from tests.browser.viewing import (
    BED,
    Opening,
    Pixels,
    Site,
    blue,
    box,
    is_blue,
    near_white,
    red,
    site,
    tools_in_reach,
    view,
)
from tests.slicers.sliced_files import write_zip

_SHOWN = [site, view]  # fixtures that are asked for by name


def _put_path(site: Site, name: str, gcode: str) -> None:
    file = site.folder / "made.gcode"
    file.write_text(gcode)
    (site.folder / name).write_bytes(tool_path(file))


@pytest.fixture(scope="module", autouse=True)
def paths(site: Site) -> None:
    """Tool paths in the folder of the running page."""
    _put_path(site, "block.path", block_gcode())
    _put_path(site, "delta.path", block_gcode((0, 0)))


def crimson(pixels: Pixels) -> NDArray[np.bool_]:
    """Infill, lit or in shadow."""
    return hue(pixels, (99, 100), (10, 50), (41, 75))


def laid(pixels: Pixels) -> NDArray[np.bool_]:
    """Walls and infill, pale ones too."""
    return pixels[..., 0] - pixels[..., 2] > 30


def _height(mask: NDArray[np.bool_]) -> int:
    return int(np.ptp(np.flatnonzero(mask.any(axis=1))))


# ---------- what is shown ----------


@pytest.mark.parametrize("window", [{}, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_stand_on_the_bed_in_the_colours_of_what_they_are_for(
    view: Opening, window: dict[str, Any], theme: Literal["light", "dark"]
) -> None:
    opened = view(f"path=block.path&bed={BED}&theme={theme}", **window).is_in("shown")
    pixels = opened.pixels()
    assert orange(pixels).mean() > 0.03
    assert crimson(pixels).mean() > 0.03
    assert (near_white(pixels) > 0.1) is (theme == "light")
    assert opened.page.get_by_role("list", name="Colours").get_by_role("listitem").all_inner_texts() == [
        "Outer walls",
        "Infill",
    ]


def test_everything_that_is_laid_has_a_name_and_a_colour(view: Opening, site: Site) -> None:
    rows = [f";TYPE:{name}\nG1 X{x}\nG1 Y{9 * (x % 2)} E1" for x, name in enumerate(FEATURES, 1)]
    _put_path(site, "all.path", "\n".join(["M83\nG1 Z1", *rows, ""]))
    opened = view("path=all.path").is_in("shown")
    opened.page.get_by_role("button", name="Travel: moves without plastic").click()
    entries = opened.page.get_by_role("list", name="Colours").get_by_role("listitem")
    names = entries.all_inner_texts()
    colors = entries.locator("i").evaluate_all("all => all.map((one) => getComputedStyle(one).backgroundColor)")
    assert all(names)
    assert len(set(names)) == len(set(colors)) == len(FEATURES) + 1


def test_a_path_alone_needs_no_switch_and_one_beside_a_model_waits_behind_it(view: Opening) -> None:
    alone = view("path=block.path").is_in("shown")
    expect(alone.page.get_by_role("group", name="What is shown")).to_have_count(0)
    expect(alone.page.get_by_role("application", name="The tool path of the sliced file.")).to_be_visible()
    both = view(f"glb=box.glb&path=block.path&bed={BED}&theme=light").is_in("shown")
    assert blue(both.pixels()) > 0.04
    expect(both.button("Model")).to_have_attribute("aria-pressed", "true")
    expect(both.page.get_by_role("slider")).to_have_count(0)
    both.button("Tool path").click()
    assert orange(both.is_in("shown").pixels()).mean() > 0.03
    assert blue(both.pixels()) == 0
    both.button("Model").click()
    pixels = both.is_in("shown").pixels()
    assert (orange(pixels).sum(), both.data("size")) == (0, "60.0 40.0 30.0")
    assert blue(pixels) > 0.04


def test_beside_a_path_stands_the_size_of_what_it_prints(view: Opening, site: Site) -> None:
    """A block of 60 × 40 × 20 mm, by the middle of its outermost lines; the skirt around it is none of it."""
    skirt = ";TYPE:Skirt/Brim\nG1 X10 Y10\nG1 X240 E1\nG1 Y200 E1\n"
    _put_path(site, "skirt.path", block_gcode().replace(";TYPE:", f"{skirt};TYPE:", 1))
    opened = view(f"glb=box.glb&path=skirt.path&bed={BED}").is_in("shown")
    expect(opened.page.locator(".plv-size")).to_have_text("60 × 40 × 30 mm")
    opened.button("Tool path").click()
    opened.is_in("shown")
    expect(opened.page.locator(".plv-size")).to_have_text(re.compile(r"^60\.\d × 40\.\d × 20 mm$"))
    expect(opened.page.get_by_role("application", name=re.compile(r"60\.\d × 40\.\d × 20 mm"))).to_be_visible()
    opened.button("Both").click()
    opened.is_in("shown")
    expect(opened.page.locator(".plv-halves .plv-chip")).to_have_text(
        ["Model · 60 × 40 × 30 mm", re.compile(r"^Tool path · 60\.\d × 40\.\d × 20 mm$")]
    )


def test_a_path_that_lies_elsewhere_is_brought_into_the_picture(view: Opening, site: Site) -> None:
    _put_path(site, "far.path", block_gcode((20, 20)))
    opened = view(f"glb=box.glb&path=far.path&bed={BED}&theme=light").is_in("shown")
    opened.press("5")
    for _ in range(6):
        opened.press("+")  # so close that the corner of the plate is far away
    opened.button("Tool path").click()
    pixels = opened.is_in("shown").pixels()
    assert orange(pixels).mean() > 0.01
    middle = np.flatnonzero(orange(pixels).any(axis=0)).mean() / pixels.shape[1]
    assert 0.35 < middle < 0.65


@pytest.mark.parametrize("window", [{}, PHONE], ids=["beside each other", "above each other"])
def test_model_and_path_are_compared_from_the_same_place(view: Opening, window: dict[str, Any]) -> None:
    opened = view(f"glb=box.glb&path=block.path&bed={BED}&theme=light", **window).is_in("shown")
    opened.button("Both").click()
    pixels = opened.is_in("shown").press("1")
    height, width, _ = pixels.shape
    model, path = (
        (pixels[: height // 2], pixels[height // 2 :]) if window else (pixels[:, : width // 2], pixels[:, width // 2 :])
    )
    assert blue(model) > 0.02
    assert orange(model).sum() == 0
    assert blue(path) == 0
    assert orange(path).mean() > 0.01
    assert orange(opened.press("ArrowLeft")).sum() != orange(pixels).sum()


@pytest.mark.parametrize(
    "window", [{}, {"viewport": {"width": 1024, "height": 768}}, PHONE], ids=["1366", "1024", "390"]
)
def test_each_half_shows_the_whole_plate(view: Opening, window: dict[str, Any]) -> None:
    opened = view(f"glb=box.glb&path=block.path&bed={BED}&theme=light", **window).is_in("shown")
    opened.button("Both").click()
    pixels = opened.is_in("shown").pixels()
    for half in np.array_split(pixels, 2, axis=0 if "is_mobile" in window else 1):
        plate = (half > 248).all(axis=2)
        across, down = (np.flatnonzero(plate.any(axis=axis)) for axis in (0, 1))
        assert across[0] > 2
        assert across[-1] < half.shape[1] - 3
        assert down[0] > 2
        assert down[-1] < half.shape[0] - 3
        assert np.ptp(across) > 0.6 * half.shape[1] or np.ptp(down) > 0.6 * half.shape[0]


def test_a_printer_that_counts_from_the_middle_prints_in_the_middle(view: Opening) -> None:
    corner = view(f"path=block.path&bed={BED}&theme=light").is_in("shown").press("4")
    middle = view(f"path=delta.path&bed={BED}&theme=light").is_in("shown").press("4")
    assert np.abs(corner - middle).max(axis=2).mean() < 1


def test_a_path_that_goes_leaves_the_model(view: Opening) -> None:
    opened = view("glb=box.glb&path=block.path").is_in("shown")
    opened.button("Tool path").click()
    opened.is_in("shown").button("no path").click()
    expect(opened.page.get_by_role("slider")).to_have_count(0)
    assert blue(opened.is_in("shown").pixels()) > 0.04


def test_a_path_that_arrives_leaves_the_view_as_it_was_turned(view: Opening) -> None:
    opened = view(f"glb=box.glb&bed={BED}&theme=light").is_in("shown")
    opened.press("ArrowLeft")
    turned = opened.press("+")
    opened.button("path arrives").click()
    expect(opened.button("Tool path")).to_be_visible()
    stage = opened.is_in("shown").pixels()
    assert is_blue(stage).sum() == pytest.approx(is_blue(turned).sum(), rel=0.02)
    opened.button("Tool path").click()
    shown = opened.is_in("shown").pixels()
    opened.button("Model").click()
    assert np.abs(opened.is_in("shown").pixels() - stage).max(axis=2).mean() < 1
    assert np.abs(opened.press("1") - stage).max(axis=2).mean() > 1
    opened.button("Tool path").click()
    assert np.abs(opened.is_in("shown").pixels() - shown).max(axis=2).mean() > 1


def test_who_chooses_the_path_while_both_are_read_sees_it(view: Opening) -> None:
    """The part that was asked for first comes in the middle of the path, and must not end the reading of it."""
    opened = view(f"path=block.path&other=box.glb&bed={BED}")
    opened.page.evaluate(_SLOW_READING)
    opened.button("part arrives").click()
    opened.button("Both").click()
    opened.button("Tool path").click()
    assert orange(opened.is_in("shown").pixels()).mean() > 0.02


# A part is read in one second, a tool path in two.
_SLOW_READING = """() => {
  window.Worker = class extends Worker {
    postMessage(question, transferred) {
      setTimeout(() => super.postMessage(question, transferred), question.path ? 2000 : 1000);
    }
  };
}"""


def test_a_part_as_large_as_the_bed_fits_beside_its_path_too(view: Opening, site: Site) -> None:
    site.put("plate.glb", box(250.001, 210, 3))
    opened = view(f"glb=plate.glb&path=block.path&bed={BED}&pose=250x210x3&other=box.glb")
    opened.page.get_by_role("button", name="Show it here").click()
    opened.is_in("shown").button("Both").click()
    opened.page.get_by_role("button", name="Show it here").click()
    opened.is_in("empty").page.get_by_role("button", name="Show it here").click()
    pixels = opened.is_in("shown").pixels()
    assert red(pixels[:, : pixels.shape[1] // 2]) < 0.002  # the inside of its rear edges, a pixel here and there
    assert opened.data("fits") == "true"


# ---------- layers and travel ----------


def test_the_slider_takes_layers_away_from_above(view: Opening) -> None:
    opened = view(f"path=block.path&bed={BED}&theme=light").is_in("shown")
    whole = _height(laid(opened.press("2")))
    slider = opened.page.get_by_role("slider", name="Layer 20 of 20 · 20 mm")
    slider.fill("10")
    expect(opened.page.get_by_text("Layer 10 of 20 · 10 mm")).to_be_visible()
    assert _height(laid(opened.pixels())) == pytest.approx(whole / 2, rel=0.1)
    slider = opened.page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "Layer 10 of 20 · 10 mm")
    slider.press("ArrowLeft")
    expect(opened.page.get_by_text("Layer 9 of 20 · 9 mm")).to_be_visible()
    slider.press("Home")
    expect(opened.page.get_by_text("Layer 1 of 20 · 1 mm")).to_be_visible()


def test_page_up_and_down_in_the_picture_go_from_layer_to_layer(view: Opening) -> None:
    opened = view("path=block.path").is_in("shown")
    opened.press("PageDown")
    expect(opened.page.get_by_role("slider", name="Layer 19 of 20 · 19 mm")).to_have_value("19")
    for _ in range(3):
        opened.press("PageUp")
    expect(opened.page.get_by_role("slider", name="Layer 20 of 20 · 20 mm")).to_have_value("20")


def test_layers_below_the_one_chosen_are_paler(view: Opening) -> None:
    opened = view(f"path=block.path&bed={BED}&theme=light").is_in("shown")
    whole = opened.press("2")
    opened.page.get_by_role("slider").fill("15")
    cut = opened.pixels()
    rows = np.flatnonzero(laid(cut).any(axis=1))
    row, top = rows[len(rows) // 2], rows[0] + 2
    strength = [np.ptp(pixels[row], axis=1)[laid(pixels)[row]].mean() for pixels in (whole, cut)]
    assert strength[1] < 0.7 * strength[0]
    assert np.ptp(cut[top], axis=1)[laid(cut)[top]].mean() > 0.8 * strength[0]


def test_travel_is_shown_when_it_is_asked_for(view: Opening) -> None:
    opened = view(f"path=block.path&bed={BED}&theme=light").is_in("shown")
    without = opened.press("2")
    travel = opened.page.get_by_role("button", name="Travel: moves without plastic")
    expect(travel).to_have_attribute("aria-pressed", "false")
    travel.click()
    expect(travel).to_have_attribute("aria-pressed", "true")
    changed = np.abs(opened.press("2") - without).max(axis=2) > 40
    block = np.flatnonzero(orange(without).any(axis=1))
    assert changed[: block[0] - 5].sum() > 20  # high above the block
    expect(opened.page.get_by_role("list", name="Colours").get_by_text("Travel")).to_be_visible()
    travel.click()
    assert (np.abs(opened.press("2") - without).max(axis=2) > 40).sum() == 0


# ---------- plates ----------


def test_every_plate_of_a_file_can_be_chosen(view: Opening, site: Site) -> None:
    low = block_gcode().split(";LAYER_CHANGE\n;Z:6")[0]
    members = {"Metadata/plate_1.gcode": block_gcode(), "Metadata/plate_3.gcode": low}
    (site.folder / "plates.path").write_bytes(tool_path(write_zip(site.folder / "plates.gcode.3mf", members)))
    opened = view(f"path=plates.path&bed={BED}&theme=light").is_in("shown")
    whole = opened.press("2")
    plate = opened.page.get_by_label("Plate", exact=True)
    assert plate.locator("option").all_inner_texts() == ["Plate 1", "Plate 3"]
    plate.select_option("Plate 3")
    expect(opened.page.get_by_role("slider", name="Layer 5 of 5 · 5 mm")).to_have_value("5")
    picture = opened.page.get_by_role("application")
    expect(picture).to_have_accessible_name(
        "The tool path of the sliced file. Plate 3. Layer 5 of 5 · 5 mm. It prints 60.5 × 40.5 × 5 mm."
    )
    expect(opened.page.locator("[aria-live=polite]").last).to_have_text("Plate 3. Layer 5 of 5 · 5 mm.")
    assert _height(laid(opened.pixels())) < 0.4 * _height(laid(whole))  # a quarter, and its top seen from above
    plate.select_option("Plate 1")
    assert np.abs(opened.pixels() - whole).max(axis=2).mean() < 1


def test_a_picture_of_another_shape_shows_all_of_the_plate_that_was_chosen_since(view: Opening, site: Site) -> None:
    members = {
        "Metadata/plate_1.gcode": block_gcode().split(";LAYER_CHANGE\n;Z:4")[0],
        "Metadata/plate_2.gcode": block_gcode(),
    }
    (site.folder / "growing.path").write_bytes(tool_path(write_zip(site.folder / "growing.gcode.3mf", members)))
    opened = view("path=growing.path&theme=light").is_in("shown")
    opened.press("2")
    opened.page.get_by_label("Plate", exact=True).select_option("Plate 2")
    opened.pixels()
    before = _height(laid(opened.resize(900, 700)))
    assert before == pytest.approx(_height(laid(opened.press("2"))), abs=2)


def test_a_file_of_one_plate_offers_none(view: Opening) -> None:
    opened = view("path=block.path").is_in("shown")
    expect(opened.page.get_by_role("slider")).to_be_visible()
    expect(opened.page.get_by_label("Plate", exact=True)).to_have_count(0)


# ---------- beside that ----------


def test_a_path_that_cannot_be_read_is_said_in_words_and_the_model_is_still_there(view: Opening, site: Site) -> None:
    whole = (site.folder / "block.path").read_bytes()
    for content in (whole[:-40], b"no path", b""):
        (site.folder / "broken.path").write_bytes(content)
        opened = view("glb=box.glb&path=broken.path").is_in("shown")
        opened.button("Tool path").click()
        opened.is_in("failed")
        expect(opened.page.get_by_role("alert")).to_have_text("The tool path cannot be shown here.")
        opened.button("Model").click()
        assert blue(opened.is_in("shown").pixels()) > 0.04


def test_nothing_is_drawn_while_nothing_happens(view: Opening) -> None:
    opened = view("path=block.path").is_in("shown")
    opened.pixels()
    before = opened.frames()
    opened.page.wait_for_timeout(1000)
    assert opened.frames() == before


def test_a_removed_viewer_gives_the_path_back_with_its_picture(view: Opening) -> None:
    opened = view("glb=box.glb&path=block.path").is_in("shown")
    opened.button("Both").click()
    canvas = opened.is_in("shown").page.locator(".plv canvas").element_handle()
    assert canvas is not None
    opened.button("remove").click()
    expect(opened.page.locator(".plv")).to_have_count(0)
    assert canvas.evaluate("canvas => canvas.getContext('webgl2').isContextLost()")


def test_everything_is_large_enough_for_fingers(view: Opening, site: Site) -> None:
    both = dict.fromkeys(("Metadata/plate_1.gcode", "Metadata/plate_2.gcode"), block_gcode())
    (site.folder / "two.path").write_bytes(tool_path(write_zip(site.folder / "two.gcode.3mf", both)))
    opened = view(f"glb=box.glb&path=two.path&bed={BED}", **PHONE).is_in("shown")
    opened.button("Tool path").click()
    expect(opened.is_in("shown").page.get_by_label("Plate", exact=True)).to_be_visible()
    assert len(tools_in_reach(opened.host, 44)) == 11
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
