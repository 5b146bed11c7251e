"""A small study's folders of results and data, with random numbers and images: what notebooks and report read."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from insm.data.dataset import load_dataset
from insm.evaluation.comparison import differences_of, intervals_of
from insm.reporting import paper_tables
from insm.reporting.claims import read_claims
from insm.reporting.measured import Measured, of_edits, of_metrics
from insm.reporting.names import REFERENCES
from insm.reporting.protocol import read_protocol
from insm.reporting.tables import read_table, write_table
from insm.reporting.verdict import decide_all
from insm.support.files import save_array, write_json
from tests import ROOT

IMAGES, SIZE = 6, 8
PAPER = ROOT / "docs/paper/paper_results.yaml"
# variant, method, intensity, label, paper_row, settings
FULL = ("full", "init", None, "(c) INIT", "c", {"mst": {"hops": 2}, "updates_factor": 1.0})
PLAIN = ("plain", "init", None, "(d) w/o MST", "d", {"mst": {"hops": 1}, "updates_factor": 1.0})
LONGER = ("longer", "init", None, "INIT, longer", None, {"mst": {"hops": 2}, "updates_factor": 2.0})
OTHER = ("other", "attgan", 2.0, "AttGAN", None, {"lambda_rec": 100})


def write_study(
    folder: Path,
    tasks: dict[str, str],
    variants: Sequence[tuple] = (FULL, PLAIN, LONGER, OTHER),
    per_image: bool = True,
) -> Path:
    """Write `folder/results` and `folder/data` of a study with tasks (name -> dataset) and two seeds -> `folder`.

    Without `per_image`, only distances between sets were measured of its edits.
    """
    rng, every = np.random.default_rng(0), []
    edits = {}
    for task, dataset in tasks.items():
        _settings(folder, task, dataset, variants)
        _images(folder, task, dataset, variants, rng)
        numbers = _numbers(task, dataset, variants, rng)
        every.append(numbers if per_image else numbers[numbers.metric.str.startswith("frechet")])
        outcomes = _outcomes(dataset, variants, rng)
        if not per_image:
            outcomes = outcomes.drop(columns=["accuracy", "counterfactual_l1"])
        edits[task] = of_edits(outcomes)
        write_table(intervals_of(outcomes), folder / f"results/tables/intervals-{task}.csv")
        write_table(differences_of(outcomes), folder / f"results/tables/differences-{task}.csv")
    metrics = pd.concat(every, ignore_index=True)
    write_table(metrics, folder / "results/tables/metrics.csv")
    papers = {}
    for task, dataset in tasks.items():
        listed, part = read_table(folder / f"results/config/{task}/variants.csv"), load_dataset(dataset).paper_table
        tables = {"table3": paper_tables.table3(metrics, PAPER, task, listed)} if listed.paper_row.notna().any() else {}
        if part == "table1":
            tables["table1"] = paper_tables.table1(metrics, PAPER, task, listed)
        elif part:
            tables["table2"] = paper_tables.table2(metrics, PAPER, task, part, listed)
        for name, table in tables.items():
            write_table(table, folder / f"results/tables/{name}-{task}.csv")
        papers |= {part: task} if part else {}
    known = {part: Measured(edits[task], of_metrics(metrics[metrics.task == task])) for part, task in papers.items()}
    protocol = read_protocol(ROOT / "docs/paper/protocol.yaml")
    verdicts, evidence = decide_all(read_claims(ROOT / "docs/paper/claims.yaml"), protocol, known)
    write_table(verdicts, folder / "results/tables/verdict.csv")
    write_table(evidence, folder / "results/tables/evidence.csv")
    return folder


def _settings(folder: Path, task: str, dataset: str, variants: Sequence[tuple]) -> None:
    columns = ["variant", "method", "intensity", "label", "paper_row"]
    table = pd.DataFrame([row[:5] for row in variants], columns=columns).assign(operations=1e12)
    write_table(table, folder / f"results/config/{task}/variants.csv")
    runs = {name: {"task": task, "variant": name, "method": settings} for name, *_, settings in variants}
    data = {"dataset": dataset, "size": SIZE}
    content = {
        "train": data,
        "test": data,
        "embedding": {"objective": "identity"},
        "runs": {name: {"0": run, "1": run} for name, run in runs.items()},
    }
    write_json(folder / f"results/config/{task}/settings.json", content)


def _images(folder: Path, task: str, dataset: str, variants: Sequence[tuple], rng: np.random.Generator) -> None:
    names = load_dataset(dataset).attributes
    draw = lambda *shape: rng.integers(0, 256, (*shape, SIZE, SIZE, 3), dtype=np.uint8)  # noqa: E731
    labels = pd.DataFrame({name: (np.arange(IMAGES) + k) % 2 for k, name in enumerate(names)}, dtype=np.uint8)
    for split in ("train", "test"):
        save_array(draw(IMAGES), folder / f"data/{task}/{split}.npy")
        labels.to_parquet(folder / f"data/{task}/{split}.parquet")
    edits = folder / f"results/translations/{task}"
    targets = [{"figure": figure, "row": 1, "values": {names[0]: 0}} for figure in ("figure1", "figure5")]
    write_json(edits / "multi-attribute.json", targets)
    save_array(None, edits / "multi-attribute-ground-truth.npy")
    save_array(draw(len(names), IMAGES), edits / "ground-truth.npy")
    for variant, seed in product([row[0] for row in variants], (0, 1)):
        save_array(draw(len(names), IMAGES), edits / variant / f"seed{seed}.npy")
        save_array(draw(len(targets)), edits / variant / f"multi-attribute-seed{seed}.npy")
        log = pd.DataFrame({"step": [1, 2 + (variant == "longer")], "adv": [0.5, 0.4], "kappa": [1.0, 2.0]})
        write_table(log, folder / f"results/runs/{task}/{variant}/seed{seed}/log.csv")


def _numbers(task: str, dataset: str, variants: Sequence[tuple], rng: np.random.Generator) -> pd.DataFrame:
    kind = load_dataset(dataset)
    scopes = [*kind.attributes, *(f"group:{name}" for name in kind.groups), "mean"]
    if len(kind.attributes) == 1:
        scopes += [f"{kind.attributes[0]}={value}" for value in (1, 0)]
    distances = scopes[-2:] if len(kind.attributes) == 1 else ["all"]
    reference = "toggle_train" if len(kind.attributes) == 1 else "perm_train"
    runs = [*product([row[0] for row in variants], ("0", "1")), *((name, "") for name in REFERENCES)]
    kinds = [(metric, scopes) for metric in ("accuracy", "preservation", "counterfactual_l1", "sharpness")]
    kinds += [(f"frechet_classifier_{reference}", distances)]
    rows = [
        (task, variant, seed, metric, scope, rng.random(), IMAGES)
        for variant, seed in runs
        for metric, names in kinds
        for scope in names
    ]
    return pd.DataFrame(rows, columns=["task", "variant", "seed", "metric", "scope", "value", "samples"])


def _outcomes(dataset: str, variants: Sequence[tuple], rng: np.random.Generator) -> pd.DataFrame:
    names = load_dataset(dataset).attributes
    runs = [*product([row[0] for row in variants], ("0", "1")), ("no edit", ""), ("ground truth", "")]
    attribute, image = np.indices((len(names), IMAGES)).reshape(2, -1)
    tables = [
        pd.DataFrame(
            {
                "variant": variant,
                "seed": seed,
                "image": image,
                "attribute": pd.Categorical.from_codes(attribute, list(names)),
                "accuracy": rng.random(len(image)) < 0.5,
                "counterfactual_l1": rng.random(len(image)),
            }
        )
        for variant, seed in runs
    ]
    return pd.concat(tables, ignore_index=True).astype({"variant": "category", "seed": "category", "accuracy": float})
