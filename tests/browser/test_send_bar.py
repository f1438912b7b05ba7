"""What stays in sight while the form is filled in: on a phone price and Send, on a PC the part and what was found."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import Lab
from tests.browser.people import DESKTOP, PHONE, NewPerson, Person
from tests.browser.viewing import binary_stl, box
from tests.browser.waiting import measured

_BAR = ".pl-send"
_PRICED_MS = 60_000
_PRICE = re.compile(r"^~ \$\d+\.\d\d–\d+\.\d\d$")
_COVERED = """() => {
  const bar = document.querySelector(".pl-send"), focused = document.activeElement;
  const field = focused.closest(".q-field, .pl-choice, .pl-consent, .pl-upload") ?? focused;
  const parts = [focused, ...field.querySelectorAll("[role=alert], .pl-error")];
  const isCovered = (part) => part.getBoundingClientRect().bottom > bar.getBoundingClientRect().top;
  return parts.filter(isCovered).map((part) => part.outerHTML);
}"""
_LISTEN = """() => {
  window.heard = [];
  const status = document.querySelector(".pl-send [role=status]");
  const all = {childList: true, characterData: true, subtree: true};
  new MutationObserver(() => heard.push(status.textContent)).observe(status, all);
}"""
_IS_HIGHER = "from => document.querySelector('.pl-send button').getBoundingClientRect().top < from"


def _edges(page: Page, what: str) -> tuple[float, float]:
    found = measured(page.locator(what))
    return found["y"], found["y"] + found["height"]


def _to_the_end(page: Page) -> None:
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")


def test_a_phone_has_price_and_send_at_its_lower_edge_all_the_way(student: Person) -> None:
    page = student.visit("/")
    height = PHONE["viewport"]["height"]
    expect(page.locator(_BAR)).to_contain_text("The likely price appears here.")
    assert _edges(page, _BAR)[1] == pytest.approx(height, abs=1)
    student.choose_file("bracket.stl", binary_stl(box(60, 40, 30)))
    expect(page.locator(".pl-send-price")).to_have_text(_PRICE, timeout=_PRICED_MS)
    expect(page.locator(".pl-send-second")).to_contain_text("about")
    assert _edges(page, _BAR)[1] == pytest.approx(height, abs=1)
    _to_the_end(page)
    assert _edges(page, _BAR)[1] <= _edges(page, ".pl-footer")[0]
    student.fill_order()
    student.send()


def test_what_stops_the_print_stands_in_the_place_of_the_price(student: Person) -> None:
    page = student.visit("/")
    student.choose_file("long.stl", binary_stl(box(300, 40, 30)))
    expect(page.locator(".pl-send-trouble")).to_have_text("Does not fit", timeout=_PRICED_MS)
    page.get_by_role("button", name="Remove the file").click()
    expect(page.locator(_BAR)).to_contain_text("The likely price appears here.")


def test_the_bar_covers_no_field_and_no_sentence_about_it(student: Person) -> None:
    page = student.visit("/")
    page.get_by_role("button", name="Send to the lab").click()
    expect(page.get_by_text("Without agreement to the terms")).to_be_visible()
    page.evaluate("window.scrollTo(0, 0)")
    page.locator("input[type=file]").focus()
    stops = 0
    while not page.locator(_BAR).evaluate("bar => bar.contains(document.activeElement)"):
        assert page.evaluate(_COVERED) == []
        page.keyboard.press("Tab")
        stops += 1
        assert stops < 40
    assert stops > 10


def test_a_screen_reader_hears_the_price_once_it_stands(student: Person) -> None:
    page = student.visit("/")
    page.evaluate(_LISTEN)
    student.choose_file("bracket.stl", binary_stl(box(50, 40, 30)))
    page.wait_for_function("heard.length === 1", timeout=_PRICED_MS)
    assert page.evaluate("heard[0]").startswith("Likely price: $")
    student.choose("Colour", "Blue")  # costs the same
    page.get_by_label("Copies").press_sequentially("25", delay=100)
    page.wait_for_function("heard.length === 2")
    page.wait_for_timeout(2000)
    assert page.evaluate("heard.length") == 2
    expect(page.locator(".pl-send-price")).to_have_attribute("aria-hidden", "true")
    expect(page.locator(".pl-report")).not_to_have_attribute("aria-live", "polite")


def test_the_bar_keeps_clear_of_what_a_phone_draws_at_its_edge(student: Person) -> None:
    page = student.visit("/")
    before = _edges(page, f"{_BAR} button")
    client = student.context.new_cdp_session(page)
    client.send("Emulation.setSafeAreaInsetsOverride", {"insets": {"bottom": 34}})
    page.wait_for_function(_IS_HIGHER, arg=before[0])
    assert _edges(page, f"{_BAR} button")[1] <= before[1] - 30

    client.send("Emulation.setSafeAreaInsetsOverride", {"insets": {"left": 47, "right": 47}})
    page.set_viewport_size({"width": 844, "height": 390})
    for part in (".pl-brand", ".pl-submit-file .pl-card", f"{_BAR} .pl-send-brief"):
        place = measured(page.locator(part))
        assert place["x"] >= 47, part


@pytest.mark.parametrize(
    "content", [binary_stl(box(60, 40, 31)), binary_stl(box(300, 240, 2, open_top=True))], ids=["good", "with trouble"]
)
def test_a_pc_keeps_part_size_and_price_in_sight(lab: Lab, person: NewPerson, content: bytes) -> None:
    student = person(lab, **DESKTOP)
    page = student.visit("/")
    student.choose_file(f"{'long ' * 20}.stl", content)
    expect(page.locator(".pl-chosen .pl-finding").first).to_be_visible(timeout=_PRICED_MS)
    for scroll in (lambda: None, lambda: _to_the_end(page)):
        scroll()
        for part in (".pl-upload .pl-file", ".plv", ".pl-report-facts"):
            top, bottom = _edges(page, part)
            assert top >= 56, part
            assert bottom <= DESKTOP["viewport"]["height"], part
        assert _edges(page, ".pl-chosen .pl-finding >> nth=0")[0] < _edges(page, ".pl-submit-file .pl-card")[1] - 20
        assert _edges(page, ".plv-bar")[1] <= _edges(page, ".plv")[1]
    assert _edges(page, ".plv-stage")[1] - _edges(page, ".plv-stage")[0] >= 160


def test_a_laptop_shows_the_answers_to_which_size_is_right_without_scrolling(person: NewPerson, lab: Lab) -> None:
    student = person(lab, **DESKTOP)
    page = student.visit("/")
    student.choose_file("metres.stl", binary_stl(box(15_000, 15_000, 15_000, open_top=True)))
    answer = page.get_by_role("button", name="× 0.001")
    expect(answer).to_be_visible(timeout=_PRICED_MS)
    for button in page.locator(".pl-finding-button").all():
        _is_whole(page, button)
    assert _edges(page, ".plv-reds")[0] >= _edges(page, ".plv-stage")[1]  # words cover no part
    assert _edges(page, ".plv-bar")[1] <= _edges(page, ".plv")[1]
    answer.click()
    back = page.get_by_role("button", name="Back to the file’s own size")
    expect(back).to_be_visible(timeout=_PRICED_MS)
    expect(page.locator(".pl-report-facts")).to_contain_text("15 × 15 × 15 mm", timeout=_PRICED_MS)
    expect(page.locator(".pl-report-facts")).to_contain_text("Price", timeout=_PRICED_MS)
    _is_whole(page, back)


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["1366", "390"])
def test_what_stands_against_the_part_is_one_click_away_from_send(
    lab: Lab, person: NewPerson, window: dict[str, Any]
) -> None:
    student = person(lab, **window)
    page = student.visit("/")
    student.choose_file("long.stl", binary_stl(box(300, 40, 30)))
    way = page.locator(".pl-send").get_by_role("link")
    expect(way).to_be_visible(timeout=_PRICED_MS)
    _to_the_end(page)
    way.click()
    expect(page.locator(".pl-chosen .pl-finding-negative")).to_be_in_viewport()
    top, _ = _edges(page, ".pl-findings")
    assert 56 <= top <= window["viewport"]["height"] - 100


def _is_whole(page: Page, button: Locator) -> None:
    """Nothing of it is cut off, by the window or by the area around it."""
    place, (top, bottom) = measured(button), _edges(page, ".pl-report")
    assert top <= place["y"] < place["y"] + place["height"] <= min(bottom, DESKTOP["viewport"]["height"])
