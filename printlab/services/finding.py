"""Words in the texts of all jobs, found through the index where it knows them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import sqlalchemy as sa
from sqlmodel import Session, col

from printlab.models import Job

_INDEXED_LETTERS = 3  # the index knows each three letters that follow one another
_RARE = 1000
_INDEX = sa.table("job_search", sa.column("rowid", sa.Integer), sa.column("job_search", sa.Text))


def found_by(session: Session, words: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    """What jobs fulfil whose text has each of the casefolded ``words``, also inside of longer ones.

    PostgreSQL uses its index by itself. On SQLite a word that few jobs have is looked up in it. What many have is not:
    a list that is read in its own order meets them soon, and all of them would have to be sorted first.
    """
    contained = [col(Job.search_text).contains(word, autoescape=True) for word in words]
    if session.get_bind().dialect.name != "sqlite":
        return contained
    rare = (match for word in words if len(word) >= _INDEXED_LETTERS and _is_rare(session, match := _jobs_with(word)))
    return [*contained, *(col(Job.id).in_(match) for match in islice(rare, 1))]


def _jobs_with(word: str) -> sa.Select[tuple[int]]:
    quoted = '"' + word.replace('"', '""') + '"'
    return sa.select(_INDEX.c.rowid).where(_INDEX.c.job_search.op("MATCH")(quoted))


def _is_rare(session: Session, match: sa.Select[tuple[int]]) -> bool:
    some = match.limit(_RARE).subquery()
    return (session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) < _RARE
