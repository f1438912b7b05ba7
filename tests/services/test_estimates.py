"""The automatic estimate: the slicer's own figures where they can be had, the part's measures everywhere else."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dbos import DBOSClient

from printlab.domain import automatic
from printlab.domain.analysis import AnalysisState
from printlab.domain.automatic import AutomaticState
from printlab.domain.model_facts import ModelFacts
from printlab.domain.policy import Actor
from printlab.domain.report import Report, report_of
from printlab.domain.views import JobView, Strength
from printlab.errors import InvalidFile, NotFound
from printlab.files import disk
from printlab.geometry.measure import measure
from printlab.geometry.reading import read as read_model
from printlab.geometry.sandbox import Sandbox
from printlab.prusa.profile import read_profile
from printlab.queue import ANALYSE, SLICE
from printlab.services import Services
from printlab.services.estimates import solidity_settings
from printlab.slicers.reading import read
from tests import files_made
from tests.geometry.awkward import FIXTURES
from tests.prusa.profiles import exported
from tests.readers import TOO_LONG, SlicedReader
from tests.workbench import ADMIN, Workbench

PROGRAM = shutil.which("prusa-slicer")
pytestmark = [
    pytest.mark.usefixtures("database_url"),
    pytest.mark.skipif(PROGRAM is None, reason="no PrusaSlicer on this machine"),
]


@pytest.fixture
def slicer() -> str:
    """The program that slices; a test may put another in its place."""
    return str(PROGRAM)


@pytest.fixture
def changed_settings(slicer: str) -> dict[str, object]:
    return {"prusa_slicer": slicer}


class Line:
    """The tasks that wait, and a process that carries them out when a test says so."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._client = DBOSClient(system_database_url=services.settings.sqlalchemy_url)

    def waiting(self, name: str = SLICE) -> list[tuple[str, str, int]]:
        """Id and arguments of each."""
        found = self._client.list_workflows(name=name, status="ENQUEUED")
        return [(task.workflow_id, *task.input["args"]) for task in found if task.input]

    def measure(self) -> None:
        """Look into every model that waits for it."""
        for task, sha256, attempt in self.waiting(ANALYSE):
            self._services.intake.carry_out(sha256, attempt)
            self._client.cancel_workflow(task)

    def slice(self) -> int:
        """Slice what waits, also what comes while that is done; give how many tasks that were."""
        done = 0
        while tasks := self.waiting():
            for task, key, attempt in tasks:
                self._services.estimates.carry_out(key, attempt)
                self._client.cancel_workflow(task)
                done += 1
        return done

    def lose(self) -> None:
        """What waits is given up, as after too many kills."""
        for task, *_ in self.waiting():
            self._client.cancel_workflow(task)

    def close(self) -> None:
        self._client.destroy()


class Measuring(Sandbox):
    """The look into a model is no matter here: it is measured in this process, and nothing is drawn.

    It copies models for the slicer, unless there is a ``problem``.
    """

    problem: Exception | None = None

    def copy(self, path: Path, stl: Path, scale: float) -> None:
        if self.problem is not None:
            raise self.problem
        super().copy(path, stl, scale)

    def measure(self, path: Path) -> ModelFacts:
        return measure(read_model(path))

    def draw(self, path: Path, glb: Path, thumbnail: Path | None) -> None:
        pass


@pytest.fixture
def sandbox() -> Measuring:
    return Measuring()


@pytest.fixture
def line(services: Services) -> Iterator[Line]:
    disk.private_folder(services.settings.slicing)
    made = Line(services)
    yield made
    made.close()


def put_profile(services: Services, printer: str = "Prusa MK4S", actor: Actor = ADMIN, **settings: object) -> None:
    """An admin uploads the configuration of a printer."""
    printer_id = next(p.id for p in services.catalog.view().printers if p.name == printer)
    services.profiles.put(printer_id, "lab.ini", exported(printer, **settings), actor)


def found(services: Services, bench: Workbench, job: JobView) -> Report:
    """What staff read about a job."""
    report = report_of(bench.get(job.id), services.catalog.view())
    assert report is not None
    return report


