"""A record becomes rows, and rows the same record."""

import string
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from facemon.model import MonitoringData, ResourceUse
from facemon.store import queries
from facemon.store.engine import dumps
from facemon.store.schema import CleanText, metadata

# What a store keeps as it is: any seed, other whole numbers of 31 bits, finite numbers, aware moments.
st.register_type_strategy(ResourceUse, st.builds(ResourceUse, *[st.integers(0, 2**40)] * 4))
VALUES: dict[type, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**31), 2**31 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(string.printable + "\u3042é😀'\"", max_size=20),
}


def records() -> st.SearchStrategy[MonitoringData]:
    for kind, strategy in VALUES.items():
        st.register_type_strategy(kind, strategy)
    from datetime import datetime

    st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
    return st.from_type(MonitoringData)
