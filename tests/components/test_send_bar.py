"""What stands beside Send where there is room for a few words only."""

from __future__ import annotations

from components.send_bar import in_brief
from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.model_facts import ModelFacts
from printlab.domain.report import Order, Report, report
from printlab.domain.views import Catalog, MaterialView, Strength
from tests.domain.parts import MK4S, PRINTERS, box

CATALOG = Catalog(PRINTERS, (MaterialView(1, "PLA", "Filament", 1240, active=True),), (), ())
ORDER = Order(MK4S.name, "PLA", Strength.STANDARD)


def of(facts: ModelFacts | None, state: AnalysisState = AnalysisState.DONE) -> Report:
    """What is said about a part on the MK4S."""
    return report(AnalysisView("0" * 64, state, 1, facts), ORDER, CATALOG)


def test_without_a_file_there_is_no_price_and_nothing_to_hear() -> None:
    brief = in_brief(None, "USD")
    assert (brief.first, brief.second, brief.spoken) == ("The likely price appears here.", "", "")


def test_a_price_is_not_told_before_the_part_was_measured() -> None:
    brief = in_brief(of(None, AnalysisState.MEASURING), "USD")
    assert (brief.first, brief.spoken) == ("Working out the price …", "")


def test_a_price_comes_with_time_and_weight_and_is_heard_as_a_sentence() -> None:
    brief = in_brief(of(box(60.0, 40.0, 30.0)), "USD")
    assert brief.first.startswith("~ $")
    assert brief.second.startswith("about ")
    assert brief.second.endswith(" g")
    assert brief.spoken.startswith("Likely price: $")
    assert not brief.trouble


def test_an_open_question_about_the_size_stands_before_the_price() -> None:
    brief = in_brief(of(box(3.0, 3.0, 3.0)), "USD")
    assert (brief.first, brief.trouble) == ("Which size is right?", True)
    assert brief.spoken.endswith("Which is right?")


def test_what_does_not_fit_has_no_price() -> None:
    brief = in_brief(of(box(300.0, 40.0, 30.0)), "USD")
    assert (brief.first, brief.trouble) == ("Does not fit", True)
    assert "does not fit the Prusa MK4S" in brief.spoken


def test_a_file_that_could_not_be_analysed_can_be_sent_all_the_same() -> None:
    brief = in_brief(of(None, AnalysisState.FAILED), "USD")
    assert (brief.first, brief.trouble) == ("No estimate", False)
