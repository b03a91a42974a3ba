"""Where a picture goes: known to be possible before it is paid for, and never lost after."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from facemon.cli.trouble import CommandError, Exit
from facemon.errors import InvalidInput
from facemon.model import FORMATS, FaceImage

_SUFFIXES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}


def format_of(output_format: str | None, out: str | None) -> str:
    """The format asked for: by name, else by the file's ending, else PNG. Raises InvalidInput where the two
    differ, and for an ending that no picture of ours has.
    """
    suffix = Path(out).suffix.lower() if out else ""
    by_name = _SUFFIXES.get(suffix)
    if suffix and by_name is None and not Path(out or "").is_dir():
        accepted = f"a file ending in {', '.join(_SUFFIXES)}, or without an ending"
        raise InvalidInput("output path", out, accepted)
    if output_format is None:
        return by_name or "png"
    if by_name and output_format in FORMATS and by_name != output_format:
        raise InvalidInput("output path", out, f"a file ending in .{output_format}, or --format {by_name}")
    return output_format


def check_folder(folder: Path) -> None:
    """Raise InvalidInput unless files can be made in it."""
    if not folder.is_dir():
        what = "a folder" if folder.exists() else "a path in a folder that exists"
        raise InvalidInput("output path", str(folder), what)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        accepted = f"a folder that can be written ({error.strerror})"
        raise InvalidInput("output path", str(folder), accepted) from None


def check_new(path: Path, *, force: bool) -> None:
    """Raise InvalidInput where something is in the way already."""
    if path.is_dir():
        raise InvalidInput("output path", str(path), "a file, not a folder")
    if path.exists() and not force:
        raise InvalidInput(
            "output path", str(path), "a file that does not exist yet, or --force to replace it"
        )


def free_name(path: Path) -> Path:
    """The path, or the first of `name-2`, `name-3`, … that is free."""
    return next(found for found in _numbered(path) if not found.exists())


def save(image: FaceImage, path: Path, *, force: bool = False) -> Path:
    """Write the picture's bytes. Where that fails it is kept in the temporary folder, and CommandError says where."""
    try:
        with path.open("wb" if force else "xb") as file:
            file.write(image.data)
    except OSError as error:
        spare = free_name(Path(tempfile.gettempdir()) / path.name)
        spare.write_bytes(image.data)
        raise CommandError(
            f"output path {str(path)!r} cannot be written ({error.strerror})",
            f"the picture is not lost: it is {spare}",
            Exit.UNKNOWN,
        ) from None
    return path


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    for number in count(2):
        yield path.with_stem(f"{path.stem}-{number}")
