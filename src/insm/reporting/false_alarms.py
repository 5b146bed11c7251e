"""How often claims come out as held or opposite where no method differs from another: a simulation of whole studies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from insm.reporting.claims import Claims
from insm.reporting.markdown import table as markdown
from insm.reporting.measured import Numbers
from insm.reporting.names import REFERENCES
from insm.reporting.protocol import PaperTable, Protocol
from insm.reporting.tables import read_table
from insm.reporting.verdict import combine, compare

TABLE = Path("docs/paper/false-alarms.csv")


class Spreads(NamedTuple):
    """Standard deviations of one variant's number, and how many times as far one variant of a task is spread."""

    seeds: float
    images: float
    classifiers: float
    odd: float = 1.0
    """Of the first variant, in every comparison of INIT (c), over classifiers and images."""
    odd_seeds: float = 1.0
    """Of that variant, over trainings."""


SCENARIOS = {
    "as planned": Spreads(0.0193, 0.092, 0.0035),
    "trainings alone": Spreads(0.0193, 0.0, 0.0),
    "images dominate": Spreads(0.002, 0.6, 0.002),
    "classifiers dominate": Spreads(0.005, 0.092, 0.02),
    "one variant differs by classifier": Spreads(0.0193, 0.092, 0.0035, odd=10),
    "one variant differs by training": Spreads(0.0065, 0.092, 0.0035, odd_seeds=5),
}
WHOLE = ("curve_", "log_")  # numbers of a training: one classifier or none, always the same images
WITHOUT = ("counterfactual_l1", "log_")  # metrics that no classifier takes part in
SHOWN = 40  # images of a simulated test set: their spread is scaled so that the mean has the error of a real one


@dataclass
class NoDifference:
    """A task whose variants have equal means and errors of every kind, read like a `Measured`."""

    rng: np.random.Generator
    spreads: Spreads
    seeds: int
    protocol: Protocol
    table: PaperTable
    names: Sequence[str]
    drawn: dict[tuple[str, str, str], np.ndarray] = field(default_factory=dict)

    def of(self, metric: str, scope: str, variants: Mapping[str, float]) -> tuple[str, dict[str, np.ndarray]]:
        """As `Measured.of`: every number of a variant is drawn once."""
        return metric, {variant: self.values(metric, scope, variant) for variant in self.names}

    def values(self, metric: str, scope: str, variant: str) -> np.ndarray:
        """[S, K, N]: N test splits where the scope has no values of images, K and N of 1 for numbers of a training."""
        key = (metric, scope, variant)
        if key not in self.drawn:
            plan, spreads = self.protocol.evaluation, self.spreads
            odd, odd_seeds = (spreads.odd, spreads.odd_seeds) if variant == self.names[0] else (1.0, 1.0)
            splits, whole = plan.test_draws[self.table], metric.startswith(WHOLE)
            units = 1 if whole else SHOWN if scope == "mean" else splits
            judges = 1 if whole or metric.startswith(WITHOUT) else plan.classifiers
            normal, trained = self.rng.standard_normal, variant not in REFERENCES
            number = odd_seeds * spreads.seeds * normal((self.seeds, 1, 1)) if trained else np.zeros((1, 1, 1))
            if judges > 1:
                number = number + odd * spreads.classifiers * normal((1, judges, 1))
            if units > 1:
                number = number + odd * spreads.images * np.sqrt(units / (plan.test * splits)) * normal((1, 1, units))
            self.drawn[key] = np.broadcast_to(number, (len(number), judges, units))
        return self.drawn[key]


def false_alarms(claims: Claims, protocol: Protocol, scenario: str, studies: int, seed: int = 0) -> pd.DataFrame:
    """Simulate studies without any true difference.

    Returns:
        A row per claim: scenario, claim, comparisons, studies, then how often its outcome was held, opposite and
        equivalent, as fractions.
    """
    rng = np.random.default_rng(seed)
    tested = [claim for claim in claims.claims if claim.evidence]
    counts = {claim.id: dict.fromkeys(("held", "opposite", "equivalent"), 0) for claim in tested}
    names: dict[str, list[str]] = {table: claims.variants(table) for table in protocol.seeds}
    for _ in range(studies):
        tasks: dict[str, Numbers] = {
            table: NoDifference(rng, SCENARIOS[scenario], seeds, protocol, table, names[table])
            for table, seeds in protocol.seeds.items()
        }
        for claim in tested:
            rows = compare(claim, protocol, tasks, names)
            outcome = combine(
                [row["outcome"] for row in rows],
                [row["p_equivalent"] <= protocol.tests.equivalence_alpha for row in rows],
            )
            if outcome in counts[claim.id]:
                counts[claim.id][outcome] += 1
    return pd.DataFrame(
        [
            {"scenario": scenario, "claim": claim.id, "comparisons": len(claim.evidence), "studies": studies}
            | {name: count / studies for name, count in counts[claim.id].items()}
            for claim in tested
        ]
    )


def highest(path: Path = TABLE) -> str:
    """The highest rates of any claim in each scenario, for docs/protocol.md."""
    rates = read_table(path)
    rates = rates.assign(both=rates.held + rates.opposite)
    rows = [
        [scenario, str(of.studies.iloc[0]), *(f"{of[name].max():.1%}" for name in ("held", "opposite", "both"))]
        for scenario, of in rates.groupby("scenario", sort=False)
    ]
    return markdown(["scenario", "studies", "held", "opposite", "either"], rows)
