"""From the exported settings of a slicer to a quote that is filled in, and to the file that was sliced by hand."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from printlab.domain.automatic import AutomaticState, automatic_figures
from printlab.domain.slicing import Figures, figures
from printlab.domain.views import JobView, ProfileView, RevisionKind
from printlab.live import Changed
from printlab.services.estimates import solidity_settings
from tests import files_made
from tests.browser.lab import Lab, until
from tests.browser.people import DESKTOP, NEWEST_FIRST, PHONE, NewPerson, Person
from tests.prusa.profiles import exported

PROGRAM = shutil.which("prusa-slicer")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no PrusaSlicer on this machine")
_SLICES_S = 120.0


@pytest.fixture(scope="module")
def lab(start_lab: Callable[..., Lab]) -> Lab:
    """A lab whose server has a slicer."""
    return start_lab(prusa_slicer=str(PROGRAM))


@pytest.fixture
def admin(person: NewPerson, lab: Lab) -> Person:
    """An admin at a PC."""
    return person(lab, **DESKTOP).signed_in(lab.admin())


def ini(folder: Path, content: bytes, name: str = "MK4S 0.20 mm.ini") -> Path:
    """A file to choose in a browser."""
    path = folder / name
    path.write_bytes(content)
    return path


def profile_of(lab: Lab, printer: str) -> ProfileView | None:
    """The printer's profile as the database has it now: this process does not hear what the server changes."""
    lab.services.live.publish(Changed())
    return next(p.profile for p in lab.services.catalog.view().printers if p.name == printer)


def dialog_of(page: Page, printer: str) -> None:
    """Open a printer's dialog."""
    page.get_by_role("button", name=f"Edit {printer}").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def estimated(lab: Lab, job: JobView) -> Figures:
    """What the slicer on the server says, as soon as it does."""
    found = until(
        lambda: job_ if (job_ := lab.job(job.id)).automatic and job_.automatic.state is AutomaticState.DONE else None,
        "the automatic estimate",
        _SLICES_S,
    )
    return automatic_figures(found, lab.services.catalog.view())


def save_sliced(lab: Lab, job: JobView) -> None:
    """A person slices the job's file with PrusaSlicer and saves the result beside it."""
    settings = {"fill_density": "80%", "filament_density": 1.24}
    (lab.folder / "mine.ini").write_bytes(exported(**(solidity_settings(job.strength) | settings)))
    working_copy = lab.storage / job.place
    command = [str(PROGRAM), "--load", str(lab.folder / "mine.ini"), "--export-gcode", str(working_copy)]
    target = working_copy.with_name(f"{job.stem}_0.2mm_PLA.gcode")
    subprocess.run([*command, "--output", str(target)], check=True, capture_output=True)


def test_a_profile_is_put_to_a_printer_in_its_dialog_replaced_and_removed(
    lab: Lab, admin: Person, tmp_path: Path
) -> None:
    page = admin.visit("/admin/catalog")
    dialog_of(page, "Prusa XL")
    dialog = page.get_by_role("dialog")
    choose = dialog.locator("input[type=file]")
    choose.set_input_files(ini(tmp_path, exported("Prusa XL"), "XL.ini"))
    expect(dialog.get_by_text("XL.ini", exact=True)).to_be_visible()
    expect(dialog.get_by_text(re.compile(r"Layers of 0\.2 mm, nozzle 0\.4 mm, by Alex Morgan, today"))).to_be_visible()

    admin.refusals_are_expected = True
    choose.set_input_files(ini(tmp_path, b"[print:0.2]\nlayer_height = 0.2\n", "bundle.ini"))
    expect(dialog.get_by_text("This is a bundle of several configurations.")).to_be_visible()
    expect(dialog.get_by_text("XL.ini", exact=True)).to_be_visible()

    choose.set_input_files(ini(tmp_path, exported("Prusa XL", layer_height=0.3), "XL coarse.ini"))
    expect(dialog.get_by_text(re.compile(r"Layers of 0\.3 mm"))).to_be_visible()
    kept = profile_of(lab, "Prusa XL")
    assert kept is not None
    assert kept.name == "XL coarse.ini"

    dialog.get_by_role("button", name="Remove the profile").click()
    expect(dialog.get_by_text("XL coarse.ini")).to_be_hidden()
    assert profile_of(lab, "Prusa XL") is None


def test_a_resin_printer_takes_no_profile(admin: Person) -> None:
    page = admin.visit("/admin/catalog")
    dialog_of(page, "Formlabs Form 3")
    expect(page.get_by_role("dialog").locator("input[type=file]")).to_have_count(0)


def test_what_staff_send_is_no_profile(lab: Lab, person: NewPerson) -> None:
    staff = person(lab, **DESKTOP).signed_in(lab.staff())
    page = staff.visit(NEWEST_FIRST)
    staff.refusals_are_expected = True
    status = page.evaluate(
        "async () => (await fetch('/upload?purpose=profile&name=x.ini', {method: 'POST', body: 'a = 1'})).status"
    )
    assert status == 403


def test_a_quote_is_filled_in_by_the_server_and_then_by_what_somebody_sliced(
    lab: Lab, admin: Person, person: NewPerson, tmp_path: Path
) -> None:
    page = admin.visit("/admin/catalog")
    dialog_of(page, "Prusa MK4S")
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(ini(tmp_path, exported()))
    expect(page.get_by_role("dialog").get_by_text("Layers of 0.2 mm")).to_be_visible()

    assert profile_of(lab, "Prusa MK4S") is not None
    job = lab.bench.submit(files_made.stl(30))
    said = estimated(lab, job)
    staff = person(lab, **DESKTOP).signed_in(lab.staff())
    page = staff.visit(f"/jobs/{job.id}")
    expect(page.get_by_text("Automatic estimate for Prusa MK4S, standard, PLA")).to_be_visible()
    assert float(page.get_by_label("Weight of all copies").input_value()) == pytest.approx((said.weight_cg or 0) / 100)
    page = staff.visit(NEWEST_FIRST)
    expect(page.locator(f'[data-job="{job.id}"]').get_by_text("Automatic estimate")).to_be_visible()
    student = person(lab, **PHONE)
    page = student.visit(job.track_url.replace("localhost", "127.0.0.1"))
    told = page.request.get(f"{lab.url}/api/v1/track/{job.track_url.rpartition('/')[2]}").json()["analysis"]["estimate"]
    assert told["automatic"]
    assert told["weight_g"]["low"] == told["weight_g"]["high"] == pytest.approx((said.weight_cg or 0) / 100)

    save_sliced(lab, lab.job(job.id))
    sliced = until(
        lambda: found if (found := lab.job(job.id)).counting_file.kind is RevisionKind.SLICED else None,
        "the sliced file to be adopted",
        _SLICES_S,
    )
    now = figures(sliced.counting_file, sliced, lab.services.catalog.view())
    assert (now.weight_cg or 0) > 1.5 * (said.weight_cg or 0)
    page = staff.visit(f"/jobs/{job.id}")
    expect(page.get_by_text(re.compile(r"_0\.2mm_PLA\.gcode \(PrusaSlicer\) says"))).to_be_visible()
    assert float(page.get_by_label("Weight of all copies").input_value()) == pytest.approx((now.weight_cg or 0) / 100)
