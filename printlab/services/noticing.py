"""Noticing what slicers save into the storage root: such a file becomes its job's next revision, and counts.

What a name says decides whose file it is; what the bytes are decides whether it is new. Nothing here is remembered for
good but the hashes of what was looked at, so that a start does not read the whole share again: every step can be cut
off, and the next look finds what it left.
"""

from __future__ import annotations

import hashlib
import math
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from printlab.db import Database, add_if_new, batched
from printlab.domain import naming, slicing
from printlab.domain.policy import SYSTEM, Action, Actor, require, takes_sliced_files
from printlab.domain.retention import Amount, CleanupKind, CleanupRun
from printlab.domain.sliced_facts import CAUTIONS, Caution, SlicedFacts, damage_of, doubt_about
from printlab.domain.status import JobStatus
from printlab.domain.views import SAVED, Catalog, FileState, JobView, RevisionKind, RevisionView, StrayView
from printlab.errors import Conflict, InvalidFile, NotFound, PrintLabError, StorageProblem
from printlab.files import disk, layout, sniff
from printlab.files.archive import Incoming
from printlab.files.watching import RESTS_S, Fingerprint, Found, Watch
from printlab.models import Job, Revision, SeenFile
from printlab.services.adopting import Adoption, stems_for
from printlab.services.desk import Desk, JobWork
from printlab.services.filing import COUNTS, clearing
from printlab.services.history import FILE_SAVED, REVISION_ADDED, new_event
from printlab.services.identity import authorise
from printlab.services.new_files import NewFile, kind_of
from printlab.services.slicing import SlicedFiles, UnsureContent

_FOLDERS = frozenset(status.value for status in JobStatus)
_ENDLESS = (".stl", ".obj", ".form", ".idea")
_ENDLESS_RESTS_S = 30.0
"""What does not say where it ends is given longer to get there: some formats, and the text of some slicers."""
_MOST_AT_ONCE = 10
_AGAIN_S = 60.0
"""A full disk is not filled anew every second."""
_UNSURE_AGAIN_S = 600.0
_LINKED = "It is the same file as one elsewhere (a hard link). Save it as a file of its own."
_UNSURE = "It could not be told whether there is a tool path in it. It is read again every ten minutes."
Record = Callable[[CleanupKind, Callable[[], Amount], Actor], CleanupRun]
"""Does a cleanup and keeps what it did."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Saved:
    """A file of a job, new to it, whose bytes lie in the archive's entrance."""

    found: Found
    file: NewFile

    @property
    def rank(self) -> int:
        """What a machine can print counts more than a project, and that more than a bare model."""
        return rank(self.file.kind, self.file.extension)


def rank(kind: RevisionKind, extension: str) -> int:
    """What a machine can print comes before a slicer's project, and that before a bare model."""
    if kind is RevisionKind.SLICED:
        return 2
    return 1 if extension == ".3mf" else 0


