"""The Python program in a response, put together from fenced blocks, prose and half functions."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import textwrap
import warnings
from collections.abc import Iterable

_FENCE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+.-]*)[^\n`]*\n"
    r"(?P<code>.*?)(?:^[ \t]*(?P=fence)[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE,
)
_PYTHON = {"", "python", "py", "python3", "py3", "python2", "sage", "pycon", "ipython"}
_START = re.compile(r"(?:async def|def|class|import|from)\b|@")
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def program(text: str, prompt: str = "", wanted: Iterable[str] = ()) -> str | None:
    """The program that `text` answers with, or None where it holds no valid Python.

    `prompt`: what the response may go on from, the start of a module with the signature last (the
    HumanEval form); its imports and helpers stand in front. `wanted`: the names that tests call.
    What nothing wanted needs (examples of use, `input()`, a main block) is left out, so that only
    the functions asked for are judged.
    """
    names = set(wanted)
    head = _tree(prompt + "\n    pass\n") or _tree(prompt) if prompt else None
    signature = _last_function(head) if head else None
    if signature:
        names.add(signature.name)
    blocks = _blocks(text)
    trees = [_code(block) for block in blocks]
    if signature and not any(signature.name in _defined(tree.body) for tree in trees if tree):
        trees = [
            _continued(prompt, block, signature.name) or tree
            for block, tree in zip(blocks, trees, strict=True)
        ]
    found = [one for tree in trees if tree for one in tree.body]
    if not any(isinstance(one, ast.Assign | _Definition) for one in found):
        return None
    if head:
        given = [one for one in head.body if one is not signature]
        found = given + found
    return _source(_needed(found, names))


def whole(text: str) -> bool:
    """Whether `text` is a module as it stands."""
    return _tree(text) is not None


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
        tree = _tree(test)
        if tree:
            found |= {name for one in tree.body for name in _free(one)} - _defined(tree.body)
    return {name for name in found if not hasattr(builtins, name)}


def _blocks(text: str) -> list[str]:
    fenced = list(_FENCE.finditer(text))
    python = [match["code"] for match in fenced if match["language"].lower() in _PYTHON]
    return python or [match["code"] for match in fenced] or [text]


def _tree(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _code(block: str) -> ast.Module | None:
    """The module in `block`: the whole of it, or what stands between prose before and after."""
    block = textwrap.dedent(block.replace("\t", "    ").strip("\n"))
    tree = _tree(block) or _tree(block.strip())
    if tree:
        return tree
    lines = block.split("\n")
    starts = [number for number, line in enumerate(lines) if _START.match(line)]
    for start in starts:
        tree = _longest(lines[start:])
        if tree and any(isinstance(one, _Definition) for one in tree.body):
            return tree
    return None


def _longest(lines: list[str], prefix: str = "") -> ast.Module | None:
    """The longest module that `lines` start with, cut where a line is not indented."""
    for end in range(len(lines), 0, -1):
        cut = end == len(lines) or (lines[end].strip() and not lines[end][0].isspace())
        if cut and (tree := _tree(prefix + "\n".join(lines[:end]))):
            return tree
    return None


def _continued(prompt: str, block: str, name: str) -> ast.Module | None:
    """The module of a prompt and the function body that a response goes on with."""
    body = block.replace("\t", "    ").strip("\n")
    first, _, rest = body.partition("\n")
    # A body whose first line lost its indentation, or all of it, goes on from no prompt as it is.
    forms = [textwrap.indent(textwrap.dedent(body), "    "), f"    {first.strip()}\n{rest}"]
    if first[:1].isspace():
        forms.insert(0, body)
    for form in forms:
        tree = _longest(form.rstrip().split("\n"), prompt.rstrip() + "\n")
        function = _last_function(tree, name) if tree else None
        if tree and function and not _empty(function):
            return tree
    return None


def _last_function(tree: ast.Module, name: str = "") -> _Definition | None:
    found = [one for one in tree.body if isinstance(one, _Definition) and name in ("", one.name)]
    return found[-1] if found else None


def _empty(function: _Definition) -> bool:
    """Whether a function holds a docstring alone, or is left out with `...` or `pass`."""
    return all(
        isinstance(one, ast.Pass)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in function.body
    )


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _defined(body: Iterable[ast.stmt]) -> set[str]:
    """The names that statements bind at their own level (also inside `if` and `try`)."""
    found: set[str] = set()
    for one in body:
        if isinstance(one, _Definition):
            found.add(one.name)
        elif isinstance(one, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in one.names}
        else:
            for node in ast.walk(one):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found.add(node.id)
                elif isinstance(node, _Definition):
                    found.add(node.name)
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return found


def _needed(body: list[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
    """The imports, and the statements that bind or prepare what `wanted` needs, in their order.

    Where nothing of `wanted` is bound, all definitions, so that the tests can say what is missing.
    """
    bound = [_defined([one]) for one in body]
    if not wanted or not any(names & wanted for names in bound):
        return [one for one in body if not isinstance(one, ast.Assert | ast.Expr)]
    used = [_free(one) for one in body]
    needed = set(wanted)
    kept = {n for n, one in enumerate(body) if isinstance(one, ast.Import | ast.ImportFrom)}
    while True:
        more = {
            number
            for number, one in enumerate(body)
            if number not in kept
            and (
                (bound[number] & needed and not _uses(one, used[number], bound[number], wanted))
                or _prepares(one, needed, wanted)
            )
        }
        if not more:
            return [one for number, one in enumerate(body) if number in kept]
        kept |= more
        for number in more:
            needed |= used[number] | bound[number]


def _uses(one: ast.stmt, used: set[str], bound: set[str], wanted: set[str]) -> bool:
    """Whether a statement is an example of use: a main block, `x = f(1)`."""
    if isinstance(one, _Definition) or bound & wanted:
        return _is_main(one)
    return _is_main(one) or bool(used & wanted)


def _free(one: ast.stmt) -> set[str]:
    """The module's names that a statement reads, in the bodies of its functions too."""
    found: set[str] = set()
    tables = [symtable.symtable(ast.unparse(one), "program", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        found |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (top or symbol.is_global())
        }
    return found


def _is_main(one: ast.stmt) -> bool:
    return isinstance(one, ast.If) and "__name__" in _names(one.test)


def _prepares(one: ast.stmt, needed: set[str], wanted: set[str]) -> bool:
    """Whether a call at the top level works on what is needed: `sys.setrecursionlimit(10000)`."""
    if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)):
        return False
    function = one.value.func
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in needed
        and not _names(one) & wanted
    )


def _source(body: list[ast.stmt]) -> str:
    future = [one for one in body if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    rest = [one for one in body if one not in future]
    return ast.unparse(ast.Module(body=[*future, *rest], type_ignores=[]))
