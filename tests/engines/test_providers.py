"""Each recipe of docs/PROVIDERS.md against a server that speaks the provider's dialect."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from lai.asking import ask, read, request
from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines.base import Reply
from lai.engines.open_instructor import open_instructor
from lai.engines.openai.dialect import parse
from lai.instruction.analyze import AnalysisShape
from lai.instruction.shapes import ChoiceSamples
from tests.support.closure import ROOT
from tests.support.openai_server import KEY, Server, completion
from tests.support.providers import PROVIDERS

RECIPES = [
    yaml.safe_load(block)
    for block in re.findall(
        r"```yaml\n(.*?)```", (ROOT / "docs/PROVIDERS.md").read_text(), re.DOTALL
    )
]


def named(recipe: dict[str, Any]) -> str:
    return str(recipe["instructor"]["provider"])


def test_there_is_a_recipe_for_each_dialect() -> None:
    assert sorted(map(named, RECIPES)) == sorted(PROVIDERS)


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_a_recipe_works(
    recipe: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = PROVIDERS[named(recipe)]
    instructor = InstructorParams.model_validate(recipe["instructor"])
    runtime = RuntimeParams.model_validate(recipe["runtime"])
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setenv(runtime.instructor.api_key_env, KEY)
    with Server(provider) as server:
        host = server.url.removesuffix("/v1")
        path = urlsplit(runtime.instructor.base_url or server.url).path
        endpoint = runtime.instructor.model_copy(update={"base_url": f"{host}{path}"})
        runtime = runtime.model_copy(update={"instructor": endpoint})
        engine = open_instructor(instructor, runtime, tmp_path / "responses.sqlite")
        for shape in (AnalysisShape, ChoiceSamples):
            asked = ask(engine, [request(f"{n}?", shape, instructor, 1) for n in range(4)], shape)
            assert all(one.value for one in asked.values()), next(iter(asked.values())).reason
    assert set(server.paths) == {provider.path}
    keys = {headers.get(provider.header, "").removeprefix("Bearer ") for headers in server.headers}
    assert keys == {KEY}
    if provider.header != "authorization":
        assert not any("authorization" in headers for headers in server.headers)
    assert {body["model"] for body in server.bodies} == {instructor.model}
    assert len(server.bodies) <= 8 + 3, "each gap is met once"


def test_extra_fields_are_part_of_a_requests_key_and_none_leave_it_as_it_was() -> None:
    plain, extra = (
        InstructorParams(engine="openai", model="m", extra_body=more)
        for more in ({}, {"provider": "x"})
    )
    keys = [request("why?", AnalysisShape, one, 1).key for one in (plain, extra)]
    assert keys[0] != keys[1]
    # As it was before there were extra fields: stores of replies are worth money.
    assert keys[0] == "41f66b9968f0bdc401339f4b2029e423f63fcaf98dc6a8fd859a5d90a5e70ec8"


GOOD = json.dumps({"skill": "s", "misconception": "m", "explanation": "e"})


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f'{{"skill": "a first try"}} no, better: {GOOD}',
        f"In the set {{1, 2}} ... {GOOD} That is {{all}}.",
        f"{GOOD[:-1]}, {GOOD}",
    ],
)
def test_the_object_that_fits_is_found_wherever_it_stands(text: str) -> None:
    value, reason = read(Reply(request_key="k", text=text, stop_reason="stop"), AnalysisShape)
    assert value is not None, reason
    assert value.skill == "s"


@pytest.mark.parametrize("text", ["", "{", "[1]", "{" * 100_000, '{"a":' * 100_000, '["x", {}]'])
def test_what_holds_nothing_that_fits_is_no_answer(text: str) -> None:
    value, reason = read(Reply(request_key="k", text=text, stop_reason="stop"), AnalysisShape)
    assert value is None
    assert reason


@pytest.mark.parametrize(
    ("finish", "stop_reason"),
    [
        ("content_filter: PROHIBITED_CONTENT", "content_filter"),
        ("SAFETY", "content_filter"),
        ("tool_calls", "stop"),
        ("length", "length"),
    ],
)
def test_why_a_reply_ended_is_read_in_every_spelling(finish: str, stop_reason: str) -> None:
    reply = parse("k", str(completion("x", finish).body))
    assert reply.stop_reason == stop_reason


def test_arguments_of_a_call_may_be_an_object_already() -> None:
    call = {"function": {"name": "json", "arguments": {"skill": "s"}}}
    assert parse("k", str(completion(None, tool_calls=[call]).body)).text == '{"skill": "s"}'
    for senseless in ("x", [], [1], [{"function": 3}], {"a": 1}):
        assert parse("k", str(completion(None, tool_calls=senseless).body)).text == ""


def test_a_version_without_a_deployments_url_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    runtime = RuntimeParams.model_validate({"instructor": {"api_version": "2024-10-21"}})
    with pytest.raises(PipelineError, match=r"api_version.*base_url"):
        open_instructor(
            InstructorParams(engine="openai", model="m"), runtime, tmp_path / "r.sqlite"
        ).open()
