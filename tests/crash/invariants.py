"""What has to be true of every lab, whatever happened to its processes."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

from sqlmodel import col, func, select

from printlab.domain.commands import JobFilter
from printlab.domain.status import JobStatus, Verb, is_allowed
from printlab.domain.views import EventView, FileState, JobView
from printlab.files import disk
from printlab.models import FileMove
from printlab.services import Services
from tests.crash.lab import Lab, Ledger
from tests.workbench import ADMIN

_LONG_AGO_S = 30 * 3600


def recover(lab: Lab) -> None:
    """Start again as the server does, long enough after the crash that leftovers are swept; then check everything."""
    for folder in (lab.root / "archive" / ".incoming", lab.data_dir / "staging"):
        for path in folder.iterdir():
            os.utime(path, (time.time() - _LONG_AGO_S,) * 2)
    for path in lab.root.glob("*/~*"):
        path.unlink()  # what the slicer in the driver was saving
    services = lab.open()
    try:
        services.filing.reconcile()
        services.submissions.sweep()
        for at_s in range(0, 50, 10):
            services.noticing.look(float(at_s))
        check(services, lab)
        assert services.filing.reconcile() == 0
    finally:
        services.close()


def check(services: Services, lab: Lab) -> list[JobView]:
    """Database, disk and ledger agree."""
    ledger = lab.ledger
    jobs = list(services.search.find(JobFilter(sort="id", limit=200), ADMIN).items)
    with services.database.read() as session:
        assert session.exec(select(func.count()).where(col(FileMove.done_at).is_(None))).one() == 0
    _status_folders(jobs, lab, ledger)
    _archive(jobs, lab)
    _nothing_acknowledged_is_lost(jobs, ledger)
    _histories(jobs, services, ledger)
    assert list((lab.root / "archive" / ".incoming").iterdir()) == []
    ledger.close()
    return jobs


def _status_folders(jobs: list[JobView], lab: Lab, ledger: Ledger) -> None:
    """Each job lies in its own folder, once, with its sidecar; and nothing else lies anywhere."""
    expected = {f"{job.status.value}/{name}" for job in jobs for name in (job.filename, f"{job.stem}.json")}
    present = {f"{status.value}/{path.name}" for status in JobStatus for path in (lab.root / status.value).iterdir()}
    assert present == expected
    saved: dict[int, set[str]] = defaultdict(set)
    for entry in ledger.of("saving"):
        saved[entry["job"]].add(entry["sha256"])
    for job in jobs:
        counted = next(revision for revision in job.revisions if revision.authoritative)
        path = lab.root / job.status.value / job.filename
        assert path.stat().st_size > 0
        assert _sha256_of(path) in {counted.sha256, *saved[job.id]}
        beside = json.loads(path.with_name(f"{job.stem}.json").read_text())
        assert (beside["version"], beside["status"], beside["authoritative"]) == (
            job.version,
            job.status.value,
            job.authoritative,
        )
        assert job.file_state is FileState.SETTLED


def _sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _archive(jobs: list[JobView], lab: Lab) -> None:
    """Every revision's bytes are there; what belongs to none can only be the next one, whose transaction died."""
    for job in jobs:
        folder = lab.root / "archive" / str(job.id)
        names = set()
        for revision in job.revisions:
            name = f"r{revision.number}{revision.filename.removeprefix(job.stem)}"
            names.add(name)
            assert disk.holds(folder / name, revision.bytes, revision.sha256), (job.id, name)
        beyond = f"r{len(job.revisions) + 1}."
        assert not [path for path in folder.iterdir() if path.name not in names and not path.name.startswith(beyond)]
        assert [revision.number for revision in job.revisions] == list(range(1, len(job.revisions) + 1))


def _nothing_acknowledged_is_lost(jobs: list[JobView], ledger: Ledger) -> None:
    by_id = {job.id: job for job in jobs}
    known = {job.id: {revision.sha256 for revision in job.revisions} for job in jobs}
    for entry in ledger.of("submitted", "revision"):
        assert entry["sha256"] in known[entry["job"]]
    for entry in ledger.of("moved"):
        assert by_id[entry["job"]].version >= entry["version"]


def saved_files_survive(lab: Lab, jobs: list[JobView]) -> None:
    """What a slicer saved is in the archive, or still lies where it was saved."""
    ledger = lab.ledger
    known = {job.id: {revision.sha256 for revision in job.revisions} for job in jobs}
    for job in jobs:
        known[job.id].add(_sha256_of(lab.root / job.status.value / job.filename))
    for entry in ledger.of("saved"):
        assert entry["sha256"] in known[entry["job"]]
    ledger.close()


def _histories(jobs: list[JobView], services: Services, ledger: Ledger) -> None:
    """Each job's history is one path along the table, and has every move that was acknowledged."""
    acknowledged = ledger.moves()
    for job in jobs:
        moves = [event for event in services.search.events(job.id, ADMIN)[::-1] if event.to_status]
        legal_path(moves)
        assert moves[-1].to_status is job.status
        happened = Counter(event.action for event in moves)
        for verb in Verb:
            assert happened[verb.value] >= acknowledged[job.id, verb.value]
        paid = sum(payment.amount_cents for payment in job.payments)
        assert paid == ((job.price_cents or 0) if job.status is JobStatus.PAID_PICKED_UP else 0)


def legal_path(moves: list[EventView]) -> None:
    """From the submission on, each move begins where the one before ended, along the table or back along it."""
    assert (moves[0].action, moves[0].from_status, moves[0].to_status) == ("submit", None, JobStatus.UPLOADED)
    for before, move in pairwise(moves):
        assert move.from_status is before.to_status
        assert move.from_status is not None
        assert move.to_status is not None
        if move.action == Verb.UNDO:
            assert before.action != Verb.UNDO
            assert move.to_status is before.from_status
        else:
            assert is_allowed(move.from_status, move.to_status, Verb(move.action))
