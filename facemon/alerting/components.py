"""What an incident can be about: the parts of the service, and which checks and objectives speak of each."""

from __future__ import annotations

from collections.abc import Mapping

from facemon.model import State

AVAILABILITY, SPEED, PICTURES, API, MONITOR = "availability", "speed", "pictures", "api", "monitor"
COMPONENTS = (AVAILABILITY, SPEED, PICTURES, API, MONITOR)
_FOLLOWING = (SPEED, API)

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
    own = module.removeprefix("check_").removeprefix("test_") or module
    # Whoever calls his module as one of ours means his own: records do not speak of it.
    return _OF_MODULE.get(module) or (module if own in COMPONENTS else own)


def of_metric(name: str) -> str:
    """The component of an objective's metric."""
    return _OF_METRIC[name]


def explained(component: str, broken: Mapping[str, State], blind: bool) -> bool:
    """Whether an incident of this component would only repeat what is known: one alert, not twenty.

    broken: what is not up, with its state · blind: nothing at all can be seen, for a cause of ours. Where no picture
    comes, nothing else can be well; where some do not, what is slow or refused in between follows from that, and wrong
    pictures do not.
    """
    if component == MONITOR:
        return False
    if blind and MONITOR in broken:
        return True
    if component == AVAILABILITY or AVAILABILITY not in broken:
        return False
    return component in _FOLLOWING or broken[AVAILABILITY] is State.DOWN


def follows(component: str) -> bool:
    """Whether it suffers from an outage, so that what it showed in one says nothing of its own. Pictures that did not
    come are not wrong.
    """
    return component not in (MONITOR, AVAILABILITY, PICTURES)
