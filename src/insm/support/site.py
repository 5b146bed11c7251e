"""What a cluster's jobs ask of SLURM: what one site has (slurm/site.yaml) and what the computation takes."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import Field, PositiveFloat, PositiveInt

from insm.support.errors import UserError
from insm.support.files import read_yaml
from insm.support.schema import Section, parse

SITE = "INSM_SITE"
"""Environment variable: the site file of the cluster that the jobs of this Snakemake are submitted to."""
FROZEN = "INSM_SITE_SETTINGS"
"""Environment variable: what that file said when the run began, for its jobs."""
DEFAULT = Path("slurm", "site.yaml")
SNAKEMAKES = 300
"""MB of the two Snakemake processes that every job starts beside its work."""


class PartitionConfig(Section):
    """Where jobs of one kind are queued."""

    partition: str
    """Name of the partition (`sinfo`)."""
    minutes: PositiveInt = 60
    """Longest time that one job asks for. A training that needs longer goes on in the next one."""
    gflops: PositiveFloat = 20
    """1e9 operations a second that one job sustains: what times are estimated with."""


class GpuPartitionConfig(PartitionConfig):
    """Where jobs that compute on a GPU are queued."""

    model: str | None = None
    """Type of GPU as `--gpus=TYPE:1` names it (`sinfo -o %G`); any, if it is left out."""
    gflops: PositiveFloat = 20_000
    """1e9 operations a second that one GPU sustains: what times are estimated with."""


class SiteConfig(Section):
    """The site file: everything of one cluster that its users, not the study, decide."""

    account: str | None = None
    """Account that pays (`sacctmgr show associations user=$USER`); leave it out where the cluster has none."""
    cpu: PartitionConfig
    """Jobs without a GPU."""
    gpu: GpuPartitionConfig | None = None
    """Jobs with one."""
    memory: PositiveInt = 1500
    """MB that every job gets at least. A job that is killed for memory is tried again with half as much more."""
    save_before: PositiveInt = Field(120, ge=60)
    """Seconds before its time limit at which a training is told to save and to queue again."""
    jobs: PositiveInt = 100
    """Most jobs in the queue at a time."""
    requeue: bool = True
    """Whether SLURM may start a job again, as the same job, after its node failed or its time ended. If not, each of
    these uses up one of Snakemake's three retries."""

    def resources(self, gpus: int, need: Callable[[Any], dict[str, float]], resumes: bool = False) -> dict[str, Any]:
        """Resources of a rule's jobs.

        Args:
            gpus: GPUs of one job.
            resumes: whether the job saves when it is told that its time ends.
            need: function of the wildcards -> mb (of memory) and flop (operations) of the computation.
        """
        place = self.gpu if gpus else self.cpu
        if place is None:
            raise UserError(f"key gpu of {os.environ.get(SITE, DEFAULT)}: missing, but the study's device wants a GPU")

        def memory(wildcards, attempt: int) -> int:
            return math.ceil((max(self.memory, need(wildcards)["mb"] * 1.25) + SNAKEMAKES) * 1.5 ** (attempt - 1))

        def minutes(wildcards) -> int:
            expected = need(wildcards)["flop"] / (place.gflops * 1e9) / 60
            return max(1, min(place.minutes, math.ceil(10 + 2 * expected)))

        asked: dict[str, Any] = {"slurm_partition": place.partition, "mem_mb": memory, "runtime": minutes, "nodes": 1}
        if self.account:
            asked["slurm_account"] = self.account
        if gpus and isinstance(place, GpuPartitionConfig) and place.model:
            asked["gpu_model"] = place.model
        if resumes:  # to the steps of the job, not to its shell alone; USR1 would end Snakemake's own process in it
            asked["slurm_extra"] = f"--signal=TERM@{self.save_before}"
        return asked


def load_site(path: Path) -> SiteConfig:
    """Read a site file.

    Raises:
        UserError: it is missing, or a key is wrong.
    """
    if not path.exists():
        raise UserError(f"{path} is missing: copy slurm/site.example.yaml to it and fill in what your cluster has")
    return parse(SiteConfig, read_yaml(path), path)


def use_site() -> SiteConfig:
    """The site of slurm/site.yaml (or of INSM_SITE); from now on the Snakefile and all jobs see it too."""
    path = Path(os.environ.get(SITE) or DEFAULT).resolve()
    site = load_site(path)
    os.environ[SITE], os.environ[FROZEN] = str(path), site.model_dump_json()
    return site


def current_site() -> SiteConfig | None:
    """The site that this Snakemake submits to; None for a local run."""
    if not os.environ.get(SITE):
        return None
    frozen = os.environ.get(FROZEN)
    return SiteConfig.model_validate_json(frozen) if frozen else load_site(Path(os.environ[SITE]))
