"""A valid form is told that it is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.mischief import RefusalFault
from facemon.simulator.problems import Problem, bad_request


@dataclass(frozen=True)
class BadContentType(RefusalFault):
    """400 bad_request: the form's content type is refused."""

    name: ClassVar[str] = "bad_content_type"
    summary: ClassVar[str] = "400 bad_request: the form's content type is refused"
    problem: ClassVar[Problem] = bad_request("content-type: must be multipart/form-data")
