"""Where STABILITY_API.md is not sure (its M and L lines): the other reading of each, by name.

The default is the documented or the likelier reading. One more: a line in this table, and a look at it where it counts.
"""

from __future__ import annotations

from facemon.simulator.bounds import nearest

READINGS: dict[str, str] = {
    "doubled_401": "the text of v2beta's 401 has a word twice, as one capture shows it",
    "filtered_free": "a picture under CONTENT_FILTERED is not charged",
    "key_first": "the key is checked before the form: a bad field with a bad key gives 401",
    "no_flash": "there is no model sd3.5-flash: 400, as for any unknown one",
    "same_bytes": "a repeated seed gives the same file, byte for byte",
    "strict_fields": "an unknown field is refused with 400, not ignored",
}


def check_readings(names: object) -> None:
    """Raises ValueError in one sentence unless `names` is a tuple of keys of `READINGS`."""
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"readings: {names!r} is not a tuple of names such as ('key_first',)")
    for name in names:
        if name not in READINGS:
            raise ValueError(
                f"readings: {name!r} is not a reading{nearest(name, READINGS)}; there are {', '.join(READINGS)}"
            )
