"""Opening a job's file in place, in the slicer of a staff PC: one-time links, and the helper that redeems them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.domain.policy import Action, Actor, require
from printlab.domain.views import FileState, HelperAnswer, JobView, Opened, OpenedFile, OpenLink
from printlab.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from printlab.files import disk, layout
from printlab.keyring import new_token, token_hash
from printlab.live import Changed, Live, announce
from printlab.models import AccessToken, Event, Job, TokenPurpose
from printlab.services import fields
from printlab.services.desk import find
from printlab.services.history import FILE_HANDED, FILE_NOT_OPENED, FILE_OPENED, new_event
from printlab.services.identity import authorise, holder_of
from printlab.services.search import Search
from printlab.services.views import ViewBuilder
from printlab.settings import Settings

LINK_LIFETIME = timedelta(seconds=60)
CONCLUDED_WITHIN = timedelta(minutes=10)
"""How long the helper may take to say what came of it: it reads a large file, and somebody chooses a slicer."""
_KEPT = timedelta(hours=1)
_SCHEME = "printlab://open/"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_WORKSTATION_LIMIT, _PROBLEM_LIMIT = 60, 300
_PURPOSES = (TokenPurpose.OPEN_FILE, TokenPurpose.TRY_OPENER)
_SPENT = "This link was used already, has expired, or is meant for another computer. Click “Open file” once more."
_log = structlog.get_logger(__name__)


class Opening:
    """Links for the helper on a staff PC, and what it gets for them."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        search: Search,
        views: ViewBuilder,
        live: Live,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._settings = settings
        self._search = search
        self._views = views
        self._live = live
        self._clock = clock

    def elsewhere(self, job_id: int, actor: Actor) -> Opened | None:
        """Who else has the job's file open; raises NotFound, NotSignedIn, NotAllowed."""
        opened = self._search.get(job_id, actor).opened
        is_else = opened is not None and opened.actor_key != actor.key and self._clock() < opened.until
        return opened if is_else else None

    def mint(self, job_id: int, actor: Actor) -> OpenLink:
        """A link that opens the file of the job that counts when it is redeemed.

        Raises NotFound, NotSignedIn, NotAllowed; Conflict while the file is not where it belongs, StorageProblem.
        """
        require(actor, Action.OPEN_FILE)
        job = self._search.get(job_id, actor)
        _refuse_moving(job)
        _refuse_missing(job, self._settings.storage)  # before the transaction: a share may take its time
        link = self._link(actor, TokenPurpose.OPEN_FILE, job_id)
        return replace(link, path=job.place, local_path=self._settings.as_staff_see(job.place))

    def try_out(self, actor: Actor) -> OpenLink:
        """A link that opens nothing: the helper takes it up and says where it is."""
        return self._link(actor, TokenPurpose.TRY_OPENER, None)

    def _link(self, actor: Actor, purpose: TokenPurpose, job_id: int | None) -> OpenLink:
        if actor.credential is None:
            raise NotSignedIn("Links that open files belong to whoever is signed in. Sign in to make one.")
        secret, now = new_token(), self._clock()
        token = AccessToken(
            purpose=purpose,
            token_sha256=token_hash(secret),
            name=actor.name,
            role=actor.kind.value,
            created_at=now,
            expires_at=now + LINK_LIFETIME,
            issued_by=actor.credential,
            job_id=job_id,
            workstation=actor.workstation,
        )
        with self._database.write() as unit:
            authorise(unit.session, actor, Action.OPEN_FILE, now)
            unit.session.add(token)
            unit.session.flush()
            return OpenLink(token.id or 0, f"{_SCHEME}{secret}", now + LINK_LIFETIME)

    def redeem(self, secret: str, workstation: str, problem: str | None = None) -> OpenedFile | None:
        """What the helper on ``workstation`` gets for a link: the file that counts now; None for a trial.

        ``problem`` says why the helper could open nothing; then nothing is given or recorded but that. Raises NotFound,
        in the same words whatever is wrong with the link; InvalidInput, Conflict while the file moves, and the link
        stays good.
        """
        where, what = _named(workstation), fields.line(problem, "problem", _PROBLEM_LIMIT)
        with self._database.write() as unit:
            token, actor = self._spend(unit.session, secret, where)
            token.workstation, token.problem = where, what
            unit.session.flush()
            if token.job_id is None:
                return None
            row = find(unit.session, token.job_id, lock=True)
            job = self._views.job(unit.session, row)
            if what is None:
                _refuse_moving(job)
            self._record(unit.session, job, replace(actor, workstation=where), token)
            announce(unit, self._live, Changed(job.id))
        _log.info(
            "file.handed", job_id=job.id, actor=actor.key, workstation=where, revision=job.authoritative, problem=what
        )
        if what is not None:
            return None
        counting = job.counting_file
        return OpenedFile(job.id, counting.filename, job.place, counting.bytes, counting.sha256)

    def knows(self, secret: str) -> bool:
        """Whether a link of this secret was made lately, used or not; says nothing of what it is still good for."""
        if not _SECRET.fullmatch(secret):
            return False
        made = select(AccessToken.id).where(
            AccessToken.token_sha256 == token_hash(secret),
            col(AccessToken.purpose).in_(_PURPOSES),
            col(AccessToken.expires_at) > self._clock() - CONCLUDED_WITHIN,
        )
        with self._database.read() as session:
            return session.exec(made).first() is not None

    def conclude(self, secret: str, workstation: str, problem: str | None = None) -> bool:
        """Have the history say what came of a redeemed link; whether it says that the file was opened.

        ``problem`` is what kept it from that. It is said once, within ten minutes, by the computer that redeemed the
        link. Raises NotFound, in the same words whatever is wrong with the link; InvalidInput.
        """
        where, what = _named(workstation), fields.line(problem, "problem", _PROBLEM_LIMIT)
        with self._database.write() as unit:
            token = self._redeemed(unit.session, secret, where)
            job = find(unit.session, token.job_id or 0, lock=True)
            _settle(unit.session, token, what)
            announce(unit, self._live, Changed(job.id or 0))
        _log.info("file.concluded", job_id=job.id, workstation=where, problem=what)
        return what is None

    def _redeemed(self, session: Session, secret: str, workstation: str) -> AccessToken:
        """The link of this secret, for which a file was given a moment ago, there."""
        given = select(AccessToken).where(
            AccessToken.token_sha256 == _hash_of(secret),
            AccessToken.purpose == TokenPurpose.OPEN_FILE,
            col(AccessToken.used_at) > self._clock() - CONCLUDED_WITHIN,
        )
        token = session.exec(given).one_or_none()
        if token is None:
            raise NotFound(_SPENT)
        self._maker(session, token, workstation)
        return token

    def _spend(self, session: Session, secret: str, workstation: str) -> tuple[AccessToken, Actor]:
        """The link of this secret, used from now on, and whoever made it, if they are still let in."""
        now = self._clock()
        good = sa.update(AccessToken).where(
            col(AccessToken.token_sha256) == _hash_of(secret),
            col(AccessToken.purpose).in_(_PURPOSES),
            col(AccessToken.used_at).is_(None),
            col(AccessToken.expires_at) > now,
        )
        spent = session.exec(good.values(used_at=now).returning(AccessToken)).scalar_one_or_none()
        if spent is None:
            raise NotFound(_SPENT)
        return spent, self._maker(session, spent, workstation)

    def _maker(self, session: Session, token: AccessToken, workstation: str) -> Actor:
        """Whoever made the link, if they are still let in and it is good on this computer."""
        actor = holder_of(session, token.issued_by or "", self._clock())
        if actor is None or not _is_meant_for(token, workstation):
            raise NotFound(_SPENT)
        require(actor, Action.OPEN_FILE)
        return actor

    def _record(self, session: Session, job: JobView, actor: Actor, token: AccessToken) -> None:
        """A line of the history. A Core update: whoever looks into a file makes nobody's version stale."""
        action = FILE_NOT_OPENED if token.problem else FILE_HANDED
        event = new_event(actor, action, self._clock(), job.id, reason=token.problem)
        event.changes = {"revision": (None, job.authoritative)}
        session.add(event)
        session.flush()
        token.event_id = event.id
        _point_at_opening(session, job.id)

    def answer(self, token_id: int, actor: Actor) -> HelperAnswer | None:
        """What the helper said to a link of this actor's, or None while it says nothing."""
        with self._database.read() as session:
            token = session.get(AccessToken, token_id)
            line = session.get(Event, token.event_id) if token and token.event_id else None
        is_own = token is not None and token.purpose in _PURPOSES and token.issued_by == actor.credential
        if token is None or not is_own or token.used_at is None:
            return None
        return HelperAnswer(token.workstation or "", token.problem, line is None or line.action != FILE_HANDED)

    def expired(self) -> int:
        """How many links ended an hour ago or earlier."""
        with self._database.read() as session:
            return session.exec(select(sa.func.count()).select_from(AccessToken).where(*self._over())).one()

    def sweep(self) -> int:
        """Remove links that ended an hour ago; return how many."""
        with self._database.write() as unit:
            return unit.session.exec(sa.delete(AccessToken).where(*self._over())).rowcount

    def _over(self) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
        return col(AccessToken.purpose).in_(_PURPOSES), col(AccessToken.expires_at) < self._clock() - _KEPT


