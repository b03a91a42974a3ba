"""A run's target is fit to be shown."""

from datetime import UTC, datetime

import pytest

from facemon.store import Run


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("sim", "sim"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://user:secret@api.example:8443/base", "https://api.example:8443/base"),
        ("https://p@ss:sec@ret@api.example/", "https://api.example/"),
        ("https://api.example/?key=secret#secret", "https://api.example/"),
        ("https://[secret", "https://…"),
    ],
)
def test_target_holds_no_secret(target: str, kept: str) -> None:
    """A URL's user, password, query and fragment are left out, however the run is made."""
    assert Run("r", datetime(2026, 3, 1, tzinfo=UTC), target).target == kept
