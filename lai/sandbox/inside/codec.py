"""Python values as tagged JSON, so that they cross between tester and candidate as plain data.

None, bools, short ints, finite floats and strings stand for themselves; anything else is a list
that starts with a tag. A value of a subclass (of int, str, list, ...) crosses as its base type, so
that no method of its own decides a comparison; the standard library's own containers keep theirs.
What is no data (functions, generators, instances of the program's classes) crosses as a reference
that `refer` hands out and `resolve` takes back. Aliasing between parts of a value is lost.
"""

from __future__ import annotations

import binascii
import builtins
import importlib
import math
import sys
from collections import Counter, OrderedDict, deque, namedtuple
from collections.abc import Callable
from typing import Any

SHORT = 1 << 64
Refer = Callable[[Any], list[Any]]
Resolve = Callable[[list[Any]], Any]

# What could act on the process that decodes it stays out.
_ACTING = {"breakpoint", "compile", "delattr", "eval", "exec", "exit", "globals", "help", "input"}
_ACTING |= {"locals", "open", "quit", "setattr", "vars"}
# Nor what leads from an object to others: a callback of the tests might be made to call it.
_ACTING |= {"getattr", "hasattr", "super", "type", "property", "classmethod", "staticmethod"}
_NAMED: dict[str, Any] = {
    name: value
    for name, value in vars(builtins).items()
    if name not in _ACTING and name[0] != "_" and getattr(value, "__name__", "") == name
}
_NAMED.update({"Counter": Counter, "OrderedDict": OrderedDict, "deque": deque})
TRUSTED = frozenset(vars(builtins)) | {"Counter", "OrderedDict", "deque", "Decimal", "Fraction"}
"""Names that mean the same on both sides."""
_NAMES = {id(value): name for name, value in _NAMED.items()}
_VIEWS = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}
_LIBRARY = {"Decimal": "decimal", "Fraction": "fractions"}
_LIBRARY.update({"UUID": "uuid", "PosixPath": "pathlib", "PurePosixPath": "pathlib"})
_LIBRARY.update(dict.fromkeys(("datetime", "date", "time", "timedelta"), "datetime"))
_LIBRARY["array"] = "array"
"""Classes of modules that few programs use, by name: nothing of them is loaded before."""


def encode(value: Any, refer: Refer) -> Any:
    """`value` as JSON; `refer` says how to name what is no data. Raises: RecursionError."""
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if -SHORT < value < SHORT else ["int", hex(value)]
    if kind is float:
        return value if math.isfinite(value) else ["float", repr(value)]
    if kind is list or kind is tuple or kind is set or kind is frozenset:
        return [kind.__name__, [encode(item, refer) for item in value]]
    if kind is dict:
        return ["dict", [[encode(key, refer), encode(item, refer)] for key, item in value.items()]]
    rare = _rare(value, kind, refer)
    return refer(value) if rare is None else rare


def _rare(value: Any, kind: type, refer: Refer) -> list[Any] | None:
    if kind is bytes or kind is bytearray:
        return [kind.__name__, binascii.b2a_base64(value, newline=False).decode()]
    if kind is complex:
        return ["complex", repr(value.real), repr(value.imag)]
    if kind is range or kind is slice:
        parts = (value.start, value.stop, value.step)
        return [kind.__name__, [encode(part, refer) for part in parts]]
    if value is Ellipsis or value is NotImplemented:
        return ["constant", repr(value)]
    if kind in _VIEWS:
        return [_VIEWS[kind], [encode(item, refer) for item in value]]
    if kind is _loaded(kind.__name__):
        if kind.__name__ == "array":
            return ["array", [value.typecode, encode(value.tolist(), refer)]]
        if _LIBRARY[kind.__name__] != "datetime":
            return [kind.__name__, str(value)]
        if getattr(value, "tzinfo", None) is None:
            return [kind.__name__, _time_parts(value, kind.__name__)]
        return ["zoned", kind.__name__, value.isoformat()]
    if kind is Counter or kind is OrderedDict:
        items = [[encode(key, refer), encode(item, refer)] for key, item in value.items()]
        return [kind.__name__, items]
    if kind is deque:
        return ["deque", [encode(item, refer) for item in value], value.maxlen]
    if id(value) in _NAMES:
        return ["named", _NAMES[id(value)]]
    if isinstance(value, type) and value is _loaded(value.__name__):
        return ["named", value.__name__]
    return _subclass(value, kind, refer)


