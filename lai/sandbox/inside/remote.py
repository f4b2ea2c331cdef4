"""What stands for an object of the other side.

It never takes part in a comparison with plain data: an object that claims to equal everything, or
to be less than anything, is unequal to all data and cannot be ordered or calculated with. Two
objects of the other side are compared there, for both are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def _both(name: str) -> Callable[[Any, Any], Any]:
    def compare(self: Any, other: Any) -> Any:
        if type(other) is not Remote:
            return NotImplemented
        return self._special(name, other)

    return compare


class Remote:
    """A reference to an object that lives with the other side; each use is one request."""

    def __init__(self, peer: Any, reference: list[Any]) -> None:
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_reference", reference)

    def _special(self, name: str, *rest: Any) -> Any:
        return self._peer.ask("special", self, name, *rest)

    def __call__(self, *positional: Any, **named: Any) -> Any:
        return self._peer.ask_call(self, list(positional), named)

    def __getattr__(self, name: str) -> Any:
        return self._peer.ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._peer.ask("set", self, name, value)

    def __iter__(self) -> Iterator[Any]:
        source = self if self._reference[2] == "iterator" else self._special("iter")
        if type(source) is not Remote:
            raise TypeError("iter() returned what is no iterator")
        return Pulled(source)

    def __next__(self) -> Any:
        items, ended = self._peer.ask("next", self, 1)
        if items:
            return items[0]
        raise self._peer.error(ended)

    def __eq__(self, other: object) -> Any:
        if type(other) is not Remote:
            return NotImplemented
        return self._reference[:2] == other._reference[:2] or self._special("eq", other)

    __lt__ = _both("lt")
    __le__ = _both("le")
    __gt__ = _both("gt")
    __ge__ = _both("ge")

    def __hash__(self) -> int:
        return hash(self._reference[1])

    def __len__(self) -> int:
        return int(self._special("len"))

    def __bool__(self) -> bool:
        return bool(self._special("bool"))

    def __str__(self) -> str:
        return str(self._special("str"))

    def __repr__(self) -> str:
        return str(self._special("repr"))

    def __int__(self) -> int:
        return int(self._special("int"))

    def __float__(self) -> float:
        return float(self._special("float"))

    def __getitem__(self, key: Any) -> Any:
        return self._special("getitem", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._special("setitem", key, value)

    def __delitem__(self, key: Any) -> None:
        self._special("delitem", key)

    def __contains__(self, item: Any) -> bool:
        return any(item is other or item == other for other in self)

    def __dir__(self) -> list[str]:
        return list(self._special("dir"))

    def __instancecheck__(self, other: object) -> bool:
        return type(other) is Remote and bool(other._special("isinstance", self))

    def __enter__(self) -> Any:
        return self.__getattr__("__enter__")()

    def __exit__(self, *error: Any) -> Any:
        return self.__getattr__("__exit__")(None, None, None)


class Pulled:
    """An iterator of the other side, fetched in batches that double, so that long ones are fast."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self._items: list[Any] = []
        self._ended: list[Any] | None = None
        self._size = 1

    def __iter__(self) -> Pulled:
        return self

    def __next__(self) -> Any:
        if not self._items and self._ended is None:
            items, self._ended = self.source._peer.ask("next", self.source, self._size)
            self._items = items[::-1]
            self._size *= 2
        if self._items:
            return self._items.pop()
        assert self._ended is not None
        raise self.source._peer.error(self._ended)
