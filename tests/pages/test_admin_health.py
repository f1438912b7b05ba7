"""What admins see of the app's state, and of files that belong to no job."""

from __future__ import annotations

from nicegui import ui
from nicegui.testing import User

from printlab.services import Services
from tests import files_made
from tests.pages.test_signing_in import sign_in


async def test_files_of_no_job_are_listed_with_why(visitor: User, services: Services, password: str) -> None:
    path = services.settings.storage / "Uploaded" / "bracket.gcode"
    path.write_bytes(files_made.prusa_gcode())
    for at in (0.0, 4.0):
        services.noticing.look(at)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await visitor.should_see(kind=ui.label, content="Uploaded/bracket.gcode")
    await visitor.should_see(kind=ui.label, content="Its name is of no job.")
    assert path.exists()


async def test_without_them_it_says_so(visitor: User, password: str) -> None:
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/health")
    await visitor.should_see(kind=ui.label, content="Every file in the shared folder belongs to a job.")
    await visitor.should_see(kind=ui.label, content="All is well.")
