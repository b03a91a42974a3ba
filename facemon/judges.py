"""The evaluators that the settings name, with their calibration."""

from __future__ import annotations

from facemon.config import Settings
from facemon.errors import ConfigError
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Evaluator, Question
from facemon.evaluators.text_similarity import TextSimilarity
from facemon.scoring import default_evaluators
from facemon.vision.calibration import UNCALIBRATED, Calibration
from facemon.vision.descriptors import ClassicalDescriptor, Descriptor
from facemon.vision.identity import IdentityDescriptor

OPTIONAL = tuple(name for name, kind in EVALUATORS.items() if kind.extra is not None)
DESCRIPTORS: dict[str, type[Descriptor]] = {"classical": ClassicalDescriptor, "identity": IdentityDescriptor}


def calibration_of(settings: Settings) -> Calibration:
    """The calibration file that the settings name, or the published figures. Raises ConfigError."""
    if settings.calibration is None:
        return UNCALIBRATED
    from facemon.calibrating.file import load  # late: pydantic's models are only needed where there is a file

    return load(settings.calibration)


def evaluators_of(settings: Settings) -> tuple[Evaluator, ...]:
    """All default evaluators, and the optional ones that the settings add.

    Raises ConfigError for a name that is none, a package or model that is missing, and a calibration file that
    cannot be used.
    """
    calibration = calibration_of(settings)
    added = [_optional(name, calibration, settings) for name in dict.fromkeys(settings.evaluators)]
    return (*default_evaluators(calibration), *added)


def descriptor_of(settings: Settings) -> Descriptor:
    """What tells people apart in a set of pictures. Raises ConfigError, ModelUnavailable."""
    return DESCRIPTORS[settings.descriptor]()


def _optional(name: str, calibration: Calibration, settings: Settings) -> Question:
    if name not in OPTIONAL:
        raise ConfigError(
            f"evaluators: {name!r} is not accepted: give {', '.join(OPTIONAL)} (all others always run)"
        )
    if name == TextSimilarity.name:
        return TextSimilarity(calibration, settings.clip_model)
    return EVALUATORS[name](calibration)
