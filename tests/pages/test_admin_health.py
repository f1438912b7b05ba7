"""What admins see of the app's state, and of files that belong to no job."""

from __future__ import annotations

import os

import pytest
from nicegui import ui
from nicegui.testing import User

from printlab.cookies import SESSION_COOKIE
from printlab.domain.status import JobStatus
from printlab.files import disk
from printlab.offloop import off_loop
from printlab.services import Services, build_services
from printlab.settings import Settings
from tests import files_made
from tests.pages.acting import send_form, sign_in
from tests.pages.waiting import eventually, until
from tests.workbench import Clock, Workbench


async def test_files_of_no_job_are_listed_with_why(visitor: User, services: Services, password: str) -> None:
    path = services.settings.storage / "Uploaded" / "bracket.gcode"
    path.write_bytes(files_made.prusa_gcode())
    for at in (0.0, 4.0):
        services.noticing.look(at)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await visitor.should_see(kind=ui.label, content="Uploaded/bracket.gcode")
    await visitor.should_see(kind=ui.label, content="No job has this name.")
    assert path.exists()


async def test_a_file_of_no_job_is_given_to_one(
    visitor: User, services: Services, bench: Workbench, password: str
) -> None:
    job = bench.submit()
    path = services.settings.storage / "Uploaded" / f"J_Filament_Blue_{job.id}.gcode"
    path.write_bytes(files_made.prusa_gcode())
    for at in (0.0, 4.0):
        services.noticing.look(at)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await until(visitor, "Give to a job…")
    visitor.find("Give to a job…").click()
    await until(visitor, "It counts once you choose")
    number = next(iter(visitor.find(kind=ui.input, content="Job number").elements))
    assert number.value == str(job.id)
    number.value = "999"
    send_form(visitor, "Give to this job")
    await eventually(lambda: number.error == "There is no job 999.")
    number.value = f"#{job.id}"
    send_form(visitor, "Give to this job")
    await until(visitor, f"Job {job.id} has the file now.")
    await until(visitor, "Every file in the shared folder belongs to a job.")
    assert bench.get(job.id).revisions[-1].original_name == path.name
    assert not path.exists()


async def test_without_them_it_says_so(visitor: User, password: str) -> None:
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await visitor.should_see(kind=ui.label, content="Every file in the shared folder belongs to a job.")
    await visitor.should_see(kind=ui.label, content="All is well.")


async def test_of_very_many_the_first_are_listed_and_the_others_counted(
    visitor: User, services: Services, password: str
) -> None:
    folder = services.settings.storage / "Uploaded"
    for number in range(1102):
        (folder / f"notes {number:04}.txt").write_bytes(b"x")
    for at in (0.0, 4.0):
        await off_loop(services.noticing.look, at)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await visitor.should_see(
        "… and 1,002 more. Move or rename them in the shared folder: only the first 100 are shown."
    )
    await visitor.should_see(kind=ui.label, content="Uploaded/notes 0099.txt")
    await visitor.should_not_see(kind=ui.label, content="Uploaded/notes 0100.txt")


async def test_only_what_changed_is_sent_again(
    visitor: User, services: Services, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.admin_health._LOOKS_EVERY_S", 0.05)
    folder = services.settings.storage / "Uploaded"
    (folder / "first.txt").write_bytes(b"x")
    for at in (0.0, 4.0):
        await off_loop(services.noticing.look, at)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await until(visitor, "Uploaded/first.txt")
    well = visitor.find(kind=ui.label, content="Free disk").elements
    listed = visitor.find(kind=ui.label, content="Uploaded/first.txt").elements
    (folder / "second.txt").write_bytes(b"x")
    for at in (8.0, 12.0):
        await off_loop(services.noticing.look, at)
    await until(visitor, "Uploaded/second.txt")
    assert visitor.find(kind=ui.label, content="Free disk").elements == well
    assert visitor.find(kind=ui.label, content="Uploaded/first.txt").elements != listed


async def test_whoever_is_no_longer_signed_in_is_shown_nothing_new(
    visitor: User,
    services: Services,
    settings: Settings,
    clock: Clock,
    password: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another process signed them out: this one has not heard of it."""
    monkeypatch.setattr("pages.admin_health._LOOKS_EVERY_S", 0.05)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    (services.settings.storage / "Uploaded" / "first.gcode").write_bytes(files_made.prusa_gcode())
    for at in (0.0, 4.0):
        await off_loop(services.noticing.look, at)
    await visitor.should_see(kind=ui.label, content="Uploaded/first.gcode", retries=50)

    elsewhere = build_services(settings, clock)
    await off_loop(elsewhere.accounts.sign_out, visitor.http_client.cookies[SESSION_COOKIE])
    elsewhere.close()
    (services.settings.storage / "Uploaded" / "second.gcode").write_bytes(files_made.prusa_gcode())
    for at in (8.0, 12.0):
        await off_loop(services.noticing.look, at)
    assert len(services.noticing.strays()) == 2
    looks: list[int] = []
    actor_of = services.accounts.actor_of
    monkeypatch.setattr(services.accounts, "actor_of", lambda token: (actor_of(token), looks.append(1))[0])
    await eventually(lambda: len(looks) >= 3)  # one look after the other: two of them are over
    await visitor.should_not_see(kind=ui.label, content="Uploaded/second.gcode")


async def test_each_check_has_its_figure(visitor: User, services: Services, password: str) -> None:
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await visitor.should_see(kind=ui.label, content=str(services.settings.storage))
    (database,) = [label.text for label in visitor.find(kind=ui.label).elements if "SQLite, " in label.text]
    assert database.endswith((" kB", " MB"))
    rooms = [label.text for label in visitor.find(kind=ui.label).elements if " free at " in label.text]
    assert rooms
    well = visitor.find(kind=ui.label, content="All is well.").elements
    assert len(well) >= len(rooms) + 2  # also read out where a figure is seen


async def test_the_last_cleanup_is_told_and_one_that_failed_is_an_alert(
    visitor: User,
    services: Services,
    bench: Workbench,
    clock: Clock,
    password: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench.at(JobStatus.REJECTED)
    clock.advance(days=31)
    services.retention.run_once()
    monkeypatch.setattr(services.opening, "_over", lambda: 1 / 0)
    services.retention.sweep()
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await until(visitor, "1 job archived (")
    (failed,) = visitor.find(kind=ui.label, content="Something went wrong.").elements
    assert failed.props["role"] == "alert"


async def test_admins_read_on_every_page_that_a_disk_is_almost_full(
    visitor: User, services: Services, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await sign_in(visitor, password) == 200
    monkeypatch.setattr(disk, "free_and_whole_bytes", lambda _folder: (900_000_000, 40_000_000_000))
    services.disk_watch.look()
    for address in ("/admin", "/board"):
        await visitor.open(address)
        await until(visitor, "No uploads are taken until space has been freed there.")


async def test_a_file_of_no_job_is_deleted_after_a_question(visitor: User, services: Services, password: str) -> None:
    path = services.settings.storage / "archive" / "4711" / "r1.stl"
    path.parent.mkdir()
    path.write_bytes(b"left")
    os.utime(path, (0, 0))
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await until(visitor, "Every file in the archive belongs to a job.")
    visitor.find("Look through the archive now").click()
    await until(visitor, "archive/4711/r1.stl")
    visitor.find("Delete…").click()
    await until(visitor, "It is deleted for good. No job has it.")
    assert path.exists()
    visitor.find(kind=ui.button, content="Delete archive/4711/r1.stl").click()
    await until(visitor, "1 file of no job deleted (4 bytes).")
    assert not path.exists()
