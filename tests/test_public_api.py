"""The public names: sorted, complete, light, documented."""

import subprocess
import sys
from pathlib import Path

import facemon

ROOT = Path(__file__).parent.parent


def test_all_is_sorted_and_complete() -> None:
    """`__all__` is sorted without regard to case and is what the lazy table offers."""
    assert facemon.__all__ == sorted(facemon.__all__, key=str.lower)
    offered = [name for names in facemon._HOMES.values() for name in names]
    assert sorted(offered) == sorted(facemon.__all__)


def test_every_public_name_exists() -> None:
    """Each name can be imported and says what it is."""
    for name in facemon.__all__:
        value = getattr(facemon, name)
        if callable(value):
            assert value.__doc__, name


def test_every_public_name_is_documented() -> None:
    """A name that a user can type stands in the README or in a page it links."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    missing = [name for name in facemon.__all__ if f"`{name}" not in text]
    assert not missing


def test_importing_facemon_imports_nothing_heavy() -> None:
    """`import facemon` brings neither the HTTP library nor the database nor the picture libraries."""
    code = "import sys, facemon; print(*sorted(m.split('.')[0] for m in sys.modules))"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not set(out) & {
        "httpx",
        "sqlalchemy",
        "numpy",
        "PIL",
        "pydantic",
        "pytest",
        "aiohttp",
        "rich",
        "typer",
    }
