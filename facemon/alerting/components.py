"""What an incident can be about: the parts of the service, and which checks and objectives speak of each."""

from __future__ import annotations

AVAILABILITY, SPEED, PICTURES, API, MONITOR = "availability", "speed", "pictures", "api", "monitor"

# Shipped checks, by their module. Any other module is a component of its own.
_OF_MODULE = {
    "check_availability": AVAILABILITY,
    "check_response_time": SPEED,
    "check_throughput": SPEED,
    "check_diversity": PICTURES,
    "check_face_quality": PICTURES,
    "check_image_contract": PICTURES,
    "check_prompt_adherence": PICTURES,
    "check_balance": API,
    "check_error_handling": API,
    "check_refusals": API,
}
_OF_METRIC = {
    "success_rate": AVAILABILITY,
    "first_attempt_success_rate": AVAILABILITY,
    "error_rate": AVAILABILITY,
    "retry_count": AVAILABILITY,
    "response_time": SPEED,
    "first_attempt_time": SPEED,
    "throughput": SPEED,
    "sound_picture_rate": PICTURES,
    "quality_score": PICTURES,
    "prompt_adherence": PICTURES,
    "diversity_score": PICTURES,
    "credits": API,
    "memory": MONITOR,
    "cpu": MONITOR,
}


def of_check(name: str) -> str:
    """The component of a check named `check_it.py::check_something`."""
    module = name.partition("::")[0].removesuffix(".py")
    return _OF_MODULE.get(module) or module.removeprefix("check_").removeprefix("test_") or module


def of_metric(name: str) -> str:
    """The component of an objective's metric."""
    return _OF_METRIC[name]


def explained(component: str, broken: frozenset[str] | set[str]) -> bool:
    """Whether an incident of this component would only repeat what is known: one alert, not twenty.

    Where our own side keeps us from seeing, nothing else can be judged; where no picture comes, nothing else can be
    well.
    """
    if component == MONITOR:
        return False
    return MONITOR in broken or (component != AVAILABILITY and AVAILABILITY in broken)
