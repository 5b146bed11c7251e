"""What the jobs of a study need of a machine: memory and operations, for the resources that a cluster is asked for."""

from typing import Any

from insm.config.plan import plan_of
from insm.config.study import Study, TaskConfig
from insm.data.dataset import load_dataset
from insm.training.estimate import estimates, forwards

MB = 1e6
HOST = {"cpu": 800, "gpu": 3000}
"""MB of a process with its libraries: torch on the CPU (860 MB were measured in the smoke study), with CUDA."""

Need = dict[str, float]


def needs_of(study: Study) -> dict[str, Any]:
    """mb (of host memory) and flop of every job that computes, by task and rule; those of runs by variant, `runs`."""
    table = estimates(study, tflops=1)[:-1]
    rows = {(row.task, row.job): row for row in table.itertuples()}
    flop = {(work.rule, work.task, work.variant): work.flop for work in forwards(study, plan_of(study))}
    host = HOST["cpu" if study.device == "cpu" else "gpu"]
    needs: dict[str, Any] = {}

    def training(task: str, job: str) -> Need:
        row, data = rows.get((task, job)), images(study.tasks[task], study.tasks[task].data.train)
        if row is None:  # not trained: published weights, or none
            return {"mb": host, "flop": 0}
        network = row.cpu_memory / MB if study.device == "cpu" else 0
        processes = study.tasks[task].training.gpus if job in study.tasks[task].methods else 1
        return {"mb": processes * (host + network + data), "flop": float(row.flop)}

    for name, task in study.tasks.items():
        attributes = len(load_dataset(task.data.dataset).attributes)
        edits = images(task, task.data.test * (attributes + 2))
        whole = images(task, task.data.train + task.data.test * task.data.test_draws)
        measuring = {"mb": host + whole + 4 * edits}
        needs[name] = {job: training(name, job) for job in ("embedding", "identity_encoder", "classifier")}
        needs[name]["prepare"] = {"mb": HOST["cpu"] + whole, "flop": 0}
        needs[name]["ground_truth"] = {"mb": HOST["cpu"] + whole + edits, "flop": 0}
        needs[name]["references"] = measuring | {"flop": flop["references", name, ""]}
        needs[name]["runs"] = {}
        for variant in task.methods:
            runs = {"train": training(name, variant)}
            runs |= {rule: measuring | {"flop": flop[rule, name, variant]} for rule in ("evaluate", "apply_edits")}
            needs[name]["runs"][variant] = runs
    return needs


def images(task: TaskConfig, number: int) -> float:
    """MB of that many images of the task."""
    return number * task.data.size**2 * 3 / MB
