"""Rows of users' files into samples: right splits, and one clear line for what does not fit."""

import json

import pyarrow
import pyarrow.parquet
import pytest

from lai.core.errors import PipelineError
from lai.core.params.schema import PrepareParams
from lai.core.params.tasks import TaskParams
from lai.overlap import HeldOut, Text
from lai.tasks.loading import load


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def rows(first, last):
    return [
        {"question": f"What is {n} plus {n}?", "answer": f"#### {n + n}"}
        for n in range(first, last)
    ]


def task(tmp_path, pool=None, test=None, **more):
    if not isinstance(pool, dict):
        pool = {"files": write(tmp_path / "pool.jsonl", rows(0, 50) if pool is None else pool)}
    sources = {
        "pool": pool,
        "test": {"files": write(tmp_path / "test.jsonl", rows(50, 60) if test is None else test)},
    }
    settings = {
        "family": "math",
        "role": "id",
        "scorer": "number",
        "prompt": "number",
        "fields": {"input": "question", "reference": "answer"},
        "dev_size": 5,
    }
    return TaskParams.model_validate({**settings, **sources, **more})


def splits(task, seed=1, **prepare):
    return load({"sums": task}, PrepareParams(**prepare), seed)


def test_dev_is_carved_from_the_pool_and_the_same_for_every_seed(tmp_path):
    one = splits(task(tmp_path), seed=1, pool_size=20)
    two = splits(task(tmp_path), seed=2, pool_size=20)
    assert [len(one.pool), len(one.dev), len(one.test)] == [20, 5, 10]
    assert {s.id for s in one.dev} == {s.id for s in two.dev}
    assert {s.id for s in one.test} == {s.id for s in two.test}
    assert {s.id for s in one.pool} != {s.id for s in two.pool}
    assert not {s.input for s in one.pool} & {s.input for s in one.dev}
    assert {s.split for s in one.dev} == {"dev"}


def test_a_pool_question_around_a_test_question_is_left_out(tmp_path):
    around = {"question": "Read with care: what is 55 plus 55? Answer now.", "answer": "#### 110"}
    found = splits(task(tmp_path, pool=[*rows(0, 50), around]))
    assert "55" not in " ".join(sample.input for sample in found.pool)
    assert found.notes["pool items around a dev or test question"] == 1
    assert len(found.pool) == 45


def test_file_order_changes_nothing(tmp_path):
    forwards = splits(task(tmp_path), pool_size=20)
    backwards = splits(task(tmp_path, pool=rows(0, 50)[::-1]), pool_size=20)
    assert [s.id for s in forwards.pool] == [s.id for s in backwards.pool]


def test_what_stands_in_a_test_split_leaves_the_pool_whatever_its_spelling(tmp_path):
    copies = [{"question": "what is 55  PLUS 55", "answer": "110"}]
    found = splits(task(tmp_path, pool=rows(0, 50) + copies))
    assert found.notes == {"pool items that stand in a test split": 1}
    assert len(found.pool) + len(found.dev) == 50


def test_rows_of_a_test_source_beyond_its_size_are_held_out_too(tmp_path):
    copies = [{"question": "what is 55  PLUS 55", "answer": "110"}]
    around = [{"question": "Read with care: what is 57 plus 57? Now!", "answer": "#### 114"}]
    given = task(tmp_path, pool=rows(0, 50) + copies + around)
    found = splits(given, test_size=1)
    assert [len(found.test), len(found.undrawn)] == [1, 9]
    assert {one.split for one in found.undrawn} == {"undrawn"}
    assert not {one.input for one in found.test} & {one.input for one in found.undrawn}
    assert len(found.pool) + len(found.dev) == 50
    reason = HeldOut(found.undrawn).copied(Text("sums", f"So: {found.undrawn[0].input}"))
    assert reason.startswith("it holds a question of the test rows of sums that were not drawn")


def test_a_pool_from_the_source_of_the_test_is_the_rest_of_it(tmp_path):
    source = {"files": write(tmp_path / "all.jsonl", rows(0, 50))}
    given = task(tmp_path, pool=source)
    found = splits(given.model_copy(update={"test": given.pool}), test_size=10)
    assert [len(found.pool), len(found.dev), len(found.test)] == [35, 5, 10]
    assert found.undrawn == []


