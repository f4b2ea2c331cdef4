"""The process that runs the program. It knows neither tests nor expected values."""

from __future__ import annotations

import sys
import types
from typing import Any

from . import wire
from .peer import Gone, Peer


class Candidate:
    """One end of a channel; all that does not depend on the program is made by the server."""

    def __init__(self, socket: int, most: int) -> None:
        self._module = types.ModuleType("__candidate__")
        self._peer = Peer(socket, "candidate", most, lambda *_: True)

    def run(self, source: str) -> None:
        """Run `source`, then answer the tester's requests about it until the tester leaves."""
        sys.modules["__candidate__"] = self._module  # dataclasses and pickle look their module up
        namespace = vars(self._module)
        self._peer.operations["load"] = lambda names: _load(source, namespace, names)
        self._peer.operations["names"] = lambda names: _find(namespace, names)
        try:
            self._peer.serve()
        except (Gone, wire.ClosedError):
            return


def _load(source: str, namespace: dict[str, Any], names: list[str]) -> dict[str, Any]:
    exec(compile(source, "<program>", "exec"), namespace)
    return _find(namespace, names)


def _find(namespace: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The values of `names`, of modules and of the library's own objects only where they are."""
    found: dict[str, Any] = {}
    for name in names:
        if name in namespace:
            value = namespace[name]
            is_module = isinstance(value, types.ModuleType)
            found[name] = ["module", value.__name__] if is_module else ["value", value]
    return found
