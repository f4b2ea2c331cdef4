"""What endpoints do not accept, and what they are sent instead."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.base import Request
from lai.engines.openai.engine import OpenAIEngine
from tests.support.openai_server import Answer, Server, problem, tutor

SCHEMA = {
    "title": "Finding of an error",
    "type": "object",
    "properties": {"skill": {"type": "string"}},
    "required": ["skill"],
    "additionalProperties": False,
}
Refuse = Callable[[dict[str, Any]], Answer | None]


def request(**fields: Any) -> Request:
    return Request(
        provider="test",
        model="model-1",
        messages=[{"role": "system", "content": "Be kind."}, {"role": "user", "content": "why?"}],
        max_tokens=50,
        **fields,
    )


def exchange(refuse: Refuse, asked: Request, times: int = 1) -> list[dict[str, Any]]:
    """The bodies that a server with gaps receives until `asked` was answered `times` times."""
    with Server(lambda body: refuse(body) or tutor(body)) as server:
        engine = OpenAIEngine(EndpointParams(base_url=server.url), backoff=0.01)
        for _ in range(times):
            (reply,) = engine.generate([asked])
            assert reply.request_key == asked.key
        return server.bodies


def lacking(*kinds: str, answer: Answer) -> Refuse:
    """A server without some types of response_format."""

    def refuse(body: dict[str, Any]) -> Answer | None:
        return answer if body.get("response_format", {}).get("type") in kinds else None

    return refuse


STRUCTURED = request(json_schema=SCHEMA, structured_output="json_schema")


def test_a_passing_500_gives_up_no_parameter_and_a_lasting_one_does() -> None:
    answers = [problem(500, "grammar backend crashed, restarting")] * 3

    def passing(body: dict[str, Any]) -> Answer | None:
        return answers.pop() if len(answers) > 2 else None

    bodies = exchange(passing, STRUCTURED, 2)
    assert [body["response_format"]["type"] for body in bodies] == ["json_schema"] * 3

    def lasting(body: dict[str, Any]) -> Answer | None:
        return answers[0] if body["response_format"]["type"] == "json_schema" else None

    bodies = exchange(lasting, STRUCTURED, 2)
    types = [body["response_format"]["type"] for body in bodies]
    assert types == ["json_schema"] * 2 + ["json_object"] * 2


def test_a_schema_is_sent_as_strict_response_format() -> None:
    (body,) = exchange(lambda _: None, STRUCTURED)
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "Finding_of_an_error", "strict": True, "schema": SCHEMA},
    }
    assert body["messages"] == STRUCTURED.messages


LACKS_SCHEMA = {
    "openai": problem(
        400,
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported.",
        param="response_format",
    ),
    "vllm": Answer(400, json.dumps({"object": "error", "message": "guided decoding failed"})),
    "llama.cpp": problem(400, "failed to parse grammar", code=400),
    "fastapi": Answer(
        422,
        json.dumps({"detail": [{"loc": ["body", "response_format", "type"], "msg": "seed?"}]}),
    ),
    "plain": Answer(404, json.dumps({"error": "structured outputs unavailable"})),
    "text": Answer(400, "json_schema is not implemented"),
    "not implemented": problem(501, "unsupported json_schema"),
}


@pytest.mark.parametrize("answer", LACKS_SCHEMA.values(), ids=LACKS_SCHEMA.keys())
def test_an_endpoint_without_json_schema_gets_json_object(answer: Answer) -> None:
    bodies = exchange(lacking("json_schema", answer=answer), STRUCTURED, times=2)
    kinds = [body["response_format"]["type"] for body in bodies]
    assert kinds == ["json_schema", "json_object", "json_object"]
    assert '"skill"' in bodies[-1]["messages"][1]["content"]
    assert bodies[-1]["messages"][0] == STRUCTURED.messages[0]


def test_an_endpoint_without_either_gets_the_schema_as_text() -> None:
    answer = problem(400, "response_format is not supported")
    bodies = exchange(lacking("json_schema", "json_object", answer=answer), STRUCTURED, times=2)
    assert ["response_format" in body for body in bodies] == [True, True, False, False]
    assert bodies[2]["messages"][1]["content"].startswith("why?\n\nAnswer with one JSON object")


@pytest.mark.parametrize("level", ["json_object", "none"])
def test_a_lower_level_may_be_asked_for(level: str) -> None:
    (body,) = exchange(lambda _: None, request(json_schema=SCHEMA, structured_output=level))
    assert body.get("response_format", {"type": "none"}) == {"type": level}
    assert '"skill"' in body["messages"][1]["content"]


def test_without_a_schema_nothing_is_added() -> None:
    (body,) = exchange(lambda _: None, request(structured_output="json_schema"))
    assert "response_format" not in body
    assert body["messages"] == request().messages


def test_a_gap_met_by_many_at_once_is_stepped_over_once() -> None:
    refuse = lacking("json_schema", answer=problem(400, "no json_schema here"))
    with Server(lambda body: refuse(body) or tutor(body)) as server:
        engine = OpenAIEngine(EndpointParams(base_url=server.url, concurrency=16))
        many = [
            request(json_schema=SCHEMA, structured_output="json_schema", draw=draw)
            for draw in range(48)
        ]
        assert len(list(engine.generate(many))) == 48
        kinds = {body["response_format"]["type"] for body in server.bodies}
    assert kinds == {"json_schema", "json_object"}


LACKS_PARAMETER = {
    "seed": problem(400, "Unrecognized request argument supplied: seed"),
    "temperature": problem(
        400,
        "Unsupported value: 'temperature' does not support 0.8 with this model.",
        param="temperature",
    ),
    "max_tokens": problem(
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
        param="max_tokens",
        code="unsupported_parameter",
    ),
}


@pytest.mark.parametrize("name", LACKS_PARAMETER)
def test_a_parameter_that_is_refused_is_left_out(name: str) -> None:
    def refuse(body: dict[str, Any]) -> Answer | None:
        return LACKS_PARAMETER[name] if name in body else None

    bodies = exchange(refuse, request(seed=3, temperature=0.8), times=2)
    assert [name in body for body in bodies] == [True, False, False]
    if name == "max_tokens":
        assert [body.get("max_completion_tokens") for body in bodies] == [None, 50, 50]


def test_all_gaps_at_once() -> None:
    def refuse(body: dict[str, Any]) -> Answer | None:
        gaps = [LACKS_PARAMETER[name] for name in LACKS_PARAMETER if name in body]
        if "response_format" in body:
            gaps.append(problem(422, "response_format: extra fields not permitted"))
        return gaps[0] if gaps else None

    bodies = exchange(
        refuse, request(seed=3, json_schema=SCHEMA, structured_output="json_schema"), times=2
    )
    assert len(bodies) == 5 + 2
    assert set(bodies[-1]) == {"model", "messages", "max_completion_tokens"}


def test_what_a_complaint_quotes_of_the_prompt_changes_no_request() -> None:
    quoting = problem(400, "Bad request near 'A farmer buys seed and feed for 12 hens': no.")
    with Server(lambda _: quoting) as server:
        engine = OpenAIEngine(EndpointParams(base_url=server.url), backoff=0.01)
        with pytest.raises(PipelineError, match="Bad request near"):
            list(engine.generate([request(seed=3)]))
        assert [body["seed"] for body in server.bodies] == [3]


def test_a_temperature_out_of_range_is_the_users_to_mend() -> None:
    with pytest.raises(PipelineError, match="temperature: must be at most 1"):
        exchange(lambda _: problem(400, "temperature: must be at most 1"), request())


def test_a_filtered_prompt_is_an_answer_and_no_outage() -> None:
    refused = problem(400, "The prompt triggered the content filter", code="content_filter")
    with Server(lambda _: refused) as server:
        (reply,) = OpenAIEngine(EndpointParams(base_url=server.url)).generate([request()])
    assert (reply.text, reply.stop_reason) == ("", "content_filter")


def test_a_lone_surrogate_in_a_question_can_be_sent() -> None:
    asked = request().model_copy(update={"messages": [{"role": "user", "content": "a\ud800b"}]})
    (body,) = exchange(lambda _: None, asked)
    assert body["messages"][0]["content"] == "a\ufffdb"
