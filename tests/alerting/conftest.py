"""What the tests of alerting share."""

from __future__ import annotations

import sys
from pathlib import Path

# These tests share helpers that are no tests; with --import-mode=importlib nothing puts their folder on the path.
sys.path.insert(0, str(Path(__file__).parent))
