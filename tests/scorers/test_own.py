"""A scorer of the user's own, and names that are none."""

import importlib
import sys

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
    (tmp_path / "scorers").mkdir()
    (tmp_path / "scorers" / "own.py").write_text(MODULE)
    (tmp_path / "scorers" / "lacking.py").write_text("import no_such_library")
    # As in a repository of the user's, where `scorers` is the folder beside params.yaml.
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    for name in [name for name in sys.modules if name.partition(".")[0] == "scorers"]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    get.cache_clear()


def test_a_function_of_the_users_own_judges(module):
    length, told = get("scorers.own:length"), get("scorers.own:told")
    assert length(Question("3"), "abc").value == "C"
    assert length(Question("3"), "ab").value == "I"
    assert told(Question("3"), "").value == "N"
    assert told(Question("3"), "x").explanation == "never right"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("numbr", r"no scorer 'numbr', .*did you mean number\?"),
        ("scorers.none:f", r"there is no scorers/none\.py in "),
        ("scorers.lacking:f", r"scorers\.lacking needs no_such_library"),
        (
            "units:f",
            r"outside scorers/, .* put it into scorers/units\.py and write scorers\.units:f",
        ),
        ("scorers.own:lenght", r"no function 'lenght' in scorers\.own; did you mean length\?"),
    ],
)
def test_a_scorer_that_is_none_is_named(module, name, message):
    with pytest.raises(PipelineError, match=message):
        get(name)


def test_a_function_that_returns_something_else_is_named(module):
    with pytest.raises(PipelineError, match=r"scorer scorers\.own:odd returned 3"):
        get("scorers.own:odd")(Question("3"), "x")
