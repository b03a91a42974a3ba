"""facemon: does the face generation work, is it fast enough, and are the pictures what was asked for?

Importing this package is light and quiet: a name is imported from its room when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from facemon.alerting.sending import send_alert, send_report_email
    from facemon.batch import BatchResult, monitor_batch_generation
    from facemon.client import (
        FaceClient,
        generate_face_image,
        generate_image,
        generate_training_set,
    )
    from facemon.errors import (
        AttemptTimeout,
        BudgetExceeded,
        ConfigError,
        ConnectionFailed,
        ContentFiltered,
        FacemonError,
        GenerationError,
        InvalidImage,
        InvalidInput,
        InvalidRequest,
        InvalidResponse,
        Moderated,
        NotFound,
        PaymentRequired,
        RateLimited,
        ServerError,
        StoreError,
        Unauthorized,
    )
    from facemon.model import (
        AGES,
        ASPECT_RATIOS,
        FORMATS,
        GENDERS,
        SEED_MAX,
        Attempt,
        FaceImage,
        FaceRequest,
        ImageMetadata,
        ImageRequest,
        MonitoringData,
        Quality,
        Score,
        ScoreVerdict,
        State,
    )
    from facemon.monitor import Monitor, MonitoringResult
    from facemon.monitoring import HealthCheck, monitor_image_generation, perform_health_check
    from facemon.slo.judging import Counted, Judgement, Verdict, judge
    from facemon.slo.language import parse as parse_objective
    from facemon.slo.objectives import Objective, ObjectiveError, default_objectives

# Where each public name lives. Sorted; a test holds it against `__all__` and against the README.
_HOMES = {
    "facemon.alerting.sending": ("send_alert", "send_report_email"),
    "facemon.batch": ("BatchResult", "monitor_batch_generation"),
    "facemon.client": ("FaceClient", "generate_face_image", "generate_image", "generate_training_set"),
    "facemon.errors": (
        "AttemptTimeout",
        "BudgetExceeded",
        "ConfigError",
        "ConnectionFailed",
        "ContentFiltered",
        "FacemonError",
        "GenerationError",
        "InvalidImage",
        "InvalidInput",
        "InvalidRequest",
        "InvalidResponse",
        "Moderated",
        "NotFound",
        "PaymentRequired",
        "RateLimited",
        "ServerError",
        "StoreError",
        "Unauthorized",
    ),
    "facemon.model": (
        "AGES",
        "ASPECT_RATIOS",
        "FORMATS",
        "GENDERS",
        "SEED_MAX",
        "Attempt",
        "FaceImage",
        "FaceRequest",
        "ImageMetadata",
        "ImageRequest",
        "MonitoringData",
        "Quality",
        "Score",
        "ScoreVerdict",
        "State",
    ),
    "facemon.monitor": ("Monitor", "MonitoringResult"),
    "facemon.monitoring": ("HealthCheck", "monitor_image_generation", "perform_health_check"),
    "facemon.slo.judging": ("Counted", "Judgement", "Verdict", "judge"),
    "facemon.slo.language": ("parse_objective",),
    "facemon.slo.objectives": ("Objective", "ObjectiveError", "default_objectives"),
}
# Public name → its name at home, where its room says enough.
_AT_HOME = {"parse_objective": "parse"}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: RUF022  sorted as people read, not by case
    "AGES",
    "ASPECT_RATIOS",
    "Attempt",
    "AttemptTimeout",
    "BatchResult",
    "BudgetExceeded",
    "ConfigError",
    "ConnectionFailed",
    "ContentFiltered",
    "Counted",
    "default_objectives",
    "FaceClient",
    "FaceImage",
    "FacemonError",
    "FaceRequest",
    "FORMATS",
    "GENDERS",
    "generate_face_image",
    "generate_image",
    "generate_training_set",
    "GenerationError",
    "HealthCheck",
    "ImageMetadata",
    "ImageRequest",
    "InvalidImage",
    "InvalidInput",
    "InvalidRequest",
    "InvalidResponse",
    "judge",
    "Judgement",
    "Moderated",
    "Monitor",
    "monitor_batch_generation",
    "monitor_image_generation",
    "MonitoringData",
    "MonitoringResult",
    "NotFound",
    "Objective",
    "ObjectiveError",
    "parse_objective",
    "PaymentRequired",
    "perform_health_check",
    "Quality",
    "RateLimited",
    "Score",
    "ScoreVerdict",
    "SEED_MAX",
    "send_alert",
    "send_report_email",
    "ServerError",
    "State",
    "StoreError",
    "Unauthorized",
    "Verdict",
]


def __getattr__(name: str) -> object:
    if name in _HOME_OF:
        value = getattr(importlib.import_module(_HOME_OF[name]), _AT_HOME.get(name, name))
        globals()[name] = value
        return value
    raise AttributeError(f"module 'facemon' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
