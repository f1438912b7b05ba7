"""What a page says of a file that the helper on its computer took up."""

from __future__ import annotations

import pytest
from nicegui import ui
from nicegui.testing import User

from printlab.domain.policy import Actor
from printlab.domain.views import OpenLink
from printlab.offloop import off_loop
from printlab.services import Services
from tests.pages.acting import look_at, sign_in
from tests.pages.waiting import eventually, until
from tests.workbench import Workbench

_DESK = "Front Desk"


@pytest.fixture
async def admin(visitor: User, password: str) -> User:
    """Sam Rivera, signed in as an admin."""
    assert await sign_in(visitor, password) == 200
    return visitor


@pytest.fixture
def minted(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[OpenLink]:
    """The links that a page had made."""
    links: list[OpenLink] = []
    mint = services.opening.mint

    def kept(job_id: int, actor: Actor) -> OpenLink:
        links.append(mint(job_id, actor))
        return links[-1]

    monkeypatch.setattr(services.opening, "mint", kept)
    return links


async def test_what_fails_minutes_after_the_click_is_told_too(
    admin: User, bench: Workbench, services: Services, minted: list[OpenLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    answer = services.opening.answer
    monkeypatch.setattr(services.opening, "answer", lambda *asked: (looked.append(1), answer(*asked))[1])
    job = bench.submit()
    await look_at(admin, job)
    admin.find(kind=ui.button, content="Open file").click()
    secret = (await eventually(lambda: minted))[0].url.rpartition("/")[2]
    await until(admin, f"Opening the file of job {job.id} …")
    await off_loop(services.opening.redeem, secret, _DESK)
    bench.clock.advance(minutes=9)  # the link ended long ago, the helper still reads a large file
    await until(admin, f"Job {job.id} opens at {_DESK}")
    await eventually(lambda: len(looked) >= 2)
    before = len(looked)
    await off_loop(services.opening.conclude, secret, _DESK, "The file in the share is another one.")
    await until(admin, f"{_DESK} did not open it")
    await admin.should_see("The file in the share is another one.")
    assert len(looked) <= before + 2
