"""What the API gives without a job."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from printlab.api.responses.base import Given


class CostPreview(Given):
    """What a job would cost."""

    cost: str = Field(description="The price with two decimals.", examples=["4.20"])
    cost_cents: int = Field(description="The same in cents.", examples=[420])
    currency: str = Field(description="Currency (ISO 4217).", examples=["USD"])


class Alive(Given):
    """The process answers."""

    status: Literal["alive"] = Field(description="Always `alive`.", examples=["alive"])


class Readiness(Given):
    """Whether the app can work."""

    ready: bool = Field(description="Whether no check is `failing`.", examples=[True])
    checks: dict[str, Literal["ok", "failing", "limited"]] = Field(
        description="Each check: database, migrations, storage, disk, and thumbnails where this process analyses "
        "files. What is failing stands in the log; `limited` stops nobody.",
        examples=[{"database": "ok", "migrations": "ok", "storage": "ok", "disk": "ok", "thumbnails": "ok"}],
    )
    limitations: list[str] = Field(
        description="What is limited, and what to do about it.",
        examples=[["Thumbnails cannot be drawn: libegl1 is missing. “apt-get install libegl1” installs it."]],
    )
