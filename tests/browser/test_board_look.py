"""The board at a look: how much of it a laptop shows, what fingers hit, what every colour and script looks like."""

from __future__ import annotations

import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from components.design import MARK_CONTRAST, contrast
from printlab.domain.status import JobStatus, Verb
from tests import files_made
from tests.browser.lab import WITHOUT_TASKS, Lab
from tests.browser.people import DESKTOP, NEWEST_FIRST, PHONE, NewPerson, Person
from tests.browser.waiting import measured, places

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model

TABLET: dict[str, Any] = {"viewport": {"width": 1180, "height": 820}, "has_touch": True, "is_mobile": True}


def _have(page: Page, *, compact: bool) -> None:
    """Whole cards or compact ones: the choice follows the account from one test to the next."""
    button = page.get_by_role("button", name="Compact cards")
    if (button.get_attribute("aria-pressed") == "true") != compact:
        button.click()
    expect(page.locator(".pl-board.is-compact")).to_have_count(int(compact))


def test_who_wants_no_motion_sees_what_changes_at_once(lab: Lab, staff: Person) -> None:
    """Not a frame later: a list that reckons with its heights would jump."""
    job = lab.bench.submit()
    page = staff.visit(NEWEST_FIRST)
    slot = page.locator(f'.plb-slot[data-slot="{job.id}"]')
    assert slot.evaluate("it => { it.style.height = '321px'; return it.offsetHeight; }") == 321


def test_twelve_compact_cards_fit_into_a_laptops_column(lab: Lab, person: NewPerson) -> None:
    for _ in range(12):
        lab.bench.submit()
    page = _board(person(lab, **DESKTOP), lab)
    cards = page.locator("#plb-col-Uploaded [data-job]")
    _have(page, compact=True)
    page.reload()
    expect(page.get_by_role("button", name="Compact cards", pressed=True)).to_be_visible()
    twelfth = measured(cards.nth(11))
    assert twelfth["y"] + twelfth["height"] <= 768
    card = cards.first
    for name in ("Approve", "Open file", "More actions"):
        expect(card.get_by_label(name)).to_have_attribute("title", re.compile(name))
    card.get_by_label("Approve").click()
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("compact", [False, True], ids=["whole cards", "compact cards"])
def test_a_rejected_card_says_why_and_a_cancelled_one_that(lab: Lab, person: NewPerson, compact: bool) -> None:
    rejected, job = lab.bench.at(JobStatus.REJECTED), lab.bench.submit()
    cancelled = lab.bench.move(Verb.CANCEL, job, lab.bench.student(job))
    page = _board(person(lab, **DESKTOP), lab)
    page.locator(".plb-rail__done").click()
    _have(page, compact=compact)
    for job_id, why in ((rejected.id, "Too large"), (cancelled.id, "Cancelled by the student")):
        text = page.locator(f'[data-job="{job_id}"]').get_by_text(why, exact=True).first
        expect(text).to_be_visible()
        box = measured(text)
        assert box["width"] > 40


@pytest.mark.parametrize("compact", [False, True], ids=["whole cards", "compact cards"])
def test_fingers_hit_what_is_on_a_card(lab: Lab, person: NewPerson, compact: bool) -> None:
    lab.bench.at(JobStatus.COMPLETED)
    page = _board(person(lab, **TABLET), lab)
    _have(page, compact=compact)
    expect(page.locator("#plb-col-Completed .plb-act").first).to_be_visible()
    targets = page.locator("#plb-col-Completed .plb-act, .plb-rail button")
    for box in [measured(target) for target in targets.all()]:
        assert min(box["width"], box["height"]) >= 40


