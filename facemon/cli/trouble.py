"""What goes wrong, as a person reads it: `error:` and one sentence, `next:` and what to do, and an exit code."""

from __future__ import annotations

import difflib
import enum
import errno
import io
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

from facemon.errors import ConfigError, FacemonError, GenerationError, InvalidInput, StoreError

# The wrong thing and the way out, where the error itself cannot know the command line. By error type or cause.
_NEXT = {
    "unauthorized": "check the key in STABILITY_API_KEY; --target sim needs none",
    "payment_required": "buy credits at the vendor, or use --target sim, which costs nothing",
    "rate_limited": "wait a minute, then try again: the vendor locks out for 60 s",
    "budget_exceeded": "raise --max-credits, or ask for less",
    "moderated": "change the prompt: the vendor's moderation refused this one (this is not about the key)",
    "content_filtered": "change the prompt, or try another seed",
    "invalid_request": "read the service's answer: facemon records show has all of it",
    "not_found": "check --target, --model and --provider: this route does not exist there",
    "connection: no dns": "check the host name, and this machine's network",
    "connection: no route": "check this machine's network",
    "connection": "check that a server listens there (facemon simulate starts one)",
}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_NEAR = 0.7  # of difflib: `--ages` means --age, but `--nope` does not mean --store
_LATER = "try again later; facemon check tells how bad it is"


class Exit(enum.IntEnum):
    """The exit codes of every command; `check` adds pytest's and 10 (inconclusive).

    CLOSED_PIPE: whoever read the output closed it (`| head`); 128 + SIGPIPE, as shells say it.
    """

    OK = 0
    FAIL = 1
    INTERRUPTED = 2
    INTERNAL = 3
    USAGE = 4
    UNKNOWN = 11
    CLOSED_PIPE = 141


class CommandError(FacemonError):
    """A command that cannot go on: one sentence, what to do next, and the exit code."""

    def __init__(self, message: str, todo: str = "", code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.todo, self.code = todo, code


def guarded(command: Callable[[], Any]) -> int:
    """Run a command; its exit code. What is expected to go wrong is said in one sentence, never with a traceback."""
    try:
        _check_streams()
        code = command()
        sys.stdout.flush()  # what cannot be written is heard here, not at the interpreter's end
    except (typer.TyperException, FacemonError) as error:
        return _say_error(error)
    except (typer.Abort, KeyboardInterrupt):
        return _say("error", "interrupted", Exit.INTERRUPTED)
    except BrokenPipeError:
        _silence()
        return Exit.CLOSED_PIPE
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        _silence()  # typer heard it before us, and ends with 1
        return Exit.CLOSED_PIPE
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None:
            _silence()
            return _say("error", f"the output cannot be written: {error.strerror}", Exit.UNKNOWN)
        typer.echo(_clean(traceback.format_exc()), err=True)
        return _say("error", f"a fault of facemon's own: {type(error).__name__}: {error}", Exit.INTERNAL)
    if code == 130:  # typer's word for a KeyboardInterrupt
        return _say("error", "interrupted", Exit.INTERRUPTED)
    return int(code) if isinstance(code, int) else Exit.OK


def _check_streams() -> None:
    """See that what is said can be written, whatever the encoding. Raises CommandError."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    if sys.stdout is None:
        # Python has no stream for a closed descriptor, and the next file opened would take its number.
        raise CommandError("stdout is closed", "send it somewhere, such as to a file or to /dev/null")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _silence() -> None:
    """The interpreter must not stumble over a broken stdout at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def state_code(state: str) -> Exit:
    """The exit code of one generation's state: up, else the service failed, unless that cannot be known."""
    return {"up": Exit.OK, "unknown": Exit.UNKNOWN}.get(state, Exit.FAIL)


def _say_error(error: Exception) -> int:
    message, todo, code = _in_words(error)
    if message:
        _say("error", message, code)
    if todo:
        _say("next", todo, code)
    return code


def _in_words(error: Exception) -> tuple[str, str, Exit]:
    if isinstance(error, CommandError):
        return str(error), error.todo, error.code
    if isinstance(error, GenerationError):
        todo = _NEXT.get(error.cause) or _NEXT.get(error.error_type) or _LATER
        return str(error), todo, state_code(error.state)
    if isinstance(error, InvalidInput | ConfigError | StoreError):
        return str(error), "", Exit.USAGE
    return _usage(error)


def _usage(error: Exception) -> tuple[str, str, Exit]:
    """typer's own complaints, with the near match where there is one."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return "", "", Exit.USAGE  # the help is on the screen by now
    path = context.command_path if context else "facemon"
    name, near = getattr(error, "option_name", None), getattr(error, "possibilities", None)
    message = getattr(error, "message", "") or ""
    if name and message.startswith("No such"):
        named = {option.lstrip("-"): option for option in near or ()}
        found = difflib.get_close_matches(name.lstrip("-"), named, 1, _NEAR)
        hint = f"; did you mean {named[found[0]]}?" if found else ""
        message = f"there is no option {name!r} of {path}{hint}"
    elif hasattr(error, "format_message"):
        message = error.format_message()
    return message.rstrip("."), f"{path} --help shows what is accepted", Exit.USAGE


def _say(word: str, message: str, code: Exit) -> Exit:
    colour = typer.colors.RED if word == "error" else typer.colors.CYAN
    typer.echo(
        f"{typer.style(f'{word}:', fg=colour, bold=True)} {_clean(' '.join(message.splitlines()))}", err=True
    )
    return code


def _clean(text: str) -> str:
    """The text without the key, wherever it was typed by mistake."""
    from facemon.config import Settings
    from facemon.secret import redact

    try:
        return redact(text, [Settings.load().api_key])
    except ConfigError:
        return text
