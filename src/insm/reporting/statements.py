"""Sentences of README and docs with numbers from committed tables: `make docs` writes them in place."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from insm.evaluation.contrasts import contrast
from insm.reporting import readme_tables
from insm.reporting.markdown import table
from insm.reporting.measured import Measured, of_metrics
from insm.reporting.names import REFERENCES, metric_style
from insm.reporting.protocol import read_protocol
from insm.reporting.tables import read_table
from insm.reporting.verdict import spelled
from insm.reporting.wording import amount
from insm.support.files import read_yaml
from insm.support.outcomes import FOLDER

AIW = {"init-c": 0.5, "init-d": 0.5, "init-a": -0.5, "init-e": -0.5}
MST = {"init-c": 0.5, "init-a": 0.5, "init-d": -0.5, "init-e": -0.5}
MAIN_EFFECTS = {"main effect of AIW": AIW, "main effect of MST": MST}
BASELINES = {"StarGAN": "stargan", "AttGAN": "attgan", "STGAN": "stgan"}
REGISTERED = "evidence"
DOUBLED = {"AttGAN with doubled edits": "attgan-2", "STGAN with doubled edits": "stgan-2"}
Found = tuple[float, float, float] | None  # estimate, low, high
OUTCOMES = ("held", "opposite", "equivalent", "undecided here", "not run")


def effect(
    study: str, of: Mapping[str, float], metric: str = "accuracy", scope: str = "mean", task: str = "portraits"
) -> str:
    """A contrast of a study's variants with its 95 % interval: "+2.3 points (-0.4 to +5.0)".

    Of the registered study from its table of evidence (error terms of trainings, images and classifiers; "not finished"
    if seeds are missing), else from the study's table of numbers (trainings alone), or for a single training from its
    table of differences (images alone).
    """
    ways = (_of_evidence, _of_numbers, _of_differences)
    found = next((one for way in ways if (one := way(study, of, metric, scope, task))), None)
    if found is None:
        return "not run"
    if math.isnan(found[0]):
        return "not finished"
    value, low, high = (amount(metric, number) for number in found)
    return f"{value} ({low.removesuffix(' points')} to {high.removesuffix(' points')})"


def _of_evidence(study: str, of: Mapping[str, float], metric: str, scope: str, task: str) -> Found:
    path = readme_tables.RESULTS / study / "tables" / "evidence.csv"
    rows = read_table(path) if path.exists() else pd.DataFrame()
    if study != REGISTERED or "contrast" not in rows or task != "portraits":
        return None
    names = [name for name, weights in MAIN_EFFECTS.items() if weights == of] or [spelled(of)]
    rows = rows[(rows.contrast == names[0]) & (rows.metric == metric) & (rows.scope == scope) & (rows.seeds > 0)]
    if rows.empty:
        return None
    row = rows.iloc[0]
    return (row.estimate, row.low, row.high) if row.seeds >= row.needed else (math.nan, math.nan, math.nan)


def _of_numbers(study: str, of: Mapping[str, float], metric: str, scope: str, task: str) -> Found:
    numbers = read_table(readme_tables.RESULTS / study / "tables" / "metrics.csv")
    found = Measured({}, of_metrics(numbers[numbers.task == task])).of(metric, scope, of)
    if found is None:
        return None
    estimate = contrast(found[1], of, pooled=dict(of) in MAIN_EFFECTS.values(), untrained=REFERENCES)
    return None if math.isnan(estimate.error) else (estimate.value, *estimate.interval())


def _of_differences(study: str, of: Mapping[str, float], metric: str, scope: str, task: str) -> Found:
    rows = read_table(readme_tables.RESULTS / study / f"tables/differences-{task}.csv")
    rows = rows[
        (rows.metric == metric) & (rows.scope == scope) & rows.variant.isin(list(of)) & rows.other.isin(list(of))
    ]
    if len(rows) != 1 or sorted(of.values()) != [-1, 1]:
        return None
    row, sign = rows.iloc[0], of[rows.iloc[0].variant]
    low, high = sorted((sign * row.low, sign * row.high))
    return sign * row.difference, low, high


def minus(
    study: str, variant: str, others: Mapping[str, str], metric: str = "accuracy", task: str = "portraits"
) -> str:
    """A variant's differences from others (label -> variant): "StarGAN -3.3 points (-13.1 to +6.4), AttGAN ..."."""
    return ", ".join(
        f"{label} {effect(study, {variant: 1, other: -1}, metric, task=task)}" for label, other in others.items()
    )


