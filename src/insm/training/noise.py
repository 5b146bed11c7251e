"""Noise in place of images, for steps that are only timed."""

import numpy as np
import pandas as pd

from insm.data.dataset import Dataset, pair_columns
from insm.data.prepared_split import PreparedSplit


def noise(dataset: Dataset, size: int, batch: int) -> PreparedSplit:
    """Two batches of noise with random labels, which take a step as long as images do."""
    rng, count = np.random.default_rng(0), 2 * batch
    images = rng.integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    if dataset.paired:
        return PreparedSplit(images, pair_columns(dataset.attributes[0], count), "noise")
    labels = rng.permuted(np.indices((count, len(dataset.attributes)))[0] % 2, axis=0)  # each value equally often
    return PreparedSplit(images, pd.DataFrame(labels.astype(np.uint8), columns=list(dataset.attributes)), "noise")
