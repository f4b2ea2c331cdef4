"""Texts as vectors, of which near ones ask for alike things."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from lai.contrast.nearest import Matrix
from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import ContrastParams, TargetParams

Texts: TypeAlias = Sequence[str]
Embed = Callable[[Texts, Texts], tuple[Matrix, Matrix]]
"""(solved texts, failed texts) -> a row of length 1 (or 0) each, of as many columns in both."""
COMMON = 5_000
"""A word or trigram of more solved texts than that is left out: it tells little and costs most."""


def open_embedder(
    params: ContrastParams, folder: str | Path, target: TargetParams, runtime: RuntimeParams
) -> Embed:
    """The embedder that params.yaml names; `folder`: the target's model, `models/iterN`.

    Raises: PipelineError when it is not to be had.
    """
    if params.embedder == "target":
        return hidden_states(Path(folder), target, runtime)
    if params.model:
        return sentence_transformer(params.model, runtime.device)
    return tfidf


def tfidf(known: Texts, asked: Texts) -> tuple[Matrix, Matrix]:
    """TF-IDF over words and over trigrams of characters, half of the cosine each.

    (Salton & Buckley 1988.) Words tell the topic; trigrams tell stems, spellings and numbers.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion
    from sklearn.preprocessing import normalize

    shared: dict[str, Any] = {"sublinear_tf": True, "dtype": np.float32, "max_df": COMMON}
    union = FeatureUnion(
        [
            ("words", TfidfVectorizer(token_pattern=r"\w+|[^\w\s]", **shared)),
            ("trigrams", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), **shared)),
        ]
    )
    try:
        return normalize(union.fit_transform(known)), normalize(union.transform(asked))
    except ValueError:  # nothing but what all texts have: none is nearer than another
        return np.zeros((len(known), 1)), np.zeros((len(asked), 1))


def sentence_transformer(model: str, device: str) -> Embed:
    """A model of the sentence-transformers library (an optional extra).

    Raises: PipelineError when the library or the model is not there.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise PipelineError(
            "contrast_pairs.embedder: sentence_transformer needs a library that is not installed; "
            "run pip install -c constraints.txt -e '.[sentence-transformers]'"
        ) from None
    try:
        loaded = SentenceTransformer(model, device=None if device == "auto" else device)
    except (OSError, ValueError, RuntimeError) as error:
        raise PipelineError(
            f"contrast_pairs.model: {model} cannot be loaded: {' '.join(str(error).split())[:300]}"
        ) from error
    return both(lambda texts: loaded.encode(list(texts), show_progress_bar=False))


def hidden_states(folder: Path, target: TargetParams, runtime: RuntimeParams) -> Embed:
    """The target's own: what is near to it, not to another model. Raises: PipelineError."""
    if target.engine != "hf":
        raise PipelineError(
            f"contrast_pairs.embedder: target reads hidden states, which target.engine: "
            f"{target.engine} does not show; take tfidf or sentence_transformer"
        )
    from lai.engines.hf import environment

    environment.prepare()
    from lai.engines.hf.embedding import HiddenStates

    return both(HiddenStates(folder, target, runtime))


def both(embed: Callable[[Texts], Any]) -> Embed:
    """An `Embed` of a function that takes all texts alike."""

    def embedded(known: Texts, asked: Texts) -> tuple[Matrix, Matrix]:
        rows = _unit(np.asarray(embed([*known, *asked]), dtype=np.float32))
        return rows[: len(known)], rows[len(known) :]

    return embedded


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1; a row of zeros stays one.

    The mean is taken off first: rows of a decoder all point much the same way, and what they have
    in common tells nothing (Mu & Viswanath 2018).
    """
    rows = rows - rows.mean(axis=0, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: np.ndarray = rows / np.maximum(lengths, 1e-12)
    return unit
