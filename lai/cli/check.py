"""`lai check`: what a run would stumble over, before it has cost anything."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lai import sandbox
from lai.asking.judging import open_judge
from lai.core import params, prompts, strategies
from lai.core.errors import PipelineError
from lai.core.iterations import chain
from lai.core.params import Params, prices
from lai.core.records import Sample
from lai.core.stage import cache_path
from lai.demo import world
from lai.engines.open_instructor import open_instructor
from lai.engines.open_target import describe
from lai.tasks.exemplars import teachable
from lai.tasks.loading import load

UNTRACKED = "runtime"

HELP = """\
Reads params.yaml, data, prompts, models, keys and prices as a run would, and lists all that is
wrong. No model is asked anything; the Hub is, for what is named by a Hub id.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "check", help="params.yaml, data, models and keys, before a run", description=HELP
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print a line for each thing that is as it should be, and then one for each that is not.

    What does not hang on another thing is looked at whatever became of that.

    Raises: PipelineError for params.yaml itself, without which nothing can be looked at; SystemExit
    of 1 after the problems. No model is asked anything; the Hub is, for what is named by a Hub id.
    """
    given = params.load()
    _tracked()
    _say("params.yaml", f"{given.strategy}, seed {given.seed}, {', '.join(given.iterations)}")
    problems = _Problems()
    for look in (_sandbox, _prices, _target, _prompts, _instructor, _judge, _tasks):
        with problems.caught():
            look(given, problems)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    if problems:
        raise SystemExit(1)
    if given.target.engine == "hf":
        print("All of it is as a run needs it; `dvc repro` runs it.")
        return
    # After the first analyses and exercises are paid for, train would stop the whole.
    untaught = f"dvc repro synthesize@{chain(given.iterations)[1]}"
    _say("note", f"a target with `engine: {given.target.engine}` cannot be trained: `dvc repro`")
    _say("", f"would stop at train; `{untaught}` writes the exercises, and ends there")
    print(f"All of it is as such a run needs it; `{untaught}` runs it.")


class _Problems(list[str]):
    """What is not as it should be, each once."""

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Note the PipelineError of what is looked at within, and go on."""
        try:
            yield
        except PipelineError as error:
            said = " ".join(str(error).split())
            if said not in self:
                self.append(said)


def _tracked() -> None:
    """Raises: PipelineError for what DVC cannot read, now or when it has written it anew, or track.

    DVC's reader is stricter than ours, and its writer (`dvc exp run -S`) drops quotes.
    """
    from dvc.utils import serialize

    path = Path("params.yaml")
    text = path.read_text(encoding="utf-8")
    try:
        there = serialize.parse_yaml(text, path)
        again = serialize.dumps_yaml(serialize.parse_yaml_for_update(text, path))
        serialize.parse_yaml(again, path)
    except serialize.YAMLFileCorruptedError as error:
        said = " ".join(str(error.__cause__).split())[:200]
        raise PipelineError(
            f"params.yaml: DVC cannot read it, or not after `dvc exp run -S` has written it anew "
            f"({said}); write what has a colon in it, such as a URL, in a line of its own and not "
            "in braces"
        ) from None
    missing = [name for name in Params.model_fields if name not in there and name != UNTRACKED]
    if missing:
        written = ", ".join(f"`{name}: {'null' if name == 'judge' else '{}'}`" for name in missing)
        raise PipelineError(
            f"params.yaml lacks {', '.join(missing)}, which DVC tracks; write {written} for the "
            "defaults"
        )


def _sandbox(given: Params, problems: _Problems) -> None:
    """Raises: PipelineError when programs will have to run and may not run here."""
    if all(task.scorer != "code" for task in given.tasks.values()):
        return
    sandbox.configure(given.sandbox, given.runtime.sandbox.workers)
    outcome = sandbox.run("def one():\n    return 1", ["assert one() == 1"])
    if not outcome.passed:
        raise PipelineError(f"the sandbox fails a right program: {outcome.detail}")
    _say("sandbox", "programs run")


def _prices(given: Params, problems: _Problems) -> None:
    for role in prices.served(given):
        with problems.caught():
            prices.check_price_of(given, role)


def _target(given: Params, problems: _Problems) -> None:
    base = describe(given.target)
    if given.target.engine == "openai":
        from lai.engines.openai.endpoint import resolve

        resolve(given.runtime.target, "target", given.target.provider)
    _say("target", f"{base.base} ({given.target.engine})")


def _prompts(given: Params, problems: _Problems) -> None:
    for step in ("analyze", "synthesize", "verify"):
        for path in sorted((prompts.FOLDER / step).glob("*.jinja")):
            with problems.caught():
                prompts.check(f"{step}/{path.name}")


def _instructor(given: Params, problems: _Problems) -> None:
    open_instructor(given.instructor, given.runtime, cache_path()).open()
    _say("instructor", f"{given.instructor.model} ({given.instructor.engine})")


def _judge(given: Params, problems: _Problems) -> None:
    judge = open_judge(given.judge, given.runtime, cache_path())
    if given.judge is not None and judge is not None:
        judge.engine.open()
        _say("judge", given.judge.model)


def _tasks(given: Params, problems: _Problems) -> None:
    """Of all tasks together; where that fails, of each alone, so that every problem is found."""
    try:
        splits = load(given.tasks, given.prepare, given.seed)
    except PipelineError:
        before = len(problems)
        for name, task in given.tasks.items():
            with problems.caught():
                _tutored(given, load({name: task}, given.prepare, given.seed).pool)
        if len(problems) == before:
            raise
        return
    counts = Counter((one.task, one.split) for one in (*splits.pool, *splits.dev, *splits.test))
    for name in given.tasks:
        found = [(split, counts[name, split]) for split in ("pool", "dev", "test")]
        _say(f"task {name}", ", ".join(f"{count} {split}" for split, count in found if count))
    for what, count in splits.notes.items():
        _say("note", f"{count} {what}")
    _untaught(given, splits.pool)
    _tutored(given, splits.pool)


def _planned(given: Params) -> set[str]:
    """The strategies that some iteration follows."""
    planned = strategies.planned(given.strategy, given.iterations).values()
    return {name for weights in planned for name in weights}


def _untaught(given: Params, pool: Sequence[Sample]) -> None:
    """Name the tasks that have no answer to teach, where answers are to be taught as they are."""
    for strategy in sorted(_planned(given)):
        if strategies.STRATEGIES[strategy].teaches == "gold":
            able = {one.task for one in pool if teachable(one)}
            for name in sorted({one.task for one in pool} - able):
                _say("note", f"{strategy} has nothing to teach of {name}: tests, and no solution")


def _tutored(given: Params, pool: Sequence[Sample]) -> None:
    """Raises: PipelineError when the demo's tutor is to teach what is not of the demo's world."""
    asks = any(strategies.STRATEGIES[name].asks for name in _planned(given))
    if given.instructor.engine != "builtin" or not asks:
        return
    known = {one.task for one in pool if world.recognise(one.input, one.choices)}
    foreign = [name for name in dict.fromkeys(one.task for one in pool) if name not in known]
    if foreign:
        raise PipelineError(
            f"the builtin tutor knows the demo's questions alone, and declines those of "
            f"{', '.join(foreign)}; name an instructor (`engine: openai`, docs/PARAMS.md), or try "
            "the plumbing with `strategy: finetune`, which needs none"
        )


def _say(what: str, found: str) -> None:
    print(f"{what.ljust(16)} {found}", flush=True)
