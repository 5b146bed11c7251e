"""`insm configure`: check a study and write one JSON file per job, so that a job depends on just its own settings."""

from pathlib import Path

from insm.config import RunConfig, Study, load_study
from insm.files import read_json, write_json
from insm.schema import Section


def configure(study: Path, folder: Path) -> None:
    """Check the file STUDY and write the resolved settings of every job below FOLDER."""
    write_configs(load_study(study), folder)


def write_configs(study: Study, folder: Path) -> None:
    """Write `<task>/{train,test,embedding,classifier,<entry>/seed<k>}.json`; equal files stay untouched."""
    for name, task in study.tasks.items():
        sections: dict[str, Section] = {
            "train": task.data.pack("train"),
            "test": task.data.pack("test"),
            "embedding": task.embedding,
            "classifier": task.classifier,
        }
        for entry in task.methods:
            for seed in study.seeds:
                sections[f"{entry}/seed{seed}"] = run_config(study, name, entry, seed)
        for key, section in sections.items():
            path, content = folder / name / f"{key}.json", section.model_dump(mode="json")
            if not path.exists() or read_json(path) != content:
                write_json(path, content)


def run_config(study: Study, task: str, entry: str, seed: int) -> RunConfig:
    """Everything that one training needs to know."""
    settings = study.tasks[task]
    return RunConfig(
        task=task,
        entry=entry,
        seed=seed,
        device=study.device,
        dataset=settings.data.dataset,
        size=settings.data.size,
        training=settings.training,
        method=study.method_config(entry).model_dump(mode="json"),
    )