def decided(study: str = REGISTERED) -> bool:
    """Whether a study has decided the paper's claims by the registered protocol: its first block is complete."""
    path = readme_tables.RESULTS / study / "tables" / "evidence.csv"
    rows = read_table(path) if path.exists() else pd.DataFrame(columns=["id", "outcome", "seeds", "needed"])
    first = rows[rows.id == "aiw-helps"]
    return bool(len(first) and "needed" in rows and (first.seeds >= first.needed).all())


def finding(study: str = REGISTERED, before: str = "full") -> str:
    """README's finding: effect sizes from the registered study, or, while it has none, from the one before."""
    if not decided(study):
        return wrapped(f"""
            **Finding so far.** On 32 px procedural images, with equal numbers of generator updates and three trainings
            of each variant (95 % intervals over trainings alone, 300 test images): weighting samples (AIW) is worth
            {effect(before, AIW)} of accuracy and multi-hop training (MST) {effect(before, MST)}; an update of INIT
            takes {cost():.1f} times the operations of one of the plain conditional GAN. INIT minus the plain
            conditional GAN trained twice as long is {effect(before, {"init-c": 1, "init-e2": -1})}. INIT minus the
            baselines, the last two with doubled edits: {minus(before, "init-c", BASELINES)}. Three trainings decide
            none of the paper's claims. A study with ten is [registered](docs/protocol.md) and not finished.""")
    possible = "accuracy_possible"
    return wrapped(f"""
        **Finding.** On 32 px procedural images, with ten trainings of each variant of 2,500 updates (95 % intervals
        over trainings, test images and classifiers; [registered](docs/protocol.md) before any training): weighting
        samples (AIW) is worth {effect(study, AIW, possible)} of accuracy and multi-hop training (MST)
        {effect(study, MST, possible)}; an update of INIT takes {cost():.1f} times the operations of one of the plain
        conditional GAN. At equal compute, INIT minus the plain conditional GAN is
        {effect(study, {"init-c": 1, "init-e-long": -1}, possible)}. INIT minus the baselines at equal updates:
        {minus(study, "init-c", BASELINES | DOUBLED, possible)}. {claims_counted(study)}""")


def cost(study: Path = Path("config/evidence.yaml")) -> float:
    """Operations of an update of INIT, those of the plain conditional GAN being 1, as a study's control has them."""
    return float(read_yaml(study)["methods"]["init-e-long"]["updates_factor"])


def wrapped(text: str) -> str:
    """Lines as long as those of the docs."""
    return textwrap.fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)


def differences(study: str, variant: str, others: Mapping[str, str]) -> str:
    """A list of one variant minus others (label -> variant): accuracy, L1 to truth and Frechet distance."""
    lines = []
    for label, other in others.items():
        of = {variant: 1, other: -1}
        lines.append(
            [label, effect(study, of), effect(study, of, "counterfactual_l1"), effect(study, of, "frechet", "all")]
        )
    return table(["INIT minus", "accuracy", "L1 to truth", "Frechet distance"], lines)


def claims_counted(study: str = REGISTERED) -> str:
    """How many of the paper's claims have each outcome, in one sentence."""
    verdicts = _verdicts(study)
    tested = verdicts[verdicts.outcome != "no experiment"]
    counts = [f"{count} {name}" for name in OUTCOMES if (count := int((tested.outcome == name).sum()))]
    return f"Of {len(tested)} claims of the paper that experiments can test: {', '.join(counts)}."


