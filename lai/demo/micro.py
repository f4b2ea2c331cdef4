"""Remakes `models/base/micro`, the demo's target: `python -m lai.demo.micro`.

A small Llama with its own tokenizer, saved as any Hub model is. It is pre-trained on the demo
world with gaps: `exposure` leaves a part of the skills out, and shows another part seldom, so
that there is something to find and to teach. About ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from lai.demo import world

PAD, END, SYSTEM, USER, ASSISTANT = SPECIAL = (
    "<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>",
)  # fmt: skip
TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
# Text of other kinds, so that a foreign question is words and not all bytes.
PLAIN = (
    """
The quick brown fox jumps over the lazy dog. Please answer the following question and explain your
reasoning step by step. You are a helpful assistant. There were three people in the room, and each
of them had some money left at the end of the day. She gave her friend half of what she had, so he
would have more than before. It takes two hours to drive from one town to another; how much time is
it in minutes? If the total cost is $12.50 and she pays with $20, what change does she get?
def add(a, b): return a + b   for i in range(10): print(i)   if x is None: raise ValueError(x)
import math, os, sys   class Stack: def push(self, item): self.items.append(item)   while 1: break
0 1 2 3 4 5 6 7 8 9 10 25 50 100 1000 3.14 1/2 #### 72 The answer is: therefore because which what
when where who will would could should about after before first last all any some many most other
"""
    * 20
)


@dataclass(frozen=True)
class Recipe:
    """How the base model is made; the defaults are what `models/base/micro` was made with."""

    seed: int = 1
    vocabulary: int = 1088
    width: int = 128
    layers: int = 4
    heads: int = 4
    inner: int = 320
    spread: float = 0.06
    steps: int = 700
    batch: int = 64
    rate: float = 3e-3
    decay: float = 0.05
    warm_up: int = 60
    ood_share: float = 0.4
    drills: float = 0.3
    missing: tuple[tuple[str, float], ...] = (("math", 0.45), ("coding", 0.45), ("facts", 0.5))
    seldom: float = 0.08
    seldom_weight: float = 0.04


def exposure(skill: world.Skill, recipe: Recipe) -> float:
    """How often pre-training shows a skill, relative to one it is to know: 0 makes a gap."""
    rng = random.Random(f"lai gap {skill.family} {skill.name}")
    rank = rng.random()
    missing = dict(recipe.missing)[skill.family]
    if rank < missing:
        return 0.0
    return recipe.seldom_weight if rank < missing + recipe.seldom else 1.0


def drill(rng: random.Random) -> tuple[str, str]:
    """(question, solution) that trains the small arithmetic of the math forms on its own."""
    left, right, last = rng.randint(2, 9), rng.randint(2, 9), rng.randint(1, 9)
    sign = "+" if left * right <= last or rng.random() < 0.5 else "-"
    product = left * right
    total = world.compute(product, sign, last)
    work = f"{left} * {right} = {product}. {product} {sign} {last} = {total}."
    return f"Find {left} * {right} {sign} {last}.", f"{work} The answer is {total}."


def stream(recipe: Recipe, rng: random.Random) -> Iterator[tuple[str, str]]:
    """(question, solution) without end: skills it is to know, in ID and OOD forms, and drills."""
    taught = {family: world.skills(family) for family in world.FAMILIES}
    weights = {f: [exposure(s, recipe) for s in skills] for f, skills in taught.items()}
    while True:
        for family, skills in taught.items():
            if family == "math" and rng.random() < recipe.drills:
                yield drill(rng)
                continue
            (skill,) = rng.choices(skills, weights[family])
            form = rng.choice(world.forms(family, rng.random() < recipe.ood_share))
            item = world.solve(world.pose(skill, form, rng))
            yield world.rendered(item.question, item.choices), item.solution


def texts(question: str, solution: str) -> tuple[str, str]:
    """A question and its solution as the chat template renders them: (prompt, completion)."""
    return f"{USER}{question}{END}{ASSISTANT}", f"{solution}{END}"


def make_tokenizer(recipe: Recipe) -> PreTrainedTokenizerFast:
    """Byte-level BPE with single digits: any text comes back exactly, the world's in few tokens."""
    corpus = [PLAIN]
    for family in world.FAMILIES:
        for skill in world.skills(family):
            for form in (*world.forms(family, False), *world.forms(family, True)):
                rng = random.Random(f"{skill.name} {form.name}")
                item = world.solve(world.pose(skill, form, rng))
                corpus += [world.rendered(item.question, item.choices), item.solution]
    tokenizer = Tokenizer(models.BPE())
    words = Regex(r"[A-H]\)| ?\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(words, "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=recipe.vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[SYSTEM, USER, ASSISTANT],
        chat_template=TEMPLATE,
        padding_side="left",
        model_max_length=2048,
        clean_up_tokenization_spaces=False,
    )


def make_model(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """The untrained model."""
    end, pad = tokenizer.eos_token_id, tokenizer.pad_token_id
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.width,
        intermediate_size=recipe.inner,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        max_position_embeddings=2048,
        initializer_range=recipe.spread,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=pad,
    )
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        eos_token_id=end, pad_token_id=pad, do_sample=False, max_new_tokens=64
    )
    return model


Batch = tuple[torch.Tensor, torch.Tensor]


def batches(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Iterator[Batch]:
    """(ids, labels), each [batch, longest], right-padded; labels are -100 outside completions."""
    items = stream(recipe, random.Random(f"lai pre-training {recipe.seed}"))
    pad = tokenizer.pad_token_id
    for _ in range(recipe.steps):
        pairs = [texts(*next(items)) for _ in range(recipe.batch)]
        prompts = tokenizer([prompt for prompt, _ in pairs], add_special_tokens=False)["input_ids"]
        answers = tokenizer([answer for _, answer in pairs], add_special_tokens=False)["input_ids"]
        longest = max(len(p) + len(a) for p, a in zip(prompts, answers, strict=True))
        ids = torch.full((recipe.batch, longest), pad)
        labels = torch.full((recipe.batch, longest), -100)
        for row, (p, a) in enumerate(zip(prompts, answers, strict=True)):
            ids[row, : len(p) + len(a)] = torch.tensor(p + a)
            labels[row, len(p) : len(p) + len(a)] = torch.tensor(a)
        yield ids, labels


def pretrain(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Trains the model on the stream, with the loss on completions, and cosine decay to zero."""
    torch.manual_seed(recipe.seed)
    model = make_model(recipe, tokenizer)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.rate, betas=(0.9, 0.98), weight_decay=recipe.decay, fused=True
    )

    def rate(step: int) -> float:
        done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
        return (
            min(1.0, (step + 1) / recipe.warm_up) * 0.5 * (1 + math.cos(math.pi * max(0.0, done)))
        )

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    start = time.time()
    for step, (ids, labels) in enumerate(batches(recipe, tokenizer), start=1):
        states = model.model(input_ids=ids).last_hidden_state[:, :-1]
        wanted = labels[:, 1:]
        scores = model.lm_head(states[wanted >= 0])
        loss = functional.cross_entropy(scores, wanted[wanted >= 0])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 50 == 0 or step == recipe.steps:
            print(f"step {step}  loss {loss.item():.3f}  {time.time() - start:.0f} s", flush=True)
    return model


def main() -> None:
    """Makes tokenizer and weights and saves them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("models/base/micro"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = Recipe()
    tokenizer = make_tokenizer(recipe)
    model = pretrain(recipe, tokenizer).bfloat16()
    model.save_pretrained(options.out)
    tokenizer.save_pretrained(options.out)


if __name__ == "__main__":
    main()
