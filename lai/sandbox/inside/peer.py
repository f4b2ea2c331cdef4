"""Calls in both directions over one socket: each side holds its objects, the other one refers.

A request is `["ask", operation, arguments]`, a reply `["value", value, changed arguments]` or
`["raise", class, text, arguments, attributes, changed arguments]`. While one side waits for a reply
it serves requests, so that a function handed over as an argument can be called back. `guard`
decides what the other side may do to the objects of this one.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from . import changes, codec, wire
from .remote import SPECIAL, Pulled, Remote

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
        self._remotes: dict[int, Remote] = {}
        self._most = most
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
                    self._restore(operation, arguments, message[2])
                    return value
                raised = self._error(*message[1:5])
                self._restore(operation, arguments, message[5])
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
        arguments: list[Any] = []
        operation, raw = "", []
        try:
            _, operation, raw = message
            arguments = [codec.decode(value, self.resolve) for value in raw]
            target = arguments[0] if arguments else None
            if not self._guard(operation, target, arguments[1:]):
                raise TypeError("this object cannot be used from the other side")
            value = self.operations[operation](*arguments)
            reply = ["value", codec.encode(value, self.refer)]
            reply.append(self._changed(operation, arguments, raw))
        except Gone:
            raise
        except BaseException as error:
            reply = self._raised(error)
            try:
                reply.append(self._changed(operation, arguments, raw))
            except Exception:
                reply.append([])
        self._send(reply)

    def _call(self, target: Any, positional: list[Any], named: dict[str, Any]) -> Any:
        return target(*positional, **named)

    def _changed(self, operation: str, arguments: list[Any], raw: list[Any]) -> list[Any]:
        """[place or name, value] of each argument that a call has changed in place."""
        if operation != "call" or len(arguments) != 3:
            return []
        _, positional, named = arguments
        found = changes.changed(enumerate(positional), raw[1][1], self._encode)
        if named:
            pairs = [item for _, item in raw[2][1]]
            found += changes.changed(named.items(), pairs, self._encode)
        return found

    def _restore(self, operation: str, arguments: Any, changed: list[Any]) -> None:
        for place, now in changed if operation == "call" else []:
            given = arguments[2 if isinstance(place, str) else 1]
            changes.restore(given[place], codec.decode(now, self.resolve))

    def _encode(self, value: Any) -> Any:
        return codec.encode(value, self.refer)

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
            public = {name: value for name, value in vars(error).items() if name[:1].isalpha()}
            attributes = codec.encode(public, self.refer)
        except BaseException:
            arguments, text, attributes = [], "", ["dict", []]
        return ["raise", self.refer(type(error)), text, arguments, attributes]

    def _error(self, kind: Any, text: str, arguments: list[Any], attributes: Any) -> BaseException:
        """The exception that the other side raised, of the same class where both know it."""
        known = self.resolve(kind)
        if not (isinstance(known, type) and issubclass(known, BaseException)):
            raise ValueError("raised what is no exception")
        try:
            made = known(*(codec.decode(value, self.resolve) for value in arguments))
            said = codec.decode(attributes, self.resolve)
            vars(made).update({name: said[name] for name in said if name[:1].isalpha()})
        except Exception:
            return RuntimeError(f"{known.__name__}: {text}")
        return made

    def error(self, raised: list[Any]) -> BaseException:
        """What ended the iterator on the other side."""
        return self._error(*raised)

    def refer(self, value: Any) -> list[Any]:
        """How to name `value`, which is no data, to the other side."""
        if type(value) is Remote:
            known: list[Any] = object.__getattribute__(value, "_reference")
            return known
        if isinstance(value, Pulled):
            return self.refer(value.source)
        if isinstance(value, type) and issubclass(value, BaseException):
            shared = [base for base in value.__mro__ if vars(builtins).get(base.__name__) is base]
            if shared[0] is value:
                return ["builtin error", value.__name__]
            named = [self._side, self._number(value), "error", value.__name__, shared[0].__name__]
            parent = value.__mro__[1]
            if issubclass(parent, BaseException) and parent not in shared:
                named.append(self.refer(parent))
            return named
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
                bases = [getattr(builtins, reference[4])]
                if len(reference) > 5:
                    parent: Any = self.resolve(reference[5])
                    bases = [parent, *(base for base in bases if not issubclass(parent, base))]
                self._errors[number] = type(str(reference[3]), tuple(bases), {})
            return self._errors[number]
        if number not in self._remotes:
            self._remotes[number] = Remote(self, reference)
        return self._remotes[number]

    def _send(self, message: Any) -> None:
        try:
            wire.send(self._socket, message, self._most if self._side == "tester" else None)
        except wire.TooLongError as error:
            raise self._lost(f"was given {error}") from None
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
