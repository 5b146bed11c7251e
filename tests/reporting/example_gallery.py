"""Results of a small study with scores, logs and sample grids, for the gallery."""

from pathlib import Path

import numpy as np
import pandas as pd

from insm.reporting.frames import save_frames
from insm.support.files import save_array
from tests.voting.example import IMAGES, SIZE, make_results

TASK = "vistas"
METHODS = {"first": "init", "more-hops": "init", "cycle": "cyclegan"}


def make_gallery_results(folder: Path) -> tuple[str, str]:
    """Folders of results and data: edits of image k have distance k / 10 to the truth, `cycle` makes one kind only."""
    results, data = make_results(folder, TASK, METHODS)
    truth = np.full((1, IMAGES, SIZE, SIZE, 3), 200, dtype=np.uint8)
    save_array(truth, results / "translations" / TASK / "ground-truth.npy")
    rows = []
    for variant in METHODS:
        for image in range(IMAGES):
            if variant != "cycle" or image % 2:
                row = {"image": image, "attribute": "Summer", "accuracy": float(image % 2), "identity": 0.5}
                rows.append(row | {"counterfactual_l1": image / 10, "variant": variant, "seed": "0"})
        run = results / "runs" / TASK / variant / "seed0"
        run.mkdir(parents=True)
        steps = np.arange(1, 400)
        save_frames({}, run / "frames.zip")
        pd.DataFrame({"step": steps, "adv": 1 / steps, f"only_{variant}": 1.0}).to_csv(run / "log.csv", index=False)
    (results / "metrics").mkdir()
    pd.DataFrame(rows).to_parquet(results / "metrics" / f"{TASK}.parquet", index=False)
    return str(results), str(data)