def test_a_compact_card_names_material_and_printer_and_the_rest_on_hover(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.submit(color="Natural")
    page = _board(person(lab, **DESKTOP), lab)
    _have(page, compact=True)
    card = page.locator(f'[data-job="{job.id}"]')
    line = card.locator(".plb-job__what")
    for part in (line.locator(".plb-job__material"), line.locator(".plb-job__printer")):
        assert part.evaluate("it => it.scrollWidth <= it.clientWidth")
    assert measured(line.locator(".plb-job__material"))["x"] < measured(line.locator(".plb-job__printer"))["x"]
    expect(line).to_have_attribute("title", "Prusa MK4S · PLA · Natural")
    expect(card.locator(".plb-job__sample")).to_have_attribute("title", "Natural")
    expect(card.locator(".plb-job__open")).to_have_attribute("title", "Jane Doe · part.stl")


def test_a_compact_card_keeps_what_a_whole_one_says(lab: Lab, person: NewPerson) -> None:
    sliced = lab.bench.add_sliced(lab.bench.submit(notes="By Friday"), files_made.prusa_gcode(printer="XL5IS"))
    job = lab.bench.approve(sliced)
    page = _board(person(lab, **DESKTOP), lab)
    _have(page, compact=True)
    card = page.locator(f'[data-job="{job.id}"]')
    beside = card.locator(".plb-job__beside")
    expect(beside).to_be_visible()
    expect(beside).to_have_attribute(
        "title", "Sliced file: part.gcode · 38 g · 2 h 10 min · $4.34\nJane Doe: By Friday"
    )
    expect(beside).to_contain_text("$4.34")  # for who hears the board
    expect(card.locator(".plb-mark--warning")).to_have_attribute("title", re.compile("^Sliced file: Sliced for XL5IS"))
    icon, picture = measured(beside), measured(card.locator(".plb-thumb"))
    assert icon["x"] >= picture["x"] + picture["width"] / 2
    assert icon["x"] + icon["width"] <= measured(card.locator(".plb-job__what"))["x"] + 11


def test_a_long_material_leaves_the_printer_its_room_on_a_compact_card(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.submit(method="Resin", printer="Formlabs Form 3", material="Standard resin", color="Grey")
    page = _board(person(lab, **DESKTOP), lab)
    _have(page, compact=True)
    line = page.locator(f'[data-job="{job.id}"] .plb-job__what')
    edge, printer = measured(line), measured(line.locator(".plb-job__printer"))
    assert printer["width"] >= 48
    assert printer["x"] + printer["width"] <= edge["x"] + edge["width"] + 1
    assert measured(line.locator(".plb-job__material"))["width"] >= 48


def test_the_buttons_of_a_dear_job_stand_in_one_line(lab: Lab, person: NewPerson) -> None:
    quoted = lab.bench.approve(lab.bench.submit(), weight_cg=999_900)
    job = lab.bench.complete(lab.bench.start(lab.bench.confirm(quoted)))
    page = _board(person(lab, **DESKTOP), lab)
    page.locator(".plb-rail__done").click()
    (left, middle, right) = places(page.locator(f'[data-job="{job.id}"] .plb-act'))
    assert left["y"] == middle["y"] == right["y"]
    assert middle["x"] - (left["x"] + left["width"]) >= 8


def test_the_rail_says_what_it_does(lab: Lab, person: NewPerson) -> None:
    page = _board(person(lab, **DESKTOP), lab)
    rail = page.locator(".plb-rail__done")
    expect(rail).to_contain_text(re.compile(r"^\s*first_page\s*Done\s*\d+\s*$"))
    rail.click()
    expect(rail).to_contain_text("Hide done")
    expect(page.locator("#plb-col-Rejected")).to_be_visible()
    rail.click()
    expect(page.locator("#plb-col-Rejected")).to_be_hidden()


@pytest.mark.parametrize(("theme", "color"), [("dark", "Black"), ("light", "White")])
def test_a_swatch_is_seen_on_its_card(lab: Lab, person: NewPerson, theme: Literal["dark", "light"], color: str) -> None:
    job = lab.bench.submit(color=color)
    visitor = person(lab, **DESKTOP)
    visitor.page.emulate_media(color_scheme=theme)
    card = _board(visitor, lab).locator(f'[data-job="{job.id}"]')
    ring = card.locator(".pl-swatch").evaluate("it => getComputedStyle(it).borderTopColor")
    ground = card.evaluate("it => getComputedStyle(it).backgroundColor")
    assert contrast(_hex(ring), _hex(ground)) >= MARK_CONTRAST


def test_names_in_other_scripts_are_set_in_a_font_of_the_system(lab: Lab, person: NewPerson) -> None:
    lab.bench.submit(name="王小明")
    page = _board(person(lab, **DESKTOP), lab)
    fonts = page.locator(".plb-job__who").first.evaluate("it => getComputedStyle(it).fontFamily")
    for name in ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK JP", "Malgun Gothic"):
        assert name in fonts


def _board(visitor: Person, lab: Lab) -> Page:
    page = visitor.signed_in(lab.admin()).visit(NEWEST_FIRST)
    _have(page, compact=False)
    return page


def _hex(color: str) -> str:
    """``rgb(1, 2, 3)`` as ``#010203``; what is half transparent has no contrast of its own."""
    channels = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", color)
    assert channels is not None, color
    return "#" + "".join(f"{int(channel):02x}" for channel in channels.groups())


def test_a_phone_keeps_the_words_of_its_cards_when_they_are_compact_elsewhere(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.submit(quantity=4)
    _have(person(lab, **DESKTOP).signed_in(lab.staff()).visit("/board"), compact=True)
    staff = person(lab, **PHONE).signed_in(lab.staff())
    page = staff.visit(NEWEST_FIRST)
    card = page.locator(f'[data-job="{job.id}"]')
    expect(card.get_by_role("button", name="Approve")).to_have_text("Approve")
    expect(card.get_by_role("button", name="Open file")).to_have_text("Open file")
    expect(card.locator(".plb-job__copies")).to_have_text(["4 copies"])
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(card.locator(".plb-job__copies").first).to_have_text("×4")
