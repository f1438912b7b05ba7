"""What an admin changes: printers, materials, colours, reasons, texts, switches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from printlab.domain.ageing import MOST_H, USUAL, AgeLimit
from printlab.domain.calendar import Closing, OpenDays
from printlab.domain.commands import LabChanges, RejectJob
from printlab.domain.policy import Actor
from printlab.domain.status import JobStatus
from printlab.domain.time_limits import TimeLimits
from printlab.domain.views import (
    Catalog,
    ColorView,
    LabView,
    MaterialView,
    PrinterView,
    PrintsLike,
    RejectReasonView,
    Strength,
)
from printlab.errors import Conflict, InvalidInput, NotAllowed, NotFound
from printlab.live import Changed
from printlab.services import Services, build_services
from printlab.services.merging import ChangedMeanwhile
from tests.workbench import Clock, Workbench, change_lab

NEW_PRINTER = PrinterView(0, "Bambu X1C", "Filament", 256, 256, 256, 90_000, 12_000, True, PrintsLike.XL)
NEW_MATERIAL = MaterialView(0, "PA-CF", "Filament", 1090, active=True)
NEW_COLOR = ColorView(0, "Mauve", "Filament", "#e0b0ff", active=True)
NEW_REASON = RejectReasonView(0, "Weapons", "We print no weapons.", active=True)


def changes(lab: LabView, **facts: object) -> LabChanges:
    values = {name: getattr(lab, name) for name in LabChanges.__dataclass_fields__}
    return LabChanges(**values | facts)


def test_a_new_lab_has_the_products_printers(services: Services) -> None:
    rows = [
        (p.name, p.method, p.build_volume, p.per_gram_micro, p.per_minute_micro)
        for p in services.catalog.view().printers
    ]
    assert rows == [
        ("Prusa MK4S", "Filament", "250 × 210 × 220 mm", 80_000, 10_000),
        ("Prusa XL", "Filament", "360 × 360 × 360 mm", 90_000, 11_000),
        ("Raise3D Pro2 Plus", "Filament", "305 × 305 × 605 mm", 100_000, 12_000),
        ("Formlabs Form 3", "Resin", "145 × 145 × 175 mm", 120_000, 8_000),
    ]
    catalog = services.catalog.view()
    assert [color.name for color in catalog.colors_of("Resin")] == ["Black", "White", "Grey", "Clear"]
    assert {"PLA", "PETG", "TPU", "ASA"} <= {material.name for material in catalog.materials_of("Filament")}
    assert len(catalog.reject_reasons) == 6
    assert services.lab.view().minimum_charge_cents == 0


@pytest.mark.usefixtures("database_url")
def test_new_entries_can_be_ordered_at_once(services: Services, bench: Workbench, admin: Actor) -> None:
    services.catalog.save_printer(NEW_PRINTER, admin)
    services.catalog.save_material(NEW_MATERIAL, admin)
    catalog = services.catalog.save_color(NEW_COLOR, admin)
    assert catalog == services.catalog.view()
    assert catalog.printers[-1] == replace(NEW_PRINTER, id=catalog.printers[-1].id)
    job = bench.submit(printer="Bambu X1C", material="PA-CF", color="Mauve")
    assert (job.printer, job.material, job.color, job.color_hex) == ("Bambu X1C", "PA-CF", "Mauve", "#E0B0FF")
    assert job.stem == f"JaneDoe_Filament_Mauve_{job.id}"


def test_a_reason_reaches_the_student_in_its_sentence(services: Services, bench: Workbench, admin: Actor) -> None:
    services.catalog.save_reason(NEW_REASON, admin)
    job = bench.submit()
    job = services.jobs.reject(RejectJob(job.id, job.version, ("weapons",)), admin)
    assert job.reject_reasons == ("Weapons",)
    assert "We print no weapons." in services.mail.outbox(admin, job.id)[0].text


def test_what_is_switched_off_is_not_offered(services: Services, admin: Actor) -> None:
    catalog = services.catalog.view()
    form3 = catalog.printers[-1]
    catalog = services.catalog.save_printer(replace(form3, active=False), admin)
    assert catalog.methods == ("Filament",)
    assert form3.name in [printer.name for printer in catalog.printers]


def test_one_name_one_entry(services: Services, admin: Actor) -> None:
    with pytest.raises(Conflict, match="There is “Prusa MK4S” already"):
        services.catalog.save_printer(replace(NEW_PRINTER, name="Prusa MK4S"), admin)


def test_an_entry_that_is_not_there(services: Services, admin: Actor) -> None:
    with pytest.raises(NotFound):
        services.catalog.save_printer(replace(NEW_PRINTER, id=99), admin)


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (replace(NEW_PRINTER, name=" "), "name"),
        (replace(NEW_PRINTER, method=""), "method"),
        (replace(NEW_PRINTER, build_x_mm=0), "build_x_mm"),
        (replace(NEW_PRINTER, per_gram_micro=-1), "per_gram_micro"),
        (replace(NEW_MATERIAL, density_mg_cm3=0), "density_mg_cm3"),
        (replace(NEW_COLOR, hex="blue"), "hex"),
        (replace(NEW_COLOR, hex="#12345G"), "hex"),
        (replace(NEW_REASON, sentence=""), "sentence"),
        (replace(NEW_REASON, label=""), "label"),
    ],
)
def test_wrong_entries_are_refused(entry: object, field: str, services: Services, admin: Actor) -> None:
    before = services.catalog.view()
    with pytest.raises(InvalidInput) as refused:
        save(services, entry, admin)
    assert refused.value.field == field
    assert services.catalog.view() == before


def save(services: Services, entry: object, actor: Actor) -> Catalog:
    catalog = services.catalog
    if isinstance(entry, PrinterView):
        return catalog.save_printer(entry, actor)
    if isinstance(entry, MaterialView):
        return catalog.save_material(entry, actor)
    if isinstance(entry, ColorView):
        return catalog.save_color(entry, actor)
    assert isinstance(entry, RejectReasonView)
    return catalog.save_reason(entry, actor)


@pytest.mark.parametrize("entry", [NEW_PRINTER, NEW_MATERIAL, NEW_COLOR, NEW_REASON])
def test_the_catalogue_is_for_admins(entry: object, services: Services, staff: Actor) -> None:
    with pytest.raises(NotAllowed):
        save(services, entry, staff)


@pytest.mark.usefixtures("database_url")
def test_new_terms_are_a_new_version(services: Services, bench: Workbench, admin: Actor) -> None:
    before = services.lab.view()
    lab = services.lab.change(changes(before, terms="No weapons.\nNo refunds."), before, admin)
    assert (lab.terms, lab.terms_version) == ("No weapons.\nNo refunds.", before.terms_version + 1)
    again = services.lab.change(changes(lab, opening_hours="Monday"), lab, admin)
    assert (again.terms_version, again.opening_hours) == (lab.terms_version, "Monday")


def test_a_day_of_opening_again_is_named_until_it_has_passed(services: Services, clock: Clock, admin: Actor) -> None:
    today = clock().date()
    lab = change_lab(services, admin, submissions_open=False, closed_message="Holidays.", reopens_on=today)
    assert lab.reopens_on == today
    clock.advance(days=1)
    assert services.lab.view().reopens_on is None
    later = today + timedelta(days=2)
    assert change_lab(services, admin, reopens_on=later).reopens_on == later


def test_the_lab_is_the_admins(services: Services, staff: Actor) -> None:
    with pytest.raises(NotAllowed):
        services.lab.change(changes(services.lab.view()), services.lab.view(), staff)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"terms": " "}, "terms"),
        ({"submissions_open": False, "closed_message": ""}, "closed_message"),
        ({"minimum_charge_cents": -1}, "minimum_charge_cents"),
        ({"welcome": "x" * 5000}, "welcome"),
    ],
)
def test_wrong_changes_are_refused(services: Services, admin: Actor, facts: dict[str, object], field: str) -> None:
    before = services.lab.view()
    with pytest.raises(InvalidInput) as refused:
        services.lab.change(changes(before, **facts), before, admin)
    assert refused.value.field == field
    assert services.lab.view() == before


def test_changes_are_heard_and_kept(services: Services, admin: Actor) -> None:
    heard: list[Changed] = []
    services.live.subscribe(heard.append)
    services.lab.change(changes(services.lab.view(), default_strength=Strength.STRONG), services.lab.view(), admin)
    services.catalog.save_color(NEW_COLOR, admin)
    assert heard == [Changed(), Changed()]
    fresh = build_services(services.settings)
    assert fresh.lab.view() == services.lab.view()
    assert fresh.catalog.view() == services.catalog.view()
    fresh.close()


@pytest.mark.usefixtures("database_url")
def test_two_admins_who_change_different_fields_both_keep_theirs(services: Services, admin: Actor) -> None:
    seen = services.catalog.view().printers[0]
    services.catalog.save_printer(replace(seen, per_gram_micro=95_000), admin, seen)
    catalog = services.catalog.save_printer(replace(seen, build_z_mm=230), admin, seen)
    assert catalog.printers[0] == replace(seen, per_gram_micro=95_000, build_z_mm=230)

    lab = services.lab.view()
    change_lab(services, admin, pickup_where="Room 12")
    after = services.lab.change(changes(lab, opening_hours="Monday"), lab, admin)
    assert (after.pickup_where, after.opening_hours) == ("Room 12", "Monday")


@pytest.mark.usefixtures("database_url")
def test_two_admins_who_change_the_same_field_do_not_overwrite_each_other(services: Services, admin: Actor) -> None:
    seen = services.catalog.view().printers[0]
    services.catalog.save_printer(replace(seen, per_gram_micro=95_000), admin, seen)
    with pytest.raises(ChangedMeanwhile, match="Nothing of yours was saved"):
        services.catalog.save_printer(replace(seen, per_gram_micro=70_000, name="MK4S"), admin, seen)
    assert services.catalog.view().printers[0] == replace(seen, per_gram_micro=95_000)

    lab = services.lab.view()
    change_lab(services, admin, terms="No weapons.")
    with pytest.raises(ChangedMeanwhile):
        services.lab.change(changes(lab, terms="No food."), lab, admin)
    same = services.lab.change(changes(lab, terms="No weapons."), lab, admin)
    assert (same.terms, same.terms_version) == ("No weapons.", lab.terms_version + 1)


@pytest.mark.usefixtures("database_url")
def test_limits_of_age_are_kept_and_checked(services: Services, admin: Actor) -> None:
    assert services.lab.view().age_limits == USUAL
    wanted = {**USUAL, JobStatus.UPLOADED: AgeLimit(12, None)}
    assert change_lab(services, admin, age_limits=wanted).age_limits == wanted
    for limit, field in (
        (AgeLimit(0, None), "Uploaded.amber"),
        (AgeLimit(None, MOST_H + 1), "Uploaded.red"),
        (AgeLimit(24, 24), "Uploaded.red"),
    ):
        with pytest.raises(InvalidInput) as refused:
            change_lab(services, admin, age_limits={**USUAL, JobStatus.UPLOADED: limit})
        assert refused.value.field == field
    assert services.lab.view().age_limits == wanted


@pytest.mark.usefixtures("database_url")
def test_two_admins_who_set_the_same_limits_hear_of_each_other(services: Services, admin: Actor) -> None:
    seen = services.lab.view()
    services.lab.change(changes(seen, age_limits={**USUAL, JobStatus.UPLOADED: AgeLimit(1, 2)}), seen, admin)
    services.lab.change(changes(seen, welcome="Hello"), seen, admin)
    with pytest.raises(ChangedMeanwhile):
        services.lab.change(changes(seen, age_limits={**USUAL, JobStatus.UPLOADED: AgeLimit(3, 4)}), seen, admin)
    assert services.lab.view().age_limits[JobStatus.UPLOADED] == AgeLimit(1, 2)


@pytest.mark.usefixtures("database_url")
def test_an_admin_sets_how_long_the_lab_waits_and_on_which_days_it_works(services: Services, admin: Actor) -> None:
    assert services.lab.view().time_limits == TimeLimits(14, 3, (3, 10, 21), 30)
    assert services.lab.view().open_days == OpenDays(frozenset(range(5)))
    limits = TimeLimits(None, None, (7,), 60)
    days = OpenDays(frozenset({0, 5}), (Closing(date(2026, 12, 24), date(2027, 1, 1), "Winter break"),))
    changed = change_lab(services, admin, time_limits=limits, open_days=days)
    assert (changed.time_limits, changed.open_days) == (limits, days)


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        (TimeLimits(lapse_days=0), "lapse_days"),
        (TimeLimits(lapse_days=366), "lapse_days"),
        (TimeLimits(lapse_days=3, warning_days=3), "warning_days"),
        (TimeLimits(reminder_days=(10, 3)), "reminder_days"),
        (TimeLimits(reminder_days=(3, 3)), "reminder_days"),
        (TimeLimits(reminder_days=tuple(range(1, 11))), "reminder_days"),
        (TimeLimits(unclaimed_days=21), "unclaimed_days"),
    ],
)
def test_limits_that_contradict_each_other_are_refused_at_their_field(
    limits: TimeLimits, field: str, services: Services, admin: Actor
) -> None:
    with pytest.raises(InvalidInput) as refused:
        change_lab(services, admin, time_limits=limits)
    assert refused.value.field == field
    assert services.lab.view().time_limits == TimeLimits()


@pytest.mark.parametrize(
    ("days", "field"),
    [
        (OpenDays(frozenset()), "weekdays"),
        (OpenDays(frozenset({7})), "weekdays"),
        (OpenDays(closings=(Closing(date(2026, 3, 2), date(2026, 3, 1)),)), "closings"),
    ],
)
def test_days_on_which_no_lab_works_are_refused_at_their_field(
    days: OpenDays, field: str, services: Services, admin: Actor
) -> None:
    with pytest.raises(InvalidInput) as refused:
        change_lab(services, admin, open_days=days)
    assert refused.value.field == field
