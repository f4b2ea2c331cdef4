"""Draws from a stream: every subject its share, whatever the order."""

import pytest

from lai.core.records import Sample
from lai.tasks.drawing import Draw


def samples(**subjects):
    return [
        Sample(
            task="t", split="pool", input=f"{subject} {n}", reference="1",
            metadata={"subject": subject},
        )
        for subject, count in subjects.items()
        for n in range(count)
    ]  # fmt: skip


def drawn(found, size, seed=1, **options):
    draw = Draw(size, seed, **options)
    for sample in found:
        draw.add(sample, sample.input)
    return draw.drawn()


def shares(found):
    counts = {}
    for sample in found:
        counts[sample.metadata["subject"]] = counts.get(sample.metadata["subject"], 0) + 1
    return counts


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (10, {"a": 6, "b": 3, "c": 1}),
        (50, {"a": 30, "b": 15, "c": 5}),
        (5, {"a": 3, "b": 2}),
        (100, {"a": 60, "b": 30, "c": 10}),
        (1000, {"a": 60, "b": 30, "c": 10}),
        (None, {"a": 60, "b": 30, "c": 10}),
    ],
)
def test_every_subject_has_its_share(size, expected):
    assert shares(drawn(samples(a=60, b=30, c=10), size, stratify=True)) == expected


def test_the_order_of_the_stream_changes_nothing_and_the_seed_does():
    found = samples(a=60, b=30)
    assert drawn(found, 20) == drawn(found[::-1], 20)
    assert drawn(found, 20) != drawn(found, 20, seed=2)


def test_a_larger_draw_holds_the_smaller_one():
    found = samples(a=100)
    small = {sample.id for sample in drawn(found, 10)}
    assert small < {sample.id for sample in drawn(found, 20)}


def test_every_item_is_drawn_about_as_often():
    found = samples(a=20)
    times = dict.fromkeys((sample.id for sample in found), 0)
    for seed in range(400):
        for sample in drawn(found, 5, seed=seed):
            times[sample.id] += 1
    # 100 expected, with a standard deviation of 8.7.
    assert min(times.values()) > 60
    assert max(times.values()) < 140


def test_without_leaves_out_and_fills_up():
    found = samples(a=30)
    draw = Draw(10, 1, spare=5)
    for sample in found:
        draw.add(sample, sample.input)
    from lai.tasks.drawing import rank

    first = draw.drawn()
    gone = {rank(sample.input, "") for sample in first[:5]}
    rest = draw.drawn(without=gone)
    assert len(rest) == 10
    assert {sample.id for sample in first[5:]} < {sample.id for sample in rest}
    assert not gone & {rank(sample.input, "") for sample in rest}
