"""The records and the incidents: kept before anybody is told that they exist. Importing this room is light;
SQLAlchemy comes with the first name that needs it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facemon.store.error_log import ErrorLog
    from facemon.store.identity import new_id
    from facemon.store.incidents import IncidentStore
    from facemon.store.records import RecordStore
    from facemon.store.runs import Run
    from facemon.store.trouble import RecordNotSaved

__all__ = ["ErrorLog", "IncidentStore", "RecordNotSaved", "RecordStore", "Run", "new_id"]

_HOME_OF = {
    "ErrorLog": "facemon.store.error_log",
    "IncidentStore": "facemon.store.incidents",
    "RecordNotSaved": "facemon.store.trouble",
    "RecordStore": "facemon.store.records",
    "Run": "facemon.store.runs",
    "new_id": "facemon.store.identity",
}


def __getattr__(name: str) -> object:
    if name in _HOME_OF:
        value = getattr(importlib.import_module(_HOME_OF[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'facemon.store' has no attribute {name!r}")
