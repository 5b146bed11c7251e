"""What votes say: shares with intervals, agreement between raters, and whether the place of an image matters."""

import numpy as np
import pandas as pd
from scipy import stats

from insm.evaluation.statistics import wilson
from insm.voting.study import Key


def fleiss_kappa(counts: np.ndarray) -> float:
    """Agreement beyond chance between raters (Fleiss, Psychol. Bull. 1971), for items with two ratings or more.

    Items may have different numbers of ratings: an item's agreement is the fraction of its pairs of ratings that agree,
    and items count alike.

    Args:
        counts: ratings by item and category, [N, K].

    Returns:
        1 for full agreement, 0 for chance; NaN without an item of two ratings, or if all ratings are of one category.
    """
    counts = np.asarray(counts, dtype=float)
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        return float("nan")
    ratings = counts.sum(axis=1)
    agreement = ((counts**2).sum(axis=1) - ratings) / (ratings * (ratings - 1))
    chance = float(((counts.sum(axis=0) / counts.sum()) ** 2).sum())
    return float("nan") if chance == 1 else (float(agreement.mean()) - chance) / (1 - chance)


def position_bias(votes: pd.DataFrame, places: int) -> tuple[list[int], float]:
    """Choices by place, and the p-value of chi-squared against an equal number for each.

    The order of outputs is random, so without a bias of raters every place is chosen alike often; NaN without votes.
    """
    chosen = votes.place.dropna().astype(int)
    counts = np.bincount(chosen - 1, minlength=places)
    return counts.tolist(), float(stats.chisquare(counts).pvalue) if counts.sum() else float("nan")


def shares(votes: pd.DataFrame, key: Key, excluded: int = 0) -> pd.DataFrame:
    """The result of a vote, a row per method in the paper's order.

    Args:
        votes: what `answers.unblinded` returns.
        key: of the study.
        excluded: raters who were left out.

    Returns:
        method, label, votes, share (of the votes for a method; "can't tell" is none) with its 95 % Wilson interval
        (low, high); then, the same in all rows: comparisons that were voted on, raters, excluded, cannot_tell (votes),
        kappa (Fleiss, with "can't tell" as a category), place_<k> (choices of that place), and place_p.
    """
    methods = [contender.method for contender in key.contenders]
    counts = votes.method.value_counts().reindex(methods, fill_value=0)
    total = int(counts.sum())
    intervals = [wilson(int(count), total) if total else (float("nan"),) * 2 for count in counts]
    categories = votes.assign(method=votes.method.fillna(""))
    ratings = categories.pivot_table(
        index=["attribute", "image"], columns="method", values="rater", aggfunc="count", fill_value=0
    )
    places, p_value = position_bias(votes, len(methods))
    return pd.DataFrame(
        {
            "method": methods,
            "label": [contender.label for contender in key.contenders],
            "votes": counts.to_numpy(),
            "share": counts.to_numpy() / total if total else float("nan"),
            "low": [low for low, _ in intervals],
            "high": [high for _, high in intervals],
            "comparisons": len(ratings),
            "raters": votes.rater.nunique(),
            "excluded": excluded,
            "cannot_tell": int(votes.method.isna().sum()),
            "kappa": fleiss_kappa(ratings.to_numpy()),
            **{f"place_{k + 1}": count for k, count in enumerate(places)},
            "place_p": p_value,
        }
    )
