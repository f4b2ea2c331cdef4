"""Calls in both directions over one socket: each side holds its objects, the other one refers.

A request is `["ask", operation, arguments]`, a reply `["value", value, changed arguments]` or
`["raise", class, text, arguments]`. While one side waits for a reply it serves requests, so that
a function handed over as an argument can be called back. `guard` decides what the other side may
do to the objects of this one.
"""

from __future__ import annotations

import builtins
import operator
from collections import deque
from collections.abc import Callable
from typing import Any

from . import codec, wire
from .remote import Pulled, Remote

SPECIAL: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in ("getitem", "setitem", "delitem", "eq", "ne", "lt", "le", "gt", "ge")
} | {
    function.__name__: function
    for function in (len, iter, str, repr, bool, int, float, isinstance, dir)
}
MUTABLE = (list, dict, set, bytearray, deque)
BATCH = 256


class Gone(BaseException):
    """The other side has ended or sent nonsense; no `except Exception` of a test hides it."""


class Peer:
    """One end. `side` names it in references; `most` is the size of a message in bytes."""

    def __init__(self, socket: int, side: str, most: int, guard: Callable[[str, Any, Any], bool]):
        self.gone = ""
        self.last: tuple[Any, list[Any], dict[str, Any], list[Any] | None] | None = None
        self._socket = socket
        self._side = side
        self._guard = guard
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._errors: dict[int, type[BaseException]] = {}
        self._reader = wire.Reader(socket, most)
        self.operations: dict[str, Callable[..., Any]] = {
            "call": self._call,
            "get": getattr,
            "set": setattr,
            "next": self._next,
            "special": lambda target, name, *rest: SPECIAL[name](target, *rest),
        }

    def ask(self, operation: str, *arguments: Any) -> Any:
        """The other side's result. Raises: what it raised there; Gone."""
        self._send(["ask", operation, [codec.encode(value, self.refer) for value in arguments]])
        while True:
            message = self._receive()
            try:
                if message[0] == "ask":
                    self._answer(message)
                    continue
                if message[0] == "value":
                    value = codec.decode(message[1], self.resolve)
                    for place, changed in message[2]:
                        _restore(arguments[1][place], codec.decode(changed, self.resolve))
                    return value
                raised = self._error(*message[1:])
            except (ValueError, TypeError, LookupError, RecursionError, ArithmeticError) as error:
                raise self._lost(f"sent what is no value ({type(error).__name__})") from None
            if isinstance(raised, StopIteration):
                # As in PEP 479: else what raises it would end an `all(map(...))` early. What ends
                # an iterator comes as the value of `next`.
                raise RuntimeError("the program raised StopIteration") from raised
            raise raised

    def ask_call(self, target: Any, positional: list[Any], named: dict[str, Any]) -> Any:
        """Call `target` there; what it changes in its arguments is changed here."""
        self.last = (target, positional, named, None)
        value = self.ask("call", target, positional, named)
        self.last = (target, positional, named, [value])
        return value

    def serve(self) -> None:
        """Answer requests until the other side is gone."""
        while True:
            message = self._receive()
            self._answer(message)

    def _answer(self, message: list[Any]) -> None:
        """Do what the other side asks, and reply."""
        try:
            _, operation, raw = message
            arguments = [codec.decode(value, self.resolve) for value in raw]
            target = arguments[0] if arguments else None
            if not self._guard(operation, target, arguments[1:]):
                raise TypeError("this object cannot be used from the other side")
            value = self.operations[operation](*arguments)
            changed: list[Any] = []
            if operation == "call":
                changed = self._changed(arguments[1], raw[1][1])
            reply = ["value", codec.encode(value, self.refer), changed]
        except Gone:
            raise
        except BaseException as error:
            reply = self._raised(error)
        self._send(reply)

    def _call(self, target: Any, positional: list[Any], named: dict[str, Any]) -> Any:
        return target(*positional, **named)

    def _changed(self, arguments: list[Any], raw: list[Any]) -> list[Any]:
        """[place, value] of each argument that the call has changed in place."""
        found = []
        for place, argument in enumerate(arguments):
            if isinstance(argument, MUTABLE):
                now = codec.encode(argument, self.refer)
                if now != raw[place] and ["base", now] != raw[place]:
                    found.append([place, now])
        return found

    def _next(self, target: Any, size: int) -> list[Any]:
        """[items, what ended it or None]: up to `size` items of an iterator."""
        items: list[Any] = []
        try:
            while len(items) < min(size, BATCH):
                items.append(next(target))
        except Exception as error:
            return [items, self._raised(error)[1:]]
        return [items, None]

    def _raised(self, error: BaseException) -> list[Any]:
        try:
            arguments = [codec.encode(value, self.refer) for value in error.args]
            text = str(error)[:2000]
        except BaseException:
            arguments, text = [], ""
        return ["raise", self.refer(type(error)), text, arguments]

    def _error(self, kind: Any, text: str, arguments: list[Any]) -> BaseException:
        """The exception that the other side raised, of the same class where both know it."""
        known = self.resolve(kind)
        if not (isinstance(known, type) and issubclass(known, BaseException)):
            raise ValueError("raised what is no exception")
        try:
            return known(*(codec.decode(value, self.resolve) for value in arguments))
        except Exception:
            return RuntimeError(f"{known.__name__}: {text}")

    def error(self, raised: list[Any]) -> BaseException:
        """What ended the iterator on the other side."""
        return self._error(*raised)

    def refer(self, value: Any) -> list[Any]:
        """How to name `value`, which is no data, to the other side."""
        if type(value) is Remote:
            named: list[Any] = object.__getattribute__(value, "_reference")
            return named
        if isinstance(value, Pulled):
            return self.refer(value.source)
        if isinstance(value, type) and issubclass(value, BaseException):
            shared = [base for base in value.__mro__ if vars(builtins).get(base.__name__) is base]
            if shared[0] is value:
                return ["builtin error", value.__name__]
            return [self._side, self._number(value), "error", value.__name__, shared[0].__name__]
        kind = "object"
        if isinstance(value, type):
            kind = "class"
        elif hasattr(type(value), "__next__"):
            kind = "iterator"
        elif callable(value):
            kind = "function"
        name = getattr(value, "__name__", None) or type(value).__name__
        return [self._side, self._number(value), kind, str(name)]

    def _number(self, value: Any) -> int:
        number = self._numbers.setdefault(id(value), len(self._objects))
        if number == len(self._objects):
            self._objects.append(value)
        return number

    def resolve(self, reference: list[Any]) -> Any:
        """The object behind a reference. Raises: ValueError."""
        side, number = reference[:2]
        if side == "builtin error":
            known = getattr(builtins, number)
            if not (isinstance(known, type) and issubclass(known, BaseException)):
                raise ValueError(f"no such error: {number!r}")
            return known
        if side == self._side:
            return self._objects[number]
        if side not in ("tester", "candidate"):
            raise ValueError(f"no such tag: {side!r}")
        if reference[2] == "error":
            if number not in self._errors:
                base = getattr(builtins, reference[4])
                self._errors[number] = type(str(reference[3]), (base,), {})
            return self._errors[number]
        return Remote(self, reference)

    def _send(self, message: Any) -> None:
        try:
            wire.send(self._socket, message)
        except wire.ClosedError:
            raise self._lost("ended early") from None

    def _receive(self) -> list[Any]:
        try:
            message = self._reader.receive()
        except wire.ClosedError:
            raise self._lost("ended early") from None
        except ValueError as error:
            raise self._lost(f"sent {error}") from None
        except RecursionError:
            raise self._lost("sent a value nested too deeply") from None
        if not isinstance(message, list) or len(message) < 3:
            raise self._lost("sent what is no message")
        return message

    def _lost(self, reason: str) -> Gone:
        self.gone = self.gone or reason
        return Gone(self.gone)


def _restore(original: Any, now: Any) -> None:
    """Make the caller's own container what the callee has made of its copy."""
    if isinstance(original, list | bytearray):
        original[:] = now
    elif isinstance(original, dict | set):
        original.clear()
        original.update(now)
    elif isinstance(original, deque):
        original.clear()
        original.extend(now)
