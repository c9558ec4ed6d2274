"""The families of models, and how one of them is judged.

Everything that is random takes the seed, and nothing here computes in several
threads: the same settings give the same model on a laptop and on a server.
"""

from __future__ import annotations

from typing import Any

FOLDS = 5


def build(family: str, settings: dict[str, Any], seed: int):
    """An unfitted scikit-learn model of that family.

    family is "logistic", "knn" or "forest"; another one is a ValueError.
    settings are keyword arguments of the scikit-learn class.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if family == "logistic":
        # liblinear never leaves its one thread; the default solver calls BLAS.
        return make_pipeline(
            StandardScaler(),
            LogisticRegression(solver="liblinear", random_state=seed, **settings),
        )
    if family == "knn":
        return make_pipeline(
            StandardScaler(),
            KNeighborsClassifier(algorithm="kd_tree", n_jobs=1, **settings),
        )
    if family == "forest":
        return RandomForestClassifier(random_state=seed, n_jobs=1, **settings)
    raise ValueError(f'unknown family {family!r}; choose "logistic", "knn" or "forest"')


def cross_validate(model, x, y, seed: int) -> list[float]:
    """Area under the ROC curve in each of FOLDS folds, 0.5 (guessing) to 1."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    scores = cross_val_score(model, x, y, cv=folds, scoring="roc_auc", n_jobs=1)
    return [float(score) for score in scores]


def roc_curve(model, x, y) -> list[tuple[float, float]]:
    """The ROC curve of a fitted model: (false alarms, found tumours), both as
    shares from 0 to 1, from (0, 0) to (1, 1)."""
    from sklearn import metrics

    alarms, found, _ = metrics.roc_curve(y, model.predict_proba(x)[:, 1])
    return [(float(a), float(f)) for a, f in zip(alarms, found)]
