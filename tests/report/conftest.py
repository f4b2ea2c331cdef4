"""The small run that several files of tests look at."""

import pytest

from tests.support.reported import gathered, write


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """What the page tells of it; nobody changes it."""
    root = tmp_path_factory.mktemp("run")
    return gathered(root, write(root))
