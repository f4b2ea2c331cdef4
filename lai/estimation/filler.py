"""Replies that fit a JSON schema, in words and lengths of the user's own pool; deterministic."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lai.core.records import Sample
from lai.engines.base import Request
from lai.estimation.assumptions import Assumptions
from lai.estimation.places import Places
from lai.tasks.exemplars import worked

_WORD = re.compile(r"[^\W\d_]{2,}")
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
ENOUGH_WORDS = 5000
GUESS = "dunnowhat"
"""Begins what a target says, which is no right answer."""
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class _About:
    """What one reply is written from. `source`: the question in its prompt, if it is known."""

    shape: str
    task: str
    source: Sample | None
    prompt: str
    defs: Schema
    dice: random.Random


class Filler:
    """Writes what an instructor, a judge or a target might have replied.

    Exercises look like those of the pool: their questions are words of the task's own questions in
    another order, their answers are the pool's. `assumed.accepts` of them have the solution that
    belongs to their answer, and the others that of another question, which verification turns down.
    Whoever is asked to solve a question of the pool, or one that was made up here, solves it, save
    the target.

    `made_up`: words that stand in no text but those written here.
    """

    def __init__(self, pool: Sequence[Sample], assumed: Assumptions, per_request: int) -> None:
        self.assumed = assumed
        self.made_up: set[str] = set()
        self._per_request = per_request
        self._places = Places(pool)
        self._pools: dict[str, list[Sample]] = {}
        for sample in sorted(pool, key=lambda sample: sample.id):
            self._pools.setdefault(sample.task, []).append(sample)
        self._words = {task: _vocabulary(samples) for task, samples in self._pools.items()}
        self._fit: dict[tuple[str, bool, bool], list[Sample]] = {}

    def reply(self, request: Request) -> str:
        """The text of a reply."""
        schema = request.json_schema
        dice = random.Random(request.key)
        tasks = sorted(self._pools)
        if schema is None:
            return f"{GUESS} {self._text(dice.choice(tasks), self.assumed.response, dice)}"
        prompt = request.messages[-1]["content"]
        source = self._places.find(prompt)
        task = source.task if source else dice.choice(tasks)
        about = _About(schema.get("title", ""), task, source, prompt, schema.get("$defs", {}), dice)
        if set(schema.get("properties", {})) == {"solution"}:
            solved = source or dice.choice(self._pools[task])
            return json.dumps({"solution": self._solution(solved, about)})
        return json.dumps(self._value("", schema, about), ensure_ascii=False)

    def learn(self, request: Request, text: str) -> None:
        """Know the exercises of a real reply: who is asked to solve them finds their own answer."""
        written = _exercises(text)
        source = self._places.find(request.messages[-1]["content"]) if written else None
        task = source.task if source else min(self._pools)
        for one in written:
            sample = Sample(
                task=task,
                split="pool",
                input=one["question"],
                reference=one["answer"],
                metadata={name: one[name] for name in ("solution", "tests") if name in one},
            )
            self._places.add(sample.input, sample)

    def _value(self, name: str, schema: Schema, about: _About) -> Any:
        if "$ref" in schema:
            schema = about.defs[schema["$ref"].rsplit("/", 1)[-1]]
        if "enum" in schema:
            # The first of a judge's words is the one that accepts; of one question it is the same.
            dice = random.Random(self._asked_about(about))
            good = dice.random() < self.assumed.accepts(about.task)
            return schema["enum"][0 if good and GUESS not in about.prompt else -1]
        kind = schema.get("type")
        if kind == "array":
            count = asked_for(about.prompt, self._per_request)
            return [self._value(name, schema["items"], about) for _ in range(count)]
        if kind == "object":
            properties = schema.get("properties", {})
            if "question" in properties:
                return self._exercise(properties, about)
            return {key: self._value(key, one, about) for key, one in properties.items()}
        if kind in ("integer", "number"):
            return about.dice.randrange(100)
        return self._skill(about) if name == "skill" else self._named(name, about)

    def _asked_about(self, about: _About) -> str:
        """What tells the question in a prompt from others."""
        made_up = next((one for one in about.prompt.split() if one in self.made_up), "")
        return made_up or (about.source.input if about.source else about.prompt)

    def _exercise(self, properties: Schema, about: _About) -> dict[str, Any]:
        dice = about.dice
        source = dice.choice(self._fitting(about.task, properties))
        wanted = self.assumed.characters(about.shape, "question", len(source.input))
        # A word of its own shows that it was made up, and that no other exercise is the same.
        tag = _made_up_word(dice)
        self.made_up.add(tag)
        question = f"{tag} {self._text(about.task, wanted - len(tag), dice)}"
        self._places.add(question, source)
        good = dice.random() < self.assumed.accepts(about.task)
        written = {
            "question": question,
            "answer": source.reference,
            "choices": source.choices,
            "tests": list(source.metadata.get("tests") or []),
            "solution": self._solution(source if good else self._other(source, dice), about),
        }
        return {
            name: written[name] if name in written else self._named(name, about)
            for name in properties
        }

    def _fitting(self, task: str, properties: Schema) -> list[Sample]:
        """The task's samples that an exercise of these properties can be made of."""
        key = task, "choices" in properties, "tests" in properties
        if key not in self._fit:
            pool = self._pools[task]
            fitting = [
                one
                for one in pool
                if (one.choices or not key[1]) and (one.metadata.get("tests") or not key[2])
            ]
            self._fit[key] = fitting or pool
        return self._fit[key]

    def _other(self, source: Sample, dice: random.Random) -> Sample:
        """A sample with another answer, whose solution is wrong here; the same if there is none."""
        pool = self._pools[source.task]
        start = dice.randrange(len(pool))
        turned = (pool[(start + place) % len(pool)] for place in range(len(pool)))
        return next((one for one in turned if one.reference != source.reference), source)

    def _solution(self, sample: Sample, about: _About) -> str:
        """A solution of the assumed length that ends as the data set's own does."""
        end = worked(sample)
        coded = "tests" in sample.metadata or "test" in sample.metadata
        # A program stands alone, or after as many words as in other long solutions.
        alone = coded and self.assumed.length <= 1
        usual = len(end) / self.assumed.length if alone else None
        wanted = self.assumed.characters(about.shape, "solution", usual) - len(end)
        before = self._text(about.task, wanted, about.dice)
        if not before:
            return end
        # Words before a bare program would be no Python.
        return f"# {before}\n{end}" if coded and "```" not in end else f"{before}\n{end}"

    def _named(self, name: str, about: _About) -> str:
        return self._text(
            about.task, max(2.0, self.assumed.characters(about.shape, name)), about.dice
        )

    def _skill(self, about: _About) -> str:
        """One of `assumed.skills` names, each of words of its own."""
        # The integer part of a log-uniform number is distributed as by Zipf's law.
        number = int(math.exp(about.dice.random() * math.log(self.assumed.skills + 1)))
        named = random.Random(f"{about.task} {number}")
        words = [_made_up_word(named) for _ in range(3)]
        self.made_up.add(words[0])
        return " ".join(words)

    def _text(self, task: str, characters: float, dice: random.Random) -> str:
        """Words of the task, about so many characters; texts are not all as long as their mean."""
        wanted = round(characters * dice.uniform(0.6, 1.4))
        if wanted <= 0:
            return ""
        text = " ".join(dice.choices(self._words[task], k=wanted // 3 + 1))
        return text[:wanted].rstrip() if len(text) > wanted else text


def asked_for(prompt: str, most: int) -> int:
    """How many exercises a prompt asks for: its first number that can be meant, else `most`."""
    numbers = (int(found) for found in re.findall(r"(?<![\w.])\d{1,3}(?![\w.])", prompt))
    return next((number for number in numbers if 0 < number <= most), most)


def _exercises(text: str) -> list[dict[str, Any]]:
    """Those of a reply's exercises that have the texts which a solution is made of."""
    found = parsed(text)
    samples = found.get("samples") if isinstance(found, dict) else None
    return [
        one
        for one in (samples if isinstance(samples, list) else ())
        if isinstance(one, dict)
        and all(isinstance(one.get(name), str) for name in ("question", "answer", "solution"))
    ]


def parsed(text: str) -> Any:
    """The JSON object in a reply; None where there is none."""
    try:
        return json.loads(text[text.find("{") : text.rfind("}") + 1])
    except ValueError:
        return None


def _made_up_word(dice: random.Random) -> str:
    return "".join(dice.choices(_SYLLABLES, k=5))


def _vocabulary(samples: Sequence[Sample]) -> list[str]:
    """Words of the questions, as often as they occur; no numbers, which could be answers."""
    words: list[str] = []
    for sample in samples:
        words += _WORD.findall(sample.input)
        if len(words) > ENOUGH_WORDS:
            break
    return words or ["question"]
