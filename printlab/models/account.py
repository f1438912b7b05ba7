"""Staff accounts, their signed-in browsers, and opaque tokens. Secrets are kept as hashes only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from printlab.models.base import enum_type


class TokenPurpose(StrEnum):
    """What an opaque token is good for; it is good for nothing else."""

    API = "api"
    FIRST_ADMIN = "first admin"
    OPEN_FILE = "open file"
    TRY_OPENER = "try opener"


class UserAccount(SQLModel, table=True):
    """A staff member or admin. ``email`` is kept in lower case."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str
    role: str
    password_hash: str
    active: bool = True
    created_at: datetime


class LoginSession(SQLModel, table=True):
    """A signed-in browser; the cookie's SHA-256, never the cookie."""

    __tablename__ = "login_session"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    token_sha256: str = Field(unique=True)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str = ""
    address: str = ""


class CountedTry(SQLModel, table=True):
    """Something that somebody tried and that is limited; ``who`` is a hash of the limit's name and the caller."""

    __tablename__ = "counted_try"
    __table_args__ = (sa.Index(None, "who", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    who: str
    at: datetime


class AccessToken(SQLModel, table=True):
    """An opaque 256-bit value, by its SHA-256, bound to one purpose.

    One that opens a file is bound to what let its maker in (``issued_by``, a credential's hash), to the job and, where
    the maker's is known, to the ``workstation``; once it is used, that is the one where it was, ``problem`` what kept
    the helper there from opening the file, and ``event_id`` the line of the history about it.
    """

    __tablename__ = "access_token"

    id: int | None = Field(default=None, primary_key=True)
    purpose: TokenPurpose = Field(sa_type=enum_type(TokenPurpose))
    token_sha256: str = Field(unique=True)
    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    issued_by: str | None = None
    job_id: int | None = Field(default=None, foreign_key="job.id")
    workstation: str | None = None
    problem: str | None = None
    event_id: int | None = Field(default=None, foreign_key="event.id")
