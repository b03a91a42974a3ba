"""What git's complaints mean. They are read in English: git is run so."""

from __future__ import annotations

import re

_PASSING = re.compile(
    rb"error: (?:408|429|5\d\d)|Could not resolve|timed out|[Cc]onnection (?:reset|refused|closed)|Failed to connect"
    rb"|unexpected disconnect|early EOF|hung up|Empty reply|Recv failure|unreachable|SSL_ERROR_SYSCALL|handshake"
    rb"|HTTP/?\d* .*(?:CANCEL|INTERNAL_ERROR)"
)
_FORBIDDEN = re.compile(
    rb"error: 40[134]\b|[Aa]uthentication failed|could not read (?:Username|Password)|[Rr]epository .*not found"
    rb"|[Pp]ermission .*denied|not granted"
)
_RULES = re.compile(rb"\[remote rejected\].*(?:hook declined|protected|rule)")
_ABSENT = re.compile(rb"not a git repository|No such remote")
_TELLING = ("! [", "remote: error:", "fatal:", "error:")
_WHERE = {"read": "and that the remote's address is right", "write": "permissions in the workflow"}


def may_pass(complaint: bytes) -> bool:
    """Whether another try may do better: the network's or the server's trouble, and no refusal."""
    return bool(_PASSING.search(complaint)) and not _FORBIDDEN.search(complaint)


def is_absent(complaint: bytes) -> bool:
    """Whether there is no repository, or no such remote of it."""
    return bool(_ABSENT.search(complaint))


def todo(complaint: bytes, right: str) -> str:
    """What to do where the remote said what is wanting, else nothing. right: `read` or `write`, of the contents."""
    if _RULES.search(complaint):
        return "the remote's own rules refused it: look at the protection (rulesets) of the branch"
    if _FORBIDDEN.search(complaint):
        return f"check that GITHUB_TOKEN may {right} contents ({_WHERE[right]})"
    return ""


def telling(complaint: bytes) -> str:
    """The line that names the trouble; empty where nothing was said."""
    lines = [line.strip() for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
    return next((line for line in lines if line.startswith(_TELLING)), lines[-1] if lines else "")
