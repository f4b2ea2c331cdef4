"""Ask an instructor for JSON, check it, ask once more when it is wrong, then record the failure."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from lai.asking.progress import Progress
from lai.core.errors import PipelineError
from lai.core.jsonl import first_problem, mended
from lai.core.params.schema import InstructorParams
from lai.core.records import Message
from lai.core.text import shortened
from lai.engines.base import Engine, Forgetful, Live, Reply, Request


class Shape(BaseModel):
    """What an instructor is asked to answer: unknown keys are ignored, none is invited."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        json_schema_extra={"additionalProperties": False},
    )


S = TypeVar("S", bound=Shape)
MOST_BRACES = 10_000
"""After so many the search for an object ends: a hostile reply must not take minutes."""
MOST_QUOTED = 20_000
"""Characters of a reply that its re-ask shows: a model that ran wild is not paid to read it all."""
UNUSABLE = "This answer cannot be used: "
AGAIN = ". Answer again with one JSON object of the shape described, and nothing else."
"""With the reason between both, what a re-ask says."""
TRIED = 2
"""Requests that a live server is asked one after the other before all others, if need be."""


@dataclass(frozen=True)
class Asked(Generic[S]):
    """One exchange. `value` is None when no reply could be used; `reason` then says why.

    `request` is the last one sent: the re-ask, when the first reply did not fit.
    """

    request: Request
    reply: Reply
    value: S | None
    reason: str = ""


def request(
    text: str, shape: type[Shape], instructor: InstructorParams, seed: int, draw: int = 0
) -> Request:
    """The request that shows `text` to the instructor and asks for `shape` as JSON."""
    return Request(
        provider=instructor.provider if instructor.engine == "openai" else instructor.engine,
        model=instructor.model,
        messages=[{"role": "user", "content": text}],
        temperature=instructor.temperature,
        max_tokens=instructor.max_tokens,
        seed=seed,
        json_schema=_schema(shape),
        structured_output=instructor.structured_output,
        draw=draw,
        options=instructor.chat_template_kwargs,
        extra_body=instructor.extra_body,
    )


@functools.cache
def _schema(shape: type[Shape]) -> dict[str, Any]:
    """Pydantic makes it anew each time, which takes longer than all the rest of a request."""
    return shape.model_json_schema()


def ask(engine: Engine, requests: Sequence[Request], shape: type[S]) -> dict[str, Asked[S]]:
    """Ask every request, those with an unusable reply once more; by the first request's key.

    Raises: PipelineError from the engine, or when a live server's first replies cannot be used:
    nothing else has been asked then.
    """
    waiting = {request.key: request for request in requests}
    answered = _tried(engine, waiting, shape)
    left = {key: request for key, request in waiting.items() if key not in answered}
    answered |= _with_second_chance(engine, left, shape)
    if isinstance(engine, Live) and any(one.value is not None for one in answered.values()):
        engine.proven.add(shape)
    return answered


def _tried(engine: Engine, waiting: dict[str, Request], shape: type[S]) -> dict[str, Asked[S]]:
    """The first exchanges alone, before the others cost anything: until one shows that all is well.

    A wrong key or model ends the run here, with one call; a model whose replies do not fit with
    four, two of them re-asks. Fewer would end runs in vain: one that fails in one reply of five
    gives three bad ones five times as often, and a rerun of the same seed gives them again. One
    that declines a question has understood it. Where one of the stored replies can be used, an
    earlier run has seen that all is well.
    """
    if not isinstance(engine, Live) or shape in engine.proven:
        return {}
    held = engine.held(list(waiting.values()))
    if held is None or any(_understood(reply, shape) for reply in held.values()):
        return {}
    missing = [request for key, request in waiting.items() if key not in held]
    if len(missing) <= TRIED:
        return {}
    answered: dict[str, Asked[S]] = {}
    for request in missing[:TRIED]:
        answered |= _with_second_chance(engine, {request.key: request}, shape)
        exchange = answered[request.key]
        if _understood(exchange.reply, shape):
            engine.proven.add(shape)
            return answered
    forget(engine, answered)
    raise PipelineError(
        f"the first {TRIED} replies of {exchange.request.model} cannot be used: "
        f"{exchange.reason}; the last one is {shortened(exchange.reply.text, 100)!r}. "
        f"{len(missing) - TRIED} more requests were not sent; check its model, max_tokens and "
        "structured_output in params.yaml"
    )


