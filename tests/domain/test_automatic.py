"""Which parts a slicer is asked about, and what becomes of its answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printlab.domain.automatic import Automatic, AutomaticState, Need, estimate_of, why_not
from printlab.domain.model_facts import ModelFacts, Remark
from printlab.domain.pricing import Rates, price_cents
from printlab.domain.views import Strength
from tests.domain.parts import box, item, of_items

CUBE = box(20.0, 20.0, 20.0)
RATES = Rates(80_000, 10_000)
NEED = Need("a" * 64, 1_000_000, "b" * 64, Strength.STANDARD)


def test_a_sound_part_is_asked_about() -> None:
    assert why_not(CUBE) is None
    assert why_not(replace(CUBE, bodies=3)) is None


@pytest.mark.parametrize(
    "facts",
    [
        replace(CUBE, closed=False),
        replace(CUBE, flipped_edges=2),
        replace(CUBE, inside_out=True),
        replace(CUBE, remarks=(Remark.TRUNCATED,)),
        replace(CUBE, remarks=(Remark.BAD_FACES,)),
        replace(CUBE, triangles=1_000_001),
        of_items(item((20.0, 20.0, 20.0)), item((10.0, 10.0, 10.0))),
    ],
    ids=["open", "flipped", "inside out", "cut off", "faces missing", "too large", "two parts"],
)
def test_what_a_slicer_would_get_wrong_is_not(facts: ModelFacts) -> None:
    assert str(why_not(facts)).endswith(".")


@pytest.mark.parametrize(
    "other",
    [
        replace(NEED, sha256="c" * 64),
        replace(NEED, scale_micro=25_400_000),
        replace(NEED, profile_sha256="c" * 64),
        replace(NEED, strength=Strength.STRONG),
    ],
)
def test_another_file_scale_profile_or_strength_is_another_need(other: Need) -> None:
    assert other.key != NEED.key
    assert replace(other, **{name: getattr(NEED, name) for name in NEED.__slots__}).key == NEED.key


def test_all_copies_are_weighed_timed_and_priced() -> None:
    found = estimate_of(Automatic(AutomaticState.DONE, 10_000.0, 601), 1240, 3, RATES)
    assert found is not None
    assert found.automatic
    assert (found.weight_cg.likely, found.time_min.likely) == (3720, 31)
    assert found.price_cents.low == found.price_cents.high == price_cents(RATES, 3720, 31)


@pytest.mark.parametrize("state", [AutomaticState.QUEUED, AutomaticState.FAILED])
def test_there_is_none_before_the_slicer_is_done(state: AutomaticState) -> None:
    assert estimate_of(Automatic(state, message="It did not fit."), 1240, 1, RATES) is None
