"""The data set: what was measured, and how it becomes training and test data.

569 tumours of the breast, each with ten properties of its cell nuclei. A
property has three columns: its mean over the nuclei, its standard error, and
its worst (largest) value. scikit-learn carries the data, so nothing is
downloaded.

scikit-learn is imported only by the functions that need it: `columns` is a
hook, and a plan that asks it should not wait two seconds for an import.
"""

from __future__ import annotations

PROPERTIES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)

_PATTERNS = {"mean": "mean {}", "error": "{} error", "worst": "worst {}"}


def columns(statistics: list[str]) -> list[str]:
    """Names of the columns that hold these statistics of all ten properties.

    statistics are some of "mean", "error" and "worst"; another word is a
    ValueError. The order is that of the statistics, then of the properties.
    """
    unknown = [word for word in statistics if word not in _PATTERNS]
    if unknown:
        raise ValueError(f"unknown statistics {unknown}; choose from {list(_PATTERNS)}")
    return [_PATTERNS[word].format(name) for word in statistics for name in PROPERTIES]


def load(names: list[str]):
    """The named columns of all usable tumours.

    Returns x, floats of shape (tumours, columns), y, integers of shape
    (tumours,) with 1 for malignant, and how many tumours were dropped because
    a value is missing or the same row stands in the data twice.
    """
    import numpy as np
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    known = list(data.feature_names)
    x = data.data[:, [known.index(name) for name in names]]
    y = (data.target == list(data.target_names).index("malignant")).astype(int)

    complete = np.isfinite(x).all(axis=1)
    _, first = np.unique(np.column_stack([x, y]), axis=0, return_index=True)
    kept = np.array(sorted(set(first) & set(np.flatnonzero(complete))))
    return x[kept], y[kept], len(x) - len(kept)


def split(x, y, test_share: float, seed: int):
    """x_train, x_test, y_train, y_test, with as many malignant ones in each part
    as its size asks for. test_share lies between 0 and 1."""
    from sklearn.model_selection import train_test_split

    return train_test_split(x, y, test_size=test_share, random_state=seed, stratify=y)
