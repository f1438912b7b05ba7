"""The staff board: it says when the lab is closed, and no change is missing on it for good."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from nicegui import ui
from nicegui.testing import User

from components.board import Board
from pages import _frame as frame
from printlab.cookies import SESSION_COOKIE
from printlab.domain.policy import SYSTEM, ActorKind
from printlab.domain.views import JobView
from printlab.live import Changed
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.board import BoardIndex
from tests import files_made
from tests.pages.acting import Sent, cards_in, sign_in
from tests.pages.waiting import eventually
from tests.workbench import ADMIN, COLLEAGUE, Workbench, change_lab


@pytest.fixture
async def admin(visitor: User, password: str) -> User:
    """Sam Rivera, signed in as an admin."""
    assert await sign_in(visitor, password) == 200
    return visitor


@pytest.fixture
def staff_browser(visitor: User, services: Services) -> User:
    """Kim Colleague, signed in, no admin."""
    accounts, password = services.accounts, "a long enough password"
    accounts.add_user("kim@example.edu", "Kim Colleague", ActorKind.STAFF, password, SYSTEM)
    visitor.http_client.cookies.set(SESSION_COOKIE, accounts.sign_in("kim@example.edu", password, "Firefox", "::1"))
    return visitor


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """The status of every card that the browser was sent since the page was opened."""
    statuses: dict[int, str] = {}

    def receive(_board: Board, _method: str, news: Sent, *_more: object) -> None:
        statuses.update((card["id"], card["status"]) for card in cards_in(news))

    monkeypatch.setattr(Board, "run_method", receive)
    return statuses


async def test_what_could_not_be_read_is_all_read_a_little_later(
    admin: User, bench: Workbench, elsewhere: Workbench, shown: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, other = bench.submit(), bench.submit()
    await admin.open("/board")
    elsewhere.approve(job)
    elsewhere.approve(other)
    failed: list[int] = []
    monkeypatch.setattr(BoardIndex, "follow", lambda *_, **__: (failed.append(1), 1 // 0))
    bench.services.live.publish(Changed(job.id))
    await eventually(lambda: failed)
    await eventually(lambda: shown.get(other.id) == "Pending")
    assert shown == {job.id: "Pending", other.id: "Pending"}


async def test_cards_follow_the_labs_names(
    admin: User, bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    printers: set[str] = set()

    def receive(_board: Board, _method: str, news: Sent, *_more: object) -> None:
        printers.update(card["printer"] for card in cards_in(news))

    bench.submit()
    await admin.open("/board")
    monkeypatch.setattr(Board, "run_method", receive)
    mk4s = services.catalog.view().printers[0]
    await off_loop(services.catalog.save_printer, replace(mk4s, name="The orange one"), ADMIN)
    await eventually(lambda: "The orange one" in printers)


async def test_an_admin_finds_the_way_to_open_a_closed_lab(admin: User, services: Services) -> None:
    change_lab(services, submissions_open=False, closed_message="We move.")
    await admin.open("/board")
    await admin.should_see("Submissions are closed: students cannot send files.")
    assert [link.props["href"] for link in admin.find(kind=ui.link, content="Change that").elements] == ["/admin"]


async def test_staff_who_cannot_open_a_closed_lab_are_not_sent_there(staff_browser: User, services: Services) -> None:
    change_lab(services, submissions_open=False, closed_message="We move.")
    await staff_browser.open("/board")
    await staff_browser.should_see("Submissions are closed: students cannot send files.")
    await staff_browser.should_not_see("Change that")


async def test_a_file_that_came_by_itself_is_told_to_whoever_stands_there(
    admin: User, bench: Workbench, services: Services
) -> None:
    job = bench.submit()
    await admin.open("/board")
    (bench.root / "Uploaded" / f"{job.stem}.gcode").write_bytes(files_made.prusa_gcode())
    for at in (0.0, 4.0):
        await off_loop(services.noticing.look, at)
    await admin.should_see(f"New sliced file for job {job.id}: 38 g, 2 h 10 min")


async def test_an_undo_and_the_same_move_again_are_no_new_file(
    admin: User, bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, late = bench.submit(), bench.submit()
    told: list[str] = []
    sent: dict[int, int] = {}
    monkeypatch.setattr(frame, "say", lambda text, *_: told.append(text))

    def receive(_board: Board, _method: str, news: Sent, *_more: object) -> None:
        sent.update((card["id"], card["version"]) for card in cards_in(news))

    async def sliced(job: JobView, at: float) -> None:
        """A slicer saves a file."""
        (bench.root / "Uploaded" / f"{job.stem}.gcode").write_bytes(files_made.prusa_gcode(float(job.id + 37)))
        for moment in (at, at + 4):
            await off_loop(services.noticing.look, moment)

    async def go_back(job: JobView) -> JobView:
        """A colleague uses the student's file again."""
        version = bench.get(job.id).version
        return await off_loop(services.revisions.choose, job.id, version, 1, "as it was sent", COLLEAGUE)

    async def is_shown(job: JobView) -> None:
        """The browser has the job as it is; what there is to say was said in the same moment."""
        await eventually(lambda: sent.get(job.id, 0) >= job.version)

    await sliced(seen, 0.0)
    await go_back(seen)
    await admin.open("/board")
    monkeypatch.setattr(Board, "run_method", receive)
    await sliced(late, 8.0)
    await is_shown(bench.get(late.id))
    await is_shown(await go_back(late))
    for job in (seen, late) * 2:
        approved = await off_loop(partial(bench.approve, bench.get(job.id), revision=2))
        await is_shown(approved)
        undone = await off_loop(bench.undo, approved)
        assert undone.authoritative == 1
        await is_shown(undone)
    assert told == [f"New sliced file for job {late.id}: 39 g, 2 h 10 min"]
