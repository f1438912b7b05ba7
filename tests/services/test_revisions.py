"""Sliced files say what they take; another file can count; what a student accepted covers no dearer file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from printlab.domain import slicing
from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.commands import EditJob, MoveJob, StartJob
from printlab.domain.policy import Actor
from printlab.domain.remarks import remarks
from printlab.domain.sliced_facts import Caution, SlicedFacts, SlicedFormat
from printlab.domain.slicing import Figures
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView, RevisionKind, RevisionView, Strength
from printlab.errors import Conflict, InvalidFile, InvalidInput, NotAllowed, NotFound, StorageProblem
from printlab.services import Services
from printlab.services.jobs import PriceOutgrown
from printlab.services.slicing import UnsureContent
from tests import files_made
from tests.domain.parts import box
from tests.readers import TOO_LONG, SlicedReader
from tests.workbench import STAFF, Workbench

pytestmark = pytest.mark.usefixtures("database_url")


def figures(services: Services, job: JobView, revision: RevisionView | None = None) -> Figures:
    return slicing.figures(revision or job.counting_file, job, services.catalog.view())


# ---------- what a file says ----------


def test_a_sliced_file_says_what_the_job_takes(bench: Workbench, services: Services) -> None:
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode(38.0, "2h 10m 5s"))
    facts = job.counting_file.sliced
    assert facts is not None
    assert (facts.slicer, facts.printer_model, facts.weight_g, facts.time_s) == ("PrusaSlicer", "MK4S", 38.0, 7805)
    assert figures(services, job) == Figures(3800, 131, "PLA")
    assert remarks(job, job.counting_file, services.catalog.view()) == ()


def test_one_copy_counts_times_the_copies_of_the_job(bench: Workbench, services: Services) -> None:
    job = bench.add_sliced(bench.submit(quantity=3), files_made.prusa_gcode(10.0, "1h 0m 30s"))
    assert figures(services, job) == Figures(1000, 61, "PLA")
    one = bench.approve(job, one_copy=True)
    assert figures(services, one) == Figures(3000, 182, "PLA")  # not 3 × 61: seconds are rounded up once


def test_what_a_quote_says_of_the_copies_in_a_file_is_in_the_history_and_undone(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.add_sliced(bench.submit(quantity=3), files_made.prusa_gcode())
    one = bench.approve(job, one_copy=True)
    (event, *_) = services.search.events(job.id, staff)
    assert event.changes["copies in file 2"] == ("all", "one")
    again = bench.requote(one, one_copy=True)
    (event, *_) = services.search.events(job.id, staff)
    assert "copies in file 2" not in event.changes  # said before
    all_of_them = bench.requote(again, one_copy=False)
    assert not all_of_them.counting_file.one_copy
    assert bench.undo(all_of_them).counting_file.one_copy


def test_an_undo_takes_back_what_an_approval_said_of_the_copies(bench: Workbench) -> None:
    job = bench.add_sliced(bench.submit(quantity=3), files_made.prusa_gcode())
    assert not bench.undo(bench.approve(job, one_copy=True)).counting_file.one_copy


def test_a_project_that_was_saved_is_the_model_and_says_no_figures(bench: Workbench, services: Services) -> None:
    job = bench.add_sliced(bench.submit(), files_made.threemf(), "project.3mf")
    assert job.counting_file.kind is RevisionKind.CORRECTED
    assert figures(services, job) == Figures()


def test_a_slicers_project_is_made_of_the_students_part_and_does_not_replace_it(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    job = services.jobs.edit(EditJob((job := bench.submit()).id, job.version, scale=25.4), staff)
    project = bench.add_sliced(job, files_made.prusa_project(), "project.3mf")
    counting = project.counting_file
    assert (counting.kind, counting.number, counting.model) == (RevisionKind.PROJECT, 2, 1)
    assert project.scale == pytest.approx(25.4)
    assert project.analysis == job.analysis
    assert not project.is_sliced
    assert bench.add_sliced(project, files_made.prusa_gcode()).counting_file.model == 1


def test_a_3mf_with_a_tool_path_is_a_sliced_file_whatever_it_is_called(bench: Workbench) -> None:
    job = bench.add_sliced(bench.submit(), files_made.sliced_3mf(), "plates.3mf")
    assert job.counting_file.kind is RevisionKind.SLICED
    assert job.counting_file.model == 1


def test_a_3mf_of_which_nobody_knows_what_it_is_is_not_taken_for_a_model(
    bench: Workbench, services: Services, sliced_sandbox: SlicedReader
) -> None:
    job = bench.submit(scale=25.4)
    sliced_sandbox.problem = TOO_LONG
    staged = bench.stage(files_made.sliced_3mf(), "plates.3mf", "desk", sliced=True)
    with pytest.raises(UnsureContent, match="Send it again"):
        services.revisions.add(job.id, job.version, "desk", staged.id, STAFF)
    assert bench.get(job.id) == job
    sliced_sandbox.problem = None
    now = services.revisions.add(job.id, job.version, "desk", staged.id, STAFF)  # the upload is there still
    assert (now.counting_file.kind, now.scale) == (RevisionKind.SLICED, 25.4)


def test_gcode_that_could_not_be_read_in_time_is_taken_all_the_same(
    bench: Workbench, sliced_sandbox: SlicedReader
) -> None:
    job = bench.submit()
    sliced_sandbox.problem = TOO_LONG
    counting = bench.add_sliced(job, files_made.prusa_gcode()).counting_file
    assert (counting.kind, counting.sliced) == (RevisionKind.SLICED, None)


def test_a_server_that_stops_takes_no_file_and_says_so(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    services.end_readers()
    with pytest.raises(StorageProblem, match="Send it again in a minute"):
        bench.add_sliced(job, files_made.prusa_gcode())
    assert bench.get(job.id) == job


@pytest.mark.parametrize(
    ("name", "extension"), [("part.gcode", ".gcode"), ("part.gcode.3mf", ".gcode.3mf"), ("PLATE.3MF", ".3mf")]
)
def test_a_file_has_its_whole_extension(bench: Workbench, name: str, extension: str) -> None:
    content = files_made.prusa_gcode() if extension == ".gcode" else files_made.sliced_3mf()
    job = bench.add_sliced(bench.submit(), content, name)
    assert [revision.extension for revision in job.revisions] == [".stl", extension]


def test_what_nobody_can_read_is_taken_all_the_same(bench: Workbench, services: Services) -> None:
    job = bench.add_sliced(bench.submit(), b"closed", "part.form")
    facts = job.counting_file.sliced
    assert facts is not None
    assert facts.cautions == (Caution.CLOSED_FORMAT,)
    assert figures(services, job) == Figures()


@pytest.mark.parametrize(
    ("said", "remarked"),
    [
        ({"printer_model": "MK4S"}, False),
        ({"printer_model": "MK4SIS"}, False),
        ({"printer_model": "MK3S"}, True),
        ({"printer_model": "XL5IS"}, True),
        ({"printer_model": "Bambu Lab X1 Carbon"}, True),
        ({"material": "PLA"}, False),
        ({"material": "Generic PLA"}, False),
        ({"material": "PLA+PLA"}, False),
        ({"material": "PETG"}, True),
        ({"material": "PLA+PETG"}, True),
        ({"cautions": (Caution.TRUNCATED,)}, True),
        ({"cautions": (Caution.SEVERAL_PLATES,)}, False),
    ],
)
def test_another_printer_another_material_and_damage_are_remarked(
    bench: Workbench, services: Services, said: dict[str, object], remarked: bool
) -> None:
    job = bench.submit()
    facts = SlicedFacts(SlicedFormat.GCODE, sliced=True, **said)  # type: ignore[arg-type]
    revision = replace(job.counting_file, sliced=facts, kind=RevisionKind.SLICED)
    assert bool(remarks(job, revision, services.catalog.view())) is remarked


@pytest.mark.parametrize(
    ("quantity", "weight_g", "one_copy", "asked"),
    [
        (1, 8.0, False, None),
        (1, 2.0, False, "Is it the right file, and for all copies?"),
        (1, 40.0, False, "Is it the right file, and for all copies?"),
        (4, 32.0, False, None),
        (4, 8.0, False, "Does it hold one copy only?"),
        (4, 8.0, True, None),
        (4, 0.4, False, "Is it the right file, and for all copies?"),
    ],
)
def test_a_weight_that_the_part_cannot_have_is_asked_about(
    bench: Workbench, services: Services, quantity: int, weight_g: float, one_copy: bool, asked: str | None
) -> None:
    job = bench.submit(quantity=quantity)  # a cube of 20 mm: about 8 g when it is strong
    analysis = AnalysisView(job.counting_file.sha256, AnalysisState.DONE, 1, box(20, 20, 20))
    job = replace(job, analysis=analysis, strength=Strength.STRONG)
    facts = SlicedFacts(SlicedFormat.GCODE, sliced=True, weight_g=weight_g)
    revision = replace(job.counting_file, sliced=facts, kind=RevisionKind.SLICED, one_copy=one_copy)
    found = remarks(job, revision, services.catalog.view())
    assert [remark.text.rpartition(". ")[2] for remark in found] == ([asked] if asked else [])


def test_damage_is_said_first(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    facts = SlicedFacts(SlicedFormat.GCODE, sliced=True, printer_model="XL5IS", cautions=(Caution.TRUNCATED,))
    revision = replace(job.counting_file, sliced=facts, kind=RevisionKind.SLICED)
    assert [(remark.short, remark.is_damage) for remark in remarks(job, revision, services.catalog.view())] == [
        ("Sliced file is cut off", True),
        ("Sliced for XL5IS", False),
    ]


def test_the_card_says_what_is_odd_about_the_sliced_file(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode(printer="XL5IS"))
    card = bench.card(job)
    assert [remark.short for remark in card.remarks] == ["Sliced for XL5IS"]


@pytest.mark.parametrize("name", ["part.gcode", "part.bgcode"])
def test_what_is_damaged_or_cut_off_is_not_taken(bench: Workbench, name: str) -> None:
    whole = files_made.prusa_gcode() if name.endswith(".gcode") else files_made.bgcode()
    job = bench.submit()
    with pytest.raises(InvalidFile, match=r"Save it again\.$"):
        bench.add_sliced(job, whole[:-12], name)
    assert bench.get(job.id) == job
    assert bench.add_sliced(job, whole, name).is_sliced


def test_resin_is_weighed_by_its_density(bench: Workbench, services: Services) -> None:
    catalog = services.catalog.view()
    resin = catalog.materials_of("Resin")[0]
    job = bench.submit(
        method="Resin", printer="Formlabs Form 3", material=resin.name, color=catalog.colors_of("Resin")[0].name
    )
    facts = SlicedFacts(SlicedFormat.SL1, sliced=True, resin_ml=20.0, time_s=3600)
    revision = replace(job.counting_file, sliced=facts, kind=RevisionKind.SLICED)
    assert figures(services, job, revision) == Figures(round(20 * resin.density_mg_cm3 / 10), 60, None)


def test_resin_that_is_not_bought_any_more_has_its_weight(bench: Workbench, services: Services) -> None:
    catalog = services.catalog.view()
    resin = catalog.materials_of("Resin")[0]
    job = replace(bench.submit(), method="Resin", material=resin.name)
    used_up = tuple(replace(m, active=m.name != resin.name) for m in catalog.materials)
    facts = SlicedFacts(SlicedFormat.SL1, sliced=True, resin_ml=20.0)
    revision = replace(job.counting_file, sliced=facts, kind=RevisionKind.SLICED)
    found = slicing.figures(revision, job, replace(catalog, materials=used_up))
    assert found.weight_cg == round(20 * resin.density_mg_cm3 / 10)


@pytest.mark.parametrize(
    ("said", "weight_cg"),
    [
        ({"volume_cm3": 10.0}, 1240),  # PLA, of which the job is
        ({"volume_cm3": 10.0, "material": "PETG"}, 1270),
        ({"filament_mm": 10_000.0}, 2983),  # π/4 × (1.75 mm)² × 10 m × 1.24 g/cm³
        ({"volume_cm3": 10.0, "weight_g": 12.0}, 1200),
        ({"volume_cm3": 10.0, "material": "Unobtainium"}, None),
        ({"volume_cm3": 10.0, "material": "PLA+PETG"}, None),
        ({}, None),
    ],
)
def test_filament_is_weighed_where_the_slicer_says_how_much_goes_in(
    bench: Workbench, services: Services, said: dict[str, object], weight_cg: int | None
) -> None:
    job = bench.submit()
    facts = SlicedFacts(SlicedFormat.GCODE, sliced=True, **said)  # type: ignore[arg-type]
    revision = replace(job.counting_file, sliced=facts, kind=RevisionKind.SLICED)
    assert figures(services, job, revision).weight_cg == weight_cg


# ---------- which file counts ----------


def test_another_file_counts_with_a_reason(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.add_sliced(bench.add_sliced(bench.submit()), files_made.bgcode(), "other.bgcode")
    with pytest.raises(InvalidInput, match="Say why"):
        services.revisions.choose(job.id, job.version, 2, "  ", staff)
    chosen = services.revisions.choose(job.id, job.version, 2, "sliced with supports", staff)
    assert (chosen.authoritative, chosen.filename) == (2, f"{job.stem}.gcode")
    assert bench.agrees(chosen)
    event = services.search.with_history(job.id, staff)[1][0]
    assert (event.action, event.reason, event.changes["authoritative"]) == (
        "file chosen",
        "sliced with supports",
        (3, 2),
    )
    assert services.revisions.choose(job.id, chosen.version, 2, "once more", staff) == chosen


def test_a_file_that_is_not_there_cannot_count(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.submit()
    with pytest.raises(NotFound):
        services.revisions.choose(job.id, job.version, 7, "better", staff)
    assert bench.get(job.id) == job


def test_only_staff_choose_and_only_before_printing(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.at(JobStatus.PRINTING)
    with pytest.raises(Conflict, match="only before printing starts"):
        services.revisions.choose(job.id, job.version, 1, "better", staff)
    waiting = bench.submit()
    with pytest.raises(NotAllowed):
        services.revisions.choose(waiting.id, waiting.version, 1, "better", bench.student(waiting))


def test_what_was_said_of_a_models_size_ends_with_that_model(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.submit()
    scaled = services.jobs.edit(EditJob(job.id, job.version, scale=25.4), staff)
    sliced = bench.add_sliced(scaled)
    assert sliced.scale == pytest.approx(25.4)  # sliced from the same model
    other = bench.add_sliced(sliced, files_made.stl(30), "other.stl")
    assert other.scale == 1
    assert services.revisions.choose(job.id, other.version, 2, "back", staff).scale == 1


# ---------- the price that was accepted ----------


def accepted(bench: Workbench, **facts: object) -> JobView:
    """Sliced, quoted at 38 g and 2 h 10 ($4.34), and accepted."""
    job = bench.add_sliced(bench.submit(**facts), files_made.prusa_gcode())
    return bench.confirm(bench.approve(job))


def test_a_dearer_file_blocks_the_start_until_there_is_a_new_quote(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.add_sliced(accepted(bench), files_made.prusa_gcode(60.0, "3h 0m 0s"))
    assert job.outgrown is not None
    assert job.outgrown.price_cents == 660
    assert Verb.START not in services.search.allowed(job, staff)
    with pytest.raises(PriceOutgrown, match=r"costs \$6\.60, \$4\.34 was accepted"):
        bench.start(job)
    assert bench.get(job.id).status is JobStatus.READY_TO_PRINT
    quoted = bench.confirm(bench.requote(job, weight_cg=6000, time_min=180))
    assert quoted.outgrown is None
    assert bench.start(quoted).status is JobStatus.PRINTING


def test_letting_the_quoted_file_count_again_frees_the_start(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.add_sliced(accepted(bench), files_made.prusa_gcode(60.0, "3h 0m 0s"))
    back = services.revisions.choose(job.id, job.version, 2, "as quoted", staff)
    assert back.outgrown is None
    assert bench.start(back).price_cents == 434


@pytest.mark.parametrize(
    ("weight_g", "blocked"),
    [
        (20.0, False),
        (43.0, False),  # $4.74: 40 cents more
        (44.25, False),  # $4.84: exactly 50 cents more, which is more than 10 %
        (44.5, True),  # $4.86
    ],
)
def test_a_little_dearer_is_charged_as_accepted(bench: Workbench, weight_g: float, blocked: bool) -> None:
    job = bench.add_sliced(accepted(bench), files_made.prusa_gcode(weight_g))
    assert (job.outgrown is not None) is blocked
    if not blocked:
        assert bench.start(job).price_cents == 434


@pytest.mark.parametrize("changed_settings", [{"quote_tolerance_percent": 100, "quote_tolerance_cents": 0}])
def test_the_tolerance_is_the_labs(bench: Workbench, changed_settings: dict[str, object]) -> None:
    job = bench.add_sliced(accepted(bench), files_made.prusa_gcode(80.0))  # $7.70: 77 % more
    assert job.outgrown is None
    assert bench.add_sliced(job, files_made.prusa_gcode(100.0)).outgrown is not None


def test_another_material_blocks_the_start(bench: Workbench) -> None:
    job = bench.add_sliced(accepted(bench), files_made.prusa_gcode(38.0, material="PETG"))
    with pytest.raises(PriceOutgrown, match="made of PETG, PLA was accepted"):
        bench.start(job)


def test_the_file_that_was_quoted_is_covered_whatever_it_says(bench: Workbench) -> None:
    sliced = bench.add_sliced(bench.submit(), files_made.prusa_gcode(90.0))
    job = bench.confirm(bench.approve(sliced, price_cents=200, reason="for a class"))
    assert job.outgrown is None
    assert bench.start(job).price_cents == 200


def test_a_price_that_staff_lowered_is_compared_as_it_was_computed(bench: Workbench) -> None:
    sliced = bench.add_sliced(bench.submit(), files_made.prusa_gcode())
    job = bench.confirm(bench.approve(sliced, price_cents=0, reason="for a class"))
    assert bench.add_sliced(job, files_made.prusa_gcode()).outgrown is None


def test_before_the_student_accepts_nothing_is_outgrown(bench: Workbench) -> None:
    sliced = bench.add_sliced(bench.submit(), files_made.prusa_gcode())
    assert bench.add_sliced(bench.approve(sliced), files_made.prusa_gcode(90.0)).outgrown is None


# ---------- files that do not say what they take ----------


@pytest.mark.parametrize("name", ["part.gcode", "part.form", "part.sl1"])
def test_a_newer_file_that_says_nothing_blocks_the_start_until_staff_say_what_it_costs(
    bench: Workbench, services: Services, staff: Actor, name: str
) -> None:
    content = files_made.sl1() if name.endswith("sl1") else b"; nobody known wrote this\n" + files_made.gcode()
    job = bench.add_sliced(accepted(bench), content, name)
    assert job.outgrown is not None
    assert (job.outgrown.only_unsaid, job.outgrown.price_cents) == (True, None)
    with pytest.raises(PriceOutgrown, match=r"does not say what it takes.*say that it costs what was accepted"):
        bench.start(job)
    assert Verb.START in services.search.allowed(job, staff)
    started = services.jobs.start(StartJob(job.id, job.version, price_holds=True), staff)
    assert (started.status, started.price_cents, started.outgrown) == (JobStatus.PRINTING, 434, None)
    event = services.search.with_history(job.id, staff)[1][0]
    assert event.reason == "File 3 does not say what it takes; it costs $4.34, as accepted"
    failed = services.jobs.fail(MoveJob(job.id, started.version, "came off"), staff)
    assert bench.start(failed).status is JobStatus.PRINTING  # it was said once


@pytest.mark.parametrize(
    ("left_out", "weight_g", "reason"),
    [
        ("filament used", 38.0, "it does not say what it weighs"),
        ("estimated", 38.0, "it does not say how long it takes"),
        ("estimated", 20.0, "it does not say how long it takes"),
    ],
)
def test_a_newer_file_that_says_half_is_asked_about_too(
    bench: Workbench, left_out: str, weight_g: float, reason: str
) -> None:
    job = bench.add_sliced(accepted(bench), _without(left_out, files_made.prusa_gcode(weight_g)))
    assert job.outgrown is not None
    assert (job.outgrown.reasons, job.outgrown.only_unsaid, job.outgrown.price_cents) == ((reason,), True, None)
    with pytest.raises(PriceOutgrown, match=reason):
        bench.start(job)


def test_half_of_what_a_file_takes_can_be_dearer_than_what_was_accepted(bench: Workbench) -> None:
    job = bench.add_sliced(accepted(bench), _without("estimated", files_made.prusa_gcode(80.0)))
    assert job.outgrown is not None
    assert not job.outgrown.only_unsaid
    assert job.outgrown.reasons[0] == "it costs at least $6.40, $4.34 was accepted"


def test_an_undo_takes_the_word_back_and_leaves_the_price_of_the_file_that_was_quoted(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    quoted = bench.add_sliced(bench.submit(), _silent("PLA"))
    job = bench.add_sliced(bench.confirm(bench.approve(quoted)), _silent("PLA") + b";\n")
    undone = bench.undo(services.jobs.start(StartJob(job.id, job.version, price_holds=True), staff))
    with pytest.raises(PriceOutgrown):
        bench.start(undone)
    back = services.revisions.choose(job.id, undone.version, 2, "as quoted", staff)
    assert back.outgrown is None
    assert bench.start(back).status is JobStatus.PRINTING


def test_a_price_that_holds_for_a_newer_file_holds_for_the_quoted_one_too(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    quoted = bench.add_sliced(bench.submit(), _silent("PLA"))
    job = bench.add_sliced(bench.confirm(bench.approve(quoted)), _silent("PLA") + b";\n")
    started = services.jobs.start(StartJob(job.id, job.version, price_holds=True), staff)
    job = services.jobs.fail(MoveJob(job.id, started.version, "came off"), staff)
    for number in (2, 3):
        job = services.revisions.choose(job.id, job.version, number, "the other", staff)
        assert job.outgrown is None
    assert bench.add_sliced(job, _silent("PLA") + b";\n;\n").outgrown is not None
    started = bench.start(job := services.revisions.choose(job.id, bench.get(job.id).version, 3, "again", staff))
    assert bench.undo(started).outgrown is None  # the word was that of an earlier start, and stands


@pytest.mark.parametrize(
    ("left_out", "held", "newer", "asked"),
    [
        ("estimated", {"weight_g": 38.0}, {"weight_g": 38.0}, False),
        ("estimated", {"weight_g": 38.0}, {"weight_g": 30.0}, False),
        ("estimated", {"weight_g": 30.0}, {"weight_g": 31.0}, True),
        ("filament used", {"time": "2h 0m 0s"}, {"time": "1h 50m 0s"}, False),
        ("filament used", {"time": "2h 0m 0s"}, {"time": "2h 10m 0s"}, True),
    ],
)
def test_the_word_for_half_of_the_figures_covers_a_newer_file_that_takes_no_more_of_it(
    bench: Workbench, left_out: str, held: dict[str, Any], newer: dict[str, Any], asked: bool
) -> None:
    job = _held_for(bench, _without(left_out, files_made.prusa_gcode(**held)))
    job = bench.add_sliced(job, _without(left_out, files_made.prusa_gcode(**newer)) + b";\n")
    assert (job.outgrown is not None) == asked
    if not asked:
        assert bench.start(job).price_cents == 434


@pytest.mark.parametrize(
    ("held", "newer"),
    [
        ("estimated", "filament used"),
        ("filament used", "estimated"),
        ("(filament used|estimated)", "estimated"),
        ("estimated", "(filament used|estimated)"),
    ],
)
def test_the_word_for_one_half_is_not_that_for_another(bench: Workbench, held: str, newer: str) -> None:
    job = _held_for(bench, _without(held, files_made.prusa_gcode()))
    job = bench.add_sliced(job, _without(newer, files_made.prusa_gcode()) + b";\n")
    assert job.outgrown is not None
    assert job.outgrown.only_unsaid


def test_the_word_for_half_of_the_figures_says_nothing_of_another_material(bench: Workbench) -> None:
    job = _held_for(bench, _without("estimated", files_made.prusa_gcode()))
    job = bench.add_sliced(job, _without("estimated", files_made.prusa_gcode(material="PETG")))
    assert job.outgrown is not None
    assert not job.outgrown.only_unsaid


def test_a_new_quote_says_what_a_silent_file_costs_too(bench: Workbench) -> None:
    job = bench.add_sliced(accepted(bench), b"; of nobody known\n" + files_made.gcode())
    quoted = bench.confirm(bench.requote(job, weight_cg=6000, time_min=180))
    assert quoted.outgrown is None
    assert bench.start(quoted).price_cents == 660


def test_what_is_known_to_be_dearer_or_other_is_not_said_away(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    for content in (files_made.prusa_gcode(60.0), _silent("PETG")):
        job = bench.add_sliced(accepted(bench), content)
        assert job.outgrown is not None
        assert not job.outgrown.only_unsaid
        with pytest.raises(PriceOutgrown):
            services.jobs.start(StartJob(job.id, job.version, price_holds=True), staff)
        assert bench.get(job.id).status is JobStatus.READY_TO_PRINT


def _held_for(bench: Workbench, content: bytes) -> JobView:
    """A job that failed after it was started with a newer file, for which staff said that the price holds."""
    job = bench.add_sliced(accepted(bench), content)
    started = bench.services.jobs.start(StartJob(job.id, job.version, price_holds=True), STAFF)
    return bench.services.jobs.fail(MoveJob(job.id, started.version, "came off"), STAFF)


def _silent(material: str) -> bytes:
    """A slicer's file of a material, without weight and time."""
    return _without("(filament used|estimated)", files_made.prusa_gcode(material=material))


def _without(names: str, content: bytes) -> bytes:
    """A slicer's file without the lines that begin with one of these."""
    return b"\n".join(line for line in content.split(b"\n") if not re.match(f"; (total )?{names}".encode(), line))
