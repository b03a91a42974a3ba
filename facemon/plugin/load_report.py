"""What a check learns of the load phase: the fixture `facemon_load`."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from facemon.load.figures import counted
from facemon.load.picture import picture
from facemon.load.plot import lines
from facemon.load.result import LoadResult
from facemon.plugin.load_phase import meeting_of
from facemon.plugin.options import settings_of
from facemon.plugin.promised import promised
from facemon.plugin.run import OwnFault
from facemon.plugin.state import SessionState, state_of
from facemon.slo.judging import Judgement, Verdict, judge
from facemon.slo.objectives import Objective
from facemon.slo.words import figure, interval


class LoadReport:
    """The result of the load phase, and its objectives judged. `result`: everything that was counted."""

    def __init__(self, result: LoadResult, objectives: Sequence[Objective]) -> None:
        self.result = result
        figures = counted(result)
        self.judgements = tuple(
            judge(objective, (), counted=figures) for objective in objectives if objective.metric in figures
        )

    def fault(self, metric: str) -> str:
        """How a promise on this metric was broken; empty where it was not, or where the evidence is not enough.

        Skips the check where nothing is promised about it: nothing was kept either. Raises OwnFault (the check is
        unknown then) where the run could not tell.
        """
        about = [judgement for judgement in self.judgements if judgement.objective.metric == metric]
        if not about:
            pytest.skip(f"nothing is promised about {metric}")
        for judgement in about:
            if judgement.verdict is Verdict.UNSCORED:
                raise OwnFault(f"{metric} could not be judged: {judgement.note}")
            if judgement.verdict is Verdict.FAIL:
                return _sentence(judgement)
        return ""


def _sentence(judgement: Judgement) -> str:
    return f"{judgement.text} is promised, this was seen: {figure(judgement)} ({interval(judgement)}; {judgement.note})"


def report_of(config: pytest.Config) -> LoadReport:
    """The run's report, attached to Allure by whoever asks first. Raises OwnFault where the load phase broke off."""
    state: SessionState = state_of(config)
    if state.load is None:
        raise OwnFault(state.trouble or "the load phase did not run in this process")
    if config.getoption("allure_report_dir", None) and meeting_of(state).claim("picture"):
        _attach(state.load)
    return LoadReport(state.load, promised(state, settings_of(config)).objectives)


def _attach(result: LoadResult) -> None:
    import allure  # late: only a run with --alluredir pays for it

    words = "\n".join(text for text, _ in lines(result))
    allure.attach(picture(result), "latency under load", attachment_type="image/png", extension="png")
    allure.attach(words, "load in words", attachment_type="text/plain", extension="txt")
