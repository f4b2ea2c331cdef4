"""The Files and Batch APIs on loopback, for tests."""

from __future__ import annotations

import email
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.support.batch_provider import Plan, Provider, Step
from tests.support.openai_server import Script, tutor


class BatchServer(Provider):
    """A `Provider` behind a URL, until closed; a context manager. `keys`: the API keys seen."""

    def __init__(self, script: Script = tutor, *plans: Plan, step: Step = lambda *_: None) -> None:
        super().__init__(script, *plans, step=step)
        self.keys: set[str] = set()
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True


def _handler(server: BatchServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._reply()

        def do_POST(self) -> None:
            self._reply()

        def do_DELETE(self) -> None:
            self._reply()

        def _reply(self) -> None:
            server.keys.add(self.headers["authorization"].removeprefix("Bearer "))
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            answer = server.answer(self.command, url.path, query, self._body())
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            try:
                if answer.raw is not None:
                    self.close_connection = True
                    answer.raw(self.connection)
                    return
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
            except OSError:
                self.close_connection = True  # the client was killed

        def _body(self) -> Any:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            kind = self.headers.get("content-type", "")
            if not kind.startswith("multipart/"):
                return json.loads(raw) if raw else None
            form = email.message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + raw)
            return {
                str(part.get_param("name", header="content-disposition")): (
                    part.get_filename() or "",
                    part.get_payload(decode=True),
                )
                for part in form.get_payload()
            }

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
