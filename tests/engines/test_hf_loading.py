"""What loading a model gives, and what it says when it cannot."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
import torch

from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.engines import target
from lai.engines.hf.engine import HfEngine
from tests.support import tiny_model
from tests.support.hf import QUESTIONS, RUNTIME, open_engine


def test_a_cpu_computes_in_float32_and_the_network_is_left_alone(
    iter0: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a local model was looked up on the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    engine = open_engine(iter0)
    assert len(list(engine.generate(QUESTIONS[:2]))) == 2
    assert engine._decoder()._model.dtype == torch.float32
    stored = open_engine(iter0, dtype="bfloat16")
    assert stored._decoder()._model.dtype == torch.bfloat16


def test_attention_is_not_planned_anew_for_every_token(iter0: Path) -> None:
    torch.backends.cuda.enable_cudnn_sdp(True)
    assert len(list(open_engine(iter0).generate(QUESTIONS[:1]))) == 1
    assert not torch.backends.cuda.cudnn_sdp_enabled()


def test_errors_say_how_to_mend(tmp_path: Path, base: Path) -> None:
    with pytest.raises(PipelineError, match=r"model\.json does not exist"):
        open_engine_at(tmp_path)
    folder = tiny_model.describe(base, tmp_path / "iter0")
    with pytest.raises(PipelineError, match=r"runtime\.device: tpu cannot be used"):
        next(open_engine(folder, RuntimeParams(device="tpu")).generate(QUESTIONS))
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").write_text("{}")
    broken = tiny_model.describe(tmp_path / "base", tmp_path / "iter1")
    with pytest.raises(PipelineError, match=r"the model in .*base cannot be loaded"):
        next(open_engine(broken).generate(QUESTIONS))
    model = target.read(folder)
    target.write(folder, model.model_copy(update={"adapter": "0" * 64}))
    with pytest.raises(PipelineError, match=r"adapter_model\.safetensors does not exist"):
        next(open_engine(folder).generate(QUESTIONS))


def test_a_model_folder_that_is_gone_does_not_exist(tmp_path: Path) -> None:
    base = tiny_model.save(tmp_path / "base")
    folder = tiny_model.describe(base, tmp_path / "iter0")
    shutil.rmtree(base)
    with pytest.raises(PipelineError, match=f"^target.model: {base} does not exist; give a folder"):
        next(open_engine(folder).generate(QUESTIONS))


def test_a_model_without_a_chat_template_is_refused(tmp_path: Path) -> None:
    base = tiny_model.save(tmp_path / "base", template="")
    (base / "chat_template.jinja").unlink(missing_ok=True)
    folder = tiny_model.describe(base, tmp_path / "iter0")
    with pytest.raises(PipelineError, match=r"the chat template of .* cannot render \['user'\]"):
        next(open_engine(folder).generate(QUESTIONS))


def test_a_hub_model_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    target.write(tmp_path, target.describe_base("no-such-org/no-such-model", "abc"))
    with pytest.raises(
        PipelineError, match="nor cached, and the Hugging Face Hub cannot"
    ) as caught:
        next(open_engine(tmp_path).generate(QUESTIONS))
    assert "\n" not in str(caught.value)


def open_engine_at(folder: Path) -> HfEngine:
    return HfEngine(folder, TargetParams(model="x"), RUNTIME)
