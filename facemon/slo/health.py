"""The state of the service as one run saw it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from facemon.model import MonitoringData, State
from facemon.slo.judging import Judgement, Verdict
from facemon.slo.words import figure

_OF_ERRORS = {"success_rate", "first_attempt_success_rate", "error_rate"}


@dataclass(frozen=True, slots=True)
class Health:
    """A state and, in a few words, why."""

    state: State
    cause: str


def health(
    records: Sequence[MonitoringData], judgements: Sequence[Judgement], *, failed_checks: int = 0
) -> Health:
    """What records, objectives and checks add up to. The first rule that holds decides:

    1. nothing known and no check failed: unknown, with the commonest cause
    2. most failures mean down, and nothing succeeded or the success rate is refuted: down
    3. an objective is refuted, or a check failed: degraded
    4. some generations are unknown, or an objective has no data: unknown, because what was not seen is not up
    5. a generation failed, and the success rate is not confirmed all the same: degraded
    6. else up
    """
    known = [record for record in records if record.state is not State.UNKNOWN]
    if not known and not failed_checks:
        causes = [record.errors[-1].cause for record in records if record.errors]
        return Health(State.UNKNOWN, _commonest(causes) or "nothing was measured")
    failures = [record for record in known if not record.succeeded]
    down = [record for record in failures if record.state is State.DOWN]
    refuted = [judgement for judgement in judgements if judgement.verdict is Verdict.FAIL]
    if down and 2 * len(down) > len(failures):
        cause = _commonest([kind for record in down for kind in record.error_types])
        if len(failures) == len(known) or any(item.objective.metric == "success_rate" for item in refuted):
            return Health(State.DOWN, cause)
    if refuted or failed_checks:
        return Health(State.DEGRADED, _why_degraded(known, refuted, failed_checks))
    unknown = [record.errors[-1].cause for record in records if record.state is State.UNKNOWN]
    if unknown:
        return Health(State.UNKNOWN, _commonest(unknown))
    unscored = [item for item in judgements if item.verdict is Verdict.UNSCORED]
    if unscored:
        return Health(State.UNKNOWN, _why_unscored(unscored[0]))
    confirmed = any(
        item.objective.metric == "success_rate" and item.verdict is Verdict.PASS for item in judgements
    )
    if failures and not confirmed:
        return Health(
            State.DEGRADED, _commonest([kind for record in failures for kind in record.error_types])
        )
    return Health(State.UP, f"{len(known)} generations")


def _why_unscored(judgement: Judgement) -> str:
    """A figure that was counted and withheld says why itself."""
    return f"{judgement.text}: {judgement.note}" if judgement.note else f"no data for {judgement.text}"


def _why_degraded(known: Sequence[MonitoringData], refuted: Sequence[Judgement], failed_checks: int) -> str:
    """What was refuted comes first: a stray error beside it is not the reason."""
    errors = [kind for record in known for kind in record.error_types]
    faults = [score.evaluator for record in known for score in record.quality.failed]
    about = {judgement.objective.metric for judgement in refuted}
    if errors and (not refuted or about & _OF_ERRORS):
        return _commonest(errors)
    if faults and (not refuted or "sound_picture_rate" in about):
        return _commonest(faults)
    return f"{figure(refuted[0])}, where {refuted[0].text}" if refuted else f"{failed_checks} failed checks"


def _commonest(items: Sequence[str]) -> str:
    return Counter(items).most_common(1)[0][0] if items else ""
