"""`-h` of a command says what it does, and not only what may follow it."""

import sys

import pytest

from lai import cli


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("check", "No model is asked anything"),
        ("estimate", "without asking anybody"),
        ("preview", "Really asks the instructor"),
        ("review", "Walks through suspects"),
        ("show", "runs nothing"),
        ("smoke", "in a temporary copy"),
        ("trace", "back to the question behind it"),
    ],
)
def test_a_command_says_what_it_does(command, said, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["lai", command, "-h"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert said in shown[: shown.index("options:")]
