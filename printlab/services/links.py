"""The private link of a job: where its student sees it without an account."""

from __future__ import annotations

from printlab.keyring import Keyring
from printlab.models import Job
from printlab.settings import Settings


def track_url(settings: Settings, keyring: Keyring, job: Job) -> str:
    """The whole address of the job's tracking page."""
    return f"{settings.public_url}/track/{keyring.track_token(job.id or 0, job.track_generation)}"
