"""`insm timings`: where a study's time went, from Snakemake's benchmark files."""

from pathlib import Path

import pandas as pd

from insm.reporting.markdown import table
from insm.reporting.tables import read_table
from insm.support.errors import UserError


def timings(folder: Path, cores: int = 2) -> None:
    """Print a Markdown table of the jobs whose benchmark files lie below FOLDER, and how busy CORES were.

    A job ends when its benchmark file is written and took the seconds that the file names.
    """
    files = sorted(folder.rglob("*.tsv"))
    if not files:
        raise UserError(f"{folder} holds no benchmark files: run `snakemake` first")
    jobs = pd.concat(
        [read_table(path, sep="\t").assign(rule=rule_of(path), end=path.stat().st_mtime) for path in files]
    )
    wall = jobs.end.max() - (jobs.end - jobs.s).min()
    rules = jobs.groupby("rule", sort=False).agg(jobs=("s", "size"), seconds=("s", "sum"), memory=("max_rss", "max"))
    rows = rules.sort_values("seconds", ascending=False).itertuples()
    cells = [[row.Index, f"{row.jobs:.0f}", f"{row.seconds:,.0f}", f"{row.memory:,.0f}"] for row in rows]
    print(table(("rule", "jobs", "total s", "largest memory, MB"), cells))
    busy = jobs.cpu_time.sum() / (wall * cores)
    print(f"\nFrom the first job's start to the last one's end: {wall / 60:.1f} min, {cores} cores busy {busy:.0%}.")


def rule_of(path: Path) -> str:
    """Rule of a benchmark file: the first word of its name, or the folder `notebooks`."""
    return "notebook" if path.parent.name == "notebooks" else path.stem.split("-")[0]
