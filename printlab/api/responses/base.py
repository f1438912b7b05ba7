"""What every answer is, and what several of them say."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

SCALE = Field(
    description="The factor by which the part is printed larger than its file says in mm; 25.4 for a file in inches.",
    examples=[1.0],
)
NO_ANALYSIS = "null when nobody looked into the file"

# Fields that the JSON has under the view's own name and in its form.
SAME = frozenset(
    {
        "id",
        "archived_at",
        "anonymised_at",
        "version",
        "status",
        "filename",
        "original_name",
        "method",
        "printer",
        "material",
        "color",
        "quantity",
        "strength",
        "scale",
        "needed_by",
        "kept_until",
        "course",
        "notes",
        "time_min",
        "currency",
        "reject_note",
        "machine",
        "actual_time_min",
        "outcome",
        "assignee",
        "walk_in",
        "created_at",
        "updated_at",
    }
)


class Given(BaseModel):
    """Something that a client gets."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


def grams(weight_cg: int | None) -> float | None:
    """A weight that is kept in hundredths of a gram."""
    return None if weight_cg is None else weight_cg / 100
