"""A real OpenAI-compatible server on loopback, for tests: it counts, and misbehaves by script.

`python -m tests.support.openai_server --port 0 --count FILE` prints its URL and answers every
request with JSON that fits the schema asked for. It appends one line to FILE for each request
before it answers, so that FILE tells what was paid for even when client or server are killed.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tests.support.filler import fill, solve

KEY = "sk-planted-0123456789abcdef"
"""A key that must never be seen again."""


@dataclass(frozen=True)
class Answer:
    """What the server does with one request.

    `delay`: seconds before the first byte. `cut`: close the connection after so many bytes of the
    body (or before the head, when negative) although the head promises all of it. `raw`: takes the
    connection over and writes what it likes, in place of all that.
    """

    status: int = 200
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int | None = None
    raw: Callable[[socket.socket], None] | None = None


Script = Callable[[dict[str, Any]], Answer]


def completion(text: str | None, finish_reason: str = "stop", **message: Any) -> Answer:
    """A well-formed chat completion; further arguments become fields of the message."""
    body = {
        "id": "chatcmpl-test",
        "object": "chat.completion",
        "created": 0,
        "model": "test",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, **message},
                "finish_reason": finish_reason,
            }
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }
    return Answer(body=json.dumps(body), headers={"content-type": "application/json"})


def problem(status: int, message: str, headers: Mapping[str, str] = {}, **error: Any) -> Answer:
    """An error in OpenAI's shape; further arguments are fields such as code and param."""
    body = json.dumps({"error": {"message": message, **error}})
    return Answer(status, body, {"content-type": "application/json", **headers})


def tutor(body: dict[str, Any]) -> Answer:
    """Answer with JSON that fits the schema of response_format, or with a sentence without one.

    Asked to solve a question it solves those that it wrote itself.
    """
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    if schema is None:
        return completion(f"An answer, {digest(body)[:6]}.")
    if set(schema["properties"]) == {"solution"}:
        return completion(json.dumps({"solution": solve(body["messages"][0]["content"])}))
    return completion(json.dumps(fill(schema, digest(body))))


def digest(body: dict[str, Any]) -> str:
    """The identity of a request body, for counting."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def in_turn(*answers: Answer) -> Script:
    """Each answer once, then the last one for ever."""
    left = list(answers)
    lock = threading.Lock()

    def script(_: dict[str, Any]) -> Answer:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return script


class Server:
    """Serves `script` from a thread until closed; a context manager.

    `bodies` holds every request, `headers` and `paths` the headers and the path of each, `count`
    how often each body came, `most` how many were in flight at once; `connections` are open.
    """

    def __init__(
        self, script: Script = tutor, port: int = 0, count_file: str | Path | None = None
    ) -> None:
        self.script = script
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.count: Counter[str] = Counter()
        self.most = self.connections = 0
        self._in_flight = 0
        self._lock = threading.Lock()
        self._count_file = _appending(count_file) if count_file else None
        self._http = _Http(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        if self._count_file is not None:
            os.close(self._count_file)

    def received(self, body: dict[str, Any], headers: dict[str, str], path: str) -> None:
        """Count one request; called before it is answered."""
        with self._lock:
            self._in_flight += 1
            self.most = max(self.most, self._in_flight)
            self.bodies.append(body)
            self.headers.append(headers)
            self.paths.append(path)
            self.count[digest(body)] += 1
            if self._count_file is not None:
                os.write(self._count_file, json.dumps(digest(body)).encode() + b"\n")

    def connected(self, change: int) -> None:
        """Count a connection in (1) or out (-1)."""
        with self._lock:
            self.connections += change

    def answered(self) -> None:
        """Count one request out."""
        with self._lock:
            self._in_flight -= 1


def _appending(path: str | Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def setup(self) -> None:
            server.connected(1)
            super().setup()

        def finish(self) -> None:
            server.connected(-1)
            super().finish()

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            body = json.loads(raw)
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.received(body, headers, self.path)
            try:
                answer = server.script(body)
                time.sleep(answer.delay)
            finally:
                server.answered()
            with contextlib.suppress(OSError):  # a client may be killed or have given up
                self._send(answer)

        def _send(self, answer: Answer) -> None:
            if answer.raw is not None:
                self.close_connection = True
                answer.raw(self.connection)
                return
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            if answer.cut is not None:
                self.close_connection = True
                if answer.cut < 0:
                    return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: answer.cut])
            self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--count", help="file to append one line a request to")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    arguments = parser.parse_args()

    def script(body: dict[str, Any]) -> Answer:
        time.sleep(arguments.latency)
        return tutor(body)

    with Server(script, arguments.port, arguments.count) as server:
        print(server.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
