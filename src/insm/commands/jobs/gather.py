"""`insm job gather`: what was measured of a task's runs and reference rows, below each other."""

from pathlib import Path
from typing import Annotated

import pandas as pd

from insm.commands.arguments import assignments, option
from insm.evaluation.examples import save_examples, together
from insm.evaluation.gathered import check_alike, gather_numbers, gather_outcomes, read_parquet
from insm.reporting.tables import write_table
from insm.support.files import atomic
from insm.support.outcomes import check_kept


def gather(
    numbers: Annotated[Path, option("Output (.csv): variant, seed, metric, scope, value, samples.")],
    outcomes: Annotated[Path, option("Output (.parquet): variant, seed, then what came of edits or images.")],
    everything: Annotated[Path, option("Output (.parquet): all numbers, by split, classifier and step of a snapshot.")],
    reference: Annotated[list[Path], option("Numbers, then outcomes of the reference rows (.parquet).")],
    run: Annotated[list[str] | None, option("VARIANT/SEED=NUMBERS (.parquet), once per run.")] = None,
    run_outcomes: Annotated[list[Path] | None, option("Outcomes of that run (.parquet).")] = None,
    examples: Annotated[Path | None, option("Output (.png): edits of a few images.")] = None,
    true_examples: Annotated[Path | None, option("Their true edits (.png).")] = None,
    run_examples: Annotated[list[str] | None, option("VARIANT=EXAMPLES (.png), once per variant.")] = None,
) -> None:
    """Gather the numbers and outcomes of all finished runs of a task, the reference rows first."""
    known = zip(assignments(run or ()).items(), run_outcomes or (), strict=True)
    files: list[tuple[dict[str, str], list[Path]]] = [({}, reference)] + [
        (dict(zip(("variant", "seed"), name.split("/"), strict=True)), [Path(file), path])
        for (name, file), path in known
    ]
    parts = {name: Path(file) for name, file in assignments(run_examples or ()).items()}
    for path in (*(path for _, paths in files for path in paths), *parts.values(), *filter(None, [true_examples])):
        check_kept(path)
    tables = [[read_parquet(path).assign(**names) for path in paths] for names, paths in files]
    all_numbers = pd.concat([pair[0] for pair in tables], ignore_index=True)
    check_alike(all_numbers)
    for table, path in ((gather_outcomes([pair[1] for pair in tables]), outcomes), (all_numbers, everything)):
        with atomic(path) as part:
            table.to_parquet(part, index=False, compression="zstd")
    write_table(gather_numbers(all_numbers), numbers)
    if examples and true_examples:
        save_examples(together(parts, true_examples), examples)
