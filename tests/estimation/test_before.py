"""`lai estimate` and `lai preview` before anything ran."""

import pytest

from tests.support.estimating import estimated, lai


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


@pytest.mark.parametrize("command", [("estimate", "--probe", "5"), ("preview",)])
def test_without_errors_it_says_how_to_get_them(made, server, command):
    done = lai(made, *command)
    assert done.returncode == 1
    assert done.stdout.startswith("error: ") and done.stdout.count("\n") == 1
    assert "`dvc repro mine_errors@iter1`" in done.stdout
    assert server.bodies == []
