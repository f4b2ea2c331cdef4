"""What is learnt, from which tokens, and that nothing else moves."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from trl.trainer.sft_trainer import SFTTrainer

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.params.training import LoraParams
from lai.core.records import TrainRow
from lai.engines import target
from lai.engines.hf import chat, cores, loading
from lai.engines.hf.encoding import IGNORED, Chat, encode
from lai.training import lora, phases
from lai.training.cpu import CpuTrainer
from tests.support import tiny_model
from tests.support.teaching import (
    PARAMS,
    ROWS,
    RUNTIME,
    answers,
    contents,
    lesson,
    row,
    train,
)

CHAT: Chat = ([{"role": "user", "content": "q"}], [{"role": "assistant", "content": "yes"}])


def a_trainer(models: Path, rows: list[TrainRow] = ROWS) -> Any:
    model = target.read(models / "iter0")
    told = lesson(models, "probe", rows)
    loaded, tokenizer = loading.load_base(model, told.target, RUNTIME)
    stops = chat.stop_ids(tokenizer, loaded.generation_config)
    encoded = encode([(one.prompt, one.completion) for one in told.rows], tokenizer, {}, stops)
    return lora.make_trainer(loaded, tokenizer, encoded, told, str(models / "tmp"))


def test_the_adapter_moves_and_the_base_does_not(
    models: Path, base: Path, trained: dict[str, Any]
) -> None:
    assert target.fingerprint_folder(base) == target.read(models / "iter0").base_fingerprint
    weights = load_file(models / "iter1" / target.ADAPTER)
    # Seven linear layers in each of two blocks; the second matrices start at zero.
    assert len(weights) == 2 * 7 * 2
    assert all(w.abs().max() > 1e-3 for name, w in weights.items() if "lora_B" in name)
    assert answers(models / "iter1") != answers(models / "iter0")

    trainer = a_trainer(models)
    before = {name: value.clone() for name, value in trainer.model.named_parameters()}
    trainer.train()
    for name, value in trainer.model.named_parameters():
        assert torch.equal(value, before[name]) == ("lora_" not in name), name


def test_the_taught_answers_are_learnt(models: Path) -> None:
    rows = [row(f"q {number}", "yes") for number in range(24)]
    harder = PARAMS.model_copy(update={"epochs": 8})
    train(models, "learnt", rows, params=harder)
    assert answers(models / "learnt") == ["yes"] * 6


def test_a_merged_adapter_answers_as_the_adapter_itself(
    models: Path, trained: dict[str, Any]
) -> None:
    model = target.read(models / "iter1")
    params = TargetParams(model=model.base)
    merged, tokenizer = loading.load_trained(models / "iter1", model, params, RUNTIME)
    loaded, _ = loading.load_base(model, params, RUNTIME)
    unmerged = PeftModel.from_pretrained(loaded, models / "iter1").eval()
    assert not any("lora_" in name for name, _ in merged.named_parameters())
    ids = torch.tensor([tokenizer("an answer")["input_ids"]])
    with torch.inference_mode():
        torch.testing.assert_close(merged(ids).logits, unmerged(ids).logits, atol=1e-4, rtol=1e-4)


def test_the_loss_is_on_the_completion_alone_and_its_end(models: Path) -> None:
    trainer = a_trainer(models, [row("q", "yes"), row("a longer one", "no")])
    batch = next(iter(trainer.get_train_dataloader()))
    decode = trainer.processing_class.decode
    found = set()
    for ids, labels, mask in zip(
        batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True
    ):
        taught = labels != IGNORED
        assert torch.equal(ids[taught], labels[taught])
        assert not (taught & (mask == 0)).any()
        context = decode(ids[~taught & (mask == 1)])
        found.add((context, decode(labels[taught])))
    assert found == {
        ("<|begin|><user>q<|turn|>\n<assistant>", "yes<|turn|>"),
        ("<|begin|><user>a longer one<|turn|>\n<assistant>", "no<|turn|>"),
    }


def test_on_a_cpu_the_loss_is_trls_own(models: Path) -> None:
    trainer = a_trainer(models)
    batch = next(iter(trainer.get_train_dataloader()))
    count = (batch["labels"] != IGNORED).sum()
    plain = trainer.compute_loss(trainer.model, dict(batch), num_items_in_batch=count)
    trls = SFTTrainer.compute_loss(trainer, trainer.model, dict(batch), num_items_in_batch=count)
    torch.testing.assert_close(plain, trls)


@pytest.mark.parametrize("cores_here", [1, 8])
def test_on_a_cpu_the_gradient_is_that_of_the_whole_batch(
    models: Path, monkeypatch: pytest.MonkeyPatch, cores_here: int
) -> None:
    monkeypatch.setattr(cores, "threads", lambda: cores_here)
    rows = [row("q" * (1 + 3 * place), "yes" * (1 + place % 3)) for place in range(7)]
    trainer = a_trainer(models, rows)
    torch.set_num_threads(1)
    assert (trainer._pool is not None) == (cores_here == 8)
    batch = next(iter(trainer.get_train_dataloader()))
    count = (batch["labels"] != IGNORED).sum()
    trained = [one for one in trainer.model.parameters() if one.requires_grad]
    for one in trained:
        # The second matrices start at zero, where the first ones have no gradient.
        torch.nn.init.normal_(one, std=0.1)

    def step(trainer_class: Any) -> tuple[Any, list[Any]]:
        trainer.optimizer = torch.optim.SGD(trained)
        trainer.optimizer.zero_grad()
        loss = trainer_class.training_step(trainer, trainer.model, dict(batch), count)
        return loss, [one.grad.clone() for one in trained]

    (plain, gradients), (loss, halved) = step(SFTTrainer), step(CpuTrainer)
    torch.testing.assert_close(loss, plain)
    assert all(one.abs().max() > 0 for one in gradients)
    torch.testing.assert_close(halved, gradients, atol=1e-6, rtol=1e-4)
    again = CpuTrainer.training_step(trainer, trainer.model, dict(batch), count)
    assert torch.equal(again, loss)
    torch.testing.assert_close([one.grad for one in trained], [2 * one for one in halved])


def test_what_drops_at_random_is_not_trained_side_by_side(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "threads", lambda: 8)
    dropping = PARAMS.model_copy(update={"lora": LoraParams(rank=4, alpha=8, dropout=0.3)})
    for name in ("once", "twice"):
        train(models, name, params=dropping)
    torch.set_num_threads(1)
    once, twice = contents(models / "once"), contents(models / "twice")
    assert once[target.ADAPTER] == twice[target.ADAPTER]


def test_a_stop_token_is_added_where_the_template_has_none() -> None:
    tokenizer = tiny_model.tokenizer(
        "{% for message in messages %}[{{ message['role'] }}]{{ message['content'] }}"
        "{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
    )
    (encoded,) = encode([CHAT], tokenizer, {}, [1, 2])
    assert tokenizer.decode(encoded.input_ids) == "[user]q[assistant]yes<|end|>"
    assert encoded.labels[-4:] == encoded.input_ids[-4:]
    assert set(encoded.labels[:-4]) == {IGNORED}


def test_options_reach_the_template() -> None:
    template = tiny_model.TEMPLATE.replace(
        "{{ message['content'] }}",
        "{% if thinking and message['role'] == 'assistant' %}<think>\n</think>{% endif %}"
        "{{ message['content'] }}",
    )
    tokenizer = tiny_model.tokenizer(template)
    (encoded,) = encode([CHAT], tokenizer, {"thinking": True}, [1, 2])
    taught = [label for label in encoded.labels if label != IGNORED]
    assert tokenizer.decode(taught) == "</think>yes<|turn|>"


def test_training_goes_on_from_the_previous_adapter_when_told_to(
    models: Path, trained: dict[str, Any]
) -> None:
    gentle = PARAMS.model_copy(update={"epochs": 1, "learning_rate": 1e-6})
    going_on = gentle.model_copy(update={"start_from": "previous"})
    source = {"source": models / "iter1", "iteration": "iter2", "trained_on": ["sample_c"]}
    fresh = train(models, "fresh", params=gentle, **source)
    metrics = train(models, "continued", params=going_on, **source)
    assert metrics["final_loss"] < fresh["final_loss"] - 1
    assert metrics["trainable_parameters"] == trained["trainable_parameters"]
    before = load_file(models / "iter1" / target.ADAPTER)
    after = load_file(models / "continued" / target.ADAPTER)
    assert all(torch.allclose(after[name], before[name], atol=1e-4) for name in before)
    assert not all(torch.equal(after[name], before[name]) for name in before)
    assert target.read(models / "continued").trained_on == ["sample_a", "sample_b", "sample_c"]
    assert target.read(models / "fresh").trained_on == ["sample_c"]
    # From an untrained model there is nothing to go on from, so it starts afresh.
    train(models, "first", params=going_on)


SCHEDULES = [
    # rows, changes to the params, steps, warm-up, type
    (33, {}, 10, 0, "cosine"),
    (33, {"warmup_ratio": 0.11}, 10, 2, "cosine"),
    (33, {"gradient_accumulation": 4}, 4, 0, "cosine"),
    (33, {"warmup_ratio": 1.0, "schedule": "linear"}, 10, 10, "linear"),
    (33, {"warmup_ratio": 0.0, "schedule": "constant"}, 10, 0, "constant_with_warmup"),
]


@pytest.mark.parametrize(("rows", "changes", "steps", "warmup", "kind"), SCHEDULES)
def test_the_schedule_counts_whole_steps(
    models: Path, rows: int, changes: dict[str, Any], steps: int, warmup: int, kind: str
) -> None:
    changed = PARAMS.model_copy(update=changes)
    found = phases.schedule(changed, rows, changed.epochs)
    assert (found["warmup_steps"], found["lr_scheduler_type"]) == (warmup, kind)
    assert found["logging_steps"] == 1
    many = [row(str(number)) for number in range(rows)]
    metrics = train(models, "steps", many, params=changed)
    assert metrics["steps"] == steps


def test_training_calls_nobody(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: called.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_: called.append(address))
    monkeypatch.delenv("HF_HUB_DISABLE_TELEMETRY", raising=False)
    monkeypatch.delenv("CI", raising=False)
    # As when the hub's library was imported before anything of ours ran.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    train(models, "quiet", ROWS[:8])
    assert called == []


@pytest.mark.gpu
def test_on_a_gpu(models: Path) -> None:
    runtime = RuntimeParams(device="cuda")
    metrics = train(models, "gpu", runtime=runtime)
    assert metrics["steps"] == 6
    weights = load_file(models / "gpu" / target.ADAPTER)
    assert all(weight.dtype == torch.float32 for weight in weights.values())
    assert len(answers(models / "gpu", runtime)) == 6
