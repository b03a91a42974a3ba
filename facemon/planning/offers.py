"""What a search found, in words and as Markdown: offers, or what stands in the way."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from facemon.planning.schedule import DAY, MONTH
from facemon.planning.spelling import USD_A_CREDIT, count, span
from facemon.planning.wish import Answer, Offer
from facemon.planning.words import table
from facemon.slo.language import duration

OFFERS_HEAD = (
    "schedule",
    "window",
    "credits a day",
    "USD a month",
    "false alarms a month",
    "outage",
    "30 % fail",
)
OPTIONS = {
    "outage": "--find-outage-within",
    "partly": "--find-30-percent-within",
    "alarms": "--false-alarms",
    "budget": "--budget",
}


def offer_rows(offers: Sequence[Offer]) -> list[tuple[str, ...]]:
    """Of `OFFERS_HEAD`."""
    return [
        (
            str(each.schedule),
            "a run" if each.window is None else duration(each.window),
            f"{each.schedule.credits_a_day:.4g}",
            f"{each.schedule.credits_a_day * MONTH / DAY * USD_A_CREDIT:.2f}",
            count(each.alarms),
            span(each.outage),
            span(each.partly),
        )
        for each in offers
    ]


def command(offer: Offer, said: Sequence[str] = ()) -> str:
    """What shows an offer in full. said: the options that it was looked for with, such as `--model ultra`."""
    window = "none" if offer.window is None else duration(offer.window)
    every = duration(offer.schedule.every)
    options = ("--every", every, "--samples", str(offer.schedule.samples), "--window", window, *said)
    return shlex.join(("facemon", "plan", *options))


def obstacles(answer: Answer) -> list[str]:
    """Why no schedule fits."""
    said = [f"no schedule of the {answer.tried} that were tried meets the wish"]
    said += [
        f"{OPTIONS[name]} is out of reach: none of them meets it, even alone" for name in answer.hopeless
    ]
    said += [
        f"without {OPTIONS[name]} the cheapest is {each} for {each.schedule.credits_a_day:.4g} credits a day: "
        f"{count(each.alarms)} false alarms a month, an outage found in {span(each.outage)}, "
        f"30 % failing in {span(each.partly)}"
        for name, each in answer.without.items()
    ]
    if not answer.hopeless and not answer.without:
        said.append("leaving out any one of the wishes is not enough: they ask too much together")
    return said


def offers_as_markdown(answer: Answer) -> str:
    """The same of a search."""
    if not answer.offers:
        return "\n\n".join(obstacles(answer)) + "\n"
    return table(OFFERS_HEAD, offer_rows(answer.offers)) + "\n"
