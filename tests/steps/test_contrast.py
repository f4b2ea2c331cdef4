"""The nearest solved questions of an error, whatever says what near means."""

import sys

import numpy as np
import pytest
import scipy.sparse as sp

from lai import contrast
from lai.contrast import embedders
from lai.contrast.embedders import open_embedder, tfidf
from lai.contrast.nearest import BLOCK, nearest
from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import ContrastParams, TargetParams
from lai.core.records import Error, Sample, Solved
from tests.support import tiny_model

CPU = RuntimeParams(device="cpu", batch_tokens=64)


def sample(text, task="t"):
    return Sample(task=task, split="pool", input=text, reference="1")


def error(one):
    return Error(
        sample=one.id, task=one.task, error="wrong", answer="2", reference="1", completion=one.id
    )


def solved(one):
    return Solved(sample=one.id, task=one.task, completion=one.id)


def pairs(failed, known, k=3, embed=tfidf):
    """For each failed text its neighbors' texts and similarities."""
    samples = [*failed, *known]
    text = {one.id: one.input for one in samples}
    errors = [error(one) for one in failed]
    sets = contrast.pair(errors, map(solved, known), samples, k, embed)
    found = {one.error: [(text[n.sample], n.similarity) for n in one.neighbors] for one in sets}
    return [found[one.id] for one in errors]


def test_the_likest_questions_of_the_same_task_come_first():
    known = [sample(text) for text in ("walk 9 dogs", "add 3 and 40", "add 3 and 5 now")]
    other = sample("add 3 and 5", task="u")
    (near,) = pairs([sample("add 3 and 5")], [*known, other], k=2)
    assert [text for text, _ in near] == ["add 3 and 5 now", "add 3 and 40"]
    assert 1 > near[0][1] > near[1][1] > 0


def test_fewer_than_k_solved_give_fewer_and_none_gives_none():
    assert [len(near) for near in pairs([sample("a b")], [sample("a c")])] == [1]
    assert pairs([sample("a b")], [sample("a c", task="u")]) == [[]]
    assert pairs([], [sample("a c")]) == []


def test_equal_ones_are_ordered_by_id_and_texts_without_words_are_as_near_as_any():
    known = [sample(text) for text in ("same words", "same  words", "same   words")]
    (near,) = pairs([sample("same words here")], known, k=2)
    assert [text for text, _ in near] == [
        one.input for one in sorted(known, key=lambda one: one.id)[:2]
    ]
    (near,) = pairs([sample(" ")], [sample("  "), sample("\n")])
    assert [similarity for _, similarity in near] == [0.0, 0.0]


@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix])
def test_nearest_is_what_sorting_all_of_them_gives(form):
    drawn = np.random.default_rng(0)
    known = drawn.integers(0, 3, (300, 5)).astype(np.float32)
    asked = drawn.integers(0, 3, (2 * BLOCK + 7, 5)).astype(np.float32)
    found = list(nearest(form(known), form(asked), 4))
    assert len(found) == len(asked)
    for row, near in zip(asked, found, strict=True):
        products = known @ row
        order = sorted(range(len(known)), key=lambda at: (-products[at], at))[:4]
        assert near == [(at, float(products[at])) for at in order]


def test_what_is_common_to_many_is_left_out(monkeypatch):
    monkeypatch.setattr(embedders, "COMMON", 3)
    known = [sample(f"what is the value of {name}") for name in ("fig", "kiwi", "plum", "pear")]
    (near,) = pairs([sample("what is the value of kiwi")], known, k=1)
    assert near == [("what is the value of kiwi", 1.0)]


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    folder = tmp_path_factory.mktemp("target")
    tiny_model.describe(tiny_model.save(folder / "base"), folder / "iter0")
    return folder


def test_the_targets_own_states_do_not_depend_on_what_stands_beside_a_text(target):
    params = ContrastParams(embedder="target")
    base = TargetParams(model=str(target / "base"))
    embed = open_embedder(params, target / "iter0", base, CPU)
    texts = ["a", "a longer text of some words", "another one", "x" * 400, ""]
    known, asked = embed(texts, ["another one"])
    assert known.shape == (5, 32) and asked.shape == (1, 32)
    assert np.allclose(known[2], asked[0], atol=1e-5)
    assert np.allclose(np.linalg.norm(known, axis=1), 1)
    failed = [sample("another one")]
    near = pairs(failed, [sample(text) for text in texts if text], k=1, embed=embed)
    assert near[0][0][0] == "another one" and near[0][0][1] == pytest.approx(1, abs=1e-4)


def test_a_target_that_shows_no_states_is_told_so():
    served = TargetParams(engine="openai", model="m")
    with pytest.raises(PipelineError, match=r"target\.engine: openai does not show; take tfidf"):
        open_embedder(ContrastParams(embedder="target"), "models/iter0", served, CPU)


def test_a_sentence_transformer(tmp_path):
    library = pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer import modules

    body = modules.Transformer(str(tiny_model.save(tmp_path / "base")))
    pooling = modules.Pooling(body.get_embedding_dimension())
    library.SentenceTransformer(modules=[body, pooling]).save(str(tmp_path / "st"))
    params = ContrastParams(embedder="sentence_transformer", model=str(tmp_path / "st"))
    embed = open_embedder(params, "models/iter0", TargetParams(model="m"), CPU)
    (near,) = pairs([sample("one two")], [sample("three"), sample("one  two"), sample("one two?")],
                    k=3, embed=embed)  # fmt: skip
    assert len(near) == 3 and near[0][1] >= near[1][1] >= near[2][1]


@pytest.mark.parametrize("missing", [True, False])
def test_what_a_sentence_transformer_lacks_is_said(missing, monkeypatch, tmp_path):
    if missing:
        monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    else:
        pytest.importorskip("sentence_transformers")
    params = ContrastParams(embedder="sentence_transformer", model=str(tmp_path))
    said = "is not installed; run pip install" if missing else "cannot be loaded"
    with pytest.raises(PipelineError, match=said):
        open_embedder(params, "models/iter0", TargetParams(model="m"), CPU)
