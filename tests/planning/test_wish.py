"""The cheapest schedule that meets a wish, against looking at all of them."""

from __future__ import annotations

import pytest

from facemon.errors import ConfigError
from facemon.planning.plan import plan
from facemon.planning.schedule import Schedule
from facemon.planning.watch import over
from facemon.planning.wish import Answer, Wish, search
from facemon.slo.language import parse
from facemon.slo.objectives import default_objectives

EVERY, SAMPLES, WINDOWS = (900.0, 3600.0, 14400.0), (2, 6, 12), (None, 14400.0)
HOUR = 3600.0


def looked_for(wish: Wish) -> Answer:
    return search(wish, default_objectives(), 3.0, every=EVERY, samples=SAMPLES, windows=WINDOWS)


def fitting(wish: Wish) -> list[float]:
    """Credits a day of every schedule whose own plan meets the wish, the cheapest first."""
    found = []
    for every in EVERY:
        for samples in SAMPLES:
            for window in WINDOWS:
                if window is not None and window <= every:
                    continue
                one = plan(Schedule(every, samples, 3.0), over(default_objectives(), window))
                assert one.outage is not None and one.partly is not None
                if (
                    one.outage.late.value <= (wish.outage or 1e9)
                    and one.partly.late.value <= (wish.partly or 1e9)
                    and one.alarms.value <= (wish.alarms or 1e9)
                    and one.schedule.credits_a_day <= (wish.budget or 1e9)
                ):
                    found.append(one.schedule.credits_a_day)
    return sorted(found)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(outage=HOUR),
        Wish(partly=4 * HOUR, alarms=1.0),
        Wish(outage=0.5 * HOUR, partly=2 * HOUR, budget=3000),
        Wish(alarms=0.5, budget=500),
    ],
)
def test_the_cheapest_that_fit_come_first(wish: Wish) -> None:
    """As many as there are, up to three; each meets the wish by its own plan."""
    assert [each.schedule.credits_a_day for each in looked_for(wish).offers] == fitting(wish)[:3]
    assert fitting(wish)


def test_an_offer_shows_the_figures_of_its_plan() -> None:
    """Those that the wish did not ask for, too."""
    offer = looked_for(Wish(outage=HOUR)).offers[0]
    one = plan(offer.schedule, over(default_objectives(), offer.window))
    assert one.outage is not None and one.partly is not None
    assert (offer.alarms, offer.outage, offer.partly) == (one.alarms, one.outage.late, one.partly.late)


def test_a_wish_out_of_reach_is_named() -> None:
    """Every 15 minutes no outage is found within one: that wish stands in the way, with or without the other."""
    found = looked_for(Wish(outage=60, budget=5000))
    assert found.offers == ()
    assert found.hopeless == ("outage",)
    assert set(found.without) == {"outage"}


def test_a_budget_in_the_way_is_named_with_what_would_do() -> None:
    """Without it there is an offer, which meets all the rest."""
    wish = Wish(outage=0.5 * HOUR, budget=300)
    found = looked_for(wish)
    assert found.hopeless == ()
    assert found.without["budget"].schedule.credits_a_day == fitting(Wish(outage=0.5 * HOUR))[0] > 300
    assert found.without["outage"].schedule.credits_a_day <= 300


def test_a_window_of_one_run_is_not_tried() -> None:
    """It would be the same schedule twice: 18 combinations less the three with 4 h over 4 h."""
    assert looked_for(Wish(outage=HOUR)).tried == 15


def test_progress_is_told() -> None:
    """Once for each candidate that is looked at."""
    seen: list[int] = []
    wish = Wish(outage=60)
    search(
        wish,
        default_objectives(),
        3.0,
        every=EVERY,
        samples=(2,),
        windows=(None,),
        progress=lambda: seen.append(1),
    )
    assert len(seen) >= 3


def test_means_alone_cannot_be_looked_for() -> None:
    """Said at once."""
    with pytest.raises(ConfigError, match="no objective is about a share"):
        search(Wish(outage=HOUR), [parse("prompt_adherence.mean >= 0.9")], 3.0)
