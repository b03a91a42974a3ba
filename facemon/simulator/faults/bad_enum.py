"""A value that was accepted yesterday is refused today: the vendor withdrew a style, say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.mischief import RefusalFault
from facemon.simulator.problems import Problem, bad_request, one_of


@dataclass(frozen=True)
class BadEnum(RefusalFault):
    """400 bad_request: a value is said to be outside its list."""

    name: ClassVar[str] = "bad_enum"
    summary: ClassVar[str] = "400 bad_request: a value is said to be outside its list"
    problem: ClassVar[Problem] = bad_request(one_of("output_format", ("gif", "tiff")))
