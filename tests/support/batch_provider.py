"""What OpenAI's Files and Batch APIs do, for tests: they count, and misbehave by script.

Shapes and states follow https://platform.openai.com/docs/api-reference/batch. A batch goes one
state further with each look at it, so that no test has to wait.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.openai_server import Answer, Script, problem, tutor

STATES = ("validating", "in_progress", "finalizing")
Step = Callable[[str, int, bool], Answer | None]
"""(what, the how-manieth, whether it is done) -> what to answer in its place, or None."""


@dataclass(frozen=True)
class Plan:
    """What becomes of one batch.

    `end`: its last state. `answered`: how many of its requests are answered, of the first on; null
    means all. `spoil`: what becomes of the lines of its output file. `errors`: why it failed.
    `states`: those before the last, each seen once.
    """

    end: str = "completed"
    answered: int | None = None
    spoil: Callable[[list[str]], list[str]] = lambda lines: lines
    errors: list[dict[str, Any]] = field(default_factory=list)
    states: tuple[str, ...] = STATES


class Provider:
    """Answers each request by `script`, each batch by the next of `plans`.

    `step` is called before and after each call and may block, or answer in its place. `count`:
    calls by name (upload, list files, delete, create, list batches, poll, content), of those done.
    `files` and `batches`: as the API shows them; `contents`: by file.
    """

    def __init__(self, script: Script = tutor, *plans: Plan, step: Step = lambda *_: None) -> None:
        self.script = script
        self.step = step
        self.count: Counter[str] = Counter()
        self.files: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self._plans = list(plans)
        self._ahead: dict[str, list[str]] = {}
        self._begun: Counter[str] = Counter()
        self._lock = threading.Lock()

    def lines(self) -> list[list[dict[str, Any]]]:
        """The requests of each batch that was started."""
        inputs = [self.contents[batch["input_file_id"]] for batch in self.batches.values()]
        return [[json.loads(line) for line in text.splitlines()] for text in inputs]

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        """What the API answers to one call."""
        what, call = self._route(method, path, query, body)
        with self._lock:
            self._begun[what] += 1
            number = self._begun[what]
        instead = self.step(what, number, False)
        if instead is not None:
            return instead
        with self._lock:
            self.count[what] += 1
            done = call()
        return self.step(what, number, True) or done

    def _route(
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> tuple[str, Callable[[], Answer]]:
        kind, _, rest = path.removeprefix("/v1/").partition("/")
        name, _, content = rest.partition("/")
        match method, kind, bool(name), content:
            case "POST", "files", False, "":
                return "upload", lambda: self._upload(body)
            case "GET", "files", False, "":
                return "list files", lambda: _page(self.files, query)
            case "DELETE", "files", True, "":
                return "delete", lambda: self._delete(name)
            case "GET", "files", True, "content":
                return "content", lambda: self._content(name)
            case "POST", "batches", False, "":
                return "create", lambda: self._create(body)
            case "GET", "batches", False, "":
                return "list batches", lambda: _page(self.batches, query)
            case "GET", "batches", True, "":
                return "poll", lambda: self._poll(name)
        return "other", lambda: problem(404, f"Invalid URL ({method} {path})")

    def _upload(self, form: dict[str, tuple[str, bytes]]) -> Answer:
        assert form["purpose"][1] == b"batch"
        filename, content = form["file"]
        return _json(self._file(filename, content, "batch"))

    def _file(self, filename: str, content: bytes, purpose: str) -> dict[str, Any]:
        name = f"file-{len(self.contents) + 1}"
        self.contents[name] = content
        self.files[name] = {
            "id": name,
            "object": "file",
            "bytes": len(content),
            "created_at": 1_700_000_000 + len(self.contents),
            "filename": filename,
            "purpose": purpose,
            "status": "processed",
        }
        return self.files[name]

    def _delete(self, name: str) -> Answer:
        del self.files[name]
        return _json({"id": name, "object": "file", "deleted": True})

    def _content(self, name: str) -> Answer:
        if name not in self.files:
            return problem(404, f"No such File object: {name}")
        return Answer(200, self.contents[name], {"content-type": "application/octet-stream"})

    def _create(self, body: dict[str, Any]) -> Answer:
        assert body["completion_window"] == "24h"
        assert body["endpoint"] == "/v1/chat/completions"
        if body["input_file_id"] not in self.files:
            return problem(400, f"No such File object: {body['input_file_id']}")
        name = f"batch_{len(self.batches) + 1}"
        plan = self._plans.pop(0) if self._plans else Plan()
        requests = self.contents[body["input_file_id"]].splitlines()
        self.batches[name] = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "errors": None,
            "input_file_id": body["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": 1_700_000_000,
            "request_counts": {"total": len(requests), "completed": 0, "failed": 0},
            "metadata": body.get("metadata"),
            "plan": plan,
        }
        self._ahead[name] = [*plan.states, plan.end]
        return _json(_shown(self.batches[name]))

    def _poll(self, name: str) -> Answer:
        if name not in self.batches:
            return problem(404, f"No batch found with id '{name}'.")
        batch = self.batches[name]
        if self._ahead[name]:
            batch["status"] = self._ahead[name].pop(0)
            if not self._ahead[name]:
                self._end(batch, batch["plan"])
        return _json(_shown(batch))

    def _end(self, batch: dict[str, Any], plan: Plan) -> None:
        if plan.end == "failed":
            batch["errors"] = {"object": "list", "data": plan.errors}
            return
        output, errors = [], []
        requests = self.contents[batch["input_file_id"]].splitlines()
        for number, raw in enumerate(requests):
            request = json.loads(raw)
            line: dict[str, Any] = {"id": f"batch_req_{number}", "custom_id": request["custom_id"]}
            if plan.answered is not None and number >= plan.answered:
                code = {"expired": "batch_expired", "cancelled": "batch_cancelled"}[plan.end]
                error = {"code": code, "message": "This request could not be executed."}
                errors.append({**line, "response": None, "error": error})
                continue
            answer = self.script(request["body"])
            response = {
                "status_code": answer.status,
                "request_id": f"req_{number}",
                "body": json.loads(answer.body),
            }
            into = output if answer.status < 400 else errors
            into.append({**line, "response": response, "error": None})
        written = plan.spoil([json.dumps(line, ensure_ascii=False) for line in output])
        for field_, lines in (
            ("output_file_id", written),
            ("error_file_id", [json.dumps(line) for line in errors]),
        ):
            if lines:
                text = "".join(f"{line}\n" for line in lines)
                batch[field_] = self._file(
                    f"{batch['id']}_{field_}", text.encode(), "batch_output"
                )["id"]
        batch["request_counts"] |= {"completed": len(output), "failed": len(errors)}


def _shown(batch: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in batch.items() if name != "plan"}


def _page(objects: dict[str, dict[str, Any]], query: Mapping[str, str]) -> Answer:
    """A page of the newest first; `after` and `limit` as documented, with pages of 2 at most."""
    found = [
        one
        for one in reversed(objects.values())
        if query.get("purpose") in (None, one.get("purpose"))
    ]
    names = [one["id"] for one in found]
    first = names.index(query["after"]) + 1 if "after" in query else 0
    some = found[first : first + 2]
    more = len(found) > first + 2
    ends = {"first_id": some[0]["id"], "last_id": some[-1]["id"]} if some else {}
    return _json(
        {"object": "list", "data": [_shown(one) for one in some], "has_more": more, **ends}
    )


def _json(value: Any) -> Answer:
    return Answer(200, json.dumps(value), {"content-type": "application/json"})
