"""Whether a model is on the Hugging Face Hub, or cached, and what to say when it cannot be had."""

from __future__ import annotations

from pathlib import Path

from lai.core.errors import PipelineError
from lai.engines.target import is_path, missing

CONFIG = "config.json"


def check(model: str, revision: str | None) -> None:
    """See to it that the Hub has `model` at `revision`: its config alone is looked up, not weights.

    What is cached is enough where the Hub cannot be reached, or must not be (HF_HUB_OFFLINE).

    Raises: PipelineError when it is not there or may not be had, or nobody can tell.
    """
    # A model folder, as in the demo, never pays for this import.
    from huggingface_hub import get_hf_file_metadata, hf_hub_url, try_to_load_from_cache
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        if isinstance(try_to_load_from_cache(model, CONFIG, revision=revision), str):
            return
        get_hf_file_metadata(hf_hub_url(model, CONFIG, revision=revision))
    except (HfHubHTTPError, HFValidationError) as error:
        raise PipelineError(advice(model, error)) from None
    except Exception:  # of whichever HTTP library is beneath, or of HF_HUB_OFFLINE
        raise PipelineError(_unreachable(model)) from None


def advice(base: str, error: Exception) -> str:
    """What is wrong with the model `base`, a folder or a Hub id, and what to do about it."""
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    kinds: list[type[Exception]] = [
        GatedRepoError,
        RevisionNotFoundError,
        RepositoryNotFoundError,
        LocalEntryNotFoundError,
        EntryNotFoundError,
    ]
    causes = list(_chain(error))
    kind = next((one for one in kinds if any(isinstance(cause, one) for cause in causes)), None)
    if kind is GatedRepoError:
        return (
            f"target.model: {base} is gated; accept its terms at https://huggingface.co/{base} "
            "and set HF_TOKEN, or log in with `hf auth login`"
        )
    what = " ".join(str(error).split())[:300] or type(error).__name__
    if Path(base).is_dir():
        return f"target.model: the model in {base} cannot be loaded: {what}"
    if is_path(base):
        return missing(base)
    if kind is RevisionNotFoundError:
        return f"target.revision: {base} has no such revision on the Hugging Face Hub; mend it"
    if kind is RepositoryNotFoundError:
        return (
            f"target.model: {base} is neither a folder here nor a model on the Hugging Face Hub; "
            "check the name (a private model needs HF_TOKEN)"
        )
    if kind is LocalEntryNotFoundError:
        return _unreachable(base)
    if kind is EntryNotFoundError:
        return f"target.model: {base} on the Hugging Face Hub has no config.json, so it is no model"
    return (
        f"target.model: {base} cannot be loaded from the Hugging Face Hub: {what}; check the name "
        "and the revision, and that the network is there, or name a folder with the model"
    )


def _unreachable(base: str) -> str:
    return (
        f"target.model: {base} is neither a folder here nor cached, and the Hugging Face Hub "
        "cannot be reached (no network, or HF_HUB_OFFLINE is set); get online once, or name a "
        "folder with the model"
    )


def _chain(error: BaseException | None) -> list[BaseException]:
    """`error` and what lies beneath it."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