def by_hand(folder: Path, content: bytes, profile: bytes, strength: Strength) -> tuple[float, float]:
    """Grams of PLA and seconds that the slicer gives for a file, called as anybody would call it."""
    folder.mkdir()
    (folder / "part.stl").write_bytes(content)
    settings = {**read_profile(profile).settings, **solidity_settings(strength), "filament_density": "1.24"}
    (folder / "by_hand.ini").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    command = [str(PROGRAM), "--load", "by_hand.ini", "--export-gcode", "--output", "part.gcode", "part.stl"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    facts = read(folder / "part.gcode")
    assert facts.weight_g is not None
    assert facts.time_s is not None
    return facts.weight_g, facts.time_s


# ---------- the figures ----------


@pytest.mark.parametrize("strength", [Strength.DRAFT, Strength.STRONG])
def test_weight_and_time_are_those_of_the_slicer_called_by_hand(
    services: Services, bench: Workbench, line: Line, tmp_path: Path, strength: Strength
) -> None:
    put_profile(services)
    job = bench.submit(files_made.stl(30), strength=strength, quantity=3)
    line.measure()
    before = found(services, bench, job).estimate
    assert before is not None
    assert not before.automatic
    assert line.slice() == 1
    after = found(services, bench, job).estimate
    assert after is not None
    assert after.automatic
    weight_g, time_s = by_hand(tmp_path / "by_hand", files_made.stl(30), exported(), strength)
    assert after.weight_cg.likely == pytest.approx(3 * weight_g * 100, abs=2)
    assert after.time_min.likely == math.ceil(3 * time_s / 60)
    assert after.weight_cg.low == after.weight_cg.high
    assert list(services.settings.slicing.iterdir()) == []


def test_the_scale_of_the_job_counts(services: Services, bench: Workbench, line: Line, tmp_path: Path) -> None:
    put_profile(services)
    job = bench.submit(files_made.stl(1), scale=25.4)
    line.measure()
    line.slice()
    estimate = found(services, bench, job).estimate
    assert estimate is not None
    weight_g, time_s = by_hand(tmp_path / "by_hand", files_made.stl(25.4), exported(), job.strength)
    assert estimate.weight_cg.likely == pytest.approx(weight_g * 100, abs=2)
    assert estimate.time_min.likely == math.ceil(time_s / 60)


def test_a_quote_and_a_card_begin_with_them(services: Services, bench: Workbench, line: Line) -> None:
    put_profile(services)
    job = bench.submit(files_made.stl(30))
    line.measure()
    line.slice()
    card = bench.card(job)
    estimate = found(services, bench, job).estimate
    assert estimate is not None
    assert card.takes is not None
    assert card.is_automatic
    assert (card.takes.weight_cg, card.takes.time_min) == (estimate.weight_cg.likely, estimate.time_min.likely)


def test_a_sliced_file_that_counts_wins(services: Services, bench: Workbench, line: Line) -> None:
    put_profile(services)
    job = bench.submit(files_made.stl(30))
    line.measure()
    line.slice()
    bench.add_sliced(bench.get(job.id))
    card = bench.card(job)
    assert not card.is_automatic


def _fixtures(*names: str) -> list[object]:
    """Those of the shared model files that are there."""
    paths = [FIXTURES / "models" / name for name in names]
    return [pytest.param(path, id=path.name) for path in paths if path.exists()]


@pytest.mark.parametrize("path", _fixtures("13_testgeometry_ascii.stl", "14_88566.stl"))
def test_a_real_part_is_sliced_as_by_hand(
    services: Services, bench: Workbench, line: Line, tmp_path: Path, path: Path
) -> None:
    put_profile(services)
    job = bench.submit(path.read_bytes(), path.name)
    line.measure()
    assert line.slice() == 1
    estimate = found(services, bench, job).estimate
    assert estimate is not None
    assert estimate.automatic
    weight_g, time_s = by_hand(tmp_path / "by_hand", path.read_bytes(), exported(), job.strength)
    assert estimate.weight_cg.likely == pytest.approx(weight_g * 100, rel=0.002, abs=2)
    assert estimate.time_min.likely == pytest.approx(time_s / 60, rel=0.01, abs=1)


@pytest.mark.parametrize("path", _fixtures("08_remove-unconnected-bad.stl", "20_cube_gears_prod_req.3mf"))
def test_a_real_file_that_the_slicer_would_get_wrong_is_not_sliced(
    services: Services, bench: Workbench, line: Line, path: Path
) -> None:
    put_profile(services)
    job = bench.submit(path.read_bytes(), path.name)
    line.measure()
    assert line.waiting() == []
    assert found(services, bench, job).not_automatic


# ---------- wanting ----------


def test_a_file_measured_before_it_is_sent_is_sliced_once_it_is(
    services: Services, bench: Workbench, line: Line
) -> None:
    put_profile(services)
    staged = bench.stage(files_made.stl(30))
    services.intake.want_upload(staged.sha256)
    line.measure()
    assert line.waiting() == []
    bench.submit(files_made.stl(30))
    assert len(line.waiting()) == 1


def test_the_same_need_is_sliced_once(services: Services, bench: Workbench, line: Line) -> None:
    put_profile(services)
    jobs = [bench.submit(files_made.stl(30), quantity=quantity) for quantity in (1, 2)]
    line.measure()
    assert line.slice() == 1
    jobs.append(bench.submit(files_made.stl(30), material="PETG"))
    assert line.slice() == 0
    assert all(bench.get(job.id).automatic == bench.get(jobs[0].id).automatic for job in jobs)
    grams = [found(services, bench, job).estimate.weight_cg.likely for job in jobs]  # type: ignore[union-attr]
    assert grams[1] == pytest.approx(2 * grams[0], abs=1)
    assert grams[2] > grams[0]  # PETG is heavier


@pytest.mark.parametrize("change", [{"strength": Strength.STRONG}, {"printer": "Prusa XL"}], ids=str)
def test_another_printer_or_strength_in_a_quote_is_sliced_anew(
    services: Services, bench: Workbench, line: Line, change: dict[str, object]
) -> None:
    put_profile(services)
    put_profile(services, "Prusa XL")
    job = bench.submit(files_made.stl(30))
    line.measure()
    line.slice()
    before = bench.get(job.id).automatic
    bench.approve(bench.get(job.id), **change)
    assert line.slice() == 1
    after = bench.get(job.id).automatic
    assert after is not None
    assert after.state is AutomaticState.DONE
    assert after != before


def test_a_corrected_file_is_sliced_anew(services: Services, bench: Workbench, line: Line) -> None:
    put_profile(services)
    job = bench.submit(files_made.stl(30))
    line.measure()
    line.slice()
    bench.correct(bench.get(job.id), files_made.stl(40))
    line.measure()
    assert line.slice() == 1


def test_a_new_profile_is_used_for_open_jobs(services: Services, bench: Workbench, line: Line) -> None:
    open_job = bench.submit(files_made.stl(30))
    other = bench.submit(files_made.stl(31), printer="Prusa XL")
    line.measure()
    assert line.waiting() == []
    put_profile(services)
    assert line.slice() == 1
    first = bench.get(open_job.id).automatic
    put_profile(services, layer_height=0.1)
    assert bench.get(open_job.id).automatic is not None  # it waits
    assert line.slice() == 1
    second = bench.get(open_job.id).automatic
    assert first is not None
    assert second is not None
    assert (second.time_s or 0) > 1.5 * (first.time_s or 0)
    assert bench.get(other.id).automatic is None


def test_a_removed_profile_gives_the_measures_their_word_back(services: Services, bench: Workbench, line: Line) -> None:
    put_profile(services)
    job = bench.submit(files_made.stl(30))
    line.measure()
    line.slice()
    catalog = services.profiles.remove(services.catalog.view().printers[0].id, ADMIN)
    assert catalog.printers[0].profile is None
    estimate = found(services, bench, job).estimate
    assert estimate is not None
    assert not estimate.automatic
    assert services.estimates.sweep() == 1


def test_what_an_earlier_version_asked_for_is_forgotten(
    services: Services, bench: Workbench, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_profile(services)
    job = bench.submit(files_made.stl(30))
    line.measure()
    line.slice()
    assert services.estimates.sweep() == 0
    monkeypatch.setattr(automatic, "VERSION", automatic.VERSION + 1)
    assert services.estimates.sweep() == 1
    assert line.slice() == 1
    assert services.estimates.sweep() == 0
    assert found(services, bench, job).not_automatic is None


# ---------- what is never sliced ----------


def _open_box() -> bytes:
    """A cube of 30 mm without one of its triangles."""
    whole = files_made.stl(30)
    count = int.from_bytes(whole[80:84], "little")
    return whole[:80] + (count - 1).to_bytes(4, "little") + whole[84 : 84 + 50 * (count - 1)]


def test_a_part_that_is_not_closed_is_never_sliced(services: Services, bench: Workbench, line: Line) -> None:
    put_profile(services)
    job = bench.submit(_open_box())
    line.measure()
    assert bench.get(job.id).analysis.state is AnalysisState.DONE  # type: ignore[union-attr]
    assert line.waiting() == []
    report = found(services, bench, job)
    assert report.estimate is not None
    assert not report.estimate.automatic
    assert "not closed" in str(report.not_automatic)


def test_a_part_that_does_not_fit_is_not_sliced(services: Services, bench: Workbench, line: Line) -> None:
    put_profile(services)
    bench.submit(files_made.stl(400))
    line.measure()
    assert line.waiting() == []


def test_resin_and_printers_without_a_profile_keep_their_measures(
    services: Services, bench: Workbench, line: Line
) -> None:
    put_profile(services)
    resin = bench.submit(
        files_made.stl(30), method="Resin", printer="Formlabs Form 3", material="Standard resin", color="Grey"
    )
    line.measure()
    assert line.waiting() == []
    report = found(services, bench, resin)
    assert report.estimate is not None
    assert report.not_automatic is None


# ---------- when it does not work out ----------


def test_what_the_slicer_refuses_keeps_its_measures_and_staff_read_why(
    services: Services, bench: Workbench, line: Line
) -> None:
    put_profile(services, bed_shape="0x0,20x0,20x20,0x20")
    job = bench.submit(files_made.stl(30))
    line.measure()
    line.slice()
    report = found(services, bench, job)
    assert report.estimate is not None
    assert not report.estimate.automatic
    assert "could not slice this part" in str(report.not_automatic)
    assert line.waiting() == []


def _fails_to_copy(models: Measuring, _sliced: SlicedReader) -> None:
    models.problem = TOO_LONG


def _fails_to_read(_models: Measuring, sliced: SlicedReader) -> None:
    sliced.problem = TOO_LONG


@pytest.mark.parametrize("fail", [_fails_to_copy, _fails_to_read])
def test_what_could_not_be_read_for_sure_is_tried_again(
    services: Services,
    bench: Workbench,
    line: Line,
    sandbox: Measuring,
    sliced_sandbox: SlicedReader,
    fail: Callable[[Measuring, SlicedReader], None],
) -> None:
    put_profile(services)
    job, other = bench.submit(files_made.stl(30)), bench.submit(files_made.stl(31))
    line.measure()
    fail(sandbox, sliced_sandbox)
    (_, key, attempt), _ = line.waiting()
    services.estimates.carry_out(key, attempt)
    sandbox.problem = sliced_sandbox.problem = None
    assert sorted(number for _, waiting, number in line.waiting() if waiting == key) == [1, 2]
    assert line.slice() == 3
    assert {bench.get(each.id).automatic.state for each in (job, other)} == {AutomaticState.DONE}  # type: ignore[union-attr]


@pytest.mark.parametrize("fail", [_fails_to_copy, _fails_to_read])
def test_what_is_never_read_for_sure_is_given_up(
    services: Services,
    bench: Workbench,
    line: Line,
    sandbox: Measuring,
    sliced_sandbox: SlicedReader,
    fail: Callable[[Measuring, SlicedReader], None],
) -> None:
    put_profile(services)
    job = bench.submit(files_made.stl(30))
    line.measure()
    fail(sandbox, sliced_sandbox)
    assert line.slice() == 2
    assert "Nothing is wrong with the file" in str(found(services, bench, job).not_automatic)


def test_a_profile_that_is_replaced_before_its_turn_is_not_sliced_with(
    services: Services, bench: Workbench, line: Line
) -> None:
    put_profile(services)
    bench.submit(files_made.stl(30))
    line.measure()
    put_profile(services, layer_height=0.3)
    assert line.slice() == 2
    assert services.estimates.sweep() == 0  # the older one is gone already


def test_what_no_process_works_at_is_taken_up_twice_and_then_given_up(
    services: Services, bench: Workbench, line: Line
) -> None:
    services.estimates.begin()
    put_profile(services)
    job = bench.submit(files_made.stl(30))
    line.measure()
    line.lose()
    services.estimates.take_up()
    assert [attempt for _, _, attempt in line.waiting()] == [2]
    line.lose()
    services.estimates.take_up()
    assert line.waiting() == []
    assert "could not slice it" in str(found(services, bench, job).not_automatic)


def test_an_attempt_that_is_lost_too_often_gives_way_to_another(
    services: Services, bench: Workbench, line: Line
) -> None:
    put_profile(services)
    bench.submit(files_made.stl(30))
    line.measure()
    ((_, key, attempt),) = line.waiting()
    assert [services.estimates.lost(key, attempt) for _ in range(4)] == [True, True, True, False]
    assert sorted(number for _, _, number in line.waiting()) == [1, 2]


@pytest.mark.parametrize(
    "stop",
    [
        lambda services: services.estimates.close(),
        lambda services: services.sliced_files.close(),
        lambda services: services.end_readers(),
    ],
    ids=["while it slices", "while the G-code is read", "as a server does"],
)
def test_a_server_that_stops_puts_the_part_back(
    services: Services, bench: Workbench, line: Line, stop: Callable[[Services], None]
) -> None:
    put_profile(services)
    job = bench.submit(files_made.stl(30))
    line.measure()
    ((_, key, attempt),) = line.waiting()
    stop(services)
    services.estimates.carry_out(key, attempt)
    assert [number for _, _, number in line.waiting()] == [1, 1]
    automatic = bench.get(job.id).automatic
    assert automatic is not None
    assert automatic.state is AutomaticState.QUEUED


# ---------- who may, and what is taken ----------


def test_a_printer_that_cures_resin_takes_no_profile(services: Services) -> None:
    form3 = services.catalog.view().printer("Formlabs Form 3")
    assert form3 is not None
    with pytest.raises(InvalidFile, match="Formlabs Form 3 cures resin"):
        services.profiles.put(form3.id, "lab.ini", exported(), ADMIN)
    assert all(printer.profile is None for printer in services.catalog.view().printers)


def test_a_profile_is_kept_although_what_follows_fails(
    services: Services, monkeypatch: pytest.MonkeyPatch, bench: Workbench
) -> None:
    bench.submit(files_made.stl(30))

    def fail() -> None:
        raise OSError("no room")

    monkeypatch.setattr(services.estimates, "want_missing", fail)
    put_profile(services)
    assert services.catalog.view().printers[0].profile is not None


def test_what_is_no_configuration_changes_nothing(services: Services) -> None:
    put_profile(services)
    kept = services.catalog.view().printers[0].profile
    with pytest.raises(InvalidFile):
        services.profiles.put(services.catalog.view().printers[0].id, "x.ini", b"[print:a]\n", ADMIN)
    with pytest.raises(InvalidFile, match="“skirts” is more than 100"):
        put_profile(services, skirts=100_000_000)
    with pytest.raises(NotFound):
        services.profiles.put(999, "x.ini", exported(), ADMIN)
    assert services.catalog.view().printers[0].profile == kept
    assert kept is not None
    assert (kept.name, kept.layer_height_mm, kept.nozzle_mm, kept.uploaded_by) == ("lab.ini", 0.2, 0.4, "Alex Admin")
