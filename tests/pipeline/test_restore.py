"""A clone with the records of a run reruns what was paid for, with no key and nobody to ask."""

import json
import shutil
import sys
from dataclasses import replace

import pytest

from lai.core import jsonl
from lai.engines.base import Exchange
from tests.pipeline.test_judged import grading
from tests.support import gsm8k, repository
from tests.support.openai_server import KEY, Server

STAGES = ("eval@iter1", "analyze@iter1", "synthesize@iter1")
NOWHERE = {"base_url": "https://api.example.invalid/v1", "api_key_env": "A_KEY_NOBODY_HAS"}


def telling(body):
    """As `grading`, by a gateway that sends back what it was sent."""
    answer = grading(body)
    said = json.loads(answer.body)
    said["choices"][0]["message"]["reasoning_content"] = f"Authorization: Bearer {KEY}"
    return replace(answer, body=json.dumps(said))


@pytest.fixture(scope="module")
def pulled(tmp_path_factory):
    """A clone after `dvc pull`, of a run whose instructor, judge and target are gone."""
    folder = tmp_path_factory.mktemp("restore")
    with Server(telling) as server:
        params = gsm8k.params(server.url)
        params["tasks"]["gsm8k"] |= {"scorer": "judge", "prompt": "plain"}
        params["judge"] = {"provider": "loopback", "model": "judge"}
        params["target"] = {"engine": "openai", "provider": "loopback", "model": "target"}
        params["synthesize__checks"] = {"too_easy": True}
        params["runtime"] |= {who: {"base_url": server.url} for who in ("judge", "target")}
        params.pop("target__max_tokens")
        first = repository.make(folder / "first", **params)
        first.run("dvc", "remote", "add", "-q", "-d", "store", str(folder / "remote"))
        first.run("dvc", "repro", STAGES[-1], OPENAI_API_KEY=KEY)
        assert {one["authorization"] for one in server.headers} == {f"Bearer {KEY}"}
    written = [path.read_bytes() for path in first.path.rglob("*") if path.is_file()]
    assert not any(KEY.encode() in one for one in written), "a key in a transcript, or elsewhere"
    first.run("dvc", "push", "-q", STAGES[-1], "--with-deps")
    first.run("git", "add", "-A")
    first.run("git", "commit", "-q", "-m", "a run")
    first.run("git", "clone", "-q", str(first.path), str(folder / "clone"))
    made = repository.Repository(folder / "clone")
    made.run("dvc", "pull", "-q", STAGES[-1], "--with-deps")
    made.set(runtime=dict.fromkeys(("instructor", "judge", "target"), NOWHERE))
    return made


@pytest.fixture
def clone(pulled):
    """The same, with nothing in the store of replies."""
    shutil.rmtree(pulled.path / ".cache", ignore_errors=True)
    return pulled


def lai(made, *arguments, check=True):
    return made.run(sys.executable, "-m", "lai.cli", *arguments, check=check).stdout


def outputs(made):
    return {path.name: path.read_bytes() for path in (made.path / "data/iter1").rglob("*.*")}


def heard(made):
    transcripts = (made.path / "data/iter1/transcripts").glob("*.jsonl")
    return sum(path.read_text().count('"request_key"') for path in transcripts)


def test_what_was_heard_is_heard_again(clone):
    before = outputs(clone)
    refused = clone.run("dvc", "repro", "-sf", "analyze@iter1", check=False).stdout
    assert "error: no key for https://api.example.invalid/v1" in refused
    clone.run("dvc", "checkout", "-q", "--force", "analyze@iter1")
    assert f"{heard(clone)} replies put into" in lai(clone, "restore")
    assert f"0 replies put into .cache/responses.sqlite; {heard(clone)} were there" in lai(
        clone, "restore"
    )
    ran, _ = clone.repro("-sf", *STAGES)
    assert ran == set(STAGES)
    assert outputs(clone) == before
    assert not clone.run("git", "status", "--porcelain", "dvc.lock").stdout


def test_whoever_was_asked_is_in_the_transcripts(clone):
    found = {}
    for path in (clone.path / "data/iter1/transcripts").glob("*.jsonl"):
        models = {one.request.model for one in jsonl.read(Exchange, path)}
        found[path.stem] = sorted(models)
    assert found["eval"] == ["judge", "target"]
    assert found["synthesize"] == ["instructor", "judge", "target"]


def test_the_replies_of_a_revision_come_out_of_the_cache_of_dvc(clone):
    assert f"{heard(clone)} replies put into" in lai(clone, "restore", "--rev", "HEAD")
    said = lai(clone, "restore", "--rev", "nowhere", check=False)
    assert said.startswith("error: data/*/transcripts/*.jsonl of nowhere cannot be read")
    assert "Traceback" not in said


def test_the_raw_exchange_is_at_hand(clone):
    (row,) = (clone.path / "data/iter1/train.jsonl").open().readlines()[:1]
    said = lai(clone, "trace", json.loads(row)["id"], "--raw")
    assert "[user]\nYou are an expert teacher" in said
    assert said.count("[reply: stop, 7 + 3 tokens]") == 2, "of the analysis and of the exercise"
