"""The registered protocol (docs/paper/protocol.yaml), for the code that decides claims by it."""

from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, PositiveFloat, PositiveInt

from insm.evaluation.power import planned, power, power_of_equivalence
from insm.reporting.markdown import table
from insm.reporting.names import metric_style
from insm.reporting.wording import amount
from insm.support.files import read_yaml
from insm.support.schema import Section, parse

PROTOCOL = Path("docs/paper/protocol.yaml")
PaperTable = Literal["table1", "table2a", "table2b"]


class Tests(Section):
    """Levels of the tests."""

    alpha: PositiveFloat = Field(lt=1)
    """Of a two-sided test: half of it in each direction, corrected within a claim."""
    equivalence_alpha: PositiveFloat = Field(lt=1)
    """Of each of the two one-sided tests of equivalence."""
    power: PositiveFloat = Field(lt=1)
    """For which detectable differences are given."""


class Conditions(Section):
    """What all trainings of a comparison have in common."""

    updates: dict[PaperTable, PositiveInt]
    """Of the generator."""
    budget: str
    """How updates are counted."""
    device: str
    """On which they run."""
    precision: str
    """Of their numbers."""
    size: PositiveInt
    """Width and height of images, pixels."""
    ema: float
    """Decay of the weights' average."""


class EvaluationPlan(Section):
    """Who measures, on what."""

    test: PositiveInt
    """Images of a test draw."""
    test_draws: dict[PaperTable, PositiveInt]
    """Independent draws of test images."""
    validation: PositiveInt
    """Images on which settings are chosen."""
    classifiers: PositiveInt
    """Independently trained evaluation classifiers."""
    curve_points: PositiveInt
    """Points of a learning curve."""
    curve_images: PositiveInt
    """Validation images behind each."""


class Block(Section):
    """A part of the study that is run as a whole."""

    name: str
    """In words."""
    variants: tuple[str, ...] = ()
    """Method variants on portraits."""
    tasks: tuple[PaperTable, ...] = ()
    """Whole tasks, by their tables of the paper."""
    seeds: PositiveInt
    """Trainings of each."""


class Tuning(Section):
    """How settings are chosen."""

    seed: int
    """Of every trial."""
    updates: PositiveInt
    """Of the generator."""
    images: PositiveInt
    """Of the validation split."""
    choice: str
    """Metric whose highest mean over attributes wins."""
    trials: dict[str, tuple[dict[str, Any], ...]]
    """Settings to try, by variant; as many for every one."""


class Protocol(Section):
    """The file."""

    tests: Tests
    """Levels."""
    margins: dict[str, PositiveFloat]
    """Half-width of equivalence by metric; of distances between sets in logarithms."""
    seeds: dict[PaperTable, PositiveInt]
    """Trainings of every variant that a comparison needs."""
    exploratory: tuple[PaperTable, ...]
    """Tables whose claims are not confirmatory."""
    exploratory_metrics: tuple[str, ...]
    """Beginnings of the names of metrics whose claims are not."""
    conditions: Conditions
    """Trainings."""
    evaluation: EvaluationPlan
    """Evaluations."""
    blocks: tuple[Block, ...]
    """In the order in which they run."""
    tuning: Tuning
    """Trials."""

    def explores(self, table: str, metric: str) -> bool:
        """Whether a comparison on that table of the paper, of that metric, is not confirmatory."""
        return table in self.exploratory or metric.startswith(self.exploratory_metrics)


def read_protocol(path: Path = PROTOCOL) -> Protocol:
    """The file of the protocol.

    Raises:
        UserError: it is missing, no YAML, or has other keys.
    """
    return parse(Protocol, read_yaml(path), path)


FULL_SD = 0.0193  # of accuracy between seeds, root mean square over the variants of docs/paper/spread.csv
SD_IMAGES = 0.13  # of the difference between two variants' accuracy over images, the largest seen before
SD_CLASSIFIERS = 0.005  # of such a difference over evaluation classifiers: assumed, a study before had one
KINDS = {"difference of two variants": (1.0, -1.0), "main effect of the factorial": (0.5, 0.5, -0.5, -0.5)}