def _understood(reply: Reply, shape: type[Shape]) -> bool:
    declined = reply.stop_reason not in ("stop", "length")
    return declined or read(reply, shape)[0] is not None


def _with_second_chance(
    engine: Engine, requests: dict[str, Request], shape: type[S]
) -> dict[str, Asked[S]]:
    first = _round(engine, requests, shape)
    again = {key: _again(asked) for key, asked in first.items() if _mendable(asked)}
    return {**first, **_round(engine, again, shape, last=True)} if again else first


def _mendable(asked: Asked[Any]) -> bool:
    """Whether there is no value, and a re-ask may give one."""
    unfit = asked.value is None and asked.reply.stop_reason in ("stop", "length")
    return unfit and not _unread(asked.reply)


def _round(
    engine: Engine, requests: dict[str, Request], shape: type[S], last: bool = False
) -> dict[str, Asked[S]]:
    origin = {request.key: key for key, request in requests.items()}
    answered = {}
    with Progress(engine, len(requests)) as progress:
        for reply in engine.generate(list(requests.values())):
            key = origin[reply.request_key]
            value, reason = read(reply, shape)
            answered[key] = asked = Asked(requests[key], reply, value, reason)
            progress.add(failed=value is None and (last or not _mendable(asked)))
    return answered


def _again(asked: Asked[Any]) -> Request:
    turns: list[Message] = [
        *asked.request.messages,
        {"role": "assistant", "content": asked.reply.text[:MOST_QUOTED] or "(empty)"},
        {"role": "user", "content": f"{UNUSABLE}{asked.reason}{AGAIN}"},
    ]
    # Not a copy: that would keep the key of the first request, and with it the stored reply.
    return Request.model_validate({**asked.request.model_dump(), "messages": turns})


def asked_again(request: Request) -> bool:
    """Whether it is a re-ask."""
    return request.messages[-1]["content"].startswith(UNUSABLE)


def complaint(text: str) -> str:
    """The reason in a re-ask's last message."""
    return text.removeprefix(UNUSABLE).removesuffix(AGAIN)


def forget(engine: Engine, asked: Mapping[str, Asked[Any]]) -> None:
    """Have the store drop these exchanges, so that they are asked for again next time.

    For a stage that ends without a single usable reply: what was wrong with the instructor may be
    mended by then, and the replies are worth nothing.
    """
    if isinstance(engine, Forgetful):
        engine.forget([*asked, *(exchange.request.key for exchange in asked.values())])


def read(reply: Reply, shape: type[S]) -> tuple[S | None, str]:
    """The value in a reply, or None and why there is none."""
    if reply.stop_reason == "refusal":
        return None, f"the instructor declined: {reply.text[:200]}"
    if reply.stop_reason == "content_filter":
        return None, "the provider's content filter stopped the reply"
    if _unread(reply):
        return None, "the prompt is longer than the model takes"
    found, problem = None, ""
    for document in _objects(reply.text):
        try:
            # The last one counts: a model may repeat what it was shown, and then answers.
            found = shape.model_validate(mended(document))
        except ValidationError as error:
            problem = problem or first_problem(error)
    if found is not None:
        return found, ""
    if reply.stop_reason == "length":
        return None, "the reply was cut off at max_tokens"
    return None, problem or "the reply holds no JSON object"


def _unread(reply: Reply) -> bool:
    """Whether the model never saw the prompt, which was too long: a longer one would be, too."""
    said = reply.text or reply.reasoning or reply.usage.completion_tokens
    return reply.stop_reason == "length" and not said


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in `text`, one after the other; what stands around them is passed over.

    A model may think aloud in braces, or repeat the form, before it answers.
    """
    decoder = json.JSONDecoder(strict=False)
    start = text.find("{")
    for _ in range(MOST_BRACES):
        if start < 0:
            return
        try:
            value, end = decoder.raw_decode(text, start)
        except RecursionError:
            return
        except ValueError:
            end = start + 1
        else:
            if isinstance(value, dict):
                yield value
        start = text.find("{", end)
