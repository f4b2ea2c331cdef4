"""Answers of status 200 that hold no chat completion, or one that is of no use."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from tests.faults import child
from tests.faults.fault import Fault, always, failed, once, taken
from tests.support.openai_server import KEY, Answer, completion

_VALUE = {"skill": "s", "misconception": "m", "explanation": "e"}
_JSON = {"content-type": "application/json"}


def _body(text: str | bytes, **headers: str) -> Answer:
    return Answer(200, text, {**_JSON, **{k.replace("_", "-"): v for k, v in headers.items()}})


def _value(**fields: Any) -> Answer:
    return completion(json.dumps({**_VALUE, **fields}))


def _changed(**fields: Any) -> Answer:
    """A good completion with other fields beside `choices`."""
    return _body(json.dumps({**json.loads(_value().body), **fields}))


def _asked_once_more(name: str, answer: Answer) -> Fault:
    """A reply that does not fit is shown to the model with what was wrong; the second one does."""
    return taken(name, answer, anew=1)


def _exercises(*numbers: int) -> Answer:
    samples = [
        {"question": f"What is {n} plus 1?", "answer": str(n + 1), "solution": f"{n} + 1 = {n + 1}"}
        for n in numbers
    ]
    return completion(json.dumps({"samples": samples}))


def _larger_bomb() -> bytes:
    """Gzip that grows a thousandfold, without compressing all of it: the same block, repeated."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 50_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * 80


_HUGE = json.dumps({"choices": [], "padding": " " * 50_000_000}).encode()
_BOMB = _body(gzip.compress(_HUGE), content_encoding="gzip")
_EXERCISES = {"work": child.write_exercises}
_HTML = _body("<html>gateway</html>")
_USELESS = "it held no reply"
_NOT_JSON = "the answer is not JSON but {}"

FAULTS = [
    once("empty body", _body(""), _NOT_JSON.format("nothing"), _USELESS),
    once("an HTML page", _HTML, _NOT_JSON.format("an HTML page"), _USELESS),
    always("an HTML page", _HTML, _NOT_JSON.format("an HTML page"), _USELESS),
    once("truncated JSON", _body(str(_value().body)[:60]), _NOT_JSON.format("…"), _USELESS),
    once("`null`", _body("null"), "the answer has no choices: …", _USELESS),
    once("no choices", _body('{"choices": []}'), "the answer has no choices: …", _USELESS),
    once("JSON nested 100,000 deep", _body("[" * 100_000), _NOT_JSON.format("…"), _USELESS),
    once(
        "an error inside a 200",
        _body('{"error": {"message": "upstream"}}'),
        "the answer has no choices: upstream",
        _USELESS,
    ),
    once(
        "broken gzip",
        _body("no gzip", content_encoding="gzip"),
        "the connection failed (error: Error -3 while decompressing data: incorrect header check)",
        _USELESS,
    ),
    once("50 MB out of 50 kB of gzip", _BOMB, "the answer has no choices: …", _USELESS),
    once(
        "4 GB out of 4 MB of gzip",
        _body(_larger_bomb(), content_encoding="gzip"),
        "the connection failed (ReadError: the answer has more than 512 KiB)",
        _USELESS,
    ),
    once("bytes that are no UTF-8", _body(b"\xff\xfe\x00" * 9), _NOT_JSON.format("…"), _USELESS),
    taken(
        "an unknown charset", _body(_value().body, content_type="application/json; charset=x-no")
    ),
    taken(
        "a charset that is none of text",
        _body(_value().body, content_type="application/json; charset=undefined"),
    ),
    taken("a byte order mark", _body(b"\xef\xbb\xbf" + str(_value().body).encode())),
    taken(
        "usage of another kind", _changed(usage={"prompt_tokens": -1, "completion_tokens": 1e300})
    ),
    taken("no usage: each answer counts as the most that it may have cost", _changed(usage=None)),
    taken("the model's name is another", _changed(model="someone-else")),
    taken("1 MB of text", _value(explanation="word " * 200_000)),
    taken(
        "the key, sent back: it is blotted out of whatever is kept",
        completion(
            json.dumps({**_VALUE, "explanation": f"Authorization: Bearer {KEY}"}),
            reasoning_content=f"The key is {KEY}.",
        ),
    ),
    taken("NUL characters", _value(explanation="a\0b")),
    taken("lone surrogates", _value(explanation="half \ud83d of a pair")),
    taken("right-to-left text and emoji", _value(explanation="שלום \u202eabc\u202c 👩‍👩‍👧")),
    _asked_once_more("wrong schema", completion('{"skill": 3}')),
    _asked_once_more("prose without JSON", completion("I am a poet.")),
    _asked_once_more("1 MB of prose", completion("word " * 200_000)),
    _asked_once_more("cut off at max_tokens", completion('{"skill": "s', "length")),
    failed(
        "wrong schema, twice", completion('{"skill": 3}'), "misconception: Field required", anew=1
    ),
    failed(
        "cut off at max_tokens, twice",
        completion('{"skill": "s', "length"),
        "the reply was cut off at max_tokens",
        anew=1,
    ),
    failed("empty text, twice", completion(""), "the reply holds no JSON object", anew=1),
    failed(
        "a refusal", completion(None, refusal="I cannot."), "the instructor declined: I cannot."
    ),
    failed(
        "content filter",
        completion("", "content_filter"),
        "the provider's content filter stopped the reply",
    ),
    taken("one exercise where two were asked for", _exercises(1), scene=_EXERCISES, anew=1),
    taken("five exercises where two were asked for", _exercises(1, 2, 3, 4, 5), scene=_EXERCISES),
    taken("the same exercise twice", _exercises(1, 1), scene=_EXERCISES, anew=1),
    taken("no exercise", _exercises(), scene=_EXERCISES, anew=2),
]
