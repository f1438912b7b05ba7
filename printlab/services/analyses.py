"""What was found in model files, as views: read with every card, so what never changes is kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.model_facts import ModelFacts
from printlab.files.drawings import Drawings
from printlab.keyring import Keyring
from printlab.models import Analysis

VERSION = 4
"""Raised when the code finds something else in the same file: the files of jobs in work are looked at again, and those
of ended jobs keep what was found in them then.
"""

_FACTS = TypeAdapter(ModelFacts)
_FACTS_COLUMN: Any = Analysis.facts  # an attribute of the mapper, whatever the type says
_KEPT = 2000  # some 30 kB each
_Key = tuple[str, int]  # the hash of a content, and the version of the code that looked into it


def stored(facts: ModelFacts) -> dict[str, Any]:
    """Facts as the database keeps them."""
    return _FACTS.dump_python(facts, mode="json")


class Analyses:
    """Reads what is known of model files by their hashes."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._kept: OrderedDict[_Key, ModelFacts] = OrderedDict()
        self._keeping = threading.Lock()

    def of(self, session: Session, sha256s: Iterable[str]) -> dict[str, AnalysisView]:
        """The views of those of the contents that were ever looked at, in a fixed number of queries."""
        wanted = set(sha256s)
        if not wanted:
            return {}
        query = select(Analysis).options(defer(_FACTS_COLUMN)).where(col(Analysis.sha256).in_(wanted))
        rows = _that_count(session.exec(query.where(col(Analysis.version) <= VERSION)).all())
        facts = self._facts_of(session, [(row.sha256, row.version) for row in rows])
        return {row.sha256: self._view(row, facts.get((row.sha256, row.version))) for row in rows}

    def _facts_of(self, session: Session, keys: Sequence[_Key]) -> dict[_Key, ModelFacts]:
        """Of one content and one version they are the same for good: read and parsed once."""
        facts = self._remembered(keys)
        missing = [key for key in keys if key not in facts]
        if not missing:
            return facts
        of_these = col(Analysis.sha256).in_([sha256 for sha256, _ in missing])
        rows = (row for row in session.exec(select(Analysis).where(of_these)) if (row.sha256, row.version) in missing)
        read = {(row.sha256, row.version): found for row in rows if (found := _facts_in(row))}
        self._remember(read)
        return facts | read

    def _remembered(self, keys: Sequence[_Key]) -> dict[_Key, ModelFacts]:
        with self._keeping:
            found = {key: kept for key in keys if (kept := self._kept.get(key))}
            for key in found:
                self._kept.move_to_end(key)
        return found

    def _remember(self, read: dict[_Key, ModelFacts]) -> None:
        """What nobody asked for the longest goes first."""
        with self._keeping:
            self._kept |= read
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def _view(self, row: Analysis, facts: ModelFacts | None) -> AnalysisView:
        return AnalysisView(
            sha256=row.sha256,
            state=row.state,
            attempt=row.attempt,
            facts=facts,
            code=row.code,
            message=row.message,
            thumbnail_url=self._address(Drawings.thumbnail(row.sha256, row.version)) if row.has_thumbnail else None,
            model_url=self._address(Drawings.model(row.sha256, row.version)) if row.has_model else None,
            tool_path_url=self._address(Drawings.tool_path(row.sha256, row.version)) if row.has_tool_path else None,
        )

    def _address(self, name: str) -> str:
        return f"/drawings/{self._keyring.drawing_signature(name)}/{name}"


def _that_count(rows: Iterable[Analysis]) -> list[Analysis]:
    """One row of each content: the newest, or the one before it as long as the newest has nothing to show."""
    counting: dict[str, Analysis] = {}
    for row in sorted(rows, key=lambda row: row.version):
        if row.sha256 not in counting or row.state.is_over or counting[row.sha256].state is not AnalysisState.DONE:
            counting[row.sha256] = row
    return list(counting.values())


def _facts_in(row: Analysis) -> ModelFacts | None:
    """What the row says, where this version of the code still understands it: an earlier one may have kept less."""
    if row.facts is None:
        return None
    try:
        return _FACTS.validate_python(row.facts)
    except ValidationError:
        if row.version == VERSION:
            raise
        return None
