"""Who was let in, and whether they still are: by a session, an API token or a job's private link."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from printlab.domain.policy import Action, Actor, ActorKind, require
from printlab.errors import NotFound, NotSignedIn
from printlab.models import AccessToken, Job, LoginSession, TokenPurpose, UserAccount


def open_session(credential: str, now: datetime) -> Select[LoginSession, UserAccount]:
    """The session of this token hash and its account, while both are good."""
    return (
        select(LoginSession, UserAccount)
        .join(UserAccount, col(UserAccount.id) == col(LoginSession.user_id))
        .where(LoginSession.token_sha256 == credential, LoginSession.expires_at > now, col(UserAccount.active))
    )


def good_token(credential: str, purpose: TokenPurpose, now: datetime) -> SelectOfScalar[AccessToken]:
    """The opaque token of this hash, while it is neither used nor revoked nor expired."""
    return select(AccessToken).where(
        AccessToken.token_sha256 == credential,
        AccessToken.purpose == purpose,
        col(AccessToken.used_at).is_(None),
        or_(col(AccessToken.expires_at).is_(None), col(AccessToken.expires_at) >= now),
    )


def session_holder(user: UserAccount, credential: str) -> Actor:
    """The staff member of an open session."""
    return Actor(ActorKind(user.role), f"user:{user.id}", user.name, user_id=user.id, credential=credential)


def token_holder(token: AccessToken) -> Actor:
    """Whoever an API token stands for."""
    return Actor(ActorKind(token.role), f"token:{token.id}", token.name, credential=token.token_sha256)


def holder_of(session: Session, credential: str, now: datetime) -> Actor | None:
    """Whoever this session or API token lets in at this moment; None once it lets nobody in any more."""
    if found := session.exec(open_session(credential, now)).one_or_none():
        return session_holder(found[1], credential)
    token = session.exec(good_token(credential, TokenPurpose.API, now)).one_or_none()
    return token_holder(token) if token else None


def authorise(session: Session, actor: Actor, action: Action, now: datetime) -> None:
    """Return when ``actor`` may do ``action`` in this transaction; raise NotSignedIn, NotAllowed otherwise."""
    check_still_in(session, actor, now)
    require(actor, action)


def check_still_in(session: Session, actor: Actor, now: datetime) -> None:
    """Return while what let the actor in still stands; raise NotSignedIn, a student NotFound, when it ended meanwhile.

    Every transaction that writes asks this: a page stays open, and a request runs on, for a moment after signing out.
    """
    if actor.credential is None:
        return
    if actor.kind is ActorKind.STUDENT:
        link = select(Job.track_generation).where(col(Job.id) == actor.job_id)
        if str(session.exec(link).first()) != actor.credential:
            raise NotFound("This link is not valid any more, and nothing was changed. Open the newest mail of the job.")
        return
    if actor.user_id is None:
        stands = session.exec(good_token(actor.credential, TokenPurpose.API, now)).first() is not None
    else:
        found = session.exec(open_session(actor.credential, now)).first()
        stands = found is not None and found[1].role == actor.kind.value
    if not stands:
        raise NotSignedIn("You are no longer signed in here, and nothing was changed. Sign in and do it again.")
