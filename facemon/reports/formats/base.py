"""What a format of records is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TextIO

from facemon.model import MonitoringData


class RecordFormat(Protocol):
    """One way to write records out. Pure: it writes into what it is given, and opens nothing."""

    @property
    def name(self) -> str:
        """What a user types."""
        ...

    @property
    def summary(self) -> str:
        """One line for the list of formats."""
        ...

    def write(self, records: Iterable[MonitoringData], out: TextIO) -> int:
        """Write the records, in their order, as they come; returns how many. Raises what `out` raises."""
        ...
