"""`insm cancel`: end the run of a study in this folder, saved."""

from pathlib import Path

from insm.support.processes import stop_snakemake
from insm.support.slurm import available, cancel_jobs


def cancel() -> None:
    """End the Snakemake that runs in this folder and its jobs, on this host and on a cluster; trainings save first."""
    main = stop_snakemake(Path.cwd())
    jobs = cancel_jobs(Path.cwd()) if available() else []
    print(f"stopped {'Snakemake' if main else 'no Snakemake'} and {len(jobs)} jobs; `insm resume` goes on")
