"""What the Batch API answers, of whatever shape it comes in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import openai

from lai.engines.openai.batch_calls import MalformedError
from lai.engines.openai.dialect import LONGEST, said

Page = Callable[[str | openai.Omit], Awaitable[str]]
"""Fetches what a list goes on with after the object of that id."""


def read(text: str) -> dict[str, Any]:
    """The object in an answer. Raises: MalformedError when there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise MalformedError(
            f"the answer is no JSON object but {said(text)[:LONGEST] or 'nothing'}"
        )
    return value


def inner(value: dict[str, Any], name: str) -> dict[str, Any]:
    """The object in a field; an empty one where something else stands there."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def documented(batch: dict[str, Any]) -> dict[str, Any]:
    """`batch` with counts and errors of the documented shape, whatever a server puts there."""
    counts = inner(batch, "request_counts") or None
    told = batch.get("errors")
    told = told["data"] if isinstance(told, dict) and "data" in told else told
    some = told if isinstance(told, list) else filter(None, [told])
    errors = [one if isinstance(one, dict) else {"message": said(one)} for one in some]
    return {**batch, "request_counts": counts, "errors": {"data": errors}}


def name_of(value: dict[str, Any]) -> str:
    """The id of an object. Raises: MalformedError when it has none that can be written down."""
    name = value.get("id")
    if not (isinstance(name, str) and name and name.isprintable()):
        raise MalformedError(f"the answer has no id: {said(value)[:LONGEST]}")
    return name


async def listed(page: Page) -> AsyncIterator[dict[str, Any]]:
    """Every object of a list, page after page. Raises: MalformedError when it is none."""
    after: str | openai.Omit = openai.omit
    while True:
        value = read(await page(after))
        objects = value.get("data")
        if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
            raise MalformedError(f"the answer is no list: {said(value)[:LONGEST]}")
        for one in objects:
            yield one
        # Some have no pages and say that there are more.
        if not objects or not value.get("has_more") or name_of(objects[-1]) == after:
            return
        after = name_of(objects[-1])
