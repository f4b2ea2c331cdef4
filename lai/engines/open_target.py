"""Opens the target that params.yaml names, with the store of replies in front."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.record import digest
from lai.engines import stand_in
from lai.engines.base import Engine
from lai.engines.hf import hub
from lai.engines.store.cache import Cached
from lai.engines.store.ledger import ledger_beside
from lai.engines.store.transcripts import Transcribed
from lai.engines.target import Target, check_base, describe_base, read


def open_target(
    folder: str | Path, target: TargetParams, runtime: RuntimeParams, cache: Path
) -> Cached:
    """The model of `folder` (models/iterN), which is opened when it is first asked, see `Cached`.

    What a server answers is transcribed; what a model in this process says, its weights say again.
    """
    if (rehearsed := stand_in.of("target")) is not None:
        return Transcribed(rehearsed, cache)
    engine = partial(_engine, Path(folder), target, runtime, cache)
    if target.engine == "openai":
        return Transcribed(engine, cache, price=runtime.target.price)
    return Cached(engine, cache, recorded=target.engine == "replay", local=True)


def _engine(folder: Path, target: TargetParams, runtime: RuntimeParams, cache: Path) -> Engine:
    if target.engine == "openai":
        from lai.engines.openai.engine import OpenAIEngine

        ledger = ledger_beside(cache, runtime.budget)
        return OpenAIEngine(runtime.target, "target", target.provider, ledger)
    if target.engine == "replay":
        from lai.engines.replay import ReplayEngine

        return ReplayEngine(target.logs)
    from lai.engines.hf.engine import HfEngine

    check_base(read(folder))
    return HfEngine(folder, target, runtime)


def describe(params: TargetParams) -> Target:
    """The descriptor of the untaught target. Raises: PipelineError when it does not exist."""
    if params.engine == "hf":
        base = describe_base(params.model, params.revision)
        if not Path(params.model).is_dir():
            hub.check(params.model, params.revision)
        return base
    if params.engine == "replay":
        from lai.engines.replay import fingerprint

        told = fingerprint(params.logs)
    else:
        told = digest([params.provider or params.engine, params.model])
    return Target(iteration="iter0", base=params.model, base_fingerprint=told)
