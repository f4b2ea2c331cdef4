"""The dialects of OpenAI-compatible servers: what goes into a request, what a reply holds."""

from __future__ import annotations

import json
import re
import threading
from typing import Any, TypeGuard

from lai.core.records import Message, StopReason, Usage
from lai.engines.base import Reply, Request

LEVELS = ("json_schema", "json_object", "none")
"""Structured output, from the strictest form to none at all."""

_REJECTED = {
    "max_tokens": r"max_completion_tokens",
    "seed": r"\bseed\b",
    "temperature": r"(?=.*\btemperature\b).*(not support|unsupported|deprecated|only the default)",
    "response_format": r"response_?format|json_?(schema|object)|structured.?output|guided|grammar",
}
"""Words of a complaint about each parameter that some endpoints lack, in order of precision."""

_STOP_REASONS: dict[str, StopReason] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "refusal": "refusal",
}
_QUOTED = re.compile(
    r"(['\"`\u2018\u201c])[^'\"`\u2019\u201d]{24,}(['\"`\u2019\u201d]|\Z)", re.DOTALL
)
"""Longer than the name of a parameter."""
LONGEST = 100_000
"""Characters of a body that a complaint quotes: `Endpoint.scrub` blots the key out of all of them
before it cuts them to what can be read."""
MOST_TOKENS = 10**9
"""No exchange takes as many: a server that says so is not believed."""
_OBJECT = re.compile(r"\s*(```\w*\s*)?\{")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class MalformedError(ValueError):
    """A body that is no chat completion."""


class Dialect:
    """What one endpoint was found to accept: at first the full API, then less, by its errors.

    Shared by all threads of an engine, so that each of its gaps is met about once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._level = 0
        self._without: set[str] = set()

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON body to send for `request`, in the form that the endpoint accepts.

        Below json_schema, the schema is put into the last user message as text.
        """
        level = max(LEVELS.index(request.structured_output), self._level)
        schema = request.json_schema
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [_message(message) for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
        }
        if request.options:
            # No part of OpenAI's API: servers that render the chat themselves (vLLM) take it.
            body["chat_template_kwargs"] = request.options
        body |= request.extra_body
        if LEVELS[level] == "json_schema" and schema is not None:
            body["response_format"] = _strict(schema)
        elif LEVELS[level] == "json_object":
            body["response_format"] = {"type": "json_object"}
        if level > 0 and schema is not None:
            _spell_out(schema, body["messages"])
        if "max_tokens" in self._without:
            body["max_completion_tokens"] = request.max_tokens
        return {
            name: value
            for name, value in body.items()
            if value is not None and name not in self._without
        }

    def adapt(self, body: dict[str, Any], complaint: object) -> str | None:
        """Give up the parameter of the refused `body` that the endpoint's error body speaks of.

        Returns: its name when `body` may be built anew and sent again, else None.
        """
        for words in _complaints(complaint):
            for name, pattern in _REJECTED.items():
                if name in body and re.search(pattern, words, re.IGNORECASE | re.DOTALL):
                    with self._lock:
                        if name == "response_format":
                            # Another thread may have met the same gap: step down only once.
                            self._level = max(self._level, LEVELS.index(body[name]["type"]) + 1)
                        else:
                            self._without.add(name)
                    return name
        return None


def said(complaint: object) -> str:
    """The words for people in an error body of any of the usual shapes."""
    if isinstance(complaint, dict):
        inner = complaint.get("error")
        words = complaint.get("message") or complaint.get("detail")
        return said(words or inner or json.dumps(complaint))
    if isinstance(complaint, list):
        return json.dumps(complaint)
    text = str(complaint or "").strip()
    return "an HTML page" if re.match(r"<(!doctype|html|head|body)", text, re.IGNORECASE) else text


def _complaints(complaint: object) -> list[str]:
    """What an error body may name a parameter in, the most exact first.

    The text for people comes last: it may quote the prompt, which must not decide what is sent.
    """
    found = []
    if isinstance(complaint, dict):
        if isinstance(complaint.get("param"), str):
            found.append(complaint["param"])
        detail = complaint.get("detail")
        if isinstance(detail, list):
            places = [item.get("loc", []) for item in detail if isinstance(item, dict)]
            found.append(" ".join(str(part) for place in places for part in place))
    return [*found, _QUOTED.sub("", said(complaint))]


