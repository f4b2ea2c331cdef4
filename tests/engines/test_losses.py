"""The target's loss on reference answers: against the plain formula, whatever is in the batch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.engines.hf.encoding import Chat
from lai.engines.hf.losses import reference_losses
from tests.support import tiny_model

CPU = RuntimeParams(device="cpu")


def chat(question: str, answer: str) -> Chat:
    return [{"role": "user", "content": question}], [{"role": "assistant", "content": answer}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("losses")
    tiny_model.describe(tiny_model.save(made / "base"), made / "iter0")
    return made


def losses(folder: Path, chats: list[Chat], runtime: RuntimeParams = CPU) -> list[float]:
    base = TargetParams(model=str(folder / "base"))
    return reference_losses(folder / "iter0", base, runtime, chats)


def test_it_is_the_mean_negative_log_likelihood_of_the_answer_and_its_end(folder: Path) -> None:
    (found,) = losses(folder, [chat("q", "yes")])
    tokenizer = tiny_model.tokenizer()
    prompt = tokenizer("<|begin|><user>q<|turn|>\n<assistant>", add_special_tokens=False).input_ids
    answer = tokenizer("yes<|turn|>", add_special_tokens=False).input_ids
    model = AutoModelForCausalLM.from_pretrained(folder / "base", dtype=torch.float32)
    with torch.inference_mode():
        logits = model(torch.tensor([prompt + answer])).logits[0].log_softmax(-1)
    told = [logits[len(prompt) - 1 + i, token] for i, token in enumerate(answer)]
    assert found == pytest.approx(-float(sum(told)) / len(answer), abs=1e-4)


def test_neither_batch_nor_order_changes_it(folder: Path) -> None:
    chats = [chat("q" * n, "answer" * (1 + n % 5)) for n in (1, 30, 7, 2, 11, 19)]
    together = losses(folder, chats)
    assert together == pytest.approx([losses(folder, [one])[0] for one in chats], abs=1e-4)
    small = losses(folder, chats, RuntimeParams(device="cpu", batch_tokens=64))
    assert together == pytest.approx(small, abs=1e-4)
    assert len(set(together)) == len(chats)


def test_what_lies_beyond_the_context_does_not_count(folder: Path) -> None:
    assert losses(folder, [chat("q" * 300, "never reached")]) == [0.0]
    (cut,) = losses(folder, [chat("q", "a" * 500)])
    assert cut > 0


def test_a_served_target_has_no_loss_to_show() -> None:
    served = TargetParams(engine="openai", model="m")
    with pytest.raises(PipelineError, match=r"target\.engine: openai does not show; take augment"):
        reference_losses(Path("models/iter0"), served, CPU, [])
