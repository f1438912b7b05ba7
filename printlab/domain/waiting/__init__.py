"""How long students wait: what the lab's own history says of it, the queue as it is, and what follows for a job."""

from __future__ import annotations

from printlab.domain.waiting.forecast import Forecast, Standing
from printlab.domain.waiting.history import HISTORY, History, Step, learn
from printlab.domain.waiting.outlook import Crowd, LabOutlook, Likely, Milestone, Outlook, Queue, Unsaid, Waits
from printlab.domain.waiting.turns import DESK, LEAST_ALIKE, LEAST_SEEN, Line, Overruns, Span, Turns

__all__ = [
    "DESK",
    "HISTORY",
    "LEAST_ALIKE",
    "LEAST_SEEN",
    "Crowd",
    "Forecast",
    "History",
    "LabOutlook",
    "Likely",
    "Line",
    "Milestone",
    "Outlook",
    "Overruns",
    "Queue",
    "Span",
    "Standing",
    "Step",
    "Turns",
    "Unsaid",
    "Waits",
    "learn",
]
