"""What the API gives for opening a file in place."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from printlab.api.responses.base import Given
from printlab.domain.views import Opened, OpenedFile, OpenLink


class OpenedJson(Given):
    """Who opened the file that counts; nobody moved the job or changed the file since."""

    by: str = Field(description="Name of the person or token.", examples=["Sam Lee"])
    workstation: str = Field(description="On which computer.", examples=["Front Desk"])
    at: datetime = Field(description="When, in UTC.")
    until: datetime = Field(description="Until when it counts as open, in UTC: no slicer tells when it is closed.")

    @classmethod
    def of(cls, opened: Opened) -> OpenedJson:
        """From the view."""
        return cls(by=opened.actor_name, workstation=opened.workstation, at=opened.at, until=opened.until)


class OpenLinkJson(Given):
    """A link for the helper on a staff PC."""

    url: str = Field(description="Opens the file in the slicer there; good once.", examples=["printlab://open/4rZb0…"])
    expires_at: datetime = Field(description="Until when it is good, in UTC: one minute.")
    path: str = Field(
        description="Where the file lies below the storage root.",
        examples=["ReadyToPrint/JaneDoe_Filament_Blue_123.gcode"],
    )
    elsewhere: OpenedJson | None = Field(description="Who else has the file open; null when nobody is known to.")

    @classmethod
    def of(cls, link: OpenLink, elsewhere: Opened | None) -> OpenLinkJson:
        """From what the service answered."""
        return cls(
            url=link.url,
            expires_at=link.expires_at,
            path=link.path,
            elsewhere=OpenedJson.of(elsewhere) if elsewhere else None,
        )


class FileToOpen(Given):
    """The file that counts, as it is now, for the helper to compare with what lies there."""

    job: int = Field(description="The job's number.", examples=[123])
    filename: str = Field(description="Its name in the lab.", examples=["JaneDoe_Filament_Blue_123.gcode"])
    path: str = Field(
        description="Where it lies below the storage root, with forward slashes.",
        examples=["ReadyToPrint/JaneDoe_Filament_Blue_123.gcode"],
    )
    bytes: int = Field(description="Size in bytes.", examples=[684084])
    sha256: str = Field(description="SHA-256 of its content, in hex.")


class Redeemed(Given):
    """What a link was good for."""

    file: FileToOpen | None = Field(description="The file to open; null for a trial, or when there was a problem.")

    @classmethod
    def of(cls, opened: OpenedFile | None) -> Redeemed:
        """From what the service answered."""
        if opened is None:
            return cls(file=None)
        return cls(
            file=FileToOpen(
                job=opened.job_id,
                filename=opened.filename,
                path=opened.path,
                bytes=opened.bytes,
                sha256=opened.sha256,
            )
        )


class Concluded(Given):
    """That the history says what came of a link."""

    opened: bool = Field(description="Whether it says that the file was opened.")
