"""What the end-to-end tests share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# These tests share helpers that are no tests; with --import-mode=importlib nothing puts their folder on the path.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """Whether whole suites run where a bounded one does by default (`--long`)."""
    return bool(request.config.getoption("--long"))