def parse(request_key: str, text: str) -> Reply:
    """Read the body of a chat completion. Raises: MalformedError when it is something else."""
    try:
        # Some servers begin with a byte order mark.
        value = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        words = said(text) if text.strip() else "nothing"
        raise MalformedError(f"the answer is not JSON but {words[:LONGEST]}") from None
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise MalformedError(f"the answer has no choices: {(said(value) or text)[:LONGEST]}")
    message = choices[0].get("message")
    finish = choices[0].get("finish_reason")
    if not isinstance(message, dict) or finish == "error":
        raise MalformedError(f"the answer has no message: {said(choices[0])[:LONGEST]}")
    reasoning, content = split_reasoning(_text(message.get("content")) or _arguments(message))
    thoughts = message.get("reasoning_content") or message.get("reasoning")
    # Gemini writes the kind of content after a colon.
    stop_reason = _STOP_REASONS.get(str(finish).partition(":")[0].lower(), "stop")
    if refusal := _text(message.get("refusal")):
        content, stop_reason = refusal, "refusal"
    return Reply(
        request_key=request_key,
        text=content,
        reasoning=_text(thoughts) or reasoning,
        stop_reason=stop_reason,
        usage=_usage(value.get("usage")),
    )


def split_reasoning(text: str) -> tuple[str, str]:
    """Part (reasoning, answer) of a text that starts with `<think>...</think>`.

    Chat templates that open the tag in the prompt leave only the closing one; a text that was cut
    off within its reasoning has only the opening one, and its answer is empty. A closing one that a
    JSON object quotes ends nothing.
    """
    head, closed, tail = text.partition("</think>")
    opened = head.lstrip().startswith("<think>")
    if not opened and (not closed or "<think>" in head or _OBJECT.match(head)):
        return "", text
    reasoning = head.lstrip().removeprefix("<think>").strip()
    return reasoning, tail.lstrip()


def without_lone_surrogates(text: str) -> str:
    """`text` with each half of a broken UTF-16 pair, which UTF-8 cannot hold, made U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _text(content: object) -> str:
    """A message's content: a string, or a list of parts of which the text ones count."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(part for part in parts if isinstance(part, str))
    return without_lone_surrogates(content) if isinstance(content, str) else ""


def _arguments(message: dict[str, Any]) -> str:
    """The arguments of a tool's call, where a model puts the object that it was asked for."""
    calls = message.get("tool_calls")
    call = calls[0] if isinstance(calls, list) and calls else None
    function = call.get("function") if isinstance(call, dict) else None
    arguments = function.get("arguments") if isinstance(function, dict) else None
    return _text(json.dumps(arguments) if isinstance(arguments, dict) else arguments)


def _usage(value: object) -> Usage:
    """The tokens that a server says it took; none where it does not say, or says nonsense.

    Some count what a model thinks in the total alone: what is beyond the prompt was written.
    """
    counts = value if isinstance(value, dict) else {}
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    prompt, completion, total = (counts.get(name) for name in names)
    if not (_count(prompt) and _count(completion)):
        return Usage()
    if _count(total):
        completion = max(completion, total - prompt)
    return Usage(prompt_tokens=prompt, completion_tokens=completion)


def _count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS


def _message(message: Message) -> dict[str, str]:
    return {"role": message["role"], "content": without_lone_surrogates(message["content"])}


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    name = re.sub(r"[^A-Za-z0-9_-]", "_", str(schema.get("title", "")))[:64] or "answer"
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": True, "schema": schema},
    }


def _spell_out(schema: dict[str, Any], messages: list[dict[str, str]]) -> None:
    text = (
        "Answer with one JSON object that fits this JSON Schema, and with nothing else:\n"
        + json.dumps(schema, ensure_ascii=False)
    )
    for message in reversed(messages):
        if message["role"] == "user":
            message["content"] += f"\n\n{text}"
            return
    messages.append({"role": "user", "content": text})
