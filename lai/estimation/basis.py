"""What the figures of an estimate rest on, a sentence each."""

from __future__ import annotations

from lai.core.params.runtime import in_words
from lai.core.text import replies
from lai.estimation.assumptions import SHAPES
from lai.estimation.figures import STAGES, Estimate, number


def assumptions(found: Estimate) -> list[str]:
    """What the figures rest on, a sentence each."""
    lines: list[str] = []
    if not found.places:
        return lines
    if found.untrained:
        lines.append(
            "The target's weights are not here, so the run ends before train: no later stage, and "
            "no iteration after the first, is counted."
        )
    if found.teaches != {"solutions"}:  # which are of any question, answered wrongly or not
        lines += _errors(found)
    lines += [*_tokens(found), *_reasoning(found), _taught(found)]
    lines += [
        f"But {one.bad:,} of {replies(one.replies)} of {stage} could not be used "
        f"({one.reason}): with as many re-asks it takes {one.bad / one.replies:.0%} more calls."
        for stage, one in found.observed.unusable.items()
    ]
    held = sum(tally.held for tally in found.scenarios["expected"].values())
    if held:
        what = "1 of these replies" if held == 1 else f"{held:,} of these replies"
        lines.append(f"The store holds {what} already, not counted above: nothing is paid twice.")
    return lines


def _errors(found: Estimate) -> list[str]:
    """How many there are."""
    low, high = found.assumed
    others = sorted({place[2] for place in found.places if place[1] == "eval"})
    asks = f"{' and '.join(others)} alone" if others else "no instructor"
    if found.known:
        lines = [f"Errors of {', '.join(found.known)}: the real ones."]
    else:
        lines = [
            f"Of {found.pool:,} pool questions {low.error_rate:.0%} to {high.error_rate:.0%} are "
            f"answered wrongly; `dvc repro mine_errors@iter1` asks {asks}, and then they are known."
        ]
    if max(map(number, found.places)) > max(1, len(found.known)):
        later = span(f"{low.later:.0%}", f"{high.later:.0%}", " to ")
        lines.append(f"Each later iteration has {later} of the errors of the one before.")
    return lines


def _taught(found: Estimate) -> str:
    """What becomes of the replies, by what the strategies teach."""
    low, high = found.assumed
    said = []
    if "exercises" in found.teaches:
        accepted = span(f"{high.accepted:.0%}", f"{low.accepted:.0%}", " to ")
        tasks = ", ".join(
            f"{task} {span(f'{high.accepts(task):.0%}', f'{low.accepts(task):.0%}', ' to ')}"
            for task in low.by_task
        )
        accepted += f" ({tasks})" if tasks else ""
        skills = span(_many(low.skills, found), _many(high.skills, found), " to ")
        said.append(f"Exercises accepted: {accepted}; weaknesses a task: at most {skills}.")
    if "solutions" in found.teaches:
        said.append(
            "Solutions of distill accepted: all; in the place of one that is not, another question "
            "is asked."
        )
    if "gold" in found.teaches:
        alone = found.teaches == {"gold"}
        only = "No exercise is written: references are checked, and nothing else is asked."
        said.append(only if alone else "References that finetune teaches are checked.")
    if found.teaches - {"solutions"}:
        said.append("No reference is contradicted.")
    return " ".join([*said, "No reply has to be asked for again."])


def _reasoning(found: Estimate) -> list[str]:
    """How much of the upper end is reasoning that no reply has shown yet."""
    if not found.total("high")[0].unseen:
        return []
    tally, cost = found.seen()
    tokens = f"{tally.completion_tokens:,.0f} completion tokens"
    ends = f"{tokens}, cost {in_words(cost)}" if cost else tokens
    return [
        "Reasoning before each reply: none, at the upper end half of its max_tokens; without it "
        f"that end is {ends}."
    ]


def _tokens(found: Estimate) -> list[str]:
    """What lengths and tokens rest on, by stage; of whom no reply is known."""
    asked = {place[1] for place in found.places if place[2] == "instructor"}
    stages = [stage for stage in STAGES if stage in asked]
    lines = [
        f"Tokens of a call of {stage}: as in {replies(found.before[stage].replies)} of earlier "
        "iterations."
        for stage in stages
        if stage in found.before
    ]
    heard = found.observed.stages
    real = [stage for stage in stages if stage not in found.before and heard.get(stage)]
    if real:
        told = " and ".join(f"{replies(heard[stage])} of {stage}" for stage in real)
        lines.append(
            f"Lengths and tokens: as in {told} in the store, ± {found.observed.spread:.0%}."
        )
    rest = [stage for stage in stages if stage not in (*found.before, *real)]
    if rest and real:
        lines.append(
            f"No reply of {' and '.join(rest)} is there yet: as many tokens a character as in "
            "the others, texts half to three times as long as usual ones."
        )
    guessed = "a fifth to a third of the characters"
    if rest and not real:
        of = f" of {' and '.join(rest)}" if len(rest) < len(stages) else ""
        lines.append(
            f"Tokens{of}: {guessed}; texts half to three times as long as usual ones. "
            "`lai estimate --probe 20` measures both."
        )
    roles = {place[2] for place in found.places} - {"instructor"}
    unheard = sorted(role for role in roles if SHAPES[role] not in found.observed.rates)
    if unheard:
        low, high = (f"{one.response:,}" for one in found.assumed)
        answers = f"; an answer of the target has {span(low, high, ' to ')}"
        answers = answers if "target" in unheard else ""
        lines.append(f"Tokens of {' and '.join(unheard)}: {guessed}{answers}.")
    return lines


def _many(skills: float, found: Estimate) -> str:
    return f"{skills:,.0f}" if skills < found.pool else "as many as errors"


def span(low: str, high: str, between: str = " - ") -> str:
    """A range; one figure where both ends are alike."""
    return low if low == high else f"{low}{between}{high}"
