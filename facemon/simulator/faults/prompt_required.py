"""A request with a prompt is told that it has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.mischief import RefusalFault
from facemon.simulator.problems import Problem, bad_request


@dataclass(frozen=True)
class PromptRequired(RefusalFault):
    """400 bad_request: the prompt is said to be missing."""

    name: ClassVar[str] = "prompt_required"
    summary: ClassVar[str] = "400 bad_request: the prompt is said to be missing"
    problem: ClassVar[Problem] = bad_request("prompt: required")
