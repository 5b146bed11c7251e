"""`insm timings`: where a study's time went, from Snakemake's benchmark files."""

from pathlib import Path

import pandas as pd

from insm.support.errors import UserError


def timings(folder: Path, cores: int = 2) -> None:
    """Print a Markdown table of the jobs whose benchmark files lie below FOLDER, and how busy CORES were.

    A job ends when its benchmark file is written and took the seconds that the file names.
    """
    files = sorted(folder.rglob("*.tsv"))
    if not files:
        raise UserError(f"{folder} holds no benchmark files: run `snakemake` first")
    jobs = pd.concat(
        [pd.read_csv(path, sep="\t").assign(rule=rule_of(path), end=path.stat().st_mtime) for path in files]
    )
    wall = jobs.end.max() - (jobs.end - jobs.s).min()
    rules = jobs.groupby("rule", sort=False).agg(jobs=("s", "size"), seconds=("s", "sum"), memory=("max_rss", "max"))
    print("| rule | jobs | total s | largest memory, MB |\n|---|---:|---:|---:|")
    for rule, row in rules.sort_values("seconds", ascending=False).iterrows():
        print(f"| {rule} | {row.jobs:.0f} | {row.seconds:,.0f} | {row.memory:,.0f} |")
    busy = jobs.cpu_time.sum() / (wall * cores)
    print(f"\nFrom the first job's start to the last one's end: {wall / 60:.1f} min, {cores} cores busy {busy:.0%}.")


def rule_of(path: Path) -> str:
    """Rule of a benchmark file: the first word of its name, or the folder `notebooks`."""
    return "notebook" if path.parent.name == "notebooks" else path.stem.split("-")[0]
