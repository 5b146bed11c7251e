"""Tables and the figure of docs/benchmarks.md, made from the measurements in this folder.

python benchmarks/tables.py   draw docs/figures/measured/training.png
"""

import itertools
from importlib import resources
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from scipy import stats

HERE = Path(__file__).parent
FIGURE = HERE.parent / "docs/figures/measured/training.png"
SIDES = {"peer": "research code", "ours": "ours", "floor": "convolutions"}
NUMBERS = ["ms_per_step", "gmac_per_step"]
KEYS = ["cpu", "method", "size", "batch"]


def training(file: Path = HERE / "methods.json") -> pd.DataFrame:
    """Seconds of a round, the median, one line per CPU and method and a column per side; gflop of ours."""
    rows = pd.read_json(file)
    rows["median"] = rows.seconds.map(lambda values: pd.Series(values).median())
    wide = rows.pivot(index=KEYS, columns="side", values="median").reindex(columns=[*SIDES, "bf16"])
    return wide.assign(gflop=rows.groupby(KEYS).gflop.first()).reset_index()


def told(table: pd.DataFrame) -> str:
    """A table of texts in Markdown."""
    return table.to_markdown(index=False, disable_numparse=True) + "\n"


def numbers(column: pd.Series, digits: str) -> pd.Series:
    """Texts of numbers; nothing for what was not measured."""
    return column.map(lambda value: "" if pd.isna(value) else format(value, digits))


def training_table(name: str = "methods.json") -> str:
    """Seconds and ratios of every side."""
    table = training(HERE / name)
    return told(
        pd.DataFrame(
            {
                **{key: table[key] for key in KEYS},
                **{f"{name}, s": numbers(table[side], ".2f") for side, name in SIDES.items()},
                "research code / ours": numbers(table.peer / table.ours, ".2f"),
                "convolutions / ours": numbers(table.floor / table.ours, ".2f"),
                "GFLOP/s, ours": numbers(table.gflop / table.ours, ".0f"),
            }
        )
    )


def precision_table() -> str:
    """bf16 beside fp32, with the same instructions and with those of the reproducible recipe, of each processor."""
    return told(pd.concat([_precisions(HERE / name) for name in ("methods.json", "methods-xeon.json")]))


def _precisions(file: Path) -> pd.DataFrame:
    table = training(file)
    known = table.dropna(subset=["bf16"])
    recipe = table[table.cpu == "AVX2"].set_index(KEYS[1:]).ours
    pinned = known.set_index(KEYS[1:]).index.map(recipe)
    return pd.DataFrame(
        {
            "processor": pd.read_json(file).processor.iloc[0],
            **{key: known[key].astype(str) for key in KEYS[1:]},
            "fp32, s": numbers(known.ours, ".2f"),
            "bf16, s": numbers(known.bf16, ".2f"),
            "fp32 / bf16": numbers(known.ours / known.bf16, ".2f"),
            "fp32 with AVX2 / bf16": numbers(pd.Series(pinned, known.index) / known.bf16, ".2f"),
        }
    )


def measured_on(*names: str) -> str:
    """Processor, cores and load of measurements, in words."""
    rows = pd.concat(
        [pd.read_json(HERE / name) if name.endswith(".json") else pd.read_csv(HERE / name) for name in names]
    )
    loads = sorted({float(load) for load in rows.load})
    between = f"{loads[0]:.1f}" if len(loads) == 1 else f"{loads[0]:.1f} to {loads[-1]:.1f}"
    processors = ", ".join(sorted({str(name) for name in rows.processor}))
    return f"{processors}, {rows.cores.max()} cores, load of other work when it began {between}\n"


def short(name: str, columns: dict[str, str]) -> str:
    """Columns of a file of measurements under other headings."""
    table = pd.read_csv(HERE / name, keep_default_na=False)
    return told(table[[*columns]].rename(columns=columns).astype(str))


def estimates_table() -> str:
    """Told and taken seconds of trainings."""
    table = pd.read_csv(HERE / "estimating.csv")
    return told(
        pd.DataFrame(
            {
                "training": table.training,
                "steps": table.steps,
                "told, s": numbers(table.told, ".1f"),
                "taken, s": numbers(table.took, ".1f"),
                "told / taken": numbers(table.told / table.took, ".2f"),
            }
        )
    )


BEFORE, AFTER = "a504a04", "58c6d5a"
"""Commits whose steps are compared."""


def steps() -> pd.DataFrame:
    """The rows of steps.csv, of each setting the last one."""
    table = pd.read_csv(HERE / "steps.csv")
    return table.drop_duplicates(["variant", "size", "code", "precision", "isa", "processor"], keep="last")


