"""Pages on the services of a test, looked at by a simulated visitor."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator

import pytest
from nicegui import app
from nicegui.testing import User, user_simulation

from pages import _frame as frame
from printlab.api.middleware import protect
from printlab.services import Services, build_services
from printlab.settings import Settings
from tests.workbench import Clock, Workbench


@pytest.fixture(autouse=True)
def _only_new_garbage() -> None:
    """The simulation collects garbage before and after each test: what all earlier ones left took 70 % of the time."""
    gc.freeze()


@pytest.fixture
async def visitor(services: Services) -> AsyncIterator[User]:
    """A browser without an account."""
    async with user_simulation() as user:
        import pages  # noqa: PLC0415  (the simulation forgets page modules after each test)

        pages.register(services)
        protect(app, services.settings, services.keyring)
        yield user
    for event in (frame.JOB_CHANGED, frame.LAB_CHANGED, frame.EVERYTHING_CHANGED, frame.SESSIONS_CHANGED):
        event.callbacks.clear()  # the simulation forgets a module's own once, and pages of earlier labs would go on


@pytest.fixture
def elsewhere(settings: Settings, clock: Clock) -> Iterator[Workbench]:
    """Another process on the same lab: nobody here hears of what it does until a test says so."""
    services = build_services(settings, clock)
    yield Workbench(services, clock)
    services.close()


@pytest.fixture
def password(services: Services) -> str:
    """The password of sam@example.com, the first admin."""
    chosen = "a short sentence"
    token = services.accounts.first_admin_token()
    services.accounts.create_first_admin(token, "sam@example.com", "Sam Rivera", chosen)
    return chosen
