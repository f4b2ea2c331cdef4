"""A task of one's own with a paid instructor on loopback, for each module anew."""

import pytest

from tests.support import gsm8k, repository
from tests.support.estimating import PRICE
from tests.support.openai_server import Server


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory, server):
    found = repository.make(tmp_path_factory.mktemp("made") / "loop", **gsm8k.params(server.url))
    found.set(runtime__instructor__price=PRICE)
    found.run("git", "commit", "-qam", "price")
    return found


@pytest.fixture(scope="module")
def mined(made):
    """The same, with what the target answered."""
    made.run("dvc", "repro", "mine_errors@iter1")
    return made
