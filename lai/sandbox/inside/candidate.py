"""The process that runs the program. It knows neither tests nor expected values."""

from __future__ import annotations

import sys
import types
from typing import Any

from . import wire
from .peer import Gone, Peer


def main(socket: int, source: str, most: int) -> None:
    """Run `source`, then answer the tester's requests about it until the tester leaves."""
    module = types.ModuleType("__candidate__")
    sys.modules["__candidate__"] = module  # dataclasses and pickle look their module up
    namespace = vars(module)
    peer = Peer(socket, "candidate", most, lambda *_: True)
    peer.operations["load"] = lambda names: _load(source, namespace, names)
    peer.operations["names"] = lambda names: _find(namespace, names)
    try:
        peer.serve()
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
