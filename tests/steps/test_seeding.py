"""What the lessons of each strategy start from."""

import pytest

from lai.core.records import Error, Solved
from lai.instruction.seeding import select

RIGHT, WRONG = 40, 30


def errors():
    return [
        Error(parents=[f"completion_{n}"], sample=f"sample_{n:02}", task="t", error="wrong",
              answer=str(n % 3), reference="9", completion=f"completion_{n}")
        for n in range(WRONG)
    ]  # fmt: skip


def solved():
    return [
        Solved(sample=f"sample_{n:02}", task="t", completion=f"completion_{n}")
        for n in range(WRONG, WRONG + RIGHT)
    ]


TEXTS = {
    f"sample_{n:02}": f"{'apples and pears' if n % 2 else 'trains and tracks'} {n}"
    for n in range(WRONG + RIGHT)
}


def seeds(weights, most=None, seed=1, losses=None):
    return select(weights, errors(), solved(), most, seed, losses or (lambda _: {}), TEXTS, 5)


def test_le_and_lec_start_from_every_error_with_its_own_response():
    for name in ("le", "lec"):
        found = seeds({name: 1.0})
        assert {one.error for one in found} == {error.id for error in errors()}
        of = {error.id: error for error in errors()}
        assert all(one.completion == of[one.error].completion for one in found)
        assert all(one.parents == [one.error] for one in found)


def test_a_mixture_deals_the_errors_out_and_none_twice():
    found = seeds({"le": 0.5, "lec": 0.5})
    assert len(found) == len({one.error for one in found}) == WRONG
    assert sum(one.strategy == "le" for one in found) == WRONG / 2


def test_a_baseline_has_as_many_questions_and_sees_no_error():
    found = seeds({"augment": 1.0})
    assert len(found) == WRONG
    assert not any(one.error or one.completion for one in found)
    right = sum(int(one.sample.removeprefix("sample_")) >= WRONG for one in found)
    assert 5 < right < 28, "drawn from all that was answered, rightly or not"


def test_active_takes_the_questions_of_greatest_loss():
    loss = {f"sample_{n:02}": float(n % 35) for n in range(WRONG + RIGHT)}
    found = seeds({"active": 1.0}, most=4, losses=lambda samples: {s: loss[s] for s in samples})
    assert [one.sample for one in found] == ["sample_34", "sample_69", "sample_33", "sample_68"]


def test_shuffled_shows_pool_questions_beside_the_wrong_responses_to_others():
    found = seeds({"shuffled": 1.0})
    wrong = {error.completion: error.sample for error in errors()}
    assert len(found) == WRONG
    assert len({one.completion for one in found} & set(wrong)) >= WRONG - 2
    assert all(wrong[one.completion] != one.sample for one in found)
    assert all(one.parents == [one.sample, one.completion] and not one.error for one in found)
    right = sum(int(one.sample.removeprefix("sample_")) >= WRONG for one in found)
    assert 5 < right < 28, "drawn from all that was answered, rightly or not"


def test_patterns_has_a_lesson_for_several_errors_that_are_alike():
    found = seeds({"patterns": 1.0})
    assert 4 <= len(found) <= 6
    of = {error.id: error for error in errors()}
    everything = [error for one in found for error in (one.error, *one.others)]
    assert sorted(everything) == sorted(of)
    for one in found:
        topics = {TEXTS[of[error].sample].split()[0] for error in (one.error, *one.others)}
        assert len(topics) == 1
        assert one.parents == [one.error, *one.others]


@pytest.mark.parametrize("weights", [{"le": 1.0}, {"augment": 1.0}, {"patterns": 1.0}])
def test_seeds_do_not_depend_on_the_order_of_records_but_on_the_seed(weights):
    once = {one.id for one in seeds(weights, most=10)}
    other = select(weights, errors()[::-1], solved()[::-1], 10, 1, lambda _: {}, TEXTS, 5)
    assert {one.id for one in other} == once
    assert {one.id for one in seeds(weights, most=10, seed=2)} != once