def test_a_sign_is_no_punctuation(tmp_path):
    pool = [{"question": f"What is {n} - 1?", "answer": str(n - 1)} for n in range(1, 20)]
    test = [{"question": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(1, 20)]
    assert splits(task(tmp_path, pool=pool, test=test)).notes == {}


def test_identical_rows_merge_and_are_counted(tmp_path):
    found = splits(task(tmp_path, pool=rows(0, 50) + rows(0, 3)))
    assert found.notes == {"identical rows merged": 3}


def test_conflicting_ids_name_both_lines(tmp_path):
    pool = [{"id": "a", **row} for row in rows(0, 2)]
    fields = {"id": "id", "input": "question", "reference": "answer"}
    with pytest.raises(
        PipelineError, match=r"pool\.jsonl:2: id 'a' stands at .*pool\.jsonl:1 with"
    ):
        splits(task(tmp_path, pool=pool, test=[{"id": "t", **rows(60, 61)[0]}], fields=fields))


def test_parquet_reads_like_jsonl(tmp_path):
    table = pyarrow.Table.from_pylist(rows(0, 50))
    pyarrow.parquet.write_table(table, tmp_path / "pool.parquet")
    parquet = task(tmp_path, pool={"files": str(tmp_path / "pool.parquet")})
    assert {s.id for s in splits(parquet).pool} == {s.id for s in splits(task(tmp_path)).pool}


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        ([{"question": "2 + 2?"}], r"pool\.jsonl:1 has no 'answer' \(it has question\)"),
        ([{"question": "2 + 2?", "answer": "four"}], r"pool\.jsonl:1: 'answer' does not parse"),
        ([{"question": "", "answer": "4"}], r"pool\.jsonl:1: 'question' is empty"),
        ([], r"pool\.jsonl is empty"),
    ],
)
def test_rows_that_do_not_fit_are_named(tmp_path, pool, message):
    with pytest.raises(PipelineError, match=message):
        splits(task(tmp_path, pool=pool))


def test_an_absent_file_is_named(tmp_path):
    broken = task(tmp_path, pool=[])
    (tmp_path / "pool.jsonl").unlink()
    with pytest.raises(PipelineError, match=r"no file matches .*pool\.jsonl"):
        splits(broken)


def parquet(path, found):
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(found), path)
    return path.read_bytes()


def test_a_broken_parquet_file_is_named(tmp_path):
    path = tmp_path / "pool.parquet"
    whole = parquet(path, rows(0, 50))
    spoilt = whole[:4] + bytes(len(whole) // 2) + whole[4 + len(whole) // 2 :]
    for broken in (b"PAR1 not really", b"", whole[:-20], spoilt):
        path.write_bytes(broken)
        with pytest.raises(PipelineError, match=r"pool\.parquet is no valid Parquet .* again"):
            splits(task(tmp_path, pool={"files": str(path)}))


def test_dev_larger_than_the_pool_says_both_numbers(tmp_path):
    for size in (50, 60):
        with pytest.raises(
            PipelineError,
            match=rf"sums\.dev_size is {size}, but the pool has 50 rows to use.* below 50 in ",
        ):
            splits(task(tmp_path, dev_size=size))
    assert len(splits(task(tmp_path, dev_size=49)).pool) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prompt": "nummber"}, r"target/nummber\.jinja does not exist; did you mean number\?"),
        ({"prompt": "xyz"}, r"target/xyz\.jinja does not exist; known in prompts/target: answer"),
        (
            {"scorer": "judge", "rubric": "defalt"},
            r"prompts/judge/defalt\.jinja does not exist; did you mean default\?",
        ),
    ],
)
def test_unknown_prompts_and_rubrics_are_noticed_before_the_data(tmp_path, change, message):
    broken = task(tmp_path, pool={"files": "none.jsonl"}, **change)
    with pytest.raises(PipelineError, match=message):
        splits(broken)


def test_an_example_of_another_shape_names_its_line(tmp_path):
    examples = [{"input": "1 + 1?", "response": "2", "choices": "none"}]
    few = {"shots": 1, "source": write(tmp_path / "examples.jsonl", examples)}
    with pytest.raises(PipelineError, match=r"examples\.jsonl:1 is no example: choices: "):
        splits(task(tmp_path, few_shot=few))


def test_an_unknown_builtin_names_the_known_ones(tmp_path):
    with pytest.raises(PipelineError, match="no built-in task maths; known here: math, math_ood"):
        splits(task(tmp_path, pool={"builtin": "maths"}))


def test_an_item_that_an_example_of_any_task_gives_away_is_not_measured(tmp_path):
    told = [
        f"Ann has {n} apples in each of her {n} baskets. She buys a pear. How many apples are hers?"
        for n in range(20)
    ]
    asked = [{"question": one, "answer": "#### 4"} for one in told]
    shots = [
        {"input": f"Q: {told[0].upper()}", "response": f"4. Next: {told[1]} It is 4."},
        {"input": "What is 1 plus 1?", "response": "The answer is 2."},
    ]
    few = {"shots": 2, "source": write(tmp_path / "shots.jsonl", shots)}
    own = task(tmp_path, test=[*asked[:5], *rows(50, 55)], few_shot=few)
    other = {"files": write(tmp_path / "other.jsonl", [*asked[1:7], *rows(1, 3)])}
    ood = TaskParams(
        family="math", role="ood", scorer="number", prompt="number", test=other, fields=own.fields
    )
    found = load({"sums": own, "more": ood}, PrepareParams(), 1)
    measured = {(one.task, one.input) for one in found.test}
    gone = {("sums", told[0]), ("sums", told[1]), ("more", told[1]), ("more", "What is 1 plus 1?")}
    assert not measured & gone and len(measured) == 8 + 6
    assert found.notes["dev or test items within a solved example"] == 4
