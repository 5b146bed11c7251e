"""What people do while jobs are queued or run: start the study twice, edit it, edit the code."""

from tests.slurm.faults import fault
from tests.slurm.trial import Trial, cluster, wait_for


@fault("duplicate submission")
def duplicate(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    second = trial.run(*trial.words(trial.model()))
    if second.returncode == 0:
        raise AssertionError("a second Snakemake ran beside the first")


def edit_study(trial: Trial) -> None:
    path = trial.folder / "config" / "faults.yaml"
    path.write_text(path.read_text().replace("updates: 1000", "updates: 60"))
    trial.plan()


def runs_the_edit(trial: Trial) -> None:
    """The model of the old settings is not taken for one of the new."""
    if "Train plain on land" not in trial.plan():
        raise AssertionError("the edited study counts as computed")


@fault("study edited while the job is queued", afterwards=runs_the_edit)
def edited_queued(trial: Trial) -> None:
    cluster("scontrol", "update", "PartitionName=cpu", "State=DOWN")
    try:
        trial.start()
        wait_for("the queued job", trial.queued)
        edit_study(trial)
    finally:
        cluster("scontrol", "update", "PartitionName=cpu", "State=UP")


@fault("code edited while the job is queued")
def code_edited(trial: Trial) -> None:
    """The job has other code than the Snakemake that submitted it, so it makes nothing, and the next one does."""
    cluster("scontrol", "update", "PartitionName=cpu", "State=DOWN")
    try:
        trial.start()
        wait_for("the queued job", trial.queued)
        with (trial.folder / "src/insm/training/trainer.py").open("a") as source:
            source.write("EDITED = True\n")
    finally:
        cluster("scontrol", "update", "PartitionName=cpu", "State=UP")
    if trial.finish() == 0 or trial.status():
        raise AssertionError("a job trained with code of which its Snakemake did not know")
    trial.start()


@fault("study edited while the job runs", afterwards=runs_the_edit)
def edited_running(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    edit_study(trial)
