"""What was found in model files, as views: read with every card, so what never changes is kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from printlab.domain.analysis import AnalysisView
from printlab.domain.model_facts import ModelFacts
from printlab.files.drawings import Drawings
from printlab.keyring import Keyring
from printlab.models import Analysis

VERSION = 3
"""Raised when the code finds something else in the same file: everything open is looked at again."""

_FACTS = TypeAdapter(ModelFacts)
_FACTS_COLUMN: Any = Analysis.facts  # an attribute of the mapper, whatever the type says
_KEPT = 2000


def stored(facts: ModelFacts) -> dict[str, Any]:
    """Facts as the database keeps them."""
    return _FACTS.dump_python(facts, mode="json")


class Analyses:
    """Reads what is known of model files by their hashes."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._kept: OrderedDict[str, ModelFacts] = OrderedDict()

    def of(self, session: Session, sha256s: Iterable[str]) -> dict[str, AnalysisView]:
        """The views of those of the contents that were ever looked at, in a fixed number of queries."""
        wanted = set(sha256s)
        if not wanted:
            return {}
        query = (
            select(Analysis)
            .options(defer(_FACTS_COLUMN))
            .where(col(Analysis.sha256).in_(wanted), col(Analysis.version) == VERSION)
        )
        rows = session.exec(query).all()
        facts = self._facts_of(session, [row.sha256 for row in rows])
        return {row.sha256: self._view(row, facts.get(row.sha256)) for row in rows}

    def _facts_of(self, session: Session, sha256s: Sequence[str]) -> dict[str, ModelFacts]:
        """Of one content and one version they are the same for good: read and parsed once."""
        facts = {sha256: kept for sha256 in sha256s if (kept := self._kept.get(sha256))}
        missing = [sha256 for sha256 in sha256s if sha256 not in facts]
        if not missing:
            return facts
        query = select(Analysis).where(col(Analysis.sha256).in_(missing), col(Analysis.version) == VERSION)
        read = {row.sha256: _FACTS.validate_python(row.facts) for row in session.exec(query) if row.facts is not None}
        self._kept |= read
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return facts | read

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