def _loaded(name: str) -> Any:
    """The class of `_LIBRARY` of that name, if its module is loaded: else it has no values."""
    module = sys.modules.get(_LIBRARY.get(name, ""))
    return getattr(module, name, None) if module else None


def _class(name: str) -> Any:
    return getattr(importlib.import_module(_LIBRARY[name]), name)


def _subclass(value: Any, kind: type, refer: Refer) -> list[Any] | None:
    """By the methods of the base, never by the subclass's own."""
    fields = getattr(kind, "_fields", None)
    mro = type.__dict__["__mro__"].__get__(kind)
    if tuple in mro and isinstance(fields, tuple) and all(type(name) is str for name in fields):
        return ["namedtuple", kind.__name__, list(fields), _items(value, tuple, refer)]
    for base in (list, tuple, set, frozenset, deque):
        if base in mro:
            return ["base", [base.__name__, _items(value, base, refer)]]
    if dict in mro:
        items = [[encode(key, refer), encode(item, refer)] for key, item in dict.items(value)]
        return ["base", ["dict", items]]
    if int in mro:
        return ["base", encode(int.__add__(value, 0), refer)]
    if float in mro:
        return ["base", encode(float.__add__(value, 0.0), refer)]
    if str in mro:
        return ["base", str.__getitem__(value, slice(None))]
    if bytes in mro:
        return ["base", encode(bytes.__getitem__(value, slice(None)), refer)]
    return None


def _items(value: Any, base: Any, refer: Refer) -> list[Any]:
    return [encode(item, refer) for item in base.__iter__(value)]


def _time_parts(value: Any, kind: str) -> list[int]:
    if kind == "timedelta":
        return [value.days, value.seconds, value.microseconds]
    date = [value.year, value.month, value.day] if kind != "time" else []
    if kind == "date":
        return date
    return [*date, value.hour, value.minute, value.second, value.microsecond]


def decode(value: Any, resolve: Resolve) -> Any:
    """The value behind `value`. Raises: ValueError (no such tag), TypeError, RecursionError."""
    if not isinstance(value, list):
        if isinstance(value, dict):
            raise ValueError("a bare JSON object is no value")
        return value
    tag, parts = value[0], value[1:]
    if not isinstance(tag, str):
        raise ValueError("a list without a tag is no value")
    if tag in _PLAIN:
        return _PLAIN[tag](*parts)
    if tag in _COLLECTIONS:
        return _COLLECTIONS[tag]([decode(item, resolve) for item in parts[0]], *parts[1:])
    if tag in _MAPPINGS:
        pairs = [(decode(key, resolve), decode(item, resolve)) for key, item in parts[0]]
        return _MAPPINGS[tag](pairs)
    if tag == "array":
        return _class(tag)(parts[0][0], decode(parts[0][1], resolve))
    if tag in _LIBRARY:
        return _class(tag)(*parts) if isinstance(parts[0], str) else _class(tag)(*parts[0])
    if tag == "base":
        return decode(parts[0], resolve)
    if tag == "namedtuple":
        items = [decode(item, resolve) for item in parts[2]]
        return namedtuple(parts[0], parts[1])(*items)
    return resolve(value)


_PLAIN: dict[str, Callable[..., Any]] = {
    "int": lambda text: int(text, 16),
    "float": float,
    "bytes": binascii.a2b_base64,
    "bytearray": lambda text: bytearray(binascii.a2b_base64(text)),
    "complex": lambda real, imaginary: complex(float(real), float(imaginary)),
    "constant": lambda name: {"Ellipsis": Ellipsis, "NotImplemented": NotImplemented}[name],
    "zoned": lambda kind, text: _class(kind).fromisoformat(text),
    "named": lambda name: _NAMED[name] if name in _NAMED else _class(name),
}
_COLLECTIONS: dict[str, Callable[..., Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": deque,
    "range": lambda parts: range(*parts),
    "slice": lambda parts: slice(*parts),
    "keys": lambda items: dict.fromkeys(items).keys(),
    "values": lambda items: dict(enumerate(items)).values(),
    "items": lambda items: dict(items).items(),
}
_MAPPINGS: dict[str, Callable[..., Any]] = {
    "dict": dict,
    "Counter": lambda pairs: Counter(dict(pairs)),
    "OrderedDict": OrderedDict,
}