class Noticing:
    """One look at a time; ``look`` is called every second or so, in every process."""

    def __init__(
        self,
        desk: Desk,
        adoption: Adoption,
        sliced_files: SlicedFiles,
        catalog: Callable[[], Catalog],
        root: Path,
        max_mb: int,
        record: Record,
    ) -> None:
        self._desk = desk
        self._adoption = adoption
        self._sliced_files = sliced_files
        self._catalog = catalog
        self._root = root
        self._max_mb = max_mb
        self._record = record
        self._watch = Watch(root)
        self._looking = threading.Lock()
        self._hashes: dict[Fingerprint, str] | None = None
        self._places: set[str] = set()
        self._unwritten: dict[str, SeenFile] = {}
        self._strays: dict[str, StrayView] = {}
        self._not_before: dict[int, float] = {}
        self._endless: set[Fingerprint] = set()

    @property
    def _database(self) -> Database:
        return self._desk.database

    def strays(self) -> tuple[StrayView, ...]:
        """What lies in the storage root and is no job's, with why; nothing of it is deleted unless an admin says so."""
        return tuple(sorted(self._strays.values(), key=lambda stray: stray.place))

    def give(self, job_id: int, place: str, actor: Actor) -> JobView:
        """A file of no job becomes the next one of a job, and leaves its place. It counts once somebody lets it.

        Raises NotFound for a place where no such file lies, InvalidFile when it is written to, UnsureContent,
        StorageProblem.
        """
        require(actor, Action.ADD_REVISION)
        stray, extension = self._strays.get(place), _extension(place)
        if stray is None or extension is None or not stray.can_be_given:
            raise NotFound("That file is not there any more, or cannot be printed.")
        incoming = self._desk.filing.archive.take_in(self._root / place)
        try:
            facts = self._sliced_files.read_brought(incoming.path, extension)
            name = naming.display_name(place)
            new = NewFile(incoming, extension, name, SAVED, kind_of(extension, facts), facts)
            with self._desk.work(job_id, None, actor, Action.ADD_REVISION) as work:
                known = next((r for r in work.before.revisions if r.sha256 == incoming.sha256), None)
                if known is None:
                    self._adoption.add(work, new)
                work.session.add_all(clearing(work.after(self._desk.views), [place], work.now))
                work.reason = f"{name} lay in the shared folder and was given to this job; {_is_to_job(known)}"
                work.record(REVISION_ADDED)
                work.row.updated_at = work.now
        finally:
            self._desk.filing.archive.drop(incoming)
        self._strays.pop(place, None)
        return work.result

    def delete(self, place: str, actor: Actor) -> CleanupRun:
        """Delete a file of no job for good, if it still is what was listed.

        Raises NotSignedIn, NotAllowed; Conflict when a job has its name, it was changed or is gone; StorageProblem.
        """
        with self._database.write() as unit:
            authorise(unit.session, actor, Action.MANAGE_LAB, self._desk.clock())
        self._refuse_of_a_job(place)
        deleted = self._delete(place, actor)
        return self._record(CleanupKind.ORPHANS, lambda: deleted, actor)

    def _refuse_of_a_job(self, place: str) -> None:
        with self._database.read() as session:
            owner = naming.owner(Path(place).name, stems_for(session, [Path(place).name]))
        if owner is not None:
            raise Conflict(f"This file has the name of job {owner}. Rename it in the shared folder first.")
        if not self._is_as_listed(place):
            raise Conflict("That file was changed or is gone, so it was not deleted. Look again in a moment.")

    def _is_as_listed(self, place: str) -> bool:
        stray = self._strays.get(place)
        if stray is None or not disk.is_regular(self._root / place):
            return False
        found = (self._root / place).lstat()
        return (found.st_size, found.st_mtime_ns) == (stray.bytes, stray.mtime_ns)

    def _delete(self, place: str, actor: Actor) -> Amount:
        stray = self._strays[place]
        try:
            layout.check_folder((self._root / place).parent, may_be_link=True)
            disk.clear(self._root / place)
        except OSError as error:
            raise StorageProblem(f"{place} could not be deleted ({error.strerror or error}).") from error
        with self._database.write() as unit:
            unit.session.add(new_event(actor, "file of no job deleted", self._desk.clock(), reason=place))
        self._strays.pop(place, None)
        _log.info("stray.deleted", place=place, bytes=stray.bytes, actor=actor.key)
        return Amount(1, stray.bytes)

    def look(self, now_s: float | None = None) -> int:
        """Take in what has been saved since the last look; return how many files became revisions."""
        if not self._looking.acquire(blocking=False):
            return 0
        try:
            layout.check(self._root)
            return self._look(time.monotonic() if now_s is None else now_s)
        except (StorageProblem, OSError) as problem:
            _log.warning("noticing.storage", problem=str(problem))
            return 0
        finally:
            self._looking.release()

    def _look(self, now_s: float) -> int:
        if now_s < self._watch.next_look_s:
            return 0
        rests = self._watch.look(now_s)
        seen_again = {found.place for found in rests}
        for place in list(self._strays):  # one that is given leaves it in another thread
            if place in seen_again or place not in self._watch.present:
                self._strays.pop(place, None)
        self._endless &= {found.fingerprint for found in rests}
        rested = [found for found, rests_s in rests.items() if rests_s >= self._long_enough_s(found)]
        restless = [found for found, rests_s in rests.items() if rests_s < RESTS_S and _extension(found.name)]
        stems = self._stems([*rested, *restless])
        still_saving = {naming.owner(found.name, stems) for found in restless}
        of_job: dict[int, list[Found]] = defaultdict(list)
        for found in rested:
            owner = naming.owner(found.name, stems)
            problem = self._unfit(found)
            if problem is not None or owner is None:
                self._list(found, problem or "No job has this name.", naming.likely_owner(found.name, stems))
            elif owner not in still_saving:  # two files that are saved at once are looked at together
                of_job[owner].append(found)
        self._know_untouched(of_job)
        others = [(job_id, saved[:_MOST_AT_ONCE]) for job_id, saved in sorted(of_job.items()) if saved]
        adopted = sum(self._take_in(job_id, saved, now_s) for job_id, saved in others)
        self._write_hashes()
        return adopted

    def _long_enough_s(self, found: Found) -> float:
        is_endless = _extension(found.name) in _ENDLESS or found.fingerprint in self._endless
        return _ENDLESS_RESTS_S if is_endless else RESTS_S

    # ---------- whose ----------

    def _stems(self, files: Iterable[Found]) -> dict[int, str]:
        """The stems of all jobs that the files may be of."""
        names = [found.name for found in files]
        if not names:
            return {}
        with self._database.read() as session:
            return stems_for(session, names)

    # ---------- one job's files ----------

    def _know_untouched(self, of_job: dict[int, list[Found]]) -> None:
        """Leave out working copies that are what the database says: after a start nearly all files are that."""
        for some in batched(sorted(of_job)):
            for job_id, place, sha256 in self._working_copies(some):
                for found in of_job[job_id]:
                    if found.place == place and self._hash(found) == sha256:
                        self._watch.know(found)
                        of_job[job_id].remove(found)
                        break

    def _working_copies(self, job_ids: Sequence[int]) -> list[tuple[int, str, str]]:
        """Of these jobs the number, and the place and the SHA-256 of the file that counts."""
        columns = (col(Job.id), col(Job.status), col(Job.stem), col(Revision.extension), col(Revision.sha256))
        with self._database.read() as session:
            wanted = sa.select(*columns).join(Revision, COUNTS).where(col(Job.id).in_(job_ids))
            return [
                (job_id or 0, layout.working_copy(status, stem, extension), sha256)
                for job_id, status, stem, extension, sha256 in session.connection().execute(wanted)
            ]

    def _take_in(self, job_id: int, files: list[Found], now_s: float) -> int:
        if self._not_before.get(job_id, now_s) > now_s:
            return 0
        try:
            return self._sort_out(self._desk.seen(job_id), files)
        except (PrintLabError, OSError) as problem:
            _log.warning("noticing.refused", job_id=job_id, problem=str(problem))
        except Exception:  # noqa: BLE001  (what stops one job does not stop the others; the reason is in the log)
            _log.exception("noticing.failed", job_id=job_id)
        self._not_before[job_id] = now_s + _AGAIN_S
        return 0

    def _sort_out(self, job: JobView, files: list[Found]) -> int:
        contents = {revision.sha256 for revision in job.revisions}
        new: list[tuple[Found, str]] = []
        copies: list[str] = []
        for found in files:
            sha256 = self._hash(found)
            if sha256 is None:
                continue
            if sha256 not in contents:
                new.append((found, sha256))
            elif found.place == job.place and sha256 == job.counting_file.sha256:
                self._watch.know(found)
            elif found.place.partition("/")[0] not in _FOLDERS:
                self._watch.know(found)  # somebody's own copy, in a folder of theirs
            elif job.file_state is not FileState.SETTLED:
                continue
            elif found.place == job.place and takes_sliced_files(job.status) and not _is_doubted(job, sha256):
                self._count_again(job, sha256)
            else:
                copies.append(found.place)
        if copies:
            self._desk.filing.take_away(job, copies)
        return self._adopt(job, new) if new else 0

    def _count_again(self, job: JobView, sha256: str) -> None:
        """Somebody saved over the working copy what the job has already: that counts again."""
        number = next(revision.number for revision in job.revisions if revision.sha256 == sha256)
        with self._desk.work(job.id, job.version, SYSTEM, Action.ADD_REVISION) as work:
            self._adoption.let_count(work, number)
            work.reason = f"{job.filename} was saved again as it was in file {number}, which counts now"
            work.record(FILE_SAVED)

    def _adopt(self, job: JobView, new: list[tuple[Found, str]]) -> int:
        incoming: list[Incoming] = []
        try:
            brought = [(found, self._brought_in(job.id, found, sha256, incoming)) for found, sha256 in new]
            saved = [_Saved(found, file) for found, file in brought if file is not None]
            if not saved:
                return 0
            with self._desk.work(job.id, None, SYSTEM, Action.ADD_REVISION) as work:
                return self._write(work, saved)
        finally:
            for each in incoming:
                self._desk.filing.archive.drop(each)

    def _brought_in(self, job_id: int, found: Found, sha256: str, incoming: list[Incoming]) -> NewFile | None:
        """The file's bytes in the archive's entrance; None while it is not complete by its own format, or it could not
        be told what it is.
        """
        extension = _extension(found.name) or ""
        try:
            taken = self._desk.filing.archive.take_in(self._root / found.place, sha256)
        except NotFound:
            return None
        except InvalidFile:  # written to since, perhaps under its old time
            self._known_hashes().pop(found.fingerprint, None)
            raise
        incoming.append(taken)
        try:
            facts = self._sliced_files.read_brought(taken.path, extension)
        except UnsureContent:
            self._list(found, _UNSURE, job_id, _UNSURE_AGAIN_S)
            return None
        if problem := _incomplete(taken.path, extension, facts):
            self._list(found, problem, job_id)
            return None
        if facts is not None and not facts.ends and found.fingerprint not in self._endless:
            self._endless.add(found.fingerprint)  # looked at again once it has rested for longer
            return None
        return NewFile(taken, extension, naming.display_name(found.name), SAVED, kind_of(extension, facts), facts)

    def _write(self, work: JobWork, saved: list[_Saved]) -> int:
        """Make the revisions; the best of them counts, unless two are as good, or it is too late for that."""
        known = {revision.sha256 for revision in work.before.revisions}  # another process may have been faster
        fresh = [each for each in saved if each.file.incoming.sha256 not in known]
        if not fresh:
            return 0
        numbers = {each.found.place: self._adoption.add(work, each.file) for each in fresh}
        doubt = self._adoption.doubt_of_part(work)
        adopted = None if doubt else _best(fresh, work.before)
        if adopted is not None:
            self._adoption.let_count(work, numbers[adopted.found.place])
        after = work.after(self._desk.views)
        # The status folder holds the working copy only: what lies elsewhere goes, for its bytes are in the archive.
        work.session.add_all(clearing(after, [each.found.place for each in fresh], work.now))
        work.reason = self._said(after, fresh, adopted, doubt)
        work.record(FILE_SAVED)
        work.row.updated_at = work.now
        return len(fresh)

    def _said(self, job: JobView, fresh: list[_Saved], adopted: _Saved | None, doubt: str | None) -> str:
        """What became of the files, for the history and for whoever looks at the job now."""
        names = " and ".join(each.file.original_name for each in fresh)
        if adopted is not None:
            figures = slicing.in_words(slicing.figures(job.counting_file, job, self._catalog()))
            return f"{adopted.file.original_name} counts now{figures and f': {figures}'}"
        if not takes_sliced_files(job.status):
            return f"{names} was kept; the job is “{job.status.label}”, so it does not count"
        if doubt:
            return f"{names} was kept; {doubt}"
        if len(fresh) > 1:
            return f"{names} were saved at once: choose the one that counts"
        return f"{names} was kept; the file that counts is nearer to the print"

    # ---------- remembering ----------

    def _hash(self, found: Found) -> str | None:
        """SHA-256 of a file's bytes; None when it is written to, or gone. A file that only moved is not read again."""
        known = self._known_hashes().get(found.fingerprint)
        if known is not None:
            if not self._watch.is_as_found(found):  # replaced while other jobs had their turn
                return None
            if found.place not in self._places:
                self._keep_hash(found, known)
            return known
        try:
            with disk.open_plain(self._root / found.place) as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                as_read = os.fstat(file.fileno())
        except (OSError, StorageProblem):
            return None
        if Fingerprint(as_read.st_size, as_read.st_mtime_ns, as_read.st_ino) != found.fingerprint:
            return None
        if not self._watch.is_as_found(found):
            return None
        self._known_hashes()[found.fingerprint] = sha256
        self._keep_hash(found, sha256)
        return sha256

    def _known_hashes(self) -> dict[Fingerprint, str]:
        if self._hashes is None:
            with self._database.read() as session:
                rows = session.exec(select(SeenFile)).all()
            self._places = {row.place for row in rows}
            self._hashes = {Fingerprint(row.bytes, row.mtime_ns, int(row.inode)): row.sha256 for row in rows}
        return self._hashes

    def _keep_hash(self, found: Found, sha256: str) -> None:
        """Written at the end of the look, many in one transaction; what a kill loses is read again."""
        seen = found.fingerprint
        self._places.add(found.place)
        self._unwritten[found.place] = SeenFile(
            place=found.place, bytes=seen.bytes, mtime_ns=seen.mtime_ns, inode=str(seen.inode), sha256=sha256
        )

    def _write_hashes(self) -> None:
        unwritten, self._unwritten = self._unwritten, {}
        for some in batched([unwritten[place] for place in sorted(unwritten)]):  # in one order in every process
            with self._database.write() as unit:
                for seen in some:
                    _write(unit.session, seen)

    def sweep(self) -> int:
        """Forget the hashes of files that are no longer there; return how many."""
        with self._looking:
            layout.check(self._root)
            with self._database.read() as session:
                known = session.exec(select(SeenFile.place)).all()
            gone = [place for place in known if not (self._root / place).exists()]
            for some in batched(gone):
                with self._database.write() as unit:
                    unit.session.exec(sa.delete(SeenFile).where(col(SeenFile.place).in_(some)))
            self._hashes = None
        return len(gone)

    def _unfit(self, found: Found) -> str | None:
        """Why it can be no job's, whatever is in it; it is not read then."""
        if _extension(found.name) is None:
            return "This kind of file is not printed."
        if found.fingerprint.bytes > self._max_mb * disk.MB:
            return f"It is larger than {self._max_mb} MB."
        return _LINKED if disk.is_linked_twice(self._root / found.place) else None

    def _list(self, found: Found, why: str, job_id: int | None, for_s: float = math.inf) -> None:
        """Leave it alone until it changes, or for so long, and say so."""
        self._watch.know(found, for_s)
        size = found.fingerprint.bytes
        can_be_given = _extension(found.name) is not None and size <= self._max_mb * disk.MB
        self._strays[found.place] = StrayView(found.place, size, why, job_id, can_be_given, found.fingerprint.mtime_ns)


