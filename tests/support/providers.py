"""Servers that speak as the providers of docs/PROVIDERS.md do, each with its gaps and its style.

A dialect is what its documentation says of the compatible API: which fields it refuses and in what
words, where the key goes, and in what form the model's JSON comes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.filler import fill
from tests.support.openai_server import Answer, completion, digest, problem

Body = dict[str, Any]
SCHEMA_MARK = "JSON Schema, and with nothing else:\n"


@dataclass(frozen=True)
class Provider:
    """`refuses`: the answer to a body that it does not take. `says`: how it wraps the JSON.

    `path`: where its completions are; `header`: which one holds the key.
    """

    refuses: Callable[[Body], Answer | None] = lambda body: None
    says: Callable[[str], Answer] = completion
    path: str = "/v1/chat/completions"
    header: str = "authorization"

    def __call__(self, body: Body) -> Answer:
        refusal = self.refuses(body)
        return refusal if refusal is not None else self.says(json.dumps(_fitting(body)))


def _fitting(body: Body) -> Any:
    """What fits the schema, which stands in response_format or at the end of the prompt."""
    asked = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    text = body["messages"][-1]["content"]
    if asked is None:
        assert SCHEMA_MARK in text, "without json_schema the prompt must hold the schema"
        asked = json.loads(text.partition(SCHEMA_MARK)[2])
    return fill(asked, digest(body))


def _level(body: Body) -> str:
    return str((body.get("response_format") or {}).get("type"))


def _reasoning_model(body: Body) -> Answer | None:
    if "max_tokens" in body:
        return problem(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    if body.get("temperature", 1) != 1:
        return problem(
            400,
            "Unsupported value: 'temperature' does not support 0.8 with this model. Only the "
            "default (1) value is supported.",
            param="temperature",
            code="unsupported_value",
        )
    return None


def _anthropic(body: Body) -> Answer | None:
    if "response_format" in body:
        raise AssertionError("it is ignored there, so that nothing would hold the reply to a form")
    return None


def _gemini(body: Body) -> Answer | None:
    if "seed" not in body:
        return None
    words = 'Invalid JSON payload received. Unknown name "seed": Cannot find field.'
    error = {"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}}
    return Answer(400, json.dumps([error]), {"content-type": "application/json"})


def _mistral(body: Body) -> Answer | None:
    if "seed" not in body:
        return None
    detail = [
        {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs", "input": 1}
    ]
    return Answer(422, json.dumps({"detail": detail}), {"content-type": "application/json"})


def _deepseek(body: Body) -> Answer | None:
    if _level(body) == "json_schema":
        return problem(400, "This response_format type is unavailable now")
    if "json" not in json.dumps(body["messages"]).lower():
        return problem(400, "Prompt must contain the word 'json' to use 'response_format'")
    return None


def _groq(body: Body) -> Answer | None:
    if _level(body) == "json_schema":
        words = "This model does not support response format `json_schema`. See our documentation"
        return problem(400, words, param="response_format")
    return None


def _openrouter(body: Body) -> Answer | None:
    if body.get("provider") != {"require_parameters": True}:
        return problem(400, "extra_body did not arrive")
    return None


def _vllm(body: Body) -> Answer | None:
    if body.get("chat_template_kwargs") != {"enable_thinking": False}:
        return problem(400, "chat_template_kwargs did not arrive")
    return None


def _fenced(text: str) -> Answer:
    return completion(f"Here is the JSON you asked for:\n\n```json\n{text}\n```\nShall I go on?")


def _thought_aloud(text: str) -> Answer:
    return completion(f'The form {{"skill": ...}} or {{}} is meant. So:\n{text}')


def _as_a_tool_call(text: str) -> Answer:
    call = {"id": "1", "type": "function", "function": {"name": "json", "arguments": text}}
    return completion(None, "tool_calls", tool_calls=[call])


def _with_reasoning(text: str) -> Answer:
    return completion(text, reasoning_content='First {"a": 1}, then the answer.')


def _thinking(text: str) -> Answer:
    return completion(f'<think>Maybe {{"skill": "none"}}?</think>\n{text}')


DEPLOYMENT = "/openai/deployments/my-gpt-4o-mini"
PROVIDERS = {
    "openai": Provider(_reasoning_model),
    "azure": Provider(path="/openai/v1/chat/completions"),
    "azure-deployment": Provider(
        path=f"{DEPLOYMENT}/chat/completions?api-version=2024-10-21", header="api-key"
    ),
    "vllm": Provider(_vllm, _with_reasoning),
    "ollama": Provider(says=_thinking),
    "llama.cpp": Provider(says=_thought_aloud),
    "openrouter": Provider(_openrouter, _as_a_tool_call, "/api/v1/chat/completions"),
    "anthropic": Provider(_anthropic, _fenced),
    "gemini": Provider(_gemini, path="/v1beta/openai/chat/completions"),
    "mistral": Provider(_mistral),
    "deepseek": Provider(_deepseek, _with_reasoning),
    "groq": Provider(_groq, path="/openai/v1/chat/completions"),
}