def _named(workstation: str) -> str:
    where = fields.line(workstation, "workstation", _WORKSTATION_LIMIT)
    if where is None:
        raise InvalidInput("Give the computer a name: “workstation” in the helper's configuration.", "workstation")
    return where


def _hash_of(secret: str) -> str:
    if not _SECRET.fullmatch(secret):
        raise NotFound(_SPENT)
    return token_hash(secret)


def _settle(session: Session, token: AccessToken, problem: str | None) -> None:
    """Say in the link's line what came of it; raise NotFound when it says so already, or there is none."""
    line = sa.update(Event).where(col(Event.id) == token.event_id, col(Event.action) == FILE_HANDED)
    action = FILE_NOT_OPENED if problem else FILE_OPENED
    if session.exec(line.values(action=action, reason=problem)).rowcount != 1:
        raise NotFound(_SPENT)
    token.problem = problem
    _point_at_opening(session, token.job_id)


def _point_at_opening(session: Session, job_id: int | None) -> None:
    """Let the job name who opened its file last, as far as that is known."""
    last = sa.select(sa.func.max(Event.id)).where(
        col(Event.job_id) == job_id, col(Event.action).in_((FILE_HANDED, FILE_OPENED))
    )
    session.exec(sa.update(Job).where(col(Job.id) == job_id).values(last_opened_id=last.scalar_subquery()))


def _is_meant_for(token: AccessToken, workstation: str) -> bool:
    return token.workstation is None or token.workstation.casefold() == workstation.casefold()


def _refuse_moving(job: JobView) -> None:
    if job.archived_at is not None:
        raise Conflict(f"Job {job.id} is in the archive: its file is in no folder any more. Download it instead.")
    if job.file_state is FileState.MOVING:
        raise Conflict(f"The file of job {job.id} is still moving to its folder. Open it again in a moment.")
    if job.file_state is FileState.PROBLEM:
        raise Conflict(
            f"The file of job {job.id} could not be moved to its folder, so it is not where it belongs. Close it on "
            "other computers; it is tried again every minute. Until then, download it."
        )


def _refuse_missing(job: JobView, root: Path) -> None:
    layout.check(root)
    if not disk.is_regular(root / job.place):
        raise Conflict(
            f"The file of job {job.id} is not in its folder: {job.place} is missing. It comes back within a minute or "
            "two while the job is open. Until then, download it."
        )
