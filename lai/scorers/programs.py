"""The Python program in a response, put together from fenced blocks, prose and half functions."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Iterable

from lai.scorers.parts import Parts
from lai.scorers.statements import (
    Definition,
    closure,
    defined,
    empty,
    free,
    last_function,
    parsed,
    source,
)

_FENCE = re.compile(
    r"^[ \t]*+(?P<fence>`{3,}+|~{3,}+)[ \t]*+(?P<language>[\w+.-]*+)[^\n`]*+\n"
    r"(?P<code>.*?)(?:^[ \t]*(?P=fence)[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE,
)
_PYTHON = {"", "python", "py", "python3", "py3", "python2", "sage", "pycon", "ipython"}


def program(text: str, prompt: str = "", wanted: Iterable[str] = ()) -> str | None:
    """The program that `text` answers with, or None where it holds no valid Python.

    `prompt`: what the response may go on from, the start of a module with the signature last (the
    HumanEval form); its imports and helpers stand in front. `wanted`: the names that tests call.
    What nothing wanted needs (examples of use, `input()`, a main block) is left out, so that only
    the functions asked for are judged.
    """
    names = set(wanted)
    head = parsed(prompt + "\n    pass\n") or parsed(prompt) if prompt else None
    signature = last_function(head) if head else None
    if signature:
        names.add(signature.name)
    blocks = _blocks(text)
    parts = Parts(text)
    trees = [_code(parts, block) for block in blocks]
    if signature and not any(signature.name in defined(tree.body) for tree in trees if tree):
        trees = [
            _continued(parts, prompt, block, signature.name) or tree
            for block, tree in zip(blocks, trees, strict=True)
        ]
    found = [one for tree in trees if tree for one in tree.body]
    if not any(isinstance(one, ast.Assign | Definition) for one in found):
        return None
    if head:
        given = [one for one in head.body if one is not signature]
        found = given + found
    try:
        return source(closure(found, names))
    except (ValueError, RecursionError):  # a number or a nesting that Python reads and never prints
        return "\n".join(blocks)


def whole(text: str) -> bool:
    """Whether `text` is a module as it stands."""
    return parsed(text) is not None


def closed(text: str) -> bool:
    """Whether a fenced block of `text` ends before the text does."""
    return any(
        match.group().rstrip().endswith(match["fence"]) and match["code"].strip()
        for match in _FENCE.finditer(text)
    )


def called(tests: Iterable[str]) -> set[str]:
    """The names that assert statements take from the program: called or read, not built in."""
    found: set[str] = set()
    for test in tests:
        tree = parsed(test)
        if tree:
            found |= {name for one in tree.body for name in free(one)} - defined(tree.body)
    return {name for name in found if not hasattr(builtins, name)}


def _blocks(text: str) -> list[str]:
    fenced = list(_FENCE.finditer(text))
    python = [match["code"] for match in fenced if match["language"].lower() in _PYTHON]
    return python or [match["code"] for match in fenced] or [text]


def _code(parts: Parts, block: str) -> ast.Module | None:
    """The module in `block`: the whole of it, or what stands between prose before and after."""
    block = textwrap.dedent(block.replace("\t", "    ").strip("\n"))
    tree = parsed(block) or parsed(block.strip())
    if tree:
        return tree
    return parts.module(block)


def _continued(parts: Parts, prompt: str, block: str, name: str) -> ast.Module | None:
    """The module of a prompt and the function body that a response goes on with."""
    body = block.replace("\t", "    ").strip("\n")
    first, _, rest = body.partition("\n")
    # A body whose first line lost its indentation, or all of it, goes on from no prompt as it is.
    forms = [textwrap.indent(textwrap.dedent(body), "    "), f"    {first.strip()}\n{rest}"]
    if first[:1].isspace():
        forms.insert(0, body)
    for form in forms:
        tree = parts.longest(form.rstrip().split("\n"), prompt.rstrip() + "\n")
        function = last_function(tree, name) if tree else None
        if tree and function and not empty(function):
            return tree
    return None
