"""Prompts: one whole prompt is one `.jinja` file under prompts/.

What is put between tags (`<question>` ... `</question>`) is data, and may hold anything, orders to
the reader included. It cannot end its own tag, or open another one of the prompt: a space within
keeps such a tag of the data apart from the prompt's own.
"""

from __future__ import annotations

import difflib
import functools
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from lai.core.errors import PipelineError

FOLDER = Path("prompts")
_TAG = re.compile(r"</(\w+)>")


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=False,
        autoescape=False,
    )
    try:
        source, _, _ = jinja2.FileSystemLoader(FOLDER).get_source(environment, name)
        if tags := sorted(set(_TAG.findall(source))):
            own = re.compile(rf"<(?=\s*/?\s*(?:{'|'.join(tags)})\s*>)", re.IGNORECASE)
            environment.finalize = functools.partial(_kept_apart, own)
        return environment.get_template(name)
    except jinja2.TemplateNotFound:
        raise PipelineError(f"prompts/{name} does not exist; {_nearest(name)}") from None
    except jinja2.TemplateSyntaxError as error:
        raise PipelineError(f"prompts/{name}:{error.lineno}: {error.message}") from None


def _kept_apart(own: re.Pattern[str], value: Any) -> Any:
    """`value` with each of the prompt's `own` tags that stands in it broken by a space."""
    return own.sub("< ", value) if isinstance(value, str) else value


def _nearest(name: str) -> str:
    """The prompts that stand where `name` would, the nearest one first if there is one."""
    folder = (FOLDER / name).parent
    known = sorted(path.stem for path in folder.glob("*.jinja"))
    near = difflib.get_close_matches(Path(name).stem, known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{hint}known in {folder}: {', '.join(known) or 'none'}"


def check(name: str) -> None:
    """Raises: PipelineError when prompts/`name` does not exist, with the nearest name."""
    _template(name)


def render(name: str, **values: Any) -> str:
    """Render prompts/`name`. Raises: PipelineError for an absent file or an undefined variable."""
    try:
        return _template(name).render(**values)
    except jinja2.UndefinedError as error:
        raise PipelineError(f"prompts/{name}: {error.message}") from None


def options(choices: list[str]) -> str:
    """The lettered options of a multiple-choice question, a line each: `A) ...`."""
    return "\n".join(f"{letter(index)}) {choice}" for index, choice in enumerate(choices))


def letter(index: int) -> str:
    """The letter of the option at `index`, A for 0."""
    return chr(ord("A") + index)
