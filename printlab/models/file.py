"""What was looked at in the storage root."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class SeenFile(SQLModel, table=True):
    """The hash of a file, by its place below the storage root, as long as size, time and inode are these.

    It can be made again: it spares a start the reading of the whole share. Inodes of some shares have 64 bits.
    """

    __tablename__ = "seen_file"

    place: str = Field(primary_key=True)
    bytes: int = Field(sa_type=sa.BigInteger)
    mtime_ns: int = Field(sa_type=sa.BigInteger)
    inode: str
    sha256: str = Field(max_length=64)
