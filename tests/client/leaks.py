"""Where a secret may hide: a walk over everything an object reaches, and a search for fragments in texts.

The walk goes through attributes, slots, containers, closures, defaults, bound methods, partials, generators and
coroutines, exceptions with their context, cause, group members and the local variables of every frame of their
tracebacks, and, for objects of C code, through what the garbage collector says they refer to. It stops at modules,
classes, code, event loops, and at functions and frames of the tests themselves, which may know the secret.
"""

import asyncio
import contextvars
import functools
import gc
import logging
import threading
import types
from collections.abc import Mapping
from pathlib import Path

FRAGMENT = 8  # characters: the project's promise
_TESTS = str(Path(__file__).resolve().parents[1])
_LEAVES = (
    int,
    float,
    complex,
    type,
    types.ModuleType,
    types.CodeType,
    asyncio.AbstractEventLoop,
    contextvars.Context,
    logging.Logger,
    threading.Thread,
)


def fragments_in(text, key, size=FRAGMENT):
    """Every fragment of `size` characters of the key that is in the text."""
    return [key[i : i + size] for i in range(len(key) - size + 1) if key[i : i + size] in text]


def find_leaks(root, key, *, size=FRAGMENT):
    """The paths to all texts, bytes and reprs reachable from `root` that hold a fragment of the key."""
    found = []
    for path, item in walk(root):
        for kind, text in _texts(item):
            if fragments_in(text, key, size):
                found.append(f"{path} ({kind})")
    return found


def walk(root, limit=400_000):
    """Every object reachable from `root` once, with a path to it. Raises RuntimeError beyond `limit` objects."""
    seen, waiting = {}, [("root", root)]
    while waiting:
        path, item = waiting.pop()
        if id(item) in seen or isinstance(item, _LEAVES) or _is_of_the_tests(item):
            continue
        seen[id(item)] = item  # kept alive: an id is not used twice
        if len(seen) > limit:
            raise RuntimeError(f"more than {limit} objects; the last at {path}")
        yield path, item
        if not isinstance(item, str | bytes | bytearray):
            waiting += [(f"{path}{step}", part) for step, part in _parts(item) if part is not None]


def _texts(item):
    """What an object shows: itself for a text, its repr for an object that has its own."""
    if isinstance(item, str):
        yield "str", item
    elif isinstance(item, bytes | bytearray | memoryview):
        yield "bytes", bytes(item).decode("latin-1")
    elif type(item).__repr__ is not object.__repr__ and not isinstance(
        item, dict | list | tuple | set | frozenset | types.FrameType
    ):
        try:
            yield "repr", repr(item)
        except Exception as error:
            yield "repr's error", str(error)


def _is_of_the_tests(item):
    code = getattr(item, "__code__", None) or getattr(item, "f_code", None)
    return isinstance(item, types.FunctionType | types.FrameType) and code.co_filename.startswith(_TESTS)


def _parts(item):
    """(step, object) for everything that an object refers to."""
    for kind, parts in _SPECIAL:
        if isinstance(item, kind):
            yield from parts(item)
            return
    if isinstance(item, BaseException):
        yield from _of_exception(item)
    if isinstance(item, Mapping):
        for name, value in list(item.items()):
            yield "{key}", name
            yield f"[{str(name)[:30]!r}]", value
    yield from _attributes(item)
    for number, part in enumerate(gc.get_referents(item)):
        yield f"→{type(part).__name__}{number}", part


def _named(*names):
    """Takes these attributes, where they are."""
    return lambda item: ((f".{name}", getattr(item, name, None)) for name in names)


def _of_frame(item):
    for name, value in item.f_locals.items():
        yield f"<{item.f_code.co_name}>.{name}", value


def _of_function(item):
    yield ".__defaults__", item.__defaults__
    yield ".__kwdefaults__", item.__kwdefaults__
    yield ".__dict__", dict(item.__dict__)
    for name, cell in zip(item.__code__.co_freevars, item.__closure__ or (), strict=True):
        yield f".closure:{name}", _of_cell(cell)


# What must not be left to the garbage collector's view, which leads to modules and their globals.
_SPECIAL = (
    (types.TracebackType, _named("tb_frame", "tb_next")),
    (types.FrameType, _of_frame),
    (types.FunctionType, _of_function),
    (types.MethodType, _named("__self__", "__func__")),
    (types.BuiltinFunctionType | types.MethodWrapperType, _named("__self__")),
    (functools.partial, _named("func", "args", "keywords")),
    (types.GeneratorType, _named("gi_frame", "gi_yieldfrom")),
    (types.CoroutineType, _named("cr_frame", "cr_await")),
    (types.AsyncGeneratorType, _named("ag_frame", "ag_await")),
)


def _of_exception(item):
    for name in ("args", "__context__", "__cause__", "__notes__", "__traceback__", "__dict__", "exceptions"):
        yield f".{name}", getattr(item, name, None)


def _attributes(item):
    yield ".__dict__", getattr(item, "__dict__", None)
    for kind in type(item).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            mangled = f"_{kind.__name__.lstrip('_')}{name}" if name.startswith("__") else name
            yield f".{name}", getattr(item, mangled, None)


def _of_cell(cell):
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return None
