"""Words in the texts of all jobs, found through the index where it knows them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col

from printlab.models import Job

_INDEXED_LETTERS = 3  # the index knows each three letters that follow one another
_FEW = 1000
_INDEX = sa.table("job_search", sa.column("rowid", sa.Integer), sa.column("job_search", sa.Text))


def found_by(session: Session, words: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    """What jobs fulfil whose text has each of the casefolded ``words``, also inside of longer ones.

    PostgreSQL uses its index by itself. On SQLite, words that few jobs have together are looked up in it. What many
    have is not: a list that is read in its own order meets them soon, and all of them would have to be sorted first.
    """
    contained = [col(Job.search_text).contains(word, autoescape=True) for word in words]
    known = [word for word in words if len(word) >= _INDEXED_LETTERS]
    if not known or session.get_bind().dialect.name != "sqlite":
        return contained
    some = session.scalars(_jobs_with(known).limit(_FEW)).all()
    # As numbers, not as a part of the question: SQLite would go through all jobs and ask it of each.
    return [col(Job.id).in_(some), *contained] if len(some) < _FEW else contained


def _jobs_with(words: Sequence[str]) -> sa.Select[tuple[int]]:
    quoted = ('"' + word.replace('"', '""') + '"' for word in words)
    return sa.select(_INDEX.c.rowid).where(_INDEX.c.job_search.op("MATCH")(" AND ".join(quoted)))
