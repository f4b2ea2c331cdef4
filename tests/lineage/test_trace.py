"""From any record back to the question behind it, and on to what came of it."""

from __future__ import annotations

import re
import shutil
from typing import ClassVar

import pytest
import yaml

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.record import Record
from lai.core.records import (
    Analysis,
    Error,
    Pair,
    Sample,
    Seed,
    SyntheticSample,
    TrainRow,
    Verdict,
)
from lai.engines.base import Exchange
from lai.lineage import words
from lai.lineage.catalog import Catalog, kind_of
from lai.lineage.tree import Trees


def first(kind, root, path):
    return jsonl.read(kind, root / "data" / path)[0]


def ids(node):
    return [one.found.id for one in node.walk() if one.found]


def test_a_taught_row_leads_back_to_the_question_and_the_question_to_the_row(root):
    catalog = Catalog(root / "data")
    row = first(TrainRow, root, "iter2/train.jsonl")
    trail = ids(Trees(catalog, 5).behind(row.id))
    kinds = ["train", "verdict", "synthetic", "analysis", "seed", "error", "completion", "sample"]
    assert [kind_of(one) for one in trail] == kinds
    folder = root / "data" / row.iteration
    verdict = jsonl.index(jsonl.read(Verdict, folder / "verdicts.jsonl"))[trail[1]]
    seed = jsonl.index(jsonl.read(Seed, folder / "seeds.jsonl"))[trail[4]]
    error = jsonl.index(jsonl.read(Error, folder / "errors.jsonl"))[trail[5]]
    assert verdict.sample.id == trail[2]
    assert (seed.error, error.completion, error.sample) == tuple(trail[5:])
    came = ids(Trees(catalog, 5).ahead(trail[-1]))
    assert set(trail) <= set(came)
    assert catalog.get(row.id).iteration == row.iteration, "not that of a later, cumulative file"


def test_a_kind_of_record_that_nobody_foresaw_stands_in_both_trees(root, tmp_path):
    class Omen(Record):
        kind: ClassVar[str] = "omen"
        colour: str

    error = first(Error, root, "iter1/errors.jsonl")
    omen = Omen(parents=[error.id], colour="red")
    gone = Omen(parents=["error_0123456789abcdef"], colour="blue")
    folder = tmp_path / "data"
    for name in ("splits/pool.jsonl", "iter1/completions.jsonl", "iter1/errors.jsonl"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((root / "data" / name).read_bytes())
    jsonl.write(folder / "iter1/omens.jsonl", [omen, gone])
    (folder / "iter1/none.jsonl").write_bytes(b"")
    trees = Trees(Catalog(folder), 5)
    assert ids(trees.behind(omen.id)) == [omen.id, error.id, error.completion, error.sample]
    assert omen.id in ids(trees.ahead(error.id))
    assert words.line(trees.behind(omen.id).found) == "iter1 colour: red"
    (missing,) = trees.behind(gone.id).below
    assert missing.remark.startswith("error_0123456789abcdef is not here; `dvc repro`")


def test_what_a_person_edited_is_said_to_be_so_and_not_promised_by_a_rerun(root, tmp_path):
    verdict = first(Verdict, root, "iter1/verdicts.jsonl")
    before = verdict.sample.id
    parents = [*verdict.sample.parents, before]
    sample = SyntheticSample(
        **verdict.sample.model_dump(exclude={"id"}) | {"input": "2 + 3?", "parents": parents}
    )
    folder = tmp_path / "data/iter1"
    shutil.copytree(root / "data/iter1", folder)
    made = Verdict(parents=[sample.id], sample=sample, accepted=True, checks=[])
    jsonl.write(folder / "verdicts.jsonl", [made])
    nodes = list(Trees(Catalog(tmp_path / "data"), 5).behind(made.id).walk())
    told = [one.remark for one in nodes if one.remark.startswith(before)]
    assert told == [
        f"{before} stands in no verdict here: a person edited it, or another run wrote it"
    ]
    assert any(one.found and one.found.id == parents[0] for one in nodes), "its analysis"


def test_of_many_records_of_a_kind_some_are_shown_and_the_rest_counted(root):
    sample = first(Sample, root, "splits/pool.jsonl")
    tree = Trees(Catalog(root / "data"), 1).ahead(sample.id)
    assert [kind_of(one.found.id) for one in tree.below if one.found] == ["completion"]
    assert tree.below[-1].remark == "... and 1 more completion records (see --number)"


def test_a_record_that_is_reached_twice_is_told_once(root):
    analysis = first(Analysis, root, "iter1/late.jsonl")
    twice = Catalog(root / "data").get(analysis.id)
    trees = Trees(Catalog(root / "data"), 5, lambda found: [("see", [found.id, found.id])])
    shown = [one for one in trees.ahead(twice.id).walk() if one.found]
    assert [one.again for one in shown if one.found.id == analysis.id] == [False, True, True]


def test_the_beginning_of_an_id_is_enough(lai, root):
    identity = first(Error, root, "iter1/errors.jsonl").id
    whole = lai("trace", identity)
    assert whole.startswith(f"{identity}  iter1 wrong: answered 5, reference")
    assert lai("trace", identity[:12]) == whole


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("nothing", r"no record 'nothing'; an id is a kind and 16 digits, of sample, .*exchange"),
        ("error_zz", r"error_zz is none of the 5 error records here; `dvc repro` makes"),
        ("error", r"error begins 5 ids: error_\w+, error_\w+, error_\w+, \.\.\.; give more of it"),
    ],
)
def test_an_id_that_is_none_is_one_line_of_help(lai, given, said):
    assert re.fullmatch(f"error: {said}.*\n", lai("trace", given))


