"""What the API gives of mails."""

from __future__ import annotations

from pydantic import Field

from printlab.api.responses.base import Given
from printlab.domain.views import MailView


class BouncedJson(Given):
    """The mail that a notice tells of."""

    job_id: int | None = Field(description="The job that it is about, if it is about one.", examples=[142])
    to: str = Field(description="Where it went.", examples=["jane@exmaple.edu"])
    subject: str = Field(description="Its subject.", examples=["Job 142: we have your file"])
    state: str = Field(description="How it stands now: `bounced`, mostly.", examples=["bounced"])

    @classmethod
    def of(cls, mail: MailView) -> BouncedJson:
        """From the view."""
        return cls(job_id=mail.job_id, to=mail.to, subject=mail.subject, state=mail.state)
