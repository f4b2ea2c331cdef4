"""Which texts mean much the same thing, by the words that they share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from lai.core.text import normalized

MOST = 4_000
"""Names compared with one another: the distances of that many take 64 MB. Rarer ones stay alone."""
DIMENSIONS = 50


def of_names(names: Sequence[str], distance: float) -> list[str]:
    """For each name the one that stands for it: the most frequent of those within `distance`.

    Names are short phrases, compared by their trigrams to pentagrams of characters (TF-IDF, cosine
    distance from 0 to 1), which sees through inflection and word order; clusters are merged by the
    mean distance between their members. At distance 0 only equal names, normalised, are one.
    """
    written: dict[str, Counter[str]] = {}
    for name in names:
        written.setdefault(normalized(name), Counter())[name] += 1
    keys = sorted(written, key=lambda key: (-written[key].total(), key))
    head = keys[:MOST]
    stands = {key: key for key in keys}
    if distance > 0 and len(head) > 1:
        for cluster in _clusters(head, distance):
            # `head` has the most frequent first, and so has every part of it.
            stands |= dict.fromkeys(cluster, cluster[0])
    best = {key: min(written[key], key=lambda name: (-written[key][name], name)) for key in keys}
    return [best[stands[normalized(name)]] for name in names]


def of_texts(texts: Sequence[str], size: int, seed: int) -> list[list[int]]:
    """Places of `texts` in groups of about `size` that lie near one another, nearest to the middle
    of its group first (TF-IDF, reduced by a singular value decomposition; k-means).
    """
    count = math.ceil(len(texts) / size)
    if count <= 1 or len(texts) <= 2:
        return [list(range(len(texts)))] if texts else []
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    try:
        found = TfidfVectorizer(token_pattern=r"\w+", sublinear_tf=True).fit_transform(texts)
    except ValueError:  # no word in any of them
        return [list(range(len(texts)))]
    if min(found.shape) > DIMENSIONS + 1:
        rows = TruncatedSVD(DIMENSIONS, random_state=seed).fit_transform(found)
    else:
        rows = found.toarray()
    rows = normalize(rows)
    different = len(np.unique(rows.round(6), axis=0))
    fitted = KMeans(min(count, different), random_state=seed, n_init=3).fit(rows)
    away = np.linalg.norm(rows - fitted.cluster_centers_[fitted.labels_], axis=1).round(6)
    groups: dict[int, list[int]] = {}
    for place in sorted(range(len(texts)), key=lambda place: (away[place], place)):
        groups.setdefault(int(fitted.labels_[place]), []).append(place)
    return sorted(groups.values(), key=min)


def _clusters(names: list[str], distance: float) -> list[list[str]]:
    import numpy as np
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    rows = vectorizer.fit_transform(names)
    apart = np.clip(1 - (rows @ rows.T).toarray(), 0, 1).round(6)
    np.fill_diagonal(apart, 0)
    merged = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=distance
    ).fit_predict(apart)
    groups: dict[int, list[str]] = {}
    for name, label in zip(names, merged, strict=True):
        groups.setdefault(int(label), []).append(name)
    return list(groups.values())
