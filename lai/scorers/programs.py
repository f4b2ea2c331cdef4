"""The Python program in a response, put together from fenced blocks, prose and half functions."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Iterable
from functools import lru_cache

from lai.core.python import parsed, small
from lai.scorers.blocks import marked_up, plain_lines, session
from lai.scorers.names import Definition, defined, free
from lai.scorers.parts import Parts
from lai.scorers.statements import closure, empty, last_function, source, stray

_FENCE = re.compile(
    r"^[ \t]*+(?P<fence>`{3,}+|~{3,}+)[ \t]*+(?P<language>[\w+.-]*+)[^\n`]*+\n"
    r"(?P<code>.*?)(?:^[ \t]*(?P=fence)[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE,
)
_WORD = re.compile(r"\b[^\W\d]\w*")
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
    parts = Parts(text)
    blocks = _blocks(parts, plain_lines(text))
    trees = [_code(parts, block) for block in blocks]
    if not any(map(_defines, trees)):
        trees = [_typed(block) or tree for block, tree in zip(blocks, trees, strict=True)]
    if signature and not any(signature.name in defined(tree.body) for tree in trees if tree):
        trees = [
            _continued(parts, prompt, block, signature.name) or tree
            for block, tree in zip(blocks, trees, strict=True)
        ]
    answered = any(defined(tree.body) & names for tree in trees if tree)
    kept = [tree for tree in trees if tree and not (answered and _aside(tree, names))]
    found = [one for tree in kept for one in tree.body]
    if not any(isinstance(one, ast.Assign) or _function(one) for one in found):
        return None
    if head:
        given = [one for one in head.body if one is not signature]
        found = given + found
    try:
        return source(closure(found, names))
    except (ValueError, RecursionError):  # a number or a nesting that Python reads and never prints
        return "\n".join(blocks)


def _aside(tree: ast.Module, names: set[str]) -> bool:
    """Whether a block is a fragment that is shown and no part: `return a + b` beside a function."""
    return not defined(tree.body) & names and any(map(stray, tree.body))


def whole(text: str) -> bool:
    """Whether `text` is a module as it stands."""
    return parsed(text.removeprefix("\ufeff")) is not None


def closed(text: str) -> bool:
    """Whether a fenced block of `text` ends before the text does."""
    return any(
        match.group().rstrip().endswith(match["fence"]) and match["code"].strip()
        for match in _FENCE.finditer(plain_lines(text))
    )


@lru_cache(maxsize=256)
def called(tests: tuple[str, ...]) -> frozenset[str]:
    """The names that assert statements take from the program: called or read, not built in.

    Of tests that are too long to be read here all words, which are more than that.
    """
    found: set[str] = set()
    if not small(tests):
        found = {word for test in tests for word in _WORD.findall(test)}
        tests = ()
    for test in tests:
        tree = parsed(test)
        if tree:
            found |= free(tree, test) - defined(tree.body)
    return frozenset(name for name in found if not hasattr(builtins, name))


def under_test(tests: Iterable[str], reference: str) -> str:
    """The last function of a reference solution that tests name, or nothing.

    One of a builtin's name only where there is no other: tests may mean Python's own.
    """
    tree = parsed(reference)
    words = {word for test in tests for word in _WORD.findall(test)}
    functions = [one.name for one in tree.body if isinstance(one, Definition)] if tree else []
    named = [name for name in reversed(functions) if name in words]
    return min(named, key=lambda name: hasattr(builtins, name), default="")


def _blocks(parts: Parts, text: str) -> list[str]:
    fenced = list(_FENCE.finditer(text))
    python = [match["code"] for match in fenced if match["language"].lower() in _PYTHON]
    return python or [match["code"] for match in fenced] or _unfenced(parts, text)


def _unfenced(parts: Parts, text: str) -> list[str]:
    """The code that other marks set off (`<pre>`, single backticks), or the text as it is."""
    if ("`" not in text and "<pre" not in text.lower()) or _defines(_code(parts, text)):
        return [text]
    return [block for block in marked_up(text) if _defines(parsed(block))] or [text]


def _defines(tree: ast.Module | None) -> bool:
    """Whether a module has a function or class, a lambda with a name too."""
    return tree is not None and any(
        _function(one) or (isinstance(one, ast.Assign) and isinstance(one.value, ast.Lambda))
        for one in tree.body
    )


def _function(one: ast.stmt) -> bool:
    """Whether a statement defines a function or class, also inside `if` or `try`."""
    return any(isinstance(node, Definition) for node in ast.walk(one))


def _code(parts: Parts, block: str) -> ast.Module | None:
    """The module in `block`: the whole of it, or what stands between prose before and after."""
    block = textwrap.dedent(block.replace("\t", "    ").strip("\n"))
    tree = parsed(block) or parsed(block.strip())
    if tree:
        return tree
    return parts.module(block)


def _typed(block: str) -> ast.Module | None:
    """The module that an interactive session in `block` typed in, where it defines something."""
    lines = textwrap.dedent(block).split("\n") if ">>>" in block else []
    tree = parsed(session(lines)) if lines else None
    return tree if _defines(tree) else None


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
