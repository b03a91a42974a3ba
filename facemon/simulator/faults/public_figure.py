"""A made-up face is taken for somebody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.mischief import RefusalFault
from facemon.simulator.problems import PUBLIC_FIGURE, Problem


@dataclass(frozen=True)
class PublicFigure(RefusalFault):
    """422 public_figure."""

    name: ClassVar[str] = "public_figure"
    summary: ClassVar[str] = "422 public_figure"
    problem: ClassVar[Problem] = PUBLIC_FIGURE