def _write(session: Session, seen: SeenFile) -> None:
    """Whether another process writes the same at this moment or not."""
    values = seen.model_dump()
    if not add_if_new(session, SeenFile, values):
        session.exec(sa.update(SeenFile).where(col(SeenFile.place) == seen.place).values(**values))


def _is_doubted(job: JobView, sha256: str) -> bool:
    """Whether somebody has to look at the revision with this content before it counts."""
    revision = next(revision for revision in job.revisions if revision.sha256 == sha256)
    return revision.sliced is not None and doubt_about(revision.sliced) is not None


def _is_to_job(known: RevisionView | None) -> str:
    """What a file is to the job that it is given to: its content may be there already."""
    if known is None:
        return "it does not count yet"
    return f"it is the same as file {known.number}, which {'counts' if known.authoritative else 'does not count'}"


def _best(fresh: list[_Saved], job: JobView) -> _Saved | None:
    """The one file that shall count: nearest to the print, and as near as the one that does; None of two as good."""
    if not takes_sliced_files(job.status):
        return None
    highest = max(each.rank for each in fresh)
    best = [each for each in fresh if each.rank == highest]
    counting = job.counting_file
    current = rank(counting.kind, counting.extension)
    return best[0] if len(best) == 1 and highest >= current else None


def _incomplete(path: Path, extension: str, facts: SlicedFacts | None) -> str | None:
    """Why a file cannot count by itself, as a sentence; None when it is whole by its own format."""
    if facts is None and extension not in naming.UPLOAD_EXTENSIONS:
        return "It could not be read. Upload it on the job’s page if it is right."
    if facts is not None and (damage := damage_of(facts)):
        return damage
    if facts is not None and extension not in naming.UPLOAD_EXTENSIONS:
        if not facts.sliced and Caution.CLOSED_FORMAT not in facts.cautions:
            return "There is no tool path in it. Save it again."
        if not facts.ends and not _ends_with_a_line(path):
            return CAUTIONS[Caution.TRUNCATED]
    try:
        sniff.check_content(path, extension)
    except InvalidFile as problem:
        return str(problem)
    return None


def _extension(filename: str) -> str | None:
    return naming.extension(filename, naming.KNOWN_EXTENSIONS)


def _ends_with_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
