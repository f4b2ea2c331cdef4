"""Every profile is a whole params.yaml."""

import pytest

from lai.core import params
from tests.support.closure import ROOT


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda p: p.stem)
def test_profiles_are_valid(path):
    assert params.load(path).tasks