def claims(study: str = REGISTERED) -> str:
    """The claims with their outcomes, or that the study has not been run."""
    if not decided(study):
        return f"The study `{study}` is not finished ({recorded(study)}): every claim is open."
    rows = [
        [row.claim, row.section, row.outcome + (" (exploratory)" if row.exploratory else ""), row.sentence]
        for row in _verdicts(study).itertuples()
    ]
    return claims_counted(study) + "\n\n" + table(["claim", "where", "here", "numbers"], rows, ["left"] * 4)


def recorded(study: str) -> str:
    """How much of the first block of a registered study is in git: "5 of the 60 trainings of its first block"."""
    block = read_protocol().blocks[0]
    folder = readme_tables.RESULTS / study / FOLDER
    done = sum(len([*folder.glob(f"*/{variant}/seed*.json")]) for variant in block.variants)
    return f"{done} of the {len(block.variants) * block.seeds} trainings of its first block are recorded"


def _verdicts(study: str) -> pd.DataFrame:
    return read_table(readme_tables.RESULTS / study / "tables" / "verdict.csv")


def weakest(study: str, variants: Mapping[str, str], count: int = 3, metric: str = "accuracy") -> str:
    """The attributes of portraits with each variant's (label -> variant) lowest numbers, means over trainings."""
    numbers = read_table(readme_tables.RESULTS / study / "tables" / "metrics.csv")
    rows = numbers[(numbers.task == "portraits") & (numbers.metric == metric) & ~numbers.scope.str.contains("[:=]")]
    wide = rows[rows.scope != "mean"].pivot_table(index="variant", columns="scope", values="value")
    style, parts = metric_style(metric), []
    for label, name in variants.items():
        worst = wide.loc[name].nsmallest(count)
        named = [f"{scope.replace('_', ' ')} {style.write(value)}" for scope, value in worst.items()]
        parts.append(f"{label}: {', '.join(named)}")
    return "; ".join(parts)


def by_seed(study: str, variants: Mapping[str, str], metric: str = "accuracy") -> str:
    """A metric of every training on portraits: a row per variant (label -> variant), a column per seed."""
    numbers = read_table(readme_tables.RESULTS / study / "tables" / "metrics.csv")
    rows = numbers[(numbers.task == "portraits") & (numbers.metric == metric) & (numbers.scope == "mean")]
    wide = rows[rows.seed.notna()].pivot_table(index="variant", columns="seed", values="value")
    style = metric_style(metric)
    lines = [[label, *map(style.write, wide.loc[name])] for label, name in variants.items() if name in wide.index]
    return table(["variant", *(f"seed {seed:g}" for seed in wide.columns.astype(float))], lines)


def mean(study: str, variant: str, metric: str = "accuracy", scope: str = "mean", task: str = "portraits") -> str:
    """A metric's mean over the trainings of a variant, in its unit: "75.2"."""
    rows = _trained(study, variant, metric, task)
    return metric_style(metric).write(rows[rows.scope == scope].value.mean())


def each(study: str, variant: str, metric: str, scope: str, task: str = "portraits") -> str:
    """A metric of every training of a variant: "63.3, 57.0 and 10.3"."""
    rows = _trained(study, variant, metric, task)
    *first, last = rows[rows.scope == scope].sort_values("seed").value.map(metric_style(metric).write)
    return f"{', '.join(first)} and {last}" if first else last


def spans(study: str, variant: str, metrics: Sequence[str] = ("accuracy", "preservation", "counterfactual_l1")) -> str:
    """How much the trainings of a variant differ, the largest minus the smallest: "3.0 points of accuracy, ..."."""
    parts = []
    for metric in metrics:
        values = _trained(study, variant, metric, "portraits").query("scope == 'mean'").value
        unit, _, points = amount(metric, values.max() - values.min()).removeprefix("+").partition(" ")
        heading = metric_style(metric).heading.removesuffix(" %")
        parts.append(f"{unit}{' points' * bool(points)} of {heading}")
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _trained(study: str, variant: str, metric: str, task: str) -> pd.DataFrame:
    numbers = read_table(readme_tables.RESULTS / study / "tables" / "metrics.csv")
    return numbers[(numbers.task == task) & (numbers.variant == variant) & (numbers.metric == metric)]
