"""What is wrong with the parts on the board: each is judged once for a printer and a scale."""

from __future__ import annotations

from functools import lru_cache

from printlab.domain.analysis import AnalysisView
from printlab.domain.judging import Finding, Severity, judge
from printlab.domain.policy import takes_sliced_files
from printlab.domain.views import Catalog, JobView, PrinterView

_KEPT = 4000


class Verdicts:
    """Gives what is wrong with a job's model; the same file, printer and scale are judged once."""

    def __init__(self) -> None:
        self._trouble = lru_cache(_KEPT)(_trouble)

    def trouble(self, job: JobView, catalog: Catalog) -> tuple[Finding, ...]:
        """What stops the part or may spoil it, worst first; nothing when it is too late to say so."""
        if job.analysis is None or job.analysis.facts is None or not takes_sliced_files(job.status):
            return ()
        printer = catalog.printer(job.printer)
        if printer is None:
            return ()
        return self._trouble(_Part(job.analysis), printer, catalog.printers_in_use, job.scale, job.size_is_right)


class _Part:
    """A measured file, told from others by its hash alone: its facts are long."""

    def __init__(self, analysis: AnalysisView) -> None:
        self.sha256 = analysis.sha256
        self.facts = analysis.facts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and other.sha256 == self.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)


def _trouble(
    part: _Part, printer: PrinterView, rivals: tuple[PrinterView, ...], scale: float, size_is_right: bool
) -> tuple[Finding, ...]:
    assert part.facts is not None  # noqa: S101  (``trouble`` asks before)
    found = judge(part.facts, printer, rivals, scale, size_is_right=size_is_right)
    return tuple(finding for finding in found if finding.severity is not Severity.HINT)
