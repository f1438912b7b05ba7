"""Quotes: what is offered, and that exactly this is accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printlab.domain.commands import ConfirmJob, EditJob
from printlab.domain.policy import Actor
from printlab.domain.pricing import Rates, rates_of_next_quote
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView, Strength
from printlab.errors import InvalidInput, NotFound
from printlab.services import Services
from printlab.services.quotes import PriceChanged, QuoteSuperseded
from tests.services.rates import make_dearer
from tests.workbench import STAFF, Workbench, change_lab


def number(job: JobView) -> int:
    assert job.quote is not None
    return job.quote.number


def test_a_superseded_quote_is_refused_with_the_new_price(bench: Workbench, services: Services) -> None:
    seen = bench.at(JobStatus.PENDING)
    now = bench.requote(seen)
    assert (number(seen), number(now), now.price_cents) == (1, 2, 580)
    student = bench.student(seen)
    for version in (seen.version, now.version):
        with pytest.raises(QuoteSuperseded, match=r"The quote is now \$5\.80") as refused:
            services.quotes.confirm(ConfirmJob(seen.id, version, 1), student)
        assert refused.value.job.price_cents == 580
    assert bench.get(seen.id) == now
    assert services.quotes.confirm(ConfirmJob(seen.id, now.version, 2), student).status is JobStatus.READY_TO_PRINT


def test_a_student_names_the_quote_once_there_were_two_and_staff_the_version(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    seen = bench.requote(bench.at(JobStatus.PENDING))
    with pytest.raises(QuoteSuperseded, match="The quote is now"):
        services.quotes.confirm(ConfirmJob(seen.id, seen.version), bench.student(seen))
    assert bench.get(seen.id) == seen
    assert services.quotes.confirm(ConfirmJob(seen.id, seen.version), staff).status is JobStatus.READY_TO_PRINT


def test_a_queued_job_can_be_quoted_anew(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.requote(bench.at(JobStatus.READY_TO_PRINT))
    assert (job.status, number(job), job.price_cents) == (JobStatus.PENDING, 2, 580)
    assert job.quote is not None
    assert job.quote.accepted_at is None
    mail = services.mail.outbox(staff, job.id)[0]
    assert "$5.80" in mail.text
    assert "$4.34" in mail.text


def test_another_price_needs_a_reason(bench: Workbench) -> None:
    job = bench.submit()
    with pytest.raises(InvalidInput) as refused:
        bench.approve(job, price_cents=300)
    assert refused.value.field == "reason"
    job = bench.approve(job, price_cents=300, reason="class project")
    assert job.quote is not None
    assert (job.price_cents, job.quote.computed_cents, job.quote.override_reason) == (300, 434, "class project")


def test_the_computed_price_typed_in_is_no_override(bench: Workbench) -> None:
    job = bench.approve(bench.submit(), price_cents=434)
    assert job.quote is not None
    assert job.quote.override_reason is None


def test_a_job_keeps_the_rates_it_was_quoted_with(bench: Workbench, services: Services, admin: Actor) -> None:
    quoted, new = bench.approve(bench.submit()), bench.submit()
    make_dearer(services, admin)
    assert bench.requote(quoted).price_cents == 580
    assert bench.get(quoted.id).rates.per_gram_micro == 80_000
    assert bench.approve(new).price_cents == 2030


def test_the_rates_of_a_quote_are_those_of_its_printer_whatever_that_is_called_now(
    bench: Workbench, services: Services, admin: Actor
) -> None:
    job = bench.approve(bench.submit())
    printers = services.catalog.view().printers
    services.catalog.save_printer(replace(printers[0], name="The orange one", per_gram_micro=500_000), admin)
    orange, xl = services.catalog.view().printers[:2]
    assert rates_of_next_quote(orange, bench.get(job.id).quote, 300) == job.rates
    assert rates_of_next_quote(xl, bench.get(job.id).quote, 300) == Rates(90_000, 11_000, 300)
    assert rates_of_next_quote(orange, None, 300) == Rates(500_000, 10_000, 300)


def test_a_price_that_nobody_saw_is_not_sent(bench: Workbench, services: Services, admin: Actor) -> None:
    job = bench.submit()
    make_dearer(services, admin)
    with pytest.raises(PriceChanged, match=r"The rates changed since: it costs \$20\.30 now\."):
        bench.approve(job, seen_cents=434)
    now = bench.get(job.id)
    assert (now.status, now.version, now.quote) == (JobStatus.UPLOADED, job.version, None)
    assert services.mail.outbox(STAFF, job.id)[0].kind == "received"
    assert bench.approve(job, seen_cents=2030).price_cents == 2030


def test_a_new_quote_too_costs_what_was_seen(bench: Workbench, services: Services, admin: Actor) -> None:
    job = bench.at(JobStatus.PENDING)
    make_dearer(services, admin, "Prusa XL")
    with pytest.raises(PriceChanged, match=r"it costs \$26\.98 now"):
        bench.requote(job, printer="Prusa XL", seen_cents=648)
    assert bench.get(job.id) == job
    assert bench.requote(job, seen_cents=580).price_cents == 580  # its own printer's are those of its first quote


def test_a_price_that_staff_set_stands_whatever_the_rates_are(
    bench: Workbench, services: Services, admin: Actor
) -> None:
    job = bench.submit()
    make_dearer(services, admin)
    assert bench.approve(job, price_cents=300, seen_cents=434, reason="class project").price_cents == 300


def test_another_printer_has_its_own_rates(bench: Workbench) -> None:
    job = bench.requote(bench.at(JobStatus.PENDING), printer="Prusa XL")
    assert job.price_cents == 648  # 50 g × $0.09 + 180 min × $0.011


def test_the_minimum_charge_is_that_of_the_order(bench: Workbench, services: Services, admin: Actor) -> None:
    old = bench.submit()
    change_minimum(services, admin, 900)
    assert bench.approve(old).price_cents == 434
    assert bench.approve(bench.submit()).price_cents == 900
    assert services.quotes.preview("Prusa MK4S", 3800, 130) == 900


def change_minimum(services: Services, admin: Actor, cents: int) -> None:
    change_lab(services, admin, minimum_charge_cents=cents)


def test_another_strength_is_said_in_the_quote(bench: Workbench, services: Services, staff: Actor) -> None:
    """It changes weight, time and price: who agrees to them has to know."""
    job = bench.approve(bench.submit(), strength=Strength.STRONG)
    assert job.quote is not None
    assert (job.strength, job.quote.changes) == (Strength.STRONG, ("was Standard, now Strong",))
    edited = services.jobs.edit(EditJob(1, bench.undo(job).version, strength=Strength.DRAFT), staff)
    again = bench.approve(edited).quote
    assert again is not None
    assert again.changes == ("was Standard, now Draft",)


def test_another_method_needs_material_and_colour(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    with pytest.raises(InvalidInput, match="Choose a material and a colour for Resin"):
        bench.approve(job, printer="Formlabs Form 3")
    resin = services.catalog.view().materials_of("Resin")[0].name
    job = bench.approve(job, printer="Formlabs Form 3", material=resin, color="Grey")
    assert (job.method, job.material, job.color) == ("Resin", resin, "Grey")
    assert job.stem == f"JaneDoe_Filament_Blue_{job.id}"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"weight_cg": 0}, "weight_g"),
        ({"weight_cg": -1}, "weight_g"),
        ({"weight_cg": 10_000_001}, "weight_g"),
        ({"time_min": 0}, "time_min"),
        ({"price_cents": -1, "reason": "gift"}, "price_cents"),
        ({"quantity": 0}, "quantity"),
        ({"color": "Mauve"}, "color"),
        ({"printer": "Nope"}, "printer"),
        ({"material": "Cheese"}, "material"),
    ],
)
def test_wrong_figures_and_choices_change_nothing(bench: Workbench, facts: dict[str, object], field: str) -> None:
    job = bench.submit()
    with pytest.raises(InvalidInput) as refused:
        bench.approve(job, **facts)
    assert refused.value.field == field
    assert bench.get(job.id) == job


def test_a_revision_that_is_not_there_does_not_count(bench: Workbench) -> None:
    job = bench.submit()
    with pytest.raises(NotFound, match="no file revision 7"):
        bench.approve(job, revision=7)
    assert bench.get(job.id) == job


def test_a_switched_off_colour_stays_with_the_job(bench: Workbench, services: Services, admin: Actor) -> None:
    job = bench.submit()
    blue = next(c for c in services.catalog.view().colors if c.name == "Blue" and c.method == "Filament")
    services.catalog.save_color(replace(blue, active=False), admin)
    assert bench.approve(job, color="Blue").color == "Blue"
    with pytest.raises(InvalidInput):
        bench.submit(color="Blue")


def test_preview(services: Services) -> None:
    assert services.quotes.preview("prusa mk4s", 3800, 130) == 434
    with pytest.raises(InvalidInput) as refused:
        services.quotes.preview("Prusa MK4S", -1, 5)
    assert refused.value.field == "weight"
    with pytest.raises(InvalidInput) as refused:
        services.quotes.preview("Nope", 1, 5)
    assert refused.value.field == "printer"
