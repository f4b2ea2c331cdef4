"""A scorer of the user's own, and names that are none."""

import pytest

from lai.core.errors import PipelineError
from lai.scorers import Question, get

MODULE = """
def length(question, text, truncated):
    return len(text) == int(question.reference)

def told(question, text, truncated):
    return ("N", None, "nothing said") if not text else ("I", text, "never right")

def odd(question, text, truncated):
    return 3
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "own_scorers.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    get.cache_clear()


def test_a_function_of_the_users_own_judges(module):
    length, told = get("own_scorers:length"), get("own_scorers:told")
    assert length(Question("3"), "abc").value == "C"
    assert length(Question("3"), "ab").value == "I"
    assert told(Question("3"), "").value == "N"
    assert told(Question("3"), "x").explanation == "never right"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("numbr", r"no scorer 'numbr', .*did you mean number\?"),
        ("no_such_module:f", "no module 'no_such_module'"),
        ("own_scorers:lenght", "has no function 'lenght'"),
    ],
)
def test_a_scorer_that_is_none_is_named(module, name, message):
    with pytest.raises(PipelineError, match=message):
        get(name)


def test_a_function_that_returns_something_else_is_named(module):
    with pytest.raises(PipelineError, match="scorer own_scorers:odd returned 3"):
        get("own_scorers:odd")(Question("3"), "x")
