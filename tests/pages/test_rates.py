"""A printer's rates read the same for students, staff and admins."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from pages import _frame as frame
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from printlab.offloop import off_loop
from printlab.services import Services
from tests.pages.acting import field, send_form, sign_in
from tests.pages.waiting import eventually, until
from tests.services.rates import make_dearer
from tests.workbench import ADMIN, Workbench


@pytest.fixture
async def admin(visitor: User, password: str) -> User:
    """Sam Rivera, signed in as an admin."""
    assert await sign_in(visitor, password) == 200
    return visitor


async def test_a_student_reads_what_a_gram_and_a_minute_cost(visitor: User) -> None:
    await visitor.open("/")
    await visitor.should_see("Prusa MK4S: $0.08 per gram and $0.010 per minute.")


async def test_the_catalogue_and_its_form_show_the_same_figures(admin: User) -> None:
    await admin.open("/admin/catalog")
    await admin.should_see(kind=ui.label, content="$0.08")
    await admin.should_see(kind=ui.label, content="$0.010")
    buttons = admin.find(kind=ui.button).elements
    edit = next(button for button in buttons if button.props.get("aria-label") == "Edit Prusa MK4S")
    UserInteraction(admin, {edit}, None).click()
    await admin.should_see("Rate per minute", retries=30)
    assert (field(admin, "Rate per gram").value, field(admin, "Rate per minute").value) == ("0.08", "0.010")


async def test_another_price_is_asked_for_in_the_labs_currency_until_it_is_typed(admin: User, bench: Workbench) -> None:
    await admin.open(f"/jobs/{bench.submit().id}")
    await admin.should_see("Weight of all copies", retries=100)
    field(admin, "Weight of all copies").value = "38"
    field(admin, "Printing time of all copies").value = "2 h 10"
    admin.find(kind=ui.checkbox, content="Another price").click()
    await admin.should_see("Enter the other price", retries=30)
    await admin.should_see("instead of $4.34 = 38 g × $0.08")
    assert field(admin, "Price").props["prefix"] == "$"
    field(admin, "Price").value = "3"
    await admin.should_see(kind=ui.label, content="$3.00", retries=30)


async def test_what_was_taken_is_asked_in_the_labs_currency(admin: User, bench: Workbench) -> None:
    await admin.open(f"/jobs/{bench.at(JobStatus.COMPLETED).id}")
    await admin.should_see("Collected by", retries=100)
    assert field(admin, "Amount").props["prefix"] == "$"


async def test_weight_comes_before_time_when_a_print_is_done_too(admin: User, bench: Workbench) -> None:
    await admin.open(f"/jobs/{bench.at(JobStatus.PRINTING).id}")
    await admin.should_see("Actual weight", retries=100)
    assert field(admin, "Actual weight").id < field(admin, "Actual time").id


async def test_the_quote_is_reckoned_with_the_same_figures(admin: User, bench: Workbench) -> None:
    await admin.open(f"/jobs/{bench.submit().id}")
    await admin.should_see("Weight of all copies", retries=100)
    field(admin, "Weight of all copies").value = "38"
    field(admin, "Printing time of all copies").value = "2 h 10"
    await admin.should_see("38 g × $0.08 + 2 h 10 min × $0.010/min", retries=30)


async def test_a_price_that_nobody_saw_is_not_sent_and_the_new_one_is_shown(
    admin: User, bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.submit()
    await quote(admin, job, "38", "2 h 10")
    monkeypatch.setattr(frame.LAB_CHANGED, "emit", lambda: None)  # it is on its way to the page
    await off_loop(make_dearer, services, ADMIN)
    send_form(admin, "Approve and send quote · $4.34")
    await until(admin, "The rates changed since: it costs $20.30 now. Look at it and send it again.")
    await until(admin, "38 g × $0.50 + 2 h 10 min × $0.010/min")
    assert bench.get(job.id).status is JobStatus.UPLOADED

    send_form(admin, "Approve and send quote · $20.30")
    await until(admin, f"Job {job.id} approved for $20.30")
    assert bench.get(job.id).price_cents == 2030


async def test_a_form_that_is_open_follows_the_rates(admin: User, bench: Workbench, services: Services) -> None:
    await quote(admin, bench.submit(), "38", "2 h 10")
    await until(admin, "Approve and send quote · $4.34")
    await off_loop(make_dearer, services, ADMIN)
    await until(admin, "Approve and send quote · $20.30")
    assert (field(admin, "Weight of all copies").value, field(admin, "Printing time of all copies").value) == (
        "38",
        "2 h 10",
    )


async def test_a_printers_new_name_is_on_the_page_and_in_its_form(
    admin: User, bench: Workbench, services: Services
) -> None:
    await quote(admin, bench.submit(), "38", "2 h 10")
    choose = next(select for select in admin.find(kind=ui.select).elements if select.props["label"] == "Printer")
    mk4s = services.catalog.view().printers[0]
    await off_loop(services.catalog.save_printer, replace(mk4s, name="The orange one"), ADMIN)
    await until(admin, "The orange one")
    await eventually(lambda: choose.value == "The orange one" and "Prusa MK4S" not in choose.options)
    send_form(admin, "Approve and send quote · $4.34")
    await until(admin, "approved for $4.34")


async def test_a_printer_that_was_chosen_stays_when_the_rates_change(
    admin: User, bench: Workbench, services: Services
) -> None:
    await quote(admin, bench.submit(), "38", "2 h 10")
    choose = next(select for select in admin.find(kind=ui.select).elements if select.props["label"] == "Printer")
    choose.value = "Prusa XL"
    await until(admin, "Approve and send quote · $4.85")
    await off_loop(make_dearer, services, ADMIN, "Prusa XL")
    await until(admin, "Approve and send quote · $20.43")
    assert choose.value == "Prusa XL"


async def quote(user: User, job: JobView, weight: str, time: str) -> None:
    """Fill in the figures of the job's quote."""
    await user.open(f"/jobs/{job.id}")
    await until(user, "Weight of all copies")
    field(user, "Weight of all copies").value = weight
    field(user, "Printing time of all copies").value = time
