"""`lai estimate` and `lai preview` before anything ran."""

import pytest

from tests.support.estimating import estimated, lai

RIGHT = {
    "finetune": "No exercise is written: references are checked, and nothing else is asked.",
    "distill": "Solutions of distill accepted: all; in the place of one that is not, another",
}


def test_before_anything_ran_it_states_a_range_pays_nothing_and_leaves_nothing(made, server):
    found = estimated(made)
    low, expected, high = (found["total"][name] for name in ("low", "expected", "high"))
    assert 0 < low["calls"] < expected["calls"] < high["calls"]
    assert 0 < low["cost"] < expected["cost"] < high["cost"]
    assert {row["stage"] for row in found["rows"]} == {"analyze", "synthesize"}
    assert any("answered wrongly" in line for line in found["assumptions"])
    assert server.bodies == []
    assert made.run("git", "status", "--short", "--ignored").stdout.split() in (
        [],
        ["!!", ".dvc/tmp/"],
    )


def test_the_table_has_a_row_a_stage_and_the_cap_that_would_stop_the_run(made):
    done = lai(made, "estimate")
    assert [line.split()[:2] for line in done.stdout.splitlines()[1:3]] == [
        ["iter1", "analyze"],
        ["iter1", "synthesize"],
    ]
    assert "Expected: " in done.stdout and "Exercises accepted: " in done.stdout


@pytest.mark.parametrize("strategy", RIGHT)
def test_where_no_exercise_is_written_none_is_told_of_and_the_end_holds_reasoning(made, strategy):
    made.set(strategy=strategy, instructor__max_tokens=4095, eval__sample=25)
    found = estimated(made)
    made.set(strategy="le", instructor__max_tokens=1000, eval__sample=None)
    said = " ".join(found["assumptions"])
    assert RIGHT[strategy] in said and "Exercises accepted" not in said
    assert ("Of 25 pool questions" in said) == (strategy == "finetune")
    low, high = found["total"]["low"], found["total"]["high"]
    # As long as what such models think before a sum of a primary school.
    assert high["completion_tokens"] > 2000 * high["calls"]
    assert low["completion_tokens"] < 200 * low["calls"]
    assert "at the upper end half of its max_tokens; without it that end is" in said


@pytest.mark.parametrize("command", [("estimate", "--probe", "5"), ("preview",)])
def test_without_errors_it_says_how_to_get_them(made, server, command):
    done = lai(made, *command)
    assert done.returncode == 1
    assert done.stdout.startswith("error: ") and done.stdout.count("\n") == 1
    assert "`dvc repro mine_errors@iter1`" in done.stdout
    assert server.bodies == []
