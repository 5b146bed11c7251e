"""Results of a small study, such as `snakemake` leaves them, to make blinded votes of."""

from pathlib import Path

import numpy as np
import pandas as pd

from insm.data.dataset import load_dataset
from insm.data.preparation import save_split
from insm.networks.method import method_config
from insm.support.files import save_array, write_json
from tests import ROOT

PAPER = ROOT / "docs/paper/paper_results.yaml"
METHODS = {"seasons-x": "init", "stargan": "stargan", "stgan": "stgan", "cyclegan": "cyclegan", "second-x": "init"}
IMAGES, SIZE = 6, 32


def make_results(
    folder: Path, dataset: str = "vistas", methods: dict[str, str] = METHODS, images: int = IMAGES
) -> tuple[Path, Path]:
    """results/small and data/small in a folder, every variant's images of a colour of its own."""
    results, data = folder / "results/small", folder / "data/small"
    split = load_dataset(dataset).build("test", images, SIZE, 0)
    save_split(split, data / dataset / "test.npy", data / dataset / "test.parquet")
    rows, runs = [], {}
    for k, (variant, method) in enumerate(methods.items()):
        settings = {"method": method} | ({"direction": int(variant[-1])} if method == "pix2pix" else {})
        config = method_config(settings, variant).model_dump(mode="json")
        rows.append({"variant": variant, "method": method, "intensity": None, "label": f"label of {variant}"})
        rows[-1]["paper_row"] = None
        runs[variant] = {"1": {"method": config}, "0": {"method": config}}
        colour = np.full((1, images, SIZE, SIZE, 3), 40 * k, dtype=np.uint8)
        save_array(colour, results / "translations" / dataset / variant / "seed0.npy")
    (results / "config" / dataset).mkdir(parents=True)
    pd.DataFrame(rows).to_csv(results / "config" / dataset / "variants.csv", index=False)
    settings = {"test": {"dataset": dataset}, "runs": runs}
    write_json(results / "config" / dataset / "settings.json", settings)
    return results, data
