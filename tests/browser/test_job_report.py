"""What was found in a part, on the job page of a laptop: read whole, whatever else was written about the job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.people import Person
from tests.browser.viewing import binary_stl, box
from tests.browser.waiting import measured


def test_a_note_and_a_date_leave_what_was_found_its_room(lab: Lab, staff: Person) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    content = binary_stl(box(300, 40, 30))
    job = lab.bench.submit(content, "long.stl", notes="The flat side is the visible one. " * 6, needed_by=tomorrow)
    page = staff.visit(f"/jobs/{job.id}")
    expect(page.locator(".plv")).to_have_attribute("data-state", "shown", timeout=60_000)
    expect(page.locator(".pl-report-stage")).to_have_count(0)
    report = page.locator(".plj-model .pl-report")
    assert report.evaluate("report => report.scrollHeight - report.clientHeight") <= 0
    stops = page.locator(".plj-model .pl-finding-negative")
    stops.scroll_into_view_if_needed()
    found, room = measured(stops), measured(report)
    assert room["y"] <= found["y"]
    assert found["y"] + found["height"] <= room["y"] + room["height"] <= 768
