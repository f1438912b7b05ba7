"""Numbers of the catalogue as admins type them: money must not be guessed."""

from __future__ import annotations

import pytest

from components.catalog_forms import density_mg_cm3, rate_micro, side_mm


@pytest.mark.parametrize(
    ("text", "micro"), [("0.08", 80_000), ("0,08", 80_000), ("$0.08", 80_000), ("EUR 0.08", 80_000), ("0", 0)]
)
def test_a_rate_with_its_currency(text: str, micro: int) -> None:
    assert rate_micro(text) == micro


@pytest.mark.parametrize("text", ["0,1x", "-0.08", "0.08 per", "x0.08", "", "1e3", "0.0000001", "0.08mm.", "\u0660"])
def test_a_slip_of_the_keys_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Enter a rate of 0 or more"):
        rate_micro(text)


def test_units_may_stand_behind() -> None:
    assert (density_mg_cm3("1.24 g/cm³"), density_mg_cm3("1,24g/cm3"), side_mm("250 mm"), side_mm("250")) == (
        1240,
        1240,
        250,
        250,
    )
    with pytest.raises(ValueError, match="whole millimetres"):
        side_mm("250 cm")
