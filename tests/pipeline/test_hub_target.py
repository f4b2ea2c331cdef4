"""A target that does not exist is noticed by `prepare`, in one line, before anything is loaded."""

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support import gsm8k, naps, repository

COMMIT = "0" * 40


class Hub(BaseHTTPRequestHandler):
    """What the Hub says of a file of org/model, of a gated model and of any other."""

    asked = []

    def do_HEAD(self):
        self.asked.append(self.path)
        status, code = 200, ""
        if self.path.startswith("/org/gated/"):
            status, code = 403, "GatedRepo"
        elif not self.path.startswith("/org/model/"):
            status, code = 404, "RepoNotFound"
        elif "/resolve/main/" not in self.path:
            status, code = 404, "RevisionNotFound"
        self.send_response(status)
        about = {"X-Repo-Commit": COMMIT, "ETag": '"1"', "Content-Length": "2"}
        for name, value in {"X-Error-Code": code, **about}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def hub():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    return repository.make(folder / "loop", **gsm8k.params("http://127.0.0.1:9/v1"))


def prepare(loop, model, home, revision=None, **environment):
    loop.set(target__model=model, target__revision=revision)
    environment = {"HF_HUB_OFFLINE": "0", "HF_HOME": str(home), **environment}
    return loop.run(sys.executable, "-m", "stages.prepare", check=False, **environment)


def one_line(done):
    assert done.returncode == 1, done.stdout
    [line] = done.stdout.strip().splitlines()
    return line


@pytest.mark.parametrize(
    ("model", "revision", "message"),
    [
        ("org/none", None, "org/none is neither a folder here nor a model on the Hugging Face Hub"),
        ("runs/none", None, "runs/none is neither a folder here nor a model on the Hugging Face"),
        ("org/gated", None, "org/gated is gated; accept its terms at"),
        ("org/model", "v9", "target.revision: org/model has no such revision"),
        ("models/base/none", None, "models/base/none does not exist; give a folder or a Hub id"),
        ("./none", None, "./none does not exist; give a folder or a Hub id"),
        ("org/mo del", None, "target.model: org/mo del cannot be loaded"),
    ],
)
def test_what_is_not_there_is_said(loop, hub, tmp_path, model, revision, message):
    assert message in one_line(prepare(loop, model, tmp_path, revision, HF_ENDPOINT=hub))


def test_what_is_there_costs_one_look_at_its_config(loop, hub, tmp_path):
    Hub.asked.clear()
    done = prepare(loop, "org/model", tmp_path, HF_ENDPOINT=hub)
    assert done.returncode == 0, done.stdout
    assert Hub.asked == ["/org/model/resolve/main/config.json"]
    described = json.loads((loop.path / "models/iter0/model.json").read_text())
    assert described["base"] == "org/model"


@pytest.fixture
def cached(tmp_path):
    """A home with org/model in the Hub's cache."""
    folder = tmp_path / "hub" / "models--org--model"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(COMMIT)
    (folder / "snapshots" / COMMIT).mkdir(parents=True)
    (folder / "snapshots" / COMMIT / "config.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize("offline", ["1", "0"])
def test_without_the_hub_a_cached_model_is_enough_and_another_is_one_line(loop, cached, offline):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
        environment = {"HF_ENDPOINT": nobody, "HF_HUB_OFFLINE": offline}
        environment |= naps.watch(cached / "naps")
        done = prepare(loop, "org/model", cached, **environment)
        assert done.returncode == 0, done.stdout
        said = one_line(prepare(loop, "org/other", cached, **environment))
    assert "org/other is neither a folder here nor cached, and the Hugging Face Hub cannot" in said
    assert naps.slept(cached / "naps") < 1