def test_a_slip_in_an_id_finds_the_one_that_was_meant(lai, root):
    identity = first(Error, root, "iter1/errors.jsonl").id
    slip = identity[:-1] + ("0" if identity[-1] != "0" else "1")
    assert f"nearest: {identity}" in lai("trace", slip)


def test_a_row_of_an_iteration_that_params_name_no_more_says_so(lai, root):
    row = jsonl.read(TrainRow, root / "data/iter2/train.jsonl")[-1]
    assert row.iteration == "iter2"
    given = (root / "params.yaml").read_text()
    fewer = yaml.safe_load(given) | {"iterations": {"iter1": "iter0"}}
    (root / "params.yaml").write_text(yaml.safe_dump(fewer))
    try:
        said = lai("trace", row.id, columns=200)
    finally:
        (root / "params.yaml").write_text(given)
    assert "taught to models/iter2, which is none of the iterations in params.yaml" in said


def test_a_row_that_a_pair_replaced_was_not_taught_and_the_pair_was(lai, root):
    rows = jsonl.read(TrainRow, root / "data/iter1/train.jsonl")
    error = first(Error, root, "iter1/errors.jsonl")
    pair = Pair(
        parents=[error.id, error.sample], task="sums", iteration="iter1", instead=rows[0].id,
        prompt=[{"role": "user", "content": "0 + 2?"}],
        chosen=[{"role": "assistant", "content": "It is 2."}],
        rejected=[{"role": "assistant", "content": "It is 5."}],
    )  # fmt: skip
    paths = [root / "data" / name / "pairs.jsonl" for name in ("iter1", "iter2")]
    for path in paths:
        jsonl.write(path, [pair])
    try:
        replaced, kept, taught = (
            lai("trace", one.id, columns=120).partition("What came of it")[2]
            for one in (rows[0], rows[1], pair)
        )
    finally:
        for path in paths:
            jsonl.write(path, [])
    assert "not taught: a pair took its place:" in replaced and "taught to" not in replaced
    assert f"── {pair.id}  iter1 0 + 2? -> It is 2.; not: It is 5." in replaced
    assert "taught to models/iter1: " in kept and "taught to models/iter1: " in taught


