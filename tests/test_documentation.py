"""What a user can type is documented: an undocumented name is a red test."""

import dataclasses
import re
from pathlib import Path

import pytest

from facemon.config import Settings
from facemon.errors import GenerationError
from facemon.plugin.options import MARKER_SETTINGS, OPTIONS
from facemon.simulator.faults import FAULTS
from facemon.simulator.readings import READINGS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted({*OPTIONS, *MARKER_SETTINGS, *Settings.model_fields} - {"api_key"}))
def test_every_setting_is_in_the_reference(name: str) -> None:
    """Each option, marker setting and environment variable stands in the reference by name."""
    assert f"`{name}`" in REFERENCE


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_every_fault_and_its_settings_are_in_the_reference(fault: type) -> None:
    """The row of a fault has its summary and each of its own settings with its default."""
    row = next(line for line in REFERENCE.splitlines() if line.startswith(f"| `{fault.name}` |"))
    assert fault.summary in row
    for field in dataclasses.fields(fault):
        assert f"`{field.name}={field.default}`" in row


@pytest.mark.parametrize(("name", "meaning"), READINGS.items())
def test_every_reading_is_in_the_reference(name: str, meaning: str) -> None:
    """Each alternative reading of the simulator stands there with its meaning."""
    assert f"| `{name}` | {meaning} |" in REFERENCE


@pytest.mark.parametrize("error", GenerationError.__subclasses__(), ids=lambda error: error.__name__)
def test_every_error_is_in_the_reference(error: type[GenerationError]) -> None:
    """Exception, error type and state stand in one row."""
    assert re.search(rf"\| `{error.__name__}` \| `{error.error_type}` \| {error.state} \|", REFERENCE)


def test_the_first_screen_has_the_two_commands() -> None:
    """The README's first screen (40 lines) has both commands."""
    first = "\n".join(README.splitlines()[:40])
    assert "make checks" in first
    assert "make test" in first


def test_links_lead_somewhere() -> None:
    """Every relative link of the documentation names a file that exists."""
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
