"""Why a file cannot be read or written, in words: no name of a codec, no number of the operating system."""

from __future__ import annotations

import errno

_WORDS = {
    errno.ENOENT: "it does not exist",
    errno.EACCES: "it may not be read or written: see its permissions and those of its folder",
    errno.EPERM: "it may not be read or written: see its permissions and those of its folder",
    errno.EISDIR: "it is a folder, not a file",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
    errno.ELOOP: "it is a link that leads back to itself",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENOSPC: "there is no room left",
    errno.EDQUOT: "there is no room left for this user",
    errno.EROFS: "its disk is read-only",
    errno.EIO: "its disk failed",
}


def in_words(error: Exception) -> str:
    """The reason as a sentence about "it", the file; for a rarer one the operating system's words, if it has any."""
    if isinstance(error, UnicodeError):
        return "it is not UTF-8 text"
    if isinstance(error, OSError):
        return _WORDS.get(error.errno or 0) or error.strerror or "it cannot be opened"
    if isinstance(error, RuntimeError):  # pathlib's, for the home of a user who is none
        return "its path begins with the home of a user who does not exist"
    return "no file can have that name"  # ValueError: a zero byte in it
