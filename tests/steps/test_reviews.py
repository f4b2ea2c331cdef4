"""`lai review`: a person's decisions, given in a terminal or a pipe, kept for the next run."""

import io
import sys

import pytest

from lai import cli, reviews
from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.records import Analysis, Check, Sample, Seed, SyntheticSample, Verdict
from lai.core.reviewing import Decisions, Solve, Suspect, read

POOL = Sample(task="t", split="pool", input="What is 1 + 1?", reference="3")
OTHER = Sample(task="t", split="pool", input="What is 1 + 0?", reference="1")
SEED = Seed(strategy="le", task="t", sample=OTHER.id)
ANALYSIS = Analysis(
    seed=SEED.id, strategy="le", task="t", skill="sums", misconception="adds two", explanation="",
    request_key="k",
)  # fmt: skip
SUSPECT = Suspect(
    task="t", sample=POOL.id, reference="3", found=[Solve(answer="2", request_key="k")], agree=True,
    reason="1 of 1 solves contradict it",
)  # fmt: skip


def verdict(question, accepted):
    sample = SyntheticSample(
        parents=[ANALYSIS.id], task="t", input=question, reference="4",
        solution="Two and two\nare 4.", request_key="k",
    )  # fmt: skip
    checks = [Check(name="answer", passed=accepted, detail="" if accepted else "it is 5")]
    return Verdict(parents=[sample.id], sample=sample, accepted=accepted, checks=checks)


REJECTED, ACCEPTED = verdict("What is 2 + 2?\x1b[2J", False), verdict("What is 3 + 1?", True)


