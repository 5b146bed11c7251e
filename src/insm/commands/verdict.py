"""`insm verdict`: the paper's claims beside what a study's numbers say of them."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
import yaml

from insm.arguments import assignments
from insm.claims import Claims, decide, weigh
from insm.errors import UserError
from insm.schema import parse
from insm.tables import read_table, write_table


def verdict(
    claims: Path,
    metrics: Path,
    output: Path,
    evidence: Path,
    differences: list[Path],
    task: Annotated[list[str] | None, typer.Option(help="TABLE=TASK: the task of a table of the paper.")] = None,
) -> None:
    """Judge every claim of the file CLAIMS (.yaml) by METRICS and DIFFERENCES (.../differences-<task>.csv).

    OUTPUT (.csv): id, section, claim, paper, verdict, reason, note. EVIDENCE (.csv): a row per comparison, with the id
    of its claim: what was expected, the difference, its interval, the seeds, the outcome.
    """
    try:
        content = yaml.safe_load(claims.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{claims} cannot be read ({type(error).__name__}): restore it from git") from None
    known: Claims = parse(Claims, content, claims)
    numbers = read_table(metrics)
    tasks = assignments(task or ())
    tables = {path.stem.removeprefix("differences-"): read_table(path) for path in differences}
    verdicts, rows = [], []
    for claim in known.claims:
        names = [tasks.get(one.task, "") for one in claim.evidence]
        weighed = [
            weigh(one, tables.get(name, NOTHING), numbers[numbers.task == name])
            for one, name in zip(claim.evidence, names, strict=True)
        ]
        decided, reason = decide(weighed)
        verdicts.append(
            claim.model_dump(include={"id", "section", "claim", "paper"})
            | {"verdict": decided, "reason": reason, "note": claim.note.strip()}
        )
        rows += [{"id": claim.id} | row for row in weighed]
    for table, path in ((verdicts, output), (rows, evidence)):
        write_table(pd.DataFrame(table), path, digits=6)


NOTHING = pd.DataFrame(columns=["entry", "other", "metric", "scope", "difference", "low", "high", "seeds"])
