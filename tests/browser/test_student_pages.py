"""The student's way in the hand: after sending, by keyboard, on a bad line, with names and texts of any length."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from printlab.domain.policy import SYSTEM
from tests import files_made
from tests.browser.lab import Lab
from tests.browser.people import PHONE, NewPerson, Person, alive

_SIDEWAYS_PX = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_LONG_TERMS = "\n\n".join(f"{number}. " + "You say that this part is yours to make. " * 6 for number in range(1, 12))
_IN_SIGHT = """element => {
  const {top, bottom} = element.getBoundingClientRect();
  const bar = document.querySelector(".pl-send");
  const end = bar?.contains(element) ? innerHeight : bar?.getBoundingClientRect().top ?? innerHeight;
  return top >= document.querySelector(".pl-header").getBoundingClientRect().bottom && bottom <= end;
}"""


# ---------- after sending ----------


def test_a_sent_job_survives_a_reload_and_back_makes_no_second_one(lab: Lab, student: Person) -> None:
    before = lab.jobs()
    page = student.visit("/")
    student.fill_order(address="jane.stays@example.edu")
    student.choose_file("part.stl", files_made.stl())
    number = student.send()
    expect(page).to_have_url(re.compile(rf"/track/{number}-[^?]+\?sent=1$"))
    student.reload()
    expect(page.locator(".pl-job-number")).to_have_text(str(number))
    expect(page.get_by_text("It also goes to jane.stays@example.edu.")).to_be_visible()
    expect(page.locator(".pl-copy-text")).to_have_text(lab.job(number).track_url)

    page.go_back()
    alive(page)
    expect(page.locator("label.pl-drop")).to_be_visible()
    expect(page.get_by_label("First and last name")).to_have_value("")
    page.get_by_role("button", name="Send to the lab").click()
    expect(page.get_by_text("Choose the file that is to be printed")).to_be_visible()
    assert lab.jobs() == before + 1


def test_names_of_any_length_fit_a_phone(lab: Lab, student: Person) -> None:
    page = student.visit("/")
    student.fill_order("N" * 150)
    page.get_by_label("Course or department (optional)").fill("C" * 190)
    page.get_by_label("Notes for the lab (optional)").fill("One.\n" + "n" * 300)
    student.choose_file("f" * 140 + ".stl", files_made.stl())
    assert page.evaluate(_SIDEWAYS_PX) <= 0
    student.send()
    assert page.evaluate(_SIDEWAYS_PX) <= 0
    name = page.locator(".pl-ellipsis")
    assert name.get_attribute("title") == lab.newest_job().original_name
    assert name.evaluate("element => element.getBoundingClientRect().height") < 30
    page.get_by_text("Details of your order").click()
    expect(page.get_by_text("Name in the lab")).to_be_visible()
    assert page.evaluate(_SIDEWAYS_PX) <= 0


def test_a_lab_with_long_names_fits_a_phone(start_lab: Callable[..., Lab], person: NewPerson) -> None:
    lab = start_lab(
        lab_name="The Interdisciplinary Prototyping and Digital Fabrication Laboratory of the City",
        brand_name="Print Services of the Faculty of Design",
        contact_email="the.interdisciplinary.prototyping.laboratory@design.university.example.edu",
    )
    page = person(lab, **PHONE).visit("/")
    assert page.evaluate(_SIDEWAYS_PX) <= 0
    expect(page.get_by_role("banner").get_by_text("The Interdisciplinary")).to_be_visible()


# ---------- what is wrong is seen ----------


def test_an_error_comes_into_sight_with_its_fields_name_below_the_header(student: Person) -> None:
    page = student.visit("/")
    colours, agree = page.get_by_role("group", name="Colour"), page.get_by_role("checkbox", name="I agree")
    mend = (
        (
            "Choose the file",
            page.get_by_role("heading", name="Your file"),
            lambda: student.choose_file("part.stl", files_made.stl()),
        ),
        ("Choose a colour.", colours.locator("legend"), lambda: student.choose("Colour", "Blue")),
        (
            "Enter your first and last name.",
            page.locator(".q-field__label", has_text="First and last name"),
            lambda: page.get_by_label("First and last name").fill("Jane Doe"),
        ),
        (
            "Enter an e-mail address.",
            page.locator(".q-field__label", has_text="E-mail"),
            lambda: page.get_by_label("E-mail", exact=True).fill("jane@example.edu"),
        ),
        ("Without agreement", agree, agree.click),
    )
    for sentence, name, do in mend:
        _scroll_to_the_end(page)
        page.get_by_role("button", name="Send to the lab").click()
        _expect_in_sight(page, page.get_by_text(sentence))
        _expect_in_sight(page, name)
        do()
    student.send()


def test_the_keyboard_never_leads_behind_the_header(student: Person) -> None:
    page = student.visit("/")
    _scroll_to_the_end(page)
    page.get_by_role("button", name="Send to the lab").focus()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        field = page.locator("main :focus")
        if not field.count():
            break
        assert field.evaluate(_IN_SIGHT), field.evaluate("element => element.outerHTML")
    else:
        raise AssertionError("the keyboard never came to the beginning of the form")


def test_the_whole_form_works_with_the_keyboard_alone(lab: Lab, person: NewPerson) -> None:
    student = person(lab)
    student.page.on("filechooser", lambda _: None)  # from now on: asked for with the key, it may come too late
    page = student.visit("/")
    _tab_to(page, page.locator("input[type=file]"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": "key.stl", "mimeType": "model/stl", "buffer": files_made.stl()})
    expect(page.locator(".pl-file-note", has_text="uploaded")).to_be_visible()
    expect(page.locator(".pl-file")).to_be_focused()
    _tab_to(page, page.get_by_role("radio", name="Black", exact=True))
    page.keyboard.press("Space")
    _tab_to(page, page.get_by_label("First and last name"))
    page.keyboard.type("Jane Doe")
    page.keyboard.press("Tab")
    page.keyboard.type("jane.keys@example.edu")
    _tab_to(page, page.get_by_role("checkbox", name="I agree to these terms"))
    page.keyboard.press("Space")
    _tab_to(page, page.get_by_role("button", name="Send to the lab"))
    page.keyboard.press("Enter")
    expect(page.locator(".pl-job-number")).to_be_visible()
    assert (lab.newest_job().original_name, lab.newest_job().color) == ("key.stl", "Black")


def test_the_way_home_has_a_name_where_only_its_sign_is_shown(lab: Lab, person: NewPerson) -> None:
    page = person(lab, **PHONE).signed_in(lab.staff()).visit("/")
    expect(page.get_by_role("banner").get_by_role("link", name=re.compile("PrintLab"))).to_be_visible()


# ---------- the file ----------


def test_an_upload_that_broke_off_is_tried_again_without_choosing_again(student: Person) -> None:
    student.refusals_are_expected = True
    page = student.visit("/")
    page.route("**/upload?*", lambda route: route.abort("connectionreset"))
    student.choose_file("ring.stl", files_made.stl(), wait=False)
    sentence = "The upload of “ring.stl” broke off. Check the connection, then try again."
    expect(page.get_by_text(sentence)).to_be_visible()
    page.unroute("**/upload?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".pl-file-note", has_text="uploaded")).to_be_visible()
    expect(page.locator(".pl-upload .pl-error")).to_be_hidden()
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()


def test_sending_early_leaves_the_upload_alone_and_leaving_asks_first(student: Person) -> None:
    page = student.visit("/")
    held: list[Route] = []
    page.route("**/upload?*", lambda route: held.append(route))  # noqa: PLW0108  (Playwright marks its handlers)
    student.choose_file("ring.stl", files_made.stl(), wait=False)
    expect(page.get_by_role("button", name="Stop the upload")).to_be_visible()
    student.fill_order()
    page.get_by_role("button", name="Send to the lab").click()
    expect(page.get_by_text("The file is still on its way.")).to_be_visible()
    expect(page.get_by_role("button", name="Stop the upload")).to_be_visible()
    leave = "() => !window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    assert page.evaluate(leave) is True
    held[0].continue_()
    expect(page.locator(".pl-file-note", has_text="uploaded")).to_be_visible()
    expect(page.get_by_text("The file is still on its way.")).to_be_hidden()
    assert page.evaluate(leave) is False
    student.send()


def test_a_file_dropped_beside_the_field_is_taken_and_a_second_one_replaces_nothing(student: Person) -> None:
    page = student.visit("/")
    text = files_made.obj().decode()
    assert student.drop(".pl-submit-form", ("first.obj", text)) == [True, True]
    expect(page.locator(".pl-file-note", has_text="uploaded")).to_be_visible()
    assert student.drop(".pl-header", ("second.obj", text)) == [True, True]
    expect(page.locator(".pl-file-name")).to_have_text("first.obj")
    assert len(student.upload_requests()) == 1


# ---------- much of everything ----------


@pytest.fixture
def full_lab(lab: Lab) -> Iterator[Lab]:
    """The lab with long terms and 40 printers more, for one test."""
    terms = lab.services.lab.view().terms
    model = lab.services.catalog.view().printers[0]
    lab.change(terms=_LONG_TERMS)
    for number in range(1, 41):
        lab.services.catalog.save_printer(replace(model, id=0, name=f"Machine {number}"), SYSTEM)
    yield lab
    lab.change(terms=terms)
    for printer in lab.services.catalog.view().printers:
        if printer.name.startswith("Machine"):
            lab.services.catalog.save_printer(replace(printer, active=False), SYSTEM)


def test_long_terms_and_many_printers_are_folded_visibly(full_lab: Lab, person: NewPerson) -> None:
    student = person(full_lab, **PHONE)
    page = student.visit("/")
    terms = page.locator(".pl-terms")
    assert terms.evaluate("element => element.clientHeight < element.scrollHeight")
    page.get_by_role("button", name="Read all of the terms").click()
    expect(page.get_by_role("button", name="Show less of the terms")).to_be_visible()
    assert terms.evaluate("element => element.clientHeight >= element.scrollHeight")

    printers = page.get_by_role("group", name="Printer")
    expect(printers.get_by_role("radio")).to_have_count(6)
    page.get_by_role("button", name=re.compile(r"^Show all \d+ printers$")).click()
    student.choose("Printer", "Machine 30")
    student.fill_order()
    student.choose_file("part.stl", files_made.stl())
    student.reload()
    expect(printers.get_by_role("radio", name="Machine 30")).to_be_checked()
    expect(printers.get_by_role("radio")).to_have_count(7)  # the chosen one stays in sight


def test_short_terms_stand_there_whole(student: Person) -> None:
    page = student.visit("/")
    terms = page.locator(".pl-terms")
    assert terms.evaluate("element => element.clientHeight >= element.scrollHeight")
    expect(page.get_by_role("button", name="Read all of the terms")).to_be_hidden()


# ---------- helpers ----------


def _scroll_to_the_end(page: Page) -> None:
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")


def _expect_in_sight(page: Page, what: Locator) -> None:
    expect(what).to_be_visible()
    handle = what.element_handle()
    page.wait_for_function(_IN_SIGHT, arg=handle)


def _tab_to(page: Page, target: Locator) -> None:
    """Press Tab until ``target`` has the keyboard; a date field alone has three stops."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if target.evaluate("element => element.contains(document.activeElement)"):
            return
    raise AssertionError(f"the keyboard does not reach {target}")
