"""How many seconds a study's trainings take on this machine, from a few real steps of each."""

import itertools
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

from insm.config.jobs import RunConfig
from insm.config.plan import run_config
from insm.config.study import Study, TaskConfig
from insm.data import checksums
from insm.data.dataset import load_dataset
from insm.networks.classifier import ClassifierConfig
from insm.networks.embedding import EmbeddingConfig, build, small_vgg
from insm.support import torch_files
from insm.support.errors import UserError
from insm.support.files import save_array
from insm.support.memory import keep_freed
from insm.support.runtime import setup
from insm.training import arithmetic, capture
from insm.training.estimate import Seconds, pretrained
from insm.training.noise import noise
from insm.training.pretraining import train_classifier, train_embedding
from insm.training.updates import Updates

WARM, BLOCKS, BLOCK = 5, 4, 5
"""Steps that are not measured, and the blocks of steps that are: methods update some networks every fifth step."""

FEW = 2
"""Steps of the shorter pretraining, which is taken from a longer one."""


def measured(study: Study) -> dict[tuple[str, str], Seconds]:
    """(task, training) -> seconds, on the device of the study; `training` as in `insm.training.estimate`."""
    device, found = setup(study.device), {}
    keep_freed()  # as trainings do
    name, task = next(iter(study.tasks.items()))
    once = seconds_of_a_job(run_config(study, name, task.methods[0], 0), task, device)
    for name, task in study.tasks.items():
        for rule, config in pretrained(study, task).items():
            found[name, rule] = Seconds(once, seconds_of_pretraining(config, task, device))
    for name, task in study.tasks.items():  # then, since key tf32 of a run holds for what follows in this process
        for variant in task.methods:
            run = run_config(study, name, variant, study.seeds[0])
            call = in_new_process if run.training.precision == "bf16" else seconds_of_a_step
            found[name, variant] = Seconds(once, call(run, task, device))
    return found


def in_new_process(run: RunConfig, task: TaskConfig, device: torch.device) -> float:
    """The same where nothing has been computed yet: bf16 needs instructions that oneDNN chooses once."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(seconds_of_a_step, run, task, device).result()


def seconds_of_a_step(run: RunConfig, task: TaskConfig, device: torch.device) -> float:
    """Of a run's training: the median over blocks of steps, so that what else the machine does counts little."""
    arithmetic.begin(run.training, device)
    dataset = load_dataset(run.dataset)
    phi = None
    if run.method_config().needs_embedding:
        phi = build(task.embedding, len(dataset.attributes), run.size).to(device).eval()
    updates = Updates(run, noise(dataset, run.size, run.training.batch), phi, device)
    arithmetic.use(updates, run.training, device)
    warm = WARM
    if run.training.cuda_graphs:
        capture.use(updates)
        warm += capture.steps_to_record(updates.method.config)
    steps = itertools.count()

    def work(count: int) -> None:
        for _ in range(count):
            updates(next(steps))

    work(warm)
    blocks = [timed(lambda: work(BLOCK), device) for _ in range(BLOCKS)]
    return statistics.median(blocks) / BLOCK


def seconds_of_pretraining(config: ClassifierConfig | EmbeddingConfig, task: TaskConfig, device: torch.device) -> float:
    """Of a step of a task's classifier, phi or identity encoder: of a longer training without a shorter one."""
    dataset = load_dataset(task.data.dataset)
    split = noise(dataset, task.data.size, config.batch)

    def train(steps: int) -> None:
        settings = config.model_copy(update={"updates": steps})
        if isinstance(settings, ClassifierConfig):
            train_classifier(settings, split, dataset, device)
        else:
            train_embedding(settings, split, dataset, device, 0, "embedding")

    train(FEW)
    few, more = (timed(lambda steps=steps: train(steps), device) for steps in (FEW, FEW + BLOCKS * BLOCK))  # type: ignore[misc]
    return max(more - few, 0.0) / (BLOCKS * BLOCK)


def seconds_of_a_job(run: RunConfig, task: TaskConfig, device: torch.device) -> float:
    """Of a whole training of one step in a process of its own: loading the libraries, reading, writing, and so on."""
    dataset = load_dataset(run.dataset)
    split = noise(dataset, run.size, run.training.batch)
    training = run.training.model_copy(update={"updates": 1, "epochs": None, "budget": "images_seen"})
    method = run.method | {"updates_factor": 1}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images, table, phi = (folder / name for name in ("train.npy", "train.parquet", "embedding.pt"))
        save_array(split.images, images)
        split.table.to_parquet(table, index=False)
        checksums.record(images, table)
        embedding: list[str | Path] = []
        if run.method_config().needs_embedding:
            config = task.embedding.model_copy(update={"weights": None})
            network = small_vgg(config, len(dataset.attributes), run.size)
            shape = {"n_attr": len(dataset.attributes), "size": run.size}
            content = {"config": config.model_dump(mode="json")} | shape | {"state": network.state_dict()}
            torch_files.save(content, phi)
            embedding = ["--embedding", phi]
        short = run.model_copy(update={"training": training, "method": method})
        outputs = {"model": "model.safetensors", "log": "log.csv", "samples": "samples.png", "board": "b", "state": "s"}
        options = [part for option, file in outputs.items() for part in (f"--{option}", folder / file)]
        settings = ["--run", short.model_dump_json(), "--data", images, *embedding, "--device", device.type]
        command = [sys.executable, "-c", "from insm.cli import main; main()", "job", "train", *settings, *options]
        used, began = processor_seconds(), time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        took = processor_seconds() - used if device.type == "cpu" else time.perf_counter() - began
    if done.returncode:
        raise UserError(f"a training of one step failed: {done.stderr.strip().splitlines()[-1:]}: run `insm doctor`")
    return took


def processor_seconds() -> float:
    """Of all processes that this one started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def timed(work: Callable[[], None], device: torch.device) -> float:
    """Seconds of some work: of the processor, which other work hardly changes, or until another device is done."""
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    began = clock()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return clock() - began