@pytest.fixture
def review(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "data/iter1"
    for name, records in {
        "suspects": [SUSPECT], "rejected": [REJECTED], "verdicts": [ACCEPTED], "seeds": [SEED],
        "gold_suspects": [], "errors": [], "completions": [], "analyses": [ANALYSIS],
    }.items():  # fmt: skip
        jsonl.write(folder / f"{name}.jsonl", records)
    jsonl.write(tmp_path / "data/splits/pool.jsonl", [POOL, OTHER])
    monkeypatch.chdir(tmp_path)

    def run(answers, *arguments):
        monkeypatch.setattr(sys, "argv", ["lai", "review", "iter1", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        cli.main()
        return capsys.readouterr().out

    return run


def words():
    return {one.sample: one.word for one in read("iter1")}


def test_the_walk_shows_what_there_is_and_keeps_each_answer(review):
    said = review("w\naccept\nr\n")
    assert words() == {
        POOL.id: "wrong", REJECTED.sample.id: "accept", ACCEPTED.sample.id: "reject"
    }  # fmt: skip
    for shown in (
        "answers found  2", "1 of 1 solves contradict it", "NO, it is 5", "are 4.",
        "written for  What is 1 + 0?", "sums: adds two", "1 wrong, 1 accept, 1 reject",
    ):  # fmt: skip
        assert shown in said
    assert "\x1b" not in said, "what a model wrote moves no cursor"
    said = review("a\n")
    assert "recorded: nothing; all 3 are decided (--again asks once more)" in said
    review("skip\nskip\nquit\n", "--again")
    review("right\n", "--again", "--only", "suspects")
    assert words()[POOL.id] == "right", "the last word counts"


def test_an_accept_that_cannot_be_obeyed_says_so(review, tmp_path):
    question = "What is 2 + 2, as a word of four letters?"
    checks = [Check(name="not_held_out", passed=False, detail="it is near a test item")]
    alike, copy = (
        Verdict(**one.model_dump(exclude={"id", "checks"}), checks=checks)
        for one in (verdict("What is 5 + 5?", False), verdict(question, False))
    )
    jsonl.write(tmp_path / "data/iter1/rejected.jsonl", [alike, copy])
    test = Sample(task="t", split="test", input=question, reference="four")
    for name, held in {"dev": [], "test": [test], "undrawn": []}.items():
        jsonl.write(tmp_path / f"data/splits/{name}.jsonl", held)
    told = review("accept\naccept\n", "--only", "rejected")
    assert told.count("recorded, but it will not be taught: ") == 1
    assert "taught: it holds a question of the test split of t: What is 2 + 2" in told
    assert words() == {alike.sample.id: "accept", copy.sample.id: "accept"}


def test_a_line_may_name_another_item_and_nonsense_is_asked_again(review):
    said = review(f"{ACCEPTED.sample.id} reject\nmaybe\naccept\nright now\nright\n")
    assert words() == {POOL.id: "right", ACCEPTED.sample.id: "reject"}
    assert said.count("say one of: right, wrong, skip, quit; or ID WORD") == 3


def test_an_id_that_is_none_is_answered_with_those_that_there_are(review):
    said = review("synthetic_0 reject\n")
    here = f"3 items ({POOL.id}, {REJECTED.sample.id}, {ACCEPTED.sample.id}; `lai review iter1"
    assert f"no item 'synthetic_0' among {here} --list` has all)" in said
    assert f"recorded: nothing; still open: {here}" in said
    assert words() == {}


def test_where_there_is_nothing_to_decide_it_says_so(review, tmp_path):
    assert "still open: 1 item (" in review("", "--only", "rejected")
    jsonl.write(tmp_path / "data/iter1/rejected.jsonl", [])
    assert review("", "--only", "rejected") == "nothing to decide in iter1 (--only rejected)\n"


def test_a_decision_whose_sample_is_no_longer_written_is_told_of(review, tmp_path):
    told = "1 decision of data/reviews found no sample in this run"
    assert told not in review("right\naccept\nreject\n")
    assert told not in review("")
    # The next run has no suspect any more, which is what was wanted, and another exercise.
    for name in ("suspects", "rejected"):
        jsonl.write(tmp_path / f"data/iter1/{name}.jsonl", [])
    assert review("").startswith(told) and REJECTED.sample.id in review("")


def test_the_list_has_a_line_each(review):
    review("right\n")
    lines = review("", "--list").splitlines()
    assert [line.split()[0] for line in lines] == [POOL.id, REJECTED.sample.id, ACCEPTED.sample.id]
    assert lines[0].split()[1:3] == ["suspect", "right"]
    assert lines[1].endswith("answer: it is 5")


def test_an_editor_changes_the_sample(review, monkeypatch):
    monkeypatch.setenv("VISUAL", "sed -i -e 's/are 4/make 4/' -e s/2+2/4/")
    review("skip\nedit\n")
    [decision] = read("iter1")
    made = Decisions([decision]).edited(REJECTED.sample)
    assert made.solution == "Two and two\nmake 4."
    assert made.parents == [ANALYSIS.id, REJECTED.sample.id]
    monkeypatch.setenv("VISUAL", "sed -i 's/^answer:.*//'")
    said = review("edit\nquit\n", "--only", "accepted")
    assert "the edited text has to have answer, question, solution; nothing is recorded" in said
    monkeypatch.setenv("VISUAL", "false")
    assert "false ended with 1; nothing is recorded" in review("e\nq\n", "--only", "accepted")
    assert len(read("iter1")) == 1


CHOICE = SyntheticSample(
    task="t", input="When?", choices=["10:30", "No"], reference="A", solution="At A.",
    request_key="k",
)  # fmt: skip


def test_an_edit_is_taken_as_it_is_typed():
    text = reviews.written(CHOICE).replace("'10:30'", "12:30").replace("'No'", "no, 010")
    assert reviews.edited(text, CHOICE).choices == ["12:30", "no, 010"]
    for typed in ("12:30", "no", "010", "1_000", "~", "2015-05-03"):
        text = f"question: 1.10\nanswer: {typed}\nsolution: {typed}\n"
        made = reviews.edited(text, ACCEPTED.sample)
        assert (made.input, made.reference, made.solution) == ("1.10", typed, typed)


@pytest.mark.parametrize(
    ("choices", "answer", "said"),
    [
        ("", "A", "choices: Input should be a valid list"),
        ("red, blue", "A", "choices: Input should be a valid list"),
        (str(list(range(27))), "A", "choices: List should have at most 26 items"),
        ("[red, blue]", "", "answer: String should have at least 1 character"),
        ("[red, blue", "A", "while parsing a flow sequence"),
    ],
)
def test_an_edit_that_is_no_sample_is_refused_in_one_line(choices, answer, said):
    text = f"question: When?\nchoices: {choices}\nanswer: {answer}\nsolution: At A.\n"
    with pytest.raises(PipelineError, match=said) as refused:
        reviews.edited(text, CHOICE)
    assert "\n" not in str(refused.value)


def test_an_iteration_without_samples_is_one_line(review, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["lai", "review", "iter7"])
    with pytest.raises(SystemExit):
        cli.main()
    assert "error: iter7 has no samples here; run `dvc repro synth" in capsys.readouterr().err