def steps_table() -> str:
    """Operations and milliseconds of a step before and after, with the reproducible recipe."""
    known = steps().query("precision == 'fp32' and isa == 'AVX2'")
    wide = known.pivot(index=["size", "batch", "variant"], columns="code", values=["gmac_per_step", "ms_per_step"])
    work, took = wide["gmac_per_step"], wide["ms_per_step"]
    columns = {
        "GMAC before": numbers(work[BEFORE], ".3g"),
        "GMAC after": numbers(work[AFTER], ".3g"),
        "ms before": numbers(took[BEFORE], ".0f"),
        "ms after": numbers(took[AFTER], ".0f"),
        "times as fast": numbers(took[BEFORE] / took[AFTER], ".2f"),
    }
    return told(pd.DataFrame(columns).reset_index())


def relative_table() -> str:
    """INIT (c) as multiples of (e)."""
    known = steps().query("precision == 'fp32' and isa == 'AVX2' and code == @AFTER").set_index(["size", "variant"])
    rows = {
        f"{size} px": {
            "time": numbers(pd.Series(ratio.ms_per_step), ".2f").item(),
            "operations": numbers(pd.Series(ratio.gmac_per_step), ".2f").item(),
        }
        for size in known.index.unique("size")
        for ratio in [known.loc[(size, "init-c"), NUMBERS] / known.loc[(size, "init-e"), NUMBERS]]
    }
    return told(pd.DataFrame.from_dict(rows, orient="index").rename_axis("size").reset_index())


def instructions_table() -> str:
    """Milliseconds of a step at 32 px in both precisions, a line per processor and variant."""
    known = steps().query("code != @BEFORE and size == 32 and variant in ('init-c', 'init-e')")
    took = known.pivot(index=["processor", "variant"], columns=["precision", "isa"], values="ms_per_step")
    recipe, widest, rounded = took["fp32", "AVX2"], took["fp32", "DEFAULT"], took["bf16", "DEFAULT"]
    columns = {
        "fp32, AVX2": numbers(recipe, ".0f"),
        "fp32, widest": numbers(widest, ".0f"),
        "bf16, widest": numbers(rounded, ".0f"),
        "fp32 with AVX2 / bf16": numbers(recipe / rounded, ".2f"),
        "fp32, widest / bf16": numbers(widest / rounded, ".2f"),
    }
    return told(pd.DataFrame(columns).reset_index())


MEASURES = {
    "accuracy": ("accuracy, %", 100, ".1f"),
    "counterfactual_l1": ("L1 to truth", 1, ".4f"),
    "r2": ("R^2", 1, ".3f"),
}
"""What bf16 could change -> its name, what it is multiplied by, and its digits."""


def rounding_table() -> str:
    """Means of both precisions over trainings, and the interval of their difference (Welch, 95 %)."""
    table = pd.read_csv(HERE.parent / "results/precision/tables/metrics.csv").query("scope == 'mean'")
    rows = []
    for variant, (metric, (name, factor, digits)) in itertools.product(("init-c", "init-e"), MEASURES.items()):
        known = table[(table.variant == variant) & (table.metric == metric)].groupby("task").value
        fp32, bf16 = (factor * known.get_group(task).to_numpy() for task in ("fp32", "bf16"))
        low, high = stats.ttest_ind(bf16, fp32, equal_var=False).confidence_interval()
        rows.append(
            {
                "variant": variant,
                "measure": name,
                "fp32": f"{fp32.mean():{digits}}",
                "bf16": f"{bf16.mean():{digits}}",
                "bf16 - fp32": f"{bf16.mean() - fp32.mean():+{digits}}",
                "95 % interval": f"{low:+{digits}} to {high:+{digits}}",
                "fp32 apart": f"{np.ptp(fp32):{digits}}",
                "bf16 apart": f"{np.ptp(bf16):{digits}}",
            }
        )
    return told(pd.DataFrame(rows))


def draw() -> None:
    """How many times as long as ours the research code takes, and our convolutions alone, as bars."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.style.use(str(resources.files("insm.reporting") / "paper.mplstyle"))
    table = training()
    cpus = list(dict.fromkeys(table.cpu))
    figure, axes = plt.subplots(1, len(cpus), figsize=(7.5, 2.6), sharey=True, squeeze=False, layout="constrained")
    white = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    for axis, cpu in zip(axes[0], cpus, strict=True):
        rows = table[table.cpu == cpu].reset_index(drop=True)
        for offset, (side, name) in zip(
            (-0.2, 0.2), (("peer", "research code"), ("floor", "our convolutions alone")), strict=True
        ):
            ratios = rows[side] / rows.ours
            axis.bar(rows.index + offset, ratios, 0.38, label=name)
            for place, ratio in ratios.dropna().items():
                axis.text(place + offset, ratio + 0.03, f"{ratio:.2f}", ha="center", fontsize=7, bbox=white)
        axis.axhline(1, color="black", linewidth=0.8, zorder=0.5)
        axis.set_xticks(rows.index, rows.method)
        axis.set_title({"AVX2": "AVX2 (the reproducible recipe)", "fastest": "the widest instructions"}.get(cpu, cpu))
    axes[0, 0].set_ylabel("time / ours")
    axes[0, 0].set_ylim(0, 0.2 + float((table.peer / table.ours).max()))
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.savefig(FIGURE, metadata={"Software": None})


if __name__ == "__main__":
    draw()
