"""A run that was trained on pairs, too: the page tells what was taught, and no more."""

from lai.attribution.taught import lessons, taught, what
from lai.core import jsonl
from lai.core.records import Pair, TrainRow
from lai.report import page
from tests.support.reported import NAMES, POOL, flat, gathered, write


def test_a_pair_is_told_in_place_of_its_row(tmp_path):
    figures = write(tmp_path)
    folder = tmp_path / "data/iter2"
    rows = jsonl.read(TrainRow, folder / "train.jsonl")
    pair = Pair(
        parents=["error_1", POOL[2].id], task="sums", iteration="iter2", instead=rows[0].id,
        prompt=[{"role": "user", "content": "A pair's question"}],
        chosen=[{"role": "assistant", "content": "The right one"}],
        rejected=[{"role": "assistant", "content": "The wrong one"}],
    )  # fmt: skip
    jsonl.write(folder / "pairs.jsonl", [pair])
    by_pairs = {"pairs": 1, "too_long": 2, "tokens": 70, "completion_tokens": 9, "steps": 4}
    by_pairs |= {"loss": 0.61234, "reward_margin": 0.17171, "reward_accuracy": 0.75}
    metrics = {"rows": len(rows) - 1, "final_loss": 0.25, "dpo": by_pairs}
    jsonl.write_json(folder / "train_metrics.json", metrics)

    pool = jsonl.index(POOL)
    told = taught(tmp_path / "data", NAMES, lessons(tmp_path / "data", NAMES), pool)
    assert {one.id for one in told} == {row.id for row in rows[1:]} | {pair.id}
    (one,) = (one for one in told if one.id == pair.id)
    assert (one.question, one.solution) == ("A pair's question", "The right one")
    assert one.about == what(POOL[2])

    shown = flat(page.render(gathered(tmp_path, figures)))
    assert shown.count("<h3>Training by preference</h3>") == 1
    cells = ["1", "4", "70", "0.6123", "0.172", "75 %"]
    assert "".join(f"<td>{cell}</td>" for cell in cells) in shown


def test_without_pairs_there_is_no_table_of_them(run):
    assert "by preference" not in page.render(run)
