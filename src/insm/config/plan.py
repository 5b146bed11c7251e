"""What a study asks for, job by job: settings of every job, and what the Snakefile needs to know."""

from collections import Counter
from typing import Any

from insm.config.cost import count_method
from insm.config.jobs import RunConfig
from insm.config.study import Study, TaskConfig
from insm.data.dataset import Dataset, load_dataset
from insm.evaluation.extractor import parse
from insm.networks.method import MethodConfig
from insm.support.errors import located
from insm.support.schema import Section


def settings_of(study: Study, task: str) -> dict[str, Any]:
    """Settings of every job of a task, as plain values: its splits, embedding, identity_encoder, classifier, runs."""
    config = study.tasks[task]
    sections: dict[str, Section] = {
        **{name: config.data.split(name) for name in config.data.splits},
        "embedding": config.embedding,
        "identity_encoder": config.identity_encoder,
        "classifier": config.classifier,
    }
    runs = {
        variant: {
            str(seed): run_config(study, task, variant, seed).model_dump(mode="json")
            for seed in study.seeds_of(task, variant)
        }
        for variant in config.methods
    }
    return {name: section.model_dump(mode="json") for name, section in sections.items()} | {"runs": runs}


def variants_of(study: Study, task: str) -> list[dict[str, Any]]:
    """What tables and figures tell of a task's variants, in the study's order: variant, method, intensity, label,
    paper_row, operations (of a training, two to a multiply-accumulate)."""
    rows, settings = [], study.tasks[task]
    for variant in settings.methods:
        config = study.method_config(variant)
        named = study.naming(variant).model_dump(include={"label", "paper_row"})
        taken = 2.0 * macs_of(settings, config)
        known = {"variant": variant, "method": config.method, "intensity": config.intensity}
        rows.append(known | named | {"operations": float(f"{taken:.6g}")})
    return rows


def macs_of(task: TaskConfig, config: MethodConfig) -> float:
    """Multiply-accumulates of a whole training of a method on a task."""
    return count_method(config, task).macs * task.training.steps(task.data.train, config)


def run_config(study: Study, task: str, variant: str, seed: int) -> RunConfig:
    """Everything that one training needs to know."""
    settings = study.tasks[task]
    return RunConfig(
        task=task,
        variant=variant,
        seed=seed,
        dataset=settings.data.dataset,
        size=settings.data.size,
        training=settings.training.budget_config(),
        method=study.method_config(variant).model_dump(mode="json"),
    )


Plan = dict[str, Any]


def plan_of(study: Study) -> Plan:
    """What the Snakefile needs to know, as plain values: it must not import torch, which takes seconds.

    The only place that decides which rules apply to a task; the Snakefile and `jobs_of` follow it.
    """
    tasks, drawn = {}, {"figure1", "figure5"} & set(study.notebooks)  # notebooks of combined edits
    for name, task in study.tasks.items():
        runs, dataset = {}, load_dataset(task.data.dataset)
        edited = task.data.test_splits if study.evaluation.on == "test" else ["validation"]
        for variant in task.methods:
            config = study.method_config(variant)
            runs[variant] = {
                "method": config.method,
                "needs_embedding": config.needs_embedding,
                "translates_to": config.translates_to,
                "cost": macs_of(task, config),
                "block": study.naming(variant).block,
                "seeds": study.seeds_of(name, variant),
                "trained_as": study.naming(variant).trained_as,
                "explicit": config.model_dump(mode="json", exclude_defaults=True),
            }
        tasks[name] = {
            "dataset": task.data.dataset,
            "module": dataset.name,
            "paper_table": dataset.paper_table,
            "tables": tables_of(study, name, dataset),
            "combined": bool(dataset.combinations and drawn),
            "fetched": bool(dataset.sources) and task.data.source is None,
            "weights": {
                name: [str(section.weights)] if section.weights else []
                for name, section in {"embedding": task.embedding, "identity_encoder": task.identity_encoder}.items()
            },
            "runs": runs,
            "splits": [name for name in task.data.splits if name in ("train", "validation", *edited)],
            "edited": edited,
            "curve": task.training.snapshots > 0,
            "explicit": {
                "data": task.data.split("train").model_dump(mode="json", exclude_defaults=True),
                "phi": task.embedding.model_dump(mode="json", exclude_defaults=True),
                "training": task.training.budget_config().model_dump(mode="json", exclude_defaults=True),
            },
            "settings": settings_of(study, name),
            "variants": variants_of(study, name),
            "resources": {"device": study.device}
            | task.training.model_dump(
                include={"log_every", "checkpoint_every", "sample_every", "snapshots", "dvclive", "gpus"}
            ),
        }
    drawing = bool(study.notebooks) and study.evaluation.outcomes == "edits"  # images of translations
    return {"tasks": tasks, "drawn": drawing, "extractor": extractor_plan(study.features)} | study.model_dump(
        mode="json", include={"name", "seeds", "device", "metrics", "features", "lpips", "evaluation", "notebooks"}
    )


