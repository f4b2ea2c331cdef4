"""Statuses other than 200 and 429."""

from __future__ import annotations

from tests.faults.fault import always, failed, final, once
from tests.support.openai_server import KEY, Answer, problem

_HTML = Answer(502, "<!DOCTYPE html><p>bad gateway", {"content-type": "text/html"})
_FILTERED = problem(400, "The prompt was filtered", code="content_filter")
_MODEL = problem(404, "The model `m` does not exist", code="model_not_found")
_LONG = problem(413, "This model's maximum context length is 4096 tokens")

FAULTS = [
    final(
        "400",
        problem(400, "bad value"),
        "HTTP 400, bad value; the server does not take the request; check the params of instructor",
    ),
    failed(
        "400, the provider's filter stopped the prompt",
        _FILTERED,
        "the provider's content filter stopped the reply",
        charged=False,
    ),
    final(
        "401",
        problem(401, f"Incorrect API key: {KEY}"),
        "HTTP 401, Incorrect API key: ***; put a valid key into OPENAI_API_KEY (the environment, "
        "or .env)",
    ),
    final(
        "402",
        problem(402, "Insufficient balance"),
        "HTTP 402, Insufficient balance; the account behind OPENAI_API_KEY has no credit left: "
        "add some",
    ),
    final(
        "403",
        problem(403, "Country not supported"),
        "HTTP 403, Country not supported; the key in OPENAI_API_KEY lacks the right to do this, or "
        "to use m",
    ),
    final(
        "404, no such model",
        _MODEL,
        "HTTP 404, The model `m` does not exist; check instructor.model (m)",
    ),
    final(
        "404, no such address",
        Answer(404, "<html>nginx</html>"),
        "HTTP 404, an HTML page; check runtime.instructor.base_url (most end in /v1)",
    ),
    once("408", problem(408, "took too long"), "HTTP 408, took too long"),
    once("409", problem(409, "conflict"), "HTTP 409, conflict"),
    final(
        "413",
        problem(413, "too big"),
        "HTTP 413, too big; the server does not take the request; check the params of instructor",
    ),
    failed(
        "413 or 400, the prompt is longer than the context",
        _LONG,
        "the prompt is longer than the model takes",
        charged=False,
    ),
    once("500", problem(500, "oops"), "HTTP 500, oops"),
    always("500", problem(500, "oops"), "HTTP 500, oops"),
    once("502 with an HTML page", _HTML, "HTTP 502, an HTML page"),
    once("503", problem(503, "no capacity"), "HTTP 503, no capacity"),
    once("503 without a body", Answer(503), "HTTP 503"),
    once("504", problem(504, "upstream timed out"), "HTTP 504, upstream timed out"),
    once("529", problem(529, "overloaded"), "HTTP 529, overloaded"),
]
