"""The part under a student's fingers: one of them still scrolls the page, two change the picture."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.lab import Lab, until
from tests.browser.people import Person
from tests.browser.viewing import View, binary_stl, blue, box, differs, is_blue
from tests.browser.waiting import measured

Place = tuple[float, float]
_STEPS = 12


@pytest.fixture
def opened(lab: Lab, student: Person) -> View:
    """The form with a part in 3D, in the upper half of a phone."""
    page = student.visit("/")
    student.choose_file("bracket.stl", binary_stl(box(60, 40, 30)))
    shown = View(page).is_in("shown")
    shown.pixels()
    page.evaluate("scrollTo(0, document.querySelector('.plv-stage').getBoundingClientRect().top + scrollY - 300)")
    return shown


def _middle(opened: View) -> Place:
    stage = measured(opened.page.locator(".plv-stage"))
    return stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2


def _touch(page: Page, *ways: tuple[Place, Place]) -> None:
    """Put a finger down at the beginning of each way, and lift all of them at the ends."""
    fingers = page.context.new_cdp_session(page)

    def tell(kind: str, share: float | None) -> None:
        points = [] if share is None else [_on(way, share, number) for number, way in enumerate(ways)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(20)

    tell("touchStart", 0)
    for step in range(1, _STEPS + 1):
        tell("touchMove", step / _STEPS)
    tell("touchEnd", None)
    fingers.detach()


def _on(way: tuple[Place, Place], share: float, finger: int) -> dict[str, float]:
    x, y = (begin + (end - begin) * share for begin, end in zip(*way, strict=True))
    return {"x": x, "y": y, "id": finger}


def _scrolled(page: Page) -> float:
    return page.evaluate("scrollY")


def test_a_finger_that_goes_up_scrolls_the_page_and_leaves_the_part(opened: View) -> None:
    x, y = _middle(opened)
    before, place = opened.pixels(), _scrolled(opened.page)
    _touch(opened.page, ((x, y), (x, y - 250)))
    until(lambda: opened.page.wait_for_timeout(50) or _scrolled(opened.page) > place + 100, "the page to scroll")
    opened.page.evaluate("place => scrollTo(0, place)", place)
    assert differs(before, opened.pixels()) < 0.01


def test_a_finger_that_scrolled_leaves_the_part_where_another_shape_shows_all_of_it(opened: View) -> None:
    x, y = _middle(opened)
    _touch(opened.page, ((x, y), (x, y - 250)))
    turned = np.ptp(np.flatnonzero(is_blue(opened.resize(844, 390)).any(axis=0)))
    assert turned == pytest.approx(np.ptp(np.flatnonzero(is_blue(opened.press("1")).any(axis=0))), abs=3)


def test_a_finger_that_goes_sideways_turns_the_part_and_leaves_the_page(opened: View) -> None:
    x, y = _middle(opened)
    before, place = opened.pixels(), _scrolled(opened.page)
    _touch(opened.page, ((x - 60, y), (x + 60, y)))
    assert differs(before, opened.pixels()) > 0.02
    assert _scrolled(opened.page) == place


def test_two_fingers_that_spread_bring_the_part_closer_and_not_the_page(opened: View) -> None:
    x, y = _middle(opened)
    before, place = opened.pixels(), _scrolled(opened.page)
    _touch(opened.page, ((x - 20, y), (x - 70, y)), ((x + 20, y), (x + 70, y)))
    near = opened.pixels()
    assert blue(near) > 1.3 * blue(before)
    assert (opened.page.evaluate("visualViewport.scale"), _scrolled(opened.page)) == (1, place)
    _touch(opened.page, ((x - 70, y), (x - 20, y)), ((x + 70, y), (x + 20, y)))
    assert blue(opened.pixels()) < 0.8 * blue(near)


def test_two_fingers_that_go_down_tilt_the_part_until_it_is_seen_from_above(opened: View) -> None:
    x, y = _middle(opened)
    before, place = opened.pixels(), _scrolled(opened.page)
    down = ((x - 40, y), (x - 40, y + 100)), ((x + 40, y), (x + 40, y + 100))
    _touch(opened.page, *down)
    above = opened.pixels()
    assert differs(before, above) > 0.02
    _touch(opened.page, *down)
    assert differs(above, opened.pixels()) < 0.01
    assert _scrolled(opened.page) == place