def test_a_test_item_shows_when_it_changed_and_what_was_taught_near_it(lai, root):
    held = jsonl.read(Sample, root / "data/splits/test.jsonl")
    sample = next(one for one in held if one.metadata)
    said = lai("trace", sample.id)
    assert "from: it is a question of the data\n" in said and said.count("\n├── completion_") == 3
    assert "broken in iter1; nearest of what it taught (same skill: Sums):" in said
    assert said.count("── train_") == 2 and "── error_" in said
    assert "iter2; nearest" not in said, "nothing changed there"


def test_the_flips_of_an_iteration_are_told_with_rows_that_it_added(lai, root):
    said = lai("trace", "--flips", "iter1", "--number", "2")
    assert said.startswith("iter1 against iter0, dev and test items: 12 fixed, 6 broken\n")
    assert said.count("\nbroken\n") == said.count("\nfixed\n") == 2
    assert "... and 4 more broken" in said and "... and 10 more fixed" in said
    rows = jsonl.index(jsonl.read(TrainRow, root / "data/iter1/train.jsonl"))
    shown = re.findall(r"── (train_\w{16})", said)
    assert shown and {rows[one].iteration for one in shown} == {"iter1"}
    assert re.search(r"before, right: .*\n.*after, (wrong|no answer): ", said)
    assert "error: iter7 is none of the iterations in params.yaml: iter1, iter2" in lai(
        "trace", "--flips", "iter7"
    )


def test_no_line_is_wider_than_the_terminal_and_nothing_moves_its_cursor(lai, root):
    analysis = first(Analysis, root, "iter1/late.jsonl")
    for columns in (60, 140):
        lines = lai("trace", analysis.id, "--number", "9", columns=columns).splitlines()
        assert len(lines) > 5 and max(map(len, lines)) == columns
    full = lai("trace", analysis.id, "--full", "--raw")
    assert "[user]\nWhy?" in full and "of this." in full
    assert all(one.isprintable() or one == "\n" for one in full)
    assert "</script><img src=x" in full


def test_an_exchange_leads_to_what_was_made_of_it(lai, root):
    exchange = first(Exchange, root, "iter1/transcripts/analyze.jsonl")
    analysis = first(Analysis, root, "iter1/late.jsonl")
    assert f"── {analysis.id}" in lai("trace", exchange.id)
    other = first(Analysis, root, "iter2/analyses.jsonl")
    assert "request iter2 is in no transcript; `dvc repro`" in lai("trace", other.id, "--raw")


def test_a_line_that_is_cut_off_is_named(lai, root):
    path = root / "data/iter1/errors.jsonl"
    whole = path.read_bytes()
    *lines, last, end = whole.split(b"\n")
    identity = first(Error, root, "iter1/errors.jsonl").id
    path.write_bytes(b"\n".join([*lines, last[:100], end]))
    cut = last[8:30].decode().partition('"')[0]
    try:
        said = lai("trace", cut)
    finally:
        path.write_bytes(whole)
    assert cut != identity and said.startswith("error: data/iter1/errors.jsonl:")
    assert f":{len(lines) + 1} is not valid JSON" in said


def test_a_clone_without_records_says_what_brings_them(tmp_path):
    with pytest.raises(PipelineError, match="`dvc repro` makes the records, or `dvc pull` brings"):
        Catalog(tmp_path / "data")


def test_every_kind_of_record_has_words(root):
    catalog = Catalog(root / "data")
    told = {}
    for path in (root / "data").glob("*/*.jsonl"):
        for _, row in jsonl.rows(path):
            told[kind_of(row["id"])] = words.line(catalog.get(row["id"]))
    kinds = "sample completion score error seed analysis weakness verdict train failure"
    assert set(told) == set(kinds.split()) and all(told.values())
