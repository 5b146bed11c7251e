"""How long a training step takes a core: the median over some steps of each kind, weighted as a run has them.

    python benchmarks/steps.py [--size 32] [--networks embedded] [--batch 16] [--steps 20] [--precision fp32]
                               [--output benchmarks/steps.csv] [--code now] VARIANT...

Variants are those of config/methods/embedded.yaml; `--networks published` gives them their papers' networks. Times are
those of one thread on a core (`time.process_time`), without its waiting for others. Rows are added to the table. To
measure other sources, put them first in PYTHONPATH and name them with `--code`.
"""

import argparse
import os
import statistics
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import torch
import yaml
from machine import machine

from insm.config.jobs import BudgetConfig, RunConfig
from insm.data.dataset import load_dataset
from insm.networks.counting import count_training
from insm.networks.embedding import EmbeddingConfig, build
from insm.networks.method import method_config
from insm.training.updates import Updates

VARIANTS = Path(__file__).parent.parent / "config/methods/embedded.yaml"
TASKS: dict[str, tuple[str, dict[str, str]]] = {  # method -> dataset and how it is sampled; others: portraits
    "cyclegan": ("vistas", {"sampling": "balanced", "target": "flip"}),
    "pix2pix": ("footwear", {"sampling": "balanced", "target": "flip"}),
}


def settings(name: str, variants: dict[str, Any]) -> dict[str, Any]:
    """The method's keys of a variant, its `extends` resolved."""
    own = dict(variants[name])
    merged = settings(own.pop("extends"), variants) if "extends" in own else {}
    for key, value in own.items():
        if key not in ("label", "paper_row"):
            merged[key] = merged.get(key, {}) | value if isinstance(value, dict) else value
    return merged


def updates(method: dict[str, Any], size: int, batch: int, embedding: EmbeddingConfig, **training: str) -> Updates:
    """A run of 1000 steps on a few images, with an untrained phi."""
    dataset, sampling = TASKS.get(method["method"], ("portraits", {}))
    made = load_dataset(dataset)
    budget = BudgetConfig(updates=1000, batch=batch, flip=True, **sampling, **training)
    run = RunConfig(task="t", variant="v", seed=0, method=method, dataset=dataset, size=size, training=budget)
    phi = build(embedding, len(made.attributes), size).eval().requires_grad_(False)
    split, cpu = made.build("train", max(32, 2 * batch), size, 0), torch.device("cpu")
    if not training:  # sources that are older have no other arithmetic
        return Updates(run, split, phi)
    from insm.training import arithmetic

    arithmetic.begin(budget, cpu)
    got = Updates(run, split, phi)
    arithmetic.use(got, budget, cpu)
    return got


def seconds(step: Updates, steps: int) -> float:
    """Of a step on a core, the medians of its kinds weighted as in a run; the kinds take turns."""
    schedule = step.method.config.schedule
    taken: dict[int, list[float]] = {kind: [] for kind in schedule}
    for number in range(-1, steps):
        for kind, times in taken.items():
            began = time.process_time()
            step(kind)
            if number >= 0:
                times.append(time.process_time() - began)
    return sum(fraction * statistics.median(taken[kind]) for kind, fraction in schedule.items())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("variants", nargs="+")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--networks", choices=["embedded", "published"], default="embedded")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--code", default="now")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/steps.csv"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with suppress(ImportError):  # sources that are older lack it
        from insm.support.memory import keep_freed

        keep_freed()
    variants, shared = yaml.safe_load(VARIANTS.read_text()), machine()
    embedding = EmbeddingConfig(widths=[8, 16, 32] if asked.networks == "embedded" else [32, 64, 128, 256])
    for name in asked.variants:
        method = settings(name, variants)
        if asked.networks == "published":
            method = {key: value for key, value in method.items() if key not in ("generator", "discriminator")}
        other = {} if asked.precision == "fp32" else {"precision": asked.precision}
        took = seconds(updates(method, asked.size, asked.batch, embedding, **other), asked.steps)
        made = load_dataset(TASKS.get(method["method"], ("portraits", {}))[0])
        count = count_training(
            method_config(method, "method"), len(made.attributes), asked.size, asked.batch, made.paired, embedding
        )
        row = {
            "variant": name, "networks": asked.networks, "size": asked.size, "batch": asked.batch,
            "precision": asked.precision, "code": asked.code, "ms_per_step": float(f"{1000 * took:.4g}"),
            "gmac_per_step": float(f"{count.macs / 1e9:.4g}"),
            "gflop_per_second": float(f"{2e-9 * count.macs / took:.4g}"),
            "steps": asked.steps, "isa": os.environ.get("ONEDNN_MAX_CPU_ISA", ""), **shared,
        }  # fmt: skip
        before = pd.read_csv(asked.output) if asked.output.exists() else pd.DataFrame()
        pd.concat([before, pd.DataFrame([row])]).to_csv(asked.output, index=False)
        print(pd.Series(row).to_string(), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
