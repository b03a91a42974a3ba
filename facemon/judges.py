"""The evaluators and the descriptor that the settings name, with their calibration; each is made once a process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from facemon.config import Settings
from facemon.errors import ConfigError
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Evaluator, Question
from facemon.evaluators.text_similarity import TextSimilarity
from facemon.scoring import default_evaluators
from facemon.vision.calibration import UNCALIBRATED, Calibration
from facemon.vision.descriptors import ClassicalDescriptor, Descriptor
from facemon.vision.identity import IdentityDescriptor
from facemon.vision.trouble import ModelUnavailable

OPTIONAL = tuple(name for name, kind in EVALUATORS.items() if kind.extra is not None)
DESCRIPTORS: dict[str, type[Descriptor]] = {"classical": ClassicalDescriptor, "identity": IdentityDescriptor}

Made = TypeVar("Made")

# What an optional one loads can be hundreds of megabytes, and takes seconds. By name: what it was made of, and it.
_kept: dict[str, tuple[object, Any]] = {}
_lock = threading.Lock()


def calibration_of(settings: Settings) -> Calibration:
    """The calibration file that the settings name, or the published figures. Raises ConfigError."""
    if settings.calibration is None:
        return UNCALIBRATED
    from facemon.calibrating.file import load  # late: pydantic's models are only needed where there is a file

    return load(settings.calibration)


def added_names(settings: Settings) -> tuple[str, ...]:
    """The optional evaluators that the settings add, each once, in their order. Raises ConfigError; loads nothing."""
    for name in settings.evaluators:
        if name not in OPTIONAL:
            raise ConfigError(
                f"evaluators: {name!r} is not accepted: give {', '.join(OPTIONAL)} (all others always run)"
            )
    return tuple(dict.fromkeys(settings.evaluators))


def evaluators_of(settings: Settings) -> tuple[Evaluator, ...]:
    """All default evaluators, and the optional ones that the settings add.

    An optional one is made once a process, and anew only when its calibration or its model is another: its models are
    loaded by the first call, which belongs into a thread where a loop is running.

    Raises ConfigError for a name that is none, a package or model that is missing, and a calibration file that
    cannot be used.
    """
    names, calibration = added_names(settings), calibration_of(settings)
    return (*default_evaluators(calibration), *(_optional(name, calibration, settings) for name in names))


def descriptor_of(settings: Settings) -> Descriptor:
    """What tells people apart in a set of pictures; made once a process. Raises ConfigError, ModelUnavailable."""
    kind = DESCRIPTORS[settings.descriptor]
    return _once(f"descriptor {settings.descriptor}", kind, kind)


def prepare(settings: Settings) -> None:
    """Make all that the settings name, so that it is at hand later, or refused before anything is paid for.

    Raises ConfigError, as `evaluators_of`, and for a descriptor that cannot be had.
    """
    evaluators_of(settings)
    try:
        descriptor_of(settings)
    except ModelUnavailable as error:
        raise ConfigError(f"descriptor {settings.descriptor}: {error}") from error


def forget() -> None:
    """Let go of what was made; the next call makes it anew."""
    with _lock:
        _kept.clear()


def _optional(name: str, calibration: Calibration, settings: Settings) -> Question:
    kind = EVALUATORS[name]
    if kind is TextSimilarity:
        model = settings.clip_model
        return _once(name, (kind, calibration, model), partial(TextSimilarity, calibration, model))
    return _once(name, (kind, calibration), partial(kind, calibration))


def _once(name: str, made_of: object, make: Callable[[], Made]) -> Made:
    """What was made of the same before, else what `make` makes now. One that could not be made is tried again."""
    with _lock:  # two monitors that open side by side must not load it twice
        if name not in _kept or _kept[name][0] != made_of:
            _kept[name] = made_of, make()
        made: Made = _kept[name][1]
        return made
