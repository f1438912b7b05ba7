"""Words in the texts of all jobs, found through the index where it knows them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col

from printlab.domain.status import JobStatus
from printlab.models import Job

_INDEXED_LETTERS = 3  # the index knows each three letters that follow one another
_FEW = 1000
_INDEX = sa.table("job_search", sa.column("rowid", sa.Integer), sa.column("job_search", sa.Text))


def found_by(session: Session, words: Sequence[str], status: JobStatus | None = None) -> list[sa.ColumnElement[bool]]:
    """What jobs fulfil whose text has each of the casefolded ``words``, also inside of longer ones.

    With a ``status`` only of jobs that have it: a word that many jobs have may be in few of these, or in none.

    Words that few jobs have together are looked up in the index. What many have is not: a list that is read in its own
    order meets them soon, and all of them would have to be sorted first.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    contained = [_contains(word) if is_sqlite else sa.func.strpos(Job.search_text, word) > 0 for word in words]
    known = [word for word in words if len(word) >= _INDEXED_LETTERS]
    if not known:
        return contained
    looked_up = _on_sqlite(known) if is_sqlite else _on_postgresql(known, status)
    some = session.scalars(looked_up.limit(_FEW)).all()
    # As numbers, not as a part of the question: SQLite would go through all jobs and ask it of each.
    return [col(Job.id).in_(some), *contained] if len(some) < _FEW else contained


def _contains(word: str) -> sa.ColumnElement[bool]:
    return col(Job.search_text).contains(word, autoescape=True)


def _on_postgresql(words: Sequence[str], status: JobStatus | None) -> sa.Select[int | None]:
    """It takes its index for these, and only for these: ``strpos`` it does not look up."""
    found = sa.select(col(Job.id)).where(*map(_contains, words))
    return found if status is None else found.where(col(Job.status) == status)


def _on_sqlite(words: Sequence[str]) -> sa.Select[int]:
    """Its index knows nothing of a status; to go through the texts of all is quick enough there."""
    quoted = ('"' + word.replace('"', '""') + '"' for word in words)
    return sa.select(_INDEX.c.rowid).where(_INDEX.c.job_search.op("MATCH")(" AND ".join(quoted)))
