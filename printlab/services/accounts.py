"""Staff accounts, signed-in browsers and tokens. Secrets leave here once and are kept as hashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property

import sqlalchemy as sa
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, or_, select

from printlab.db import Database
from printlab.domain.policy import ANONYMOUS, Action, Actor, ActorKind, require
from printlab.domain.views import SessionView, TokenView, UserView
from printlab.errors import Conflict, InvalidInput, NotFound, NotSignedIn, StorageProblem
from printlab.keyring import new_token, token_hash
from printlab.limits import caller_of
from printlab.models import AccessToken, Event, LoginSession, TokenPurpose, UserAccount
from printlab.services import fields
from printlab.services.history import new_event
from printlab.services.identity import (
    authorise,
    check_still_in,
    good_token,
    open_session,
    session_holder,
    token_holder,
)
from printlab.services.tries import CountedTries, forget_old_tries

SESSION_LIFETIME = timedelta(days=14)
_SEEN_EVERY = timedelta(minutes=5)
_ONE_START = timedelta(minutes=2)
_ROLES = (ActorKind.STAFF, ActorKind.ADMIN)
_LINK_USED = "This link was used already. Sign in, or start PrintLab again for a new link."
_ACCOUNT_THERE = "There is an account already. Sign in."
_NO_MATCH = "E-mail address and password do not match. Check both."


class Accounts:
    """Signing in and out, and who is who."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._hasher = PasswordHash((Argon2Hasher(),))
        self._failures = CountedTries(database, clock, "failures", limit=10, per_s=900)
        # One address that tries many names; one account that is tried from many addresses.
        self._tries = CountedTries(database, clock, "tries", limit=100, per_s=900)
        self._guesses = CountedTries(database, clock, "guesses", limit=200, per_s=3600)

    def sign_in(self, email: str, password: str, user_agent: str, address: str) -> str:
        """A new session's opaque token. Raises InvalidInput when they do not match, TooManyRequests after ten tries.

        Tries are counted before the password is looked at, so that many at once are no way round the limit; those that
        succeed are given back, for a whole campus may sign in from one address.
        """
        name = email.replace("\0", "").strip().lower()  # PostgreSQL takes no NUL
        caller = caller_of(address)
        limits = ((self._tries, caller), (self._failures, f"{name} {caller}"), (self._guesses, name))
        for limit, who in limits:
            limit.take(who)
        token = self._signed_in(name, password, user_agent, address)
        for limit, who in limits:
            limit.give_back(who)
        return token

    def _signed_in(self, name: str, password: str, user_agent: str, address: str) -> str:
        with self._database.read() as session:
            user = session.exec(select(UserAccount).where(UserAccount.email == name)).one_or_none()
        nobody = self._nobody  # taken in any case: the first time it costs a hash
        # An unknown address takes as long as a wrong password, and is answered the same.
        known_hash = user.password_hash if user else nobody
        if not self._matches(password, known_hash) or user is None:
            raise InvalidInput(_NO_MATCH, "password")
        if not user.active:  # said to nobody but who knows the password
            raise InvalidInput("This account was deactivated. Ask the lab manager to activate it.", "email")
        return self._open_session(user, known_hash, user_agent, address)

    @cached_property
    def _nobody(self) -> str:
        """The hash of a password that nobody has; made at the first sign-in, the command line needs none."""
        return self._hash(new_token())

    def _open_session(self, user: UserAccount, known_hash: str, user_agent: str, address: str) -> str:
        """For the account as it is now: it may have been closed, or got a new password, while this one was hashed."""
        token, now = new_token(), self._clock()
        with self._database.write() as unit:
            same = select(UserAccount.id).where(
                col(UserAccount.id) == user.id, col(UserAccount.active), UserAccount.password_hash == known_hash
            )
            if unit.session.exec(same.with_for_update()).first() is None:
                raise InvalidInput(_NO_MATCH, "password")
            unit.session.add(
                LoginSession(
                    user_id=user.id or 0,
                    token_sha256=token_hash(token),
                    created_at=now,
                    last_seen_at=now,
                    expires_at=now + SESSION_LIFETIME,
                    user_agent=user_agent[:200],
                    address=address,
                )
            )
        return token

    def actor_of(self, token: str | None) -> Actor:
        """Whoever holds this session token; ANONYMOUS when nobody does any more."""
        if not token:
            return ANONYMOUS
        now, credential = self._clock(), token_hash(token)
        with self._database.read() as session:
            found = session.exec(open_session(credential, now)).one_or_none()
        if found is None:
            return ANONYMOUS
        login, user = found
        if now - login.last_seen_at > _SEEN_EVERY:
            with suppress(StorageProblem):  # a full disk must not keep staff from looking at what is there
                self._touch(login.id or 0, now)
        return session_holder(user, credential)

    def _touch(self, session_id: int, now: datetime) -> None:
        with self._database.write() as unit:
            seen = sa.update(LoginSession).where(col(LoginSession.id) == session_id).values(last_seen_at=now)
            unit.session.exec(seen)

    def sign_out(self, token: str | None) -> None:
        """End the session of this token."""
        if token:
            with self._database.write() as unit:
                unit.session.exec(sa.delete(LoginSession).where(col(LoginSession.token_sha256) == token_hash(token)))

    def change_password(self, actor: Actor, current: str, new: str, current_token: str | None = None) -> None:
        """Set a new password and sign this person's other browsers out. Raises InvalidInput, TooManyRequests."""
        fields.new_password(new, "new")
        self._failures.take(actor.key)
        with self._database.read() as session:
            user = _own(session, actor)
        if not self._matches(current, user.password_hash):
            raise InvalidInput("The current password is not right.", "current")
        self._failures.give_back(actor.key)
        hashed = self._hash(new)
        with self._database.write() as unit:
            check_still_in(unit.session, actor, self._clock())
            unit.session.get_one(UserAccount, user.id).password_hash = hashed
            others = sa.delete(LoginSession).where(col(LoginSession.user_id) == user.id)
            unit.session.exec(others.where(col(LoginSession.token_sha256) != token_hash(current_token or "")))
            unit.session.add(self._event(actor, "password changed", user.email))

    def sessions(self, actor: Actor, current_token: str | None) -> tuple[SessionView, ...]:
        """This person's signed-in browsers, the newest first."""
        here = token_hash(current_token or "")
        with self._database.read() as session:
            rows = session.exec(
                select(LoginSession)
                .where(LoginSession.user_id == _own(session, actor).id, LoginSession.expires_at > self._clock())
                .order_by(col(LoginSession.last_seen_at).desc())
            )
            return tuple(
                SessionView(r.id or 0, r.created_at, r.last_seen_at, r.user_agent, r.token_sha256 == here) for r in rows
            )

    def revoke_session(self, actor: Actor, session_id: int) -> None:
        """Sign one of this person's browsers out."""
        with self._database.write() as unit:
            check_still_in(unit.session, actor, self._clock())
            own = sa.delete(LoginSession).where(col(LoginSession.user_id) == _own(unit.session, actor).id)
            unit.session.exec(own.where(col(LoginSession.id) == session_id))

    def users(self, actor: Actor) -> tuple[UserView, ...]:
        """All staff accounts, by name."""
        require(actor, Action.MANAGE_ACCOUNTS)
        with self._database.read() as session:
            newest = select(LoginSession.user_id, func.max(LoginSession.last_seen_at))
            seen = dict(session.exec(newest.group_by(col(LoginSession.user_id))).all())
            rows = sorted(session.exec(select(UserAccount)), key=lambda user: (user.name.casefold(), user.email))
            return tuple(_user_view(row, seen.get(row.id or 0)) for row in rows)

    def colleagues(self, actor: Actor) -> tuple[str, ...]:
        """What all active staff are called when work is assigned: by name, or by address where two share a name."""
        require(actor, Action.VIEW_BOARD)
        with self._database.read() as session:
            active = session.exec(select(UserAccount).where(col(UserAccount.active))).all()
        shared = Counter(user.name.casefold() for user in active)
        ordered = sorted(active, key=lambda user: (user.name.casefold(), user.email))
        return tuple(user.name if shared[user.name.casefold()] == 1 else user.email for user in ordered)

    def add_user(self, email: str, name: str, role: ActorKind, password: str, actor: Actor) -> UserView:
        """Add a staff account. Raises InvalidInput, Conflict."""
        require(actor, Action.MANAGE_ACCOUNTS)  # before the hash, which is dear; and again in the transaction
        if role not in _ROLES:
            raise InvalidInput("Choose staff or admin.", "role")
        address, clean_name = fields.email(email).lower(), fields.person_name(name)
        fields.new_password(password, "password")
        hashed = self._hash(password)
        user = UserAccount(
            email=address, name=clean_name, role=role.value, password_hash=hashed, created_at=self._clock()
        )
        try:
            with self._database.write() as unit:
                authorise(unit.session, actor, Action.MANAGE_ACCOUNTS, self._clock())
                unit.session.add(user)
                unit.session.flush()
                unit.session.add(self._event(actor, "account added", f"{clean_name} <{address}>, {role.value}"))
        except IntegrityError:  # also when two admins add the same person at the same moment
            raise Conflict(f"{address} has an account already.") from None
        return _user_view(user, None)

    def set_active(self, user_id: int, active: bool, actor: Actor) -> None:
        """Let somebody in again, or lock them out at once. The last admin stays."""
        with self._database.write() as unit:
            session = unit.session
            authorise(session, actor, Action.MANAGE_ACCOUNTS, self._clock())
            user = _locked(session, user_id)
            if not active and _is_last_admin(session, user):
                raise Conflict(f"{user.name} is the only admin. Add another one first.")
            user.active = active
            if not active:
                session.exec(sa.delete(LoginSession).where(col(LoginSession.user_id) == user_id))
            session.add(self._event(actor, "account activated" if active else "account deactivated", user.email))

    def reset_password(self, email: str, password: str, actor: Actor) -> UserView:
        """Give somebody who forgot theirs a new password, and end all their sessions. Raises InvalidInput, NotFound."""
        require(actor, Action.MANAGE_ACCOUNTS)  # before the hash, which is dear; and again in the transaction
        address = fields.email(email).lower()
        hashed = self._hash(fields.new_password(password))
        with self._database.write() as unit:
            session = unit.session
            authorise(session, actor, Action.MANAGE_ACCOUNTS, self._clock())
            user = session.exec(select(UserAccount).where(UserAccount.email == address)).one_or_none()
            if user is None:
                raise NotFound(f"Nobody has an account under {address}.")
            user.password_hash = hashed
            session.exec(sa.delete(LoginSession).where(col(LoginSession.user_id) == user.id))
            session.add(self._event(actor, "password reset", address))
            return _user_view(user, None)

    def needs_first_admin(self) -> bool:
        """Whether nobody can sign in yet."""
        with self._database.read() as session:
            return session.exec(select(func.count()).select_from(UserAccount)).one() == 0

    def first_admin_token(self) -> str:
        """A new one-time token for the first-run page; those of earlier starts end, not those of processes that start
        together.
        """
        token, now = new_token(), self._clock()
        earlier = sa.delete(AccessToken).where(col(AccessToken.purpose) == TokenPurpose.FIRST_ADMIN)
        with self._database.write() as unit:
            unit.session.exec(earlier.where(col(AccessToken.created_at) < now - _ONE_START))
            unit.session.add(
                AccessToken(
                    purpose=TokenPurpose.FIRST_ADMIN,
                    token_sha256=token_hash(token),
                    name="first run",
                    role=ActorKind.ADMIN.value,
                    created_at=now,
                )
            )
        return token

    def is_first_admin_token(self, token: str) -> bool:
        """Whether the first-run page may be shown for this token."""
        with self._database.read() as session:
            valid = session.exec(good_token(token_hash(token), TokenPurpose.FIRST_ADMIN, self._clock())).one_or_none()
        return valid is not None and self.needs_first_admin()

    def create_first_admin(self, setup_token: str, email: str, name: str, password: str) -> None:
        """Make the first account, once. Raises NotFound when the link was used or replaced, InvalidInput."""
        if not self.is_first_admin_token(setup_token):  # before the hash, which is dear; and again in the transaction
            raise NotFound(_LINK_USED if self.needs_first_admin() else _ACCOUNT_THERE)
        address, clean_name = fields.email(email).lower(), fields.person_name(name)
        fields.new_password(password, "password")
        hashed, now = self._hash(password), self._clock()
        with self._database.write() as unit:
            used = sa.update(AccessToken).where(
                col(AccessToken.token_sha256) == token_hash(setup_token),
                col(AccessToken.purpose) == TokenPurpose.FIRST_ADMIN,
                col(AccessToken.used_at).is_(None),
            )
            if unit.session.exec(used.values(used_at=now)).rowcount != 1:
                raise NotFound(_LINK_USED)
            if unit.session.exec(select(func.count()).select_from(UserAccount)).one():
                raise NotFound(_ACCOUNT_THERE)
            unit.session.add(
                UserAccount(
                    email=address, name=clean_name, role=ActorKind.ADMIN.value, password_hash=hashed, created_at=now
                )
            )

    def create_token(self, name: str, role: ActorKind, actor: Actor) -> str:
        """An API token, shown once."""
        clean = fields.line(name, "name", 80)
        if clean is None or role not in _ROLES:
            raise InvalidInput("Give the token a name and the role staff or admin.", "name")
        token = new_token()
        with self._database.write() as unit:
            authorise(unit.session, actor, Action.MANAGE_ACCOUNTS, self._clock())
            unit.session.add(
                AccessToken(
                    purpose=TokenPurpose.API,
                    token_sha256=token_hash(token),
                    name=clean,
                    role=role.value,
                    created_at=self._clock(),
                )
            )
            unit.session.add(self._event(actor, "token created", f"{clean}, {role.value}"))
        return token

    def tokens(self, actor: Actor) -> tuple[TokenView, ...]:
        """All API tokens that are good, the newest first."""
        require(actor, Action.MANAGE_ACCOUNTS)
        with self._database.read() as session:
            good = select(AccessToken).where(
                AccessToken.purpose == TokenPurpose.API, col(AccessToken.used_at).is_(None)
            )
            rows = session.exec(good.order_by(col(AccessToken.id).desc()))
            return tuple(TokenView(row.id or 0, row.name, ActorKind(row.role), row.created_at) for row in rows)

    def revoke_token(self, token_id: int, actor: Actor) -> None:
        """End an API token at once."""
        with self._database.write() as unit:
            authorise(unit.session, actor, Action.MANAGE_ACCOUNTS, self._clock())
            token = unit.session.get(AccessToken, token_id)
            if token is None or token.purpose is not TokenPurpose.API:
                raise NotFound("This token is no longer there.")
            token.used_at = self._clock()
            unit.session.add(self._event(actor, "token revoked", token.name))

    def actor_of_token(self, bearer: str) -> Actor:
        """Whoever an API token stands for; raises NotSignedIn."""
        with self._database.read() as session:
            found = session.exec(good_token(token_hash(bearer), TokenPurpose.API, self._clock())).one_or_none()
        if found is None:
            raise NotSignedIn("This token is not valid. Ask an admin for a new one.")
        return token_holder(found)

    def expired(self) -> int:
        """How many sessions have expired."""
        over = select(func.count()).where(col(LoginSession.expires_at) < self._clock())
        with self._database.read() as session:
            return session.exec(over).one()

    def sweep(self) -> int:
        """Remove expired sessions, and tries that no limit counts any more; return how many sessions."""
        now = self._clock()
        with self._database.write() as unit:
            over = unit.session.exec(sa.delete(LoginSession).where(col(LoginSession.expires_at) < now))
            forget_old_tries(unit.session, now)
            return over.rowcount

    def _hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def _matches(self, password: str, known_hash: str) -> bool:
        return len(password) <= fields.PASSWORD_MAX and self._hasher.verify(password, known_hash)

    def _event(self, actor: Actor, action: str, reason: str) -> Event:
        return new_event(actor, action, self._clock(), reason=reason)


def _own(session: Session, actor: Actor) -> UserAccount:
    user = session.get(UserAccount, actor.user_id) if actor.user_id else None
    if user is None:
        raise NotSignedIn
    return user


def _user_view(user: UserAccount, seen: datetime | None) -> UserView:
    return UserView(user.id or 0, user.email, user.name, ActorKind(user.role), user.active, user.created_at, seen)


def _locked(session: Session, user_id: int) -> UserAccount:
    """The account, locked with all admins in one order: two who deactivate each other at once wait for each other."""
    wanted = or_(col(UserAccount.id) == user_id, col(UserAccount.role) == ActorKind.ADMIN.value)
    rows = session.exec(select(UserAccount).where(wanted).order_by(col(UserAccount.id)).with_for_update())
    user = next((row for row in rows if row.id == user_id), None)
    if user is None:
        raise NotFound("This account is no longer there.")
    return user


def _is_last_admin(session: Session, user: UserAccount) -> bool:
    others = select(func.count()).where(
        UserAccount.role == ActorKind.ADMIN.value, col(UserAccount.active), UserAccount.id != user.id
    )
    return user.role == ActorKind.ADMIN.value and session.exec(others).one() == 0
