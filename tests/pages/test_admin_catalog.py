"""The catalogue as admins change it: what students can choose follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nicegui import ui
from nicegui.testing import User

from printlab.domain.policy import SYSTEM
from printlab.domain.views import PrintsLike
from printlab.services import Services
from tests.pages.acting import choice, field, send_form, sign_in
from tests.pages.waiting import eventually, until


@pytest.fixture
async def admin(visitor: User, password: str) -> User:
    """Sam Rivera, signed in as an admin."""
    assert await sign_in(visitor, password) == 200
    return visitor


async def _add_printer(admin: User, name: str) -> None:
    """Open the form of a new printer and fill in all but its method."""
    await admin.open("/admin/catalog")
    admin.find(kind=ui.button, content="Add printer").click()
    await until(admin, "Rate per minute")
    for label, typed in (
        ("Name", name),
        ("Width, mm", "200"),
        ("Depth, mm", "200"),
        ("Height, mm", "200"),
        ("Rate per gram", "0.08"),
        ("Rate per minute", "0.01"),
    ):
        field(admin, label).value = typed
    like = next(s for s in admin.find(kind=ui.select).elements if s.props["label"] == "Prints like")
    like.value = PrintsLike.MK4S.value


def _save(admin: User) -> None:
    send_form(admin, "Add printer")


async def test_a_printer_is_put_to_one_of_the_labs_methods_by_choosing_it(admin: User, services: Services) -> None:
    await _add_printer(admin, "Mini")
    method = choice(admin, "Print method")
    assert [option.label for option in method.options] == ["Filament", "Resin", "New method…"]
    await admin.should_not_see("Students can choose it once")
    _save(admin)
    assert await eventually(lambda: method.error) == "Choose a print method."
    method.value = "Filament"
    _save(admin)
    assert await eventually(lambda: services.catalog.view().printer("Mini"))
    assert services.catalog.view().methods == ("Filament", "Resin")


@pytest.mark.parametrize(("typed", "saved"), [("Powder", "Powder"), ("filament", "Filament")])
async def test_a_new_method_is_asked_for_by_its_name(admin: User, services: Services, typed: str, saved: str) -> None:
    await _add_printer(admin, "Fuse")
    choice(admin, "Print method").value = "New method…"
    await until(admin, "Students can choose it once it has a material and a colour.")
    _save(admin)
    name = field(admin, "Name of the new method")
    assert await eventually(lambda: name.error) == "Enter a print method, for example Filament."
    name.value = typed
    _save(admin)
    printer = await eventually(lambda: services.catalog.view().printer("Fuse"))
    assert printer.method == saved


async def test_a_method_is_ordered_only_once_it_has_a_material_and_a_colour(visitor: User, services: Services) -> None:
    catalog = services.catalog.view()
    printer, material, color = catalog.printers[0], catalog.materials[0], catalog.colors[0]
    services.catalog.save_printer(replace(printer, id=0, name="Mini", method="filment"), SYSTEM)
    services.catalog.save_color(replace(color, id=0, method="filment"), SYSTEM)
    await visitor.open("/")
    method = choice(visitor, "Method")
    assert [option.value for option in method.options] == ["Filament", "Resin"]
    services.catalog.save_material(replace(material, id=0, method="filment"), SYSTEM)
    await eventually(lambda: "filment" in [option.value for option in method.options])