def power_table(protocol: Protocol) -> pd.DataFrame:
    """Power of the comparisons on portraits: a row per kind of comparison, spread between seeds and number of tests.

    Columns: comparison, sd (between seeds), tests (of a claim: the first step of Holm's correction), error (standard),
    detectable (difference, for the protocol's power), power_2_3, power_3 (for true differences of 2.28 points, what the
    paper has for AIW, and of 3), equivalence (power where there is no difference). All but tests in points.
    """
    plan, tests, rows = protocol.evaluation, protocol.tests, []
    images = plan.test * plan.test_draws["table1"]
    for kind, weights in KINDS.items():
        pooled = len(weights) > 2
        for sd in (0.0134, FULL_SD, 0.0307):
            estimate = planned(
                weights, protocol.seeds["table1"], sd, SD_IMAGES, images, SD_CLASSIFIERS, plan.classifiers, pooled
            )
            for count in (1,) if pooled else (1, 3, 5, 10):
                level = tests.alpha / count
                row = {"comparison": kind, "sd": 100 * sd, "tests": count, "error": 100 * estimate.error}
                row |= {"detectable": 100 * estimate.detectable(level, tests.power)}
                row |= {"power_2_3": power(estimate, 0.0228, level), "power_3": power(estimate, 0.03, level)}
                margin = protocol.margins["accuracy_possible"]
                rows.append(row | {"equivalence": power_of_equivalence(estimate, margin, tests.equivalence_alpha)})
    return pd.DataFrame(rows)


def spread_table(protocol: Protocol, spread: pd.DataFrame) -> pd.DataFrame:
    """What ten seeds find of other measures, from trainings alone: a row per row of docs/paper/spread.csv.

    Columns: metric, scope, sd (between seeds, root mean square over variants), difference and main_effect (found with
    the protocol's power), margin. Distances between sets are logarithms.
    """
    tests, rows = protocol.tests, []
    for row in spread.itertuples():
        found = [
            planned(weights, protocol.seeds["table1"], row.sd, 0.0, 2, 0.0, 1, len(weights) > 2)
            for weights in KINDS.values()
        ]
        numbers = [estimate.detectable(tests.alpha, tests.power) for estimate in found]
        margin = protocol.margins["accuracy_possible" if row.metric == "accuracy" else row.metric]
        rows.append((row.metric, row.scope, row.sd, *numbers, margin))
    return pd.DataFrame(rows, columns=["metric", "scope", "sd", "difference", "main_effect", "margin"])


def spread_markdown(protocol: Protocol, spread: pd.DataFrame) -> str:
    """The same for docs/protocol.md, in the measures' units."""
    write = lambda row, value: amount(row.metric, value).removeprefix("+")  # noqa: E731
    rows = [
        [
            metric_style(row.metric).heading.removesuffix(" %")
            + ("" if row.scope in ("mean", "all") else f", {row.scope}")
        ]
        + [write(row, value) for value in (row.sd, row.difference, row.main_effect, row.margin)]
        for row in spread_table(protocol, spread).itertuples()
    ]
    found = f"found with {protocol.tests.power:.0%} power"
    return table(["measure", "sd between seeds", f"difference {found}", f"main effect {found}", "margin"], rows)


def power_markdown(protocol: Protocol) -> str:
    """The same for docs/protocol.md."""
    heads = ["comparison", "sd between seeds", "comparisons in the claim", "standard error"]
    heads += [f"found with {protocol.tests.power:.0%} power", "power at 2.28", "power at 3", "equivalence at 0"]
    rows = [
        [row.comparison, f"{row.sd:.2f}", str(row.tests), f"{row.error:.2f}", f"{row.detectable:.2f}"]
        + [f"{value:.0%}" for value in (row.power_2_3, row.power_3, row.equivalence)]
        for row in power_table(protocol).itertuples()
    ]
    return table(heads, rows)