def extractor_plan(features: str) -> dict[str, Any]:
    """Source modules and files that the study's features need; the classifier's own need none."""
    if features == "classifier":
        return {"modules": [], "files": []}
    with located("key features"):
        name, extractor = parse(features)
    return {"modules": [f"evaluation.extractors.{name}"], "files": [str(path) for path in extractor.files]}


def tables_of(study: Study, task: str, dataset: Dataset) -> list[str]:
    """Rules that tabulate a task beside the paper: the table of its kind of images, and the ablations."""
    images = [rule for rule in ("table1", "table2") if rule in (dataset.paper_table or "")]  # table2a and table2b
    ablations = any(study.naming(variant).paper_row for variant in study.tasks[task].methods)
    return [*images, *(["table3"] if ablations else [])]


def jobs_of(plan: Plan) -> dict[str, int]:
    """Jobs of the complete study by rule; what `snakemake -n` counts where nothing has been done (a test compares)."""
    tasks = [*plan["tasks"].values()]
    combined = [task for task in tasks if task["combined"]]
    runs, edited = (
        sum(len(run["seeds"]) for task in group for run in task["runs"].values()) for group in (tasks, combined)
    )
    reused = sum(len(run["seeds"]) for task in tasks for run in task["runs"].values() if run["trained_as"])
    jobs = {
        "weights": sum(path.startswith("data/weights/") for path in plan["extractor"]["files"]),
        "fetch": len({task["module"] for task in tasks if task["fetched"]}),
        "prepare": sum(len(task["splits"]) for task in tasks),
        **dict.fromkeys(("card", "embedding"), len(tasks)),
        "classifier": plan["evaluation"]["classifiers"] * len(tasks),
        "identity_encoder": len(tasks) if "identity" in plan["metrics"] else 0,
        "train": runs - reused,
        "reuse": reused,
        "ground_truth": sum(len({*task["edited"], *(["validation"] if task["curve"] else [])}) for task in tasks),
        "sample_edits": len(combined),
        "apply_edits": edited,
        "references": len(tasks),
        "evaluate": runs,
        **dict.fromkeys(("gather", "variants"), len(tasks)),
        "compare": len(tasks),
        "curves": sum(bool(task["curve"]) for task in tasks),
        **dict.fromkeys(("tabulate", "summary"), 1),
        **dict(sorted(Counter(table for task in tasks for table in task["tables"]).items())),
        "verdict": int("verdict" in plan["notebooks"]),
        "notebook": len(plan["notebooks"]),
        "frames": sum(len(task["runs"]) for task in tasks) if plan["drawn"] else 0,
        "gallery": len(tasks) if plan["drawn"] else 0,
        "report": int(bool(plan["notebooks"])),
    }
    return {rule: count for rule, count in jobs.items() if count}
